"""Conversions from and to GEOMETRY and GEOGRAPHY.

Source: "Querying spatial data in Amazon Redshift", "Loading a column of the GEOMETRY or GEOGRAPHY data type".
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.spatial_signatures import Form, form
from spectra_emulator.sql.type_names import SqlType

CASTS: Mapping[tuple[str, str], Form] = {
    ("VARCHAR", "GEOMETRY"): form("st_geomfromewkb", "s>g"),
    ("VARCHAR", "GEOGRAPHY"): form("geography_from_hex", "s>o"),
    ("GEOMETRY", "GEOGRAPHY"): form("to_geography", "g>o"),
}
UNCHANGED = frozenset({("GEOMETRY", "GEOMETRY"), ("GEOGRAPHY", "GEOGRAPHY"), ("GEOGRAPHY", "GEOMETRY")})


def spatial_cast(node: exp.Expr, text: str, source: SqlType, target: SqlType) -> str:
    """Return a value as a spatial one: text is its hexadecimal EWKB.

    Raises: InvalidSql.
    """
    pair = ("VARCHAR" if source.is_string else source.name, target.name)
    if pair in UNCHANGED:
        return text
    if pair not in CASTS:
        raise unsupported(node, f"CAST of {source.name} to {target.name}")
    return f"{CASTS[pair].engine_name}({text})"


def shown(text: str) -> str:
    """Return a spatial value as Redshift shows it: hexadecimal EWKB, which does not tell of a bounding box."""
    digits = f"hex({text})"
    return f"(substr({digits}, 1, 8) || translate(substr({digits}, 9, 1), '13', '02') || substr({digits}, 10))"
