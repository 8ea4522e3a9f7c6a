"""Strings that compare with or without regard to case.

Source: "COLLATE function", "Collation sequences".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import implicit
from spectra_emulator.sql.rewrites.context import Context, Function, bare, is_text_literal, untyped
from spectra_emulator.sql.type_names import COLLATIONS, VARCHAR, SqlType


def collated_type(context: Context, call: Call) -> SqlType:
    """Return the type of the string with the collation that the call names.

    Raises: InvalidSql.
    """
    text, name = call.arguments
    insensitive = COLLATIONS.get(bare(name).name.lower()) if is_text_literal(name) else None
    if insensitive is None:
        raise invalid(call.node, "COLLATE takes 'case_sensitive' or 'case_insensitive'", "42704")
    kind = VARCHAR if untyped(text) else context.type(text)
    if not kind.is_string:
        raise unsupported(call.node, f"COLLATE of {kind.text}")
    return replace(kind, insensitive=insensitive)


def collated_text(context: Context, call: Call) -> str:
    collation = "NOCASE" if collated_type(context, call).insensitive else '"binary"'
    return f"({implicit(context, call.arguments[0], VARCHAR)} COLLATE {collation})"


FUNCTIONS: Mapping[str, Function] = {"collate": Function(collated_type, collated_text, 2, 2)}
