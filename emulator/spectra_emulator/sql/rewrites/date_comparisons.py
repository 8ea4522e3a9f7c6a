"""Comparisons of dates and timestamps as numbers: -1, 0 or 1.

Source: "DATE_CMP function", "DATE_CMP_TIMESTAMP function", "TIMESTAMP_CMP function", "TIMESTAMPTZ_CMP function" and
their mixed forms.
"""

from __future__ import annotations

from collections.abc import Mapping

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, is_text_literal
from spectra_emulator.sql.type_names import DATE, INTEGER, TIMESTAMP, TIMESTAMPTZ, SqlType

COMPARED: Mapping[str, tuple[SqlType, SqlType]] = {
    "date_cmp": (DATE, DATE),
    "date_cmp_timestamp": (DATE, TIMESTAMP),
    "date_cmp_timestamptz": (DATE, TIMESTAMPTZ),
    "timestamp_cmp": (TIMESTAMP, TIMESTAMP),
    "timestamp_cmp_date": (TIMESTAMP, DATE),
    "timestamp_cmp_timestamptz": (TIMESTAMP, TIMESTAMPTZ),
    "timestamptz_cmp": (TIMESTAMPTZ, TIMESTAMPTZ),
    "timestamptz_cmp_date": (TIMESTAMPTZ, DATE),
    "timestamptz_cmp_timestamp": (TIMESTAMPTZ, TIMESTAMP),
}
WIDTHS = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")


def comparison_type(_context: Context, _call: Call) -> SqlType:
    return INTEGER


def comparison_text(context: Context, call: Call) -> str:
    left, right = (
        f"epoch_us({compared(context, call, place, target)})" for place, target in enumerate(COMPARED[call.name])
    )
    return f"CAST(sign({left} - {right}) AS INTEGER)"


def compared(context: Context, call: Call, place: int, target: SqlType) -> str:
    """Return an argument as the type that the function's name says, on a common scale.

    Raises: InvalidSql where it does not become that type by itself.
    """
    argument = call.arguments[place]
    found = target if is_text_literal(argument) else context.type(argument)
    if found.name not in WIDTHS or WIDTHS.index(found.name) > WIDTHS.index(target.name):
        raise invalid(call.node, f"argument {place + 1} of {call.name} must be a {target.name}", "42883")
    text = as_type(context, argument, target)
    return f"timezone('UTC', {text})" if target == TIMESTAMPTZ else f"CAST({text} AS TIMESTAMP)"


FUNCTIONS: Mapping[str, Function] = {name: Function(comparison_type, comparison_text, 2, 2) for name in COMPARED}
