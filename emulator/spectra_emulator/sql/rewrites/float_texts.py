"""Floats from text and as text.

Source: "Numeric types" (floating-point types).
"""

from __future__ import annotations

from collections.abc import Mapping
from sys import float_info

from spectra_emulator.sql.rewrites.context import failing
from spectra_emulator.sql.type_names import SqlType

FLOAT_OVERFLOW = "value out of range: overflow"
LARGEST: Mapping[str, float] = {"REAL": 3.4028235677973366e38, "DOUBLE PRECISION": float_info.max}
"""What still rounds to a number of the type."""


def is_beyond(value: str, target: SqlType) -> bool:
    """Tell whether the number that a string spells is larger than a float's type holds."""
    return "inf" not in value.lower() and abs(float(value)) > LARGEST[target.name]


def finite_or_spelt(value: str, text: str) -> str:
    """Return a float that a text was cast to, and raise where it is infinite though the text spells a number."""
    return failing(f"isinf({value}) AND NOT contains(lower({text}), 'inf')", FLOAT_OVERFLOW, value)


def float_text(text: str, digits: int) -> str:
    """Write a float with as many significant digits as Redshift does."""
    return (
        f"CASE WHEN isnan({text}) THEN 'NaN' WHEN isinf({text}) THEN CASE WHEN {text} > 0 THEN 'Infinity'"
        f" ELSE '-Infinity' END ELSE printf('%.{digits}g', {text}) END"
    )
