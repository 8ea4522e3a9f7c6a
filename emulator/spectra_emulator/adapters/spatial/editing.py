"""Geometries with other points, axes or an order of their own.

Source: the pages of "Spatial functions" under each function's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from spectra_emulator.adapters.spatial.geometry import (
    Coordinate,
    Geometry,
    Kind,
    SpatialError,
    checked_srid,
    coordinates,
    line,
    mapped,
    point,
    require_kind,
    require_one_srid,
    with_srid,
)
from spectra_emulator.adapters.spatial.measures import plane_step


def projected(axes: str) -> Callable[[Geometry], Geometry]:
    """Return the function that gives a geometry these axes; what is new is 0."""
    return lambda geometry: geometry if geometry.axes == axes else mapped(geometry, axes, mover(geometry.axes, axes))


def mover(known: str, wanted: str) -> Callable[[Coordinate], Coordinate]:
    places = [known.find(axis) for axis in wanted]
    return lambda coordinate: tuple(coordinate[place] if place >= 0 else 0.0 for place in places)


def with_other_srid(geometry: Geometry, srid: int) -> Geometry:
    return with_srid(geometry, checked_srid(srid, "ST_SetSRID"))


def reversed_order(geometry: Geometry) -> Geometry:
    return replace(
        geometry,
        points=geometry.points[::-1],
        rings=tuple(ring[::-1] for ring in geometry.rings),
        members=tuple(map(reversed_order, geometry.members)),
    )


def with_point(linestring: Geometry, added: Geometry, index: int = -1) -> Geometry:
    """Return a linestring with one more point before the one at an index, from 0, or at its end."""
    require_kind(linestring, "ST_AddPoint", Kind.LINESTRING)
    require_kind(added, "ST_AddPoint", Kind.POINT)
    require_one_srid((linestring, added), "ST_AddPoint")
    places = linestring.points
    if not -1 <= index <= len(places):
        raise SpatialError(f"ST_AddPoint takes an index of -1 to {len(places)} here, not {index}")
    at = len(places) if index < 0 else index
    new = coordinates(projected(linestring.axes)(added))
    return replace(linestring, points=(*places[:at], *new, *places[at:]))


def without_point(linestring: Geometry, index: int) -> Geometry:
    require_kind(linestring, "ST_RemovePoint", Kind.LINESTRING)
    places = linestring.points
    if not 0 <= index < len(places):
        raise SpatialError(f"ST_RemovePoint takes an index of 0 to {len(places) - 1} here, not {index}")
    return replace(linestring, points=places[:index] + places[index + 1 :])


def with_point_at(linestring: Geometry, index: int, other: Geometry) -> Geometry:
    """Return a linestring with another point at an index, from 0, or from its end by a negative one."""
    require_kind(linestring, "ST_SetPoint", Kind.LINESTRING)
    require_kind(other, "ST_SetPoint", Kind.POINT)
    require_one_srid((linestring, other), "ST_SetPoint")
    places = linestring.points
    if not -len(places) <= index < len(places):
        raise SpatialError(f"ST_SetPoint takes an index of {-len(places)} to {len(places) - 1} here, not {index}")
    if not other.points:
        return linestring
    at = index % len(places)
    new = projected(linestring.axes)(other).points
    return replace(linestring, points=(*places[:at], *new, *places[at + 1 :]))


def point_along(linestring: Geometry, fraction: float) -> Geometry:
    """Return the point at a fraction of a linestring's length, its height and measure between its neighbours'."""
    require_kind(linestring, "ST_LineInterpolatePoint", Kind.LINESTRING)
    if not 0 <= fraction <= 1:
        raise SpatialError(f"ST_LineInterpolatePoint takes a fraction of 0 to 1, not {fraction:g}")
    places = linestring.points
    if not places:
        return Geometry(Kind.POINT, linestring.axes, linestring.srid)
    return point(place_along(places, fraction), linestring.axes, linestring.srid)


def place_along(places: tuple[Coordinate, ...], fraction: float) -> Coordinate:
    steps = [plane_step(start, end) for start, end in pairwise(places)]
    left = sum(steps) * fraction
    for (start, end), step in zip(pairwise(places), steps, strict=True):
        if left <= step:
            share = left / step if step else 0.0
            return tuple(a + (b - a) * share for a, b in zip(start, end, strict=True))
        left -= step
    return places[-1]


def boundary(geometry: Geometry) -> Geometry:
    """Return what bounds a geometry: the ends of lines, the rings of polygons."""
    if geometry.kind == Kind.GEOMETRYCOLLECTION:
        raise SpatialError("ST_Boundary takes no GEOMETRYCOLLECTION")
    if geometry.is_empty:
        return geometry
    if geometry.kind in {Kind.POINT, Kind.MULTIPOINT}:
        return Geometry(Kind.GEOMETRYCOLLECTION, geometry.axes, geometry.srid)
    if geometry.kind in {Kind.LINESTRING, Kind.MULTILINESTRING}:
        return ends_of(geometry)
    parts = geometry.members or (geometry,)
    lines = tuple(line(ring, geometry.axes) for part in parts for ring in part.rings)
    if geometry.kind == Kind.POLYGON and len(lines) == 1:
        return with_srid(lines[0], geometry.srid)
    return Geometry(Kind.MULTILINESTRING, geometry.axes, geometry.srid, members=lines)


def ends_of(geometry: Geometry) -> Geometry:
    """Return the ends of lines at which an odd number of them meet."""
    met: dict[Coordinate, list[Coordinate]] = {}
    for one in geometry.members or (geometry,):
        for place in (one.points[:1] + one.points[-1:]) if one.points else ():
            met.setdefault(place[:2], []).append(place)
    odd = tuple(point(places[0], geometry.axes) for places in met.values() if len(places) % 2)
    return Geometry(Kind.MULTIPOINT, geometry.axes, geometry.srid, members=odd)


ROWS: Mapping[str, Callable[..., Any]] = {
    "st_force2d_g": projected("XY"),
    "st_force3d_g": projected("XYZ"),
    "st_force3dz_g": projected("XYZ"),
    "st_force3dm_g": projected("XYM"),
    "st_force4d_g": projected("XYZM"),
    "st_setsrid_gi": with_other_srid,
    "st_reverse_g": reversed_order,
    "st_addpoint_gg": with_point,
    "st_addpoint_ggi": with_point,
    "st_removepoint_gi": without_point,
    "st_setpoint_gig": with_point_at,
    "st_lineinterpolatepoint_gd": point_along,
    "st_boundary_g": boundary,
}
