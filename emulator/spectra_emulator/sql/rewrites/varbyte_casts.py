"""Conversions to and from VARBYTE.

Source: "VARBYTE type", "VARBYTE operators".
"""

from __future__ import annotations

from sqlglot import exp

from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.type_names import SqlType


def to_varbyte(node: exp.Expr, text: str, source: SqlType, target: SqlType) -> str:
    """Return a string's bytes, or bytes, cut to the size of `target`.

    Raises: InvalidSql for a value of another type.
    """
    if not (source.is_string or source.name == "VARBYTE"):
        raise unsupported(node, f"CAST of {source.name} to VARBYTE")
    octets = f"encode({text})" if source.is_string else text
    return octets if target.size is None else f"array_slice({octets}, 1, {target.size})"


def from_varbyte(node: exp.Expr, text: str, target: SqlType) -> str:
    """Return bytes of UTF-8 as the string that they spell.

    Raises: InvalidSql for a target that is no string.
    """
    if not target.is_string:
        raise unsupported(node, f"CAST of VARBYTE to {target.name}")
    return f"decode({text})"
