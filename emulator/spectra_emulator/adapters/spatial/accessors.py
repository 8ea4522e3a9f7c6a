"""What a geometry tells of itself.

Source: the pages of "Spatial functions" under each function's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from spectra_emulator.adapters.spatial.geometry import (
    Coordinate,
    Geometry,
    Kind,
    atoms,
    coordinates,
    line,
    point,
    require_kind,
)

Row = Callable[..., Any]
TYPE_NAMES = {
    Kind.POINT: "ST_Point",
    Kind.LINESTRING: "ST_LineString",
    Kind.POLYGON: "ST_Polygon",
    Kind.MULTIPOINT: "ST_MultiPoint",
    Kind.MULTILINESTRING: "ST_MultiLineString",
    Kind.MULTIPOLYGON: "ST_MultiPolygon",
    Kind.GEOMETRYCOLLECTION: "ST_GeometryCollection",
}
DIMENSIONS = {Kind.POINT: 0, Kind.LINESTRING: 1, Kind.POLYGON: 2}


def geometry_type(geometry: Geometry) -> str:
    return geometry.kind.name + ("M" if geometry.axes == "XYM" else "")


def coordinate_of(axis: str) -> Row:
    """Return the function that takes one coordinate of a point."""

    def taken(geometry: Geometry) -> float | None:
        require_kind(geometry, f"ST_{axis}", Kind.POINT)
        place = geometry.axes.find(axis)
        return geometry.points[0][place] if geometry.points and place >= 0 else None

    return taken


def extreme_of(axis: str, choose: Callable[[Sequence[float]], float]) -> Row:
    """Return the function that takes the least or the greatest of a geometry's coordinates."""

    def taken(geometry: Geometry) -> float | None:
        place = geometry.axes.find(axis)
        numbers = [one[place] for one in coordinates(geometry)] if place >= 0 else []
        return choose(numbers) if numbers else None

    return taken


def dimension(geometry: Geometry) -> int:
    """Return the inherent dimension, empty or not."""
    return max((DIMENSIONS[one.kind] for one in atoms(geometry)), default=empty_dimension(geometry))


def empty_dimension(geometry: Geometry) -> int:
    return {Kind.MULTILINESTRING: 1, Kind.MULTIPOLYGON: 2}.get(geometry.kind, 0)


def point_count(geometry: Geometry) -> int:
    return sum(1 for _ in coordinates(geometry))


def line_point_count(geometry: Geometry) -> int | None:
    return len(geometry.points) if geometry.kind == Kind.LINESTRING else None


def ring_count(geometry: Geometry) -> int:
    return sum(len(one.rings) for one in atoms(geometry))


def member_count(geometry: Geometry) -> int:
    return len(geometry.members) if geometry.is_multiple else 1


def interior_ring_count(geometry: Geometry) -> int | None:
    return max(len(geometry.rings) - 1, 0) if geometry.kind == Kind.POLYGON else None


def member_at(geometry: Geometry, index: int) -> Geometry | None:
    """Return a part by its number, from 1."""
    members = geometry.members if geometry.is_multiple else (geometry,)
    if not 1 <= index <= len(members):
        return None
    found = members[index - 1]
    return Geometry(found.kind, found.axes, geometry.srid, found.points, found.rings, found.members)


def point_at(geometry: Geometry, index: int) -> Geometry | None:
    """Return a linestring's point by its number, from 1, or from its end by a negative one."""
    count = line_point_count(geometry) or 0
    place = index - 1 if index > 0 else count + index
    if index == 0 or not 0 <= place < count:
        return None
    return point(geometry.points[place], geometry.axes, geometry.srid)


def ring_line(geometry: Geometry, ring: Sequence[Coordinate]) -> Geometry:
    return line(ring, geometry.axes, geometry.srid)


def exterior_ring(geometry: Geometry) -> Geometry | None:
    """Return the outer ring; that of an empty polygon is the polygon."""
    if geometry.kind != Kind.POLYGON:
        return None
    return ring_line(geometry, geometry.rings[0]) if geometry.rings else geometry


def interior_ring_at(geometry: Geometry, index: int) -> Geometry | None:
    if geometry.kind != Kind.POLYGON or not 1 <= index < len(geometry.rings):
        return None
    return ring_line(geometry, geometry.rings[index])


def is_closed(geometry: Geometry) -> bool:
    """Tell whether every part ends where it begins."""
    if geometry.kind in {Kind.POINT, Kind.MULTIPOINT}:
        return geometry.kind == Kind.MULTIPOINT or bool(geometry.points)
    if geometry.is_multiple:
        return bool(geometry.members) and all(map(is_closed, geometry.members))
    if geometry.kind == Kind.LINESTRING:
        return closes(geometry.points)
    return bool(geometry.rings) and all(map(closes, geometry.rings))


def closes(places: Sequence[Coordinate]) -> bool:
    return bool(places) and places[0][:2] == places[-1][:2]


def signed_area(ring: Sequence[Coordinate]) -> float:
    """Return a ring's area, negative where it runs clockwise."""
    if not ring:
        return 0.0
    x, y = ring[0][:2]
    return sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in pairwise(ring)) / 2


def turns(sign: int) -> Row:
    """Return the function that tells whether outer rings turn by the sign and inner ones against it."""

    def told(geometry: Geometry) -> bool:
        rings = [(place, ring) for one in atoms(geometry) for place, ring in enumerate(one.rings)]
        return all(signed_area(ring) * sign * (1 if place == 0 else -1) > 0 for place, ring in rings)

    return told


ROWS: Mapping[str, Row] = {
    "geometrytype_g": geometry_type,
    "st_geometrytype_g": lambda geometry: TYPE_NAMES[geometry.kind],
    **{f"st_{axis.lower()}_g": coordinate_of(axis) for axis in "XYZM"},
    **{f"st_{axis.lower()}min_g": extreme_of(axis, min) for axis in "XYZM"},
    **{f"st_{axis.lower()}max_g": extreme_of(axis, max) for axis in "XYZM"},
    "st_dimension_g": dimension,
    "st_ndims_g": lambda geometry: len(geometry.axes),
    "st_srid_g": lambda geometry: geometry.srid,
    "st_npoints_g": point_count,
    "st_numpoints_g": line_point_count,
    "st_nrings_g": ring_count,
    "st_numgeometries_g": member_count,
    "st_numinteriorrings_g": interior_ring_count,
    "st_geometryn_gi": member_at,
    "st_pointn_gi": point_at,
    "st_startpoint_g": lambda geometry: point_at(geometry, 1),
    "st_endpoint_g": lambda geometry: point_at(geometry, -1),
    "st_exteriorring_g": exterior_ring,
    "st_interiorringn_gi": interior_ring_at,
    "st_isempty_g": lambda geometry: geometry.is_empty,
    "st_iscollection_g": lambda geometry: geometry.is_multiple,
    "st_isclosed_g": is_closed,
    "st_ispolygonccw_g": turns(1),
    "st_ispolygoncw_g": turns(-1),
}
