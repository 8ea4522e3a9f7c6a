"""JSON and SUPER functions.

Source: "JSON functions", "SUPER type".
"""

from __future__ import annotations

from collections.abc import Mapping

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.casts import implicit
from spectra_emulator.sql.rewrites.context import Context, Function
from spectra_emulator.sql.type_names import SUPER, VARCHAR, SqlType


def super_type(_context: Context, _call: Call) -> SqlType:
    return SUPER


def varchar_type(_context: Context, _call: Call) -> SqlType:
    return VARCHAR


def parse_text(context: Context, call: Call) -> str:
    return f"json({implicit(context, call.arguments[0], VARCHAR)})"


def serialize_text(context: Context, call: Call) -> str:
    found = context.type(call.arguments[0])
    if found != SUPER:
        raise invalid(call.node, f"function json_serialize({found.name.lower()}) does not exist", "42883")
    return f"CAST({context.text(call.arguments[0])} AS VARCHAR)"


FUNCTIONS: Mapping[str, Function] = {
    "json_parse": Function(super_type, parse_text),
    "json_serialize": Function(varchar_type, serialize_text),
}
