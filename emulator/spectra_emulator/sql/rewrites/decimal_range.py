"""DECIMALs of 19 digits, which Redshift keeps in 64 bits and which end where these do.

Source: "Numeric types" (DECIMAL or NUMERIC type).
"""

from __future__ import annotations

from spectra_emulator.sql.rewrites.context import failing, quoted
from spectra_emulator.sql.type_names import SqlType

LARGEST = str(2**63 - 1)
DECIMAL_OVERFLOW = "value out of range: overflow of type decimal"


def held(text: str, source: SqlType, target: SqlType) -> str:
    """Return a value that was cast to `target`, and raise where 64 bits do not hold its digits."""
    if target.name != "DECIMAL" or target.size != len(LARGEST) or surely_held(source, target):
        return text
    whole = len(LARGEST) - target.scale
    most = f"CAST({quoted(f'{LARGEST[:whole]}.{LARGEST[whole:]}')} AS {target.duckdb})"
    return failing(f"{text} > {most} OR {text} < -{most}", DECIMAL_OVERFLOW, text)


def surely_held(source: SqlType, target: SqlType) -> bool:
    """Tell whether no value of a type has as many digits."""
    if source.is_integer:
        return not target.scale
    whole = (source.size or len(LARGEST)) - source.scale
    return source.name == "DECIMAL" and whole + target.scale < len(LARGEST)
