"""Conversions to and from VARBYTE.

Source: "VARBYTE type", "VARBYTE operators".
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.type_names import SqlType

INTEGER_OCTETS: Mapping[str, int] = {"SMALLINT": 2, "INTEGER": 4, "BIGINT": 8}


def to_varbyte(node: exp.Expr, text: str, source: SqlType, target: SqlType) -> str:
    """Return a value's bytes, cut to the size of `target`.

    Raises: InvalidSql for a value of a type without bytes.
    """
    octets = octets_of(node, text, source)
    return octets if target.size is None else f"array_slice({octets}, 1, {target.size})"


def octets_of(node: exp.Expr, text: str, source: SqlType) -> str:
    """Return bytes, those of a string, a CHAR's with its padding, or those of a whole number, the highest first."""
    if source.name == "VARBYTE":
        return text
    if source.is_string:
        return f"encode(rpad({text}, {source.size}, ' '))" if padded(source) else f"encode({text})"
    if source.name not in INTEGER_OCTETS:
        raise unsupported(node, f"CAST of {source.name} to VARBYTE")
    return f"unhex(right(lpad(to_hex(CAST({text} AS BIGINT)), 16, '0'), {2 * INTEGER_OCTETS[source.name]}))"


def padded(source: SqlType) -> bool:
    return source.name == "CHAR" and source.size is not None


def from_varbyte(node: exp.Expr, text: str, target: SqlType) -> str:
    """Return bytes of UTF-8 as the string that they spell.

    Raises: InvalidSql for a target that is no string.
    """
    if not target.is_string:
        raise unsupported(node, f"CAST of VARBYTE to {target.name}")
    return f"decode({text})"
