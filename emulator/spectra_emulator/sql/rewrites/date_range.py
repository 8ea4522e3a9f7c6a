"""The dates that an answer can hold.

Source: "Datetime types".
"""

from __future__ import annotations

from collections.abc import Mapping

from spectra_emulator.sql.rewrites.context import failing
from spectra_emulator.sql.type_names import SqlType

DATE_OUT_OF_RANGE = "date out of range: the emulator has dates from 4713-01-01 BC to 9999-12-31"
FIRST = "4713-01-01 (BC)"
BEYOND = "10000-01-01"
CLOCKS: Mapping[str, tuple[str, str]] = {
    "DATE": ("DATE", ""),
    "TIMESTAMP": ("TIMESTAMP", " 00:00:00"),
    "TIMESTAMPTZ": ("TIMESTAMPTZ", " 00:00:00+00"),
}


def in_range(text: str, kind: SqlType) -> str:
    """Return a computed date or moment that raises where ISO's four digits of a year do not hold it."""
    if kind.name not in CLOCKS:
        return text
    name, clock = CLOCKS[kind.name]
    outside = f"{text} < {name} '{FIRST}{clock}' OR {text} >= {name} '{BEYOND}{clock}'"
    return failing(outside, DATE_OUT_OF_RANGE, text)
