"""Bytes in DuckDB's expressions, and names for values that an expression needs more than once."""

from __future__ import annotations


def bound(name: str, value: str, body: str) -> str:
    """Return `body` with `name` standing for `value`, which is computed once."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def hex_of(text: str) -> str:
    """Return the upper-case hexadecimal digits of a string's or a BLOB's bytes."""
    return f"hex({text})"


def pairs_of(text: str) -> str:
    """Return each byte's two hexadecimal digits, as a list."""
    return f"regexp_extract_all({hex_of(text)}, '..')"


def octets_of(text: str, kind: str) -> str:
    """Return the bytes as a list of numbers of DuckDB's type `kind`."""
    return f"list_transform({pairs_of(text)}, lambda pair: CAST(CAST('0x' || pair AS UTINYINT) AS {kind}))"
