"""Spatial functions over whole columns: how values come in and go out, and the fast ways of the simplest."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from spectra_emulator.adapters.spatial import (
    accessors,
    binary,
    building,
    editing,
    geosquare,
    measures,
    simplifying,
    topology,
    writing,
)
from spectra_emulator.adapters.spatial.binary import decoded, encoded
from spectra_emulator.adapters.spatial.geometry import Geometry

Column = Sequence[Any]
ByColumn = Callable[..., Column]
GEOMETRIC = frozenset("go")
_POINT_HEAD = struct.pack("<BI", 1, 1)


def by_row(form: str, function: Callable[..., Any]) -> ByColumn:
    """Return the function over columns that calls one over single values; `form` has a letter for each argument."""

    def applied(*columns: Column) -> Column:
        read = [readers(letter, column) for letter, column in zip(form, columns, strict=True)]
        return [written(function(*row)) for row in zip(*read, strict=True)]

    return applied


def readers(letter: str, column: Column) -> Column:
    """Return a column's values as a function takes them; equal geometries are read once."""
    if letter == "a":
        return [[decoded(one) for one in values] for values in column]
    if letter not in GEOMETRIC:
        return column
    known = {value: decoded(value) for value in set(column)}
    return [known[value] for value in column]


def written(value: Any) -> Any:
    return encoded(value) if isinstance(value, Geometry) else value


def points(xs: Sequence[float], ys: Sequence[float]) -> Column:
    return [_POINT_HEAD + struct.pack("<dd", x, y) for x, y in zip(xs, ys, strict=True)]


def coordinate(axis: str) -> ByColumn:
    """Return the function that takes a coordinate of points: from where it lies in those without height or SRID."""
    place = 5 + 8 * "XY".index(axis)
    number = struct.Struct("<d")
    slow = by_row("g", accessors.ROWS[f"st_{axis.lower()}_g"])

    def taken(column: Sequence[bytes]) -> Column:
        if not all(value.startswith(_POINT_HEAD) for value in column):
            return slow(column)
        found = [number.unpack_from(value, place)[0] for value in column]
        return found if all(map(math.isfinite, found)) else slow(column)

    return taken


def each(change: Callable[[bytes], Any]) -> ByColumn:
    return lambda column: [change(value) for value in column]


_ROWS: Mapping[str, Callable[..., Any]] = {
    **accessors.ROWS,
    **building.ROWS,
    **editing.ROWS,
    **measures.ROWS,
    **topology.ROWS,
    **writing.ROWS,
    "st_simplify_gd": simplifying.simplified,
    "st_geosquare_g": geosquare.geosquare,
    "st_geosquare_gi": geosquare.geosquare,
    "st_geomfromgeosquare_l": geosquare.from_geosquare,
    "st_geomfromgeosquare_li": geosquare.from_geosquare,
}
FUNCTIONS: Mapping[str, ByColumn] = {
    **{name: by_row(name.rpartition("_")[2], function) for name, function in _ROWS.items()},
    **topology.COLUMNS,
    "st_point_dd": points,
    "st_makepoint_dd": points,
    "st_x_g": coordinate("X"),
    "st_y_g": coordinate("Y"),
    "addbbox_g": each(binary.with_box),
    "dropbbox_g": each(binary.without_box),
    "supportsbbox_g": each(binary.has_box),
}
"""By name and the letters of the arguments, as `spatial_signatures` has them."""
