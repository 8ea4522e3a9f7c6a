"""What needs the topology of geometries, by way of GEOS: relations, distances, new shapes. All in the plane.

Source: the pages of "Spatial functions" under each function's name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from spectra_emulator.adapters.spatial.accessors import closes
from spectra_emulator.adapters.spatial.binary import SRID_BIT, decoded, described, encoded
from spectra_emulator.adapters.spatial.corners import cornered
from spectra_emulator.adapters.spatial.geometry import (
    Geometry,
    Kind,
    SpatialError,
    atoms,
    coordinates,
    flat,
    point,
    require_kind,
    require_one_srid,
    with_srid,
)

Shapes = Any
"""A numpy array of shapely's geometries."""
FEWEST_IN_RING = 4


def relation(name: str, test: Callable[[Shapes, Shapes], Any]) -> Callable[..., Sequence[Any]]:
    """Return the function that compares columns of EWKB."""

    def compared(left: Sequence[bytes], right: Sequence[bytes]) -> list[Any]:
        check_pairs(name, left, right)
        found: list[Any] = test(shapes(left), shapes(right)).tolist()
        return found

    return compared


def check_pairs(name: str, left: Sequence[bytes], right: Sequence[bytes]) -> None:
    """Pass pairs of one SRID, neither of them a collection.

    Raises: SpatialError.
    """
    for one, other in set(zip(map(head, left), map(head, right), strict=True)):
        (kind, srid), (other_kind, other_srid) = told(one), told(other)
        if Kind.GEOMETRYCOLLECTION in {kind, other_kind}:
            raise SpatialError(f"{name} takes no GEOMETRYCOLLECTION")
        if srid != other_srid:
            raise SpatialError(f"{name} takes geometries of the same SRID, not {srid} and {other_srid}")


def head(octets: bytes) -> bytes:
    """Return the bytes that tell of a value's subtype and its SRID."""
    return octets[:9] if octets[4] & SRID_BIT >> 24 else octets[:5]


def told(octets: bytes) -> tuple[Kind, int]:
    kind, _, _ = described(int.from_bytes(octets[1:5], "little"))
    return kind, int.from_bytes(octets[5:], "little")


def shapes(values: Sequence[bytes]) -> Shapes:
    """Return what EWKB describes; equal values are read once and prepared for being compared often."""
    distinct = list(dict.fromkeys(values))
    read = shapely.from_wkb(np.array(distinct, dtype=object))
    if len(distinct) == len(values):
        return read
    shapely.prepare(read)
    place = {value: number for number, value in enumerate(distinct)}
    return read[[place[value] for value in values]]


def distances(left: Sequence[bytes], right: Sequence[bytes]) -> list[float | None]:
    check_pairs("ST_Distance", left, right)
    found: Any = shapely.distance(shapes(left), shapes(right))
    return [None if math.isnan(distance) else distance for distance in found.tolist()]


def within_distance(left: Sequence[bytes], right: Sequence[bytes], threshold: Sequence[float]) -> list[bool]:
    check_pairs("ST_DWithin", left, right)
    if min(threshold) < 0:
        raise SpatialError(f"ST_DWithin takes a threshold of 0 or more, not {min(threshold):g}")
    limits: Any = np.array(threshold)
    found: Any = shapely.dwithin(shapes(left), shapes(right), limits)
    return list(found.tolist())


def shape(geometry: Geometry) -> Any:
    """Return a geometry's 2D projection for GEOS."""
    return shapely.from_wkb(encoded(with_srid(flat(geometry), 0)))


def unshaped(found: Any, srid: int) -> Geometry:
    """Return GEOS's geometry, its polygons turning clockwise from their lexicographically first points."""
    return with_srid(decoded(shapely.to_wkb(ordered(found), output_dimension=4, byte_order=1, flavor="iso")), srid)


def ordered(found: Any) -> Any:
    if isinstance(found, shapely.Polygon):
        return shapely.normalize(found)
    if isinstance(found, shapely.MultiPolygon | shapely.GeometryCollection):
        return type(found)([ordered(part) for part in found.geoms])
    return found


def planar_pair(name: str, geometries: Sequence[Geometry]) -> int:
    """Return the SRID of 2D geometries of which none is a collection.

    Raises: SpatialError.
    """
    for one in geometries:
        if one.kind == Kind.GEOMETRYCOLLECTION:
            raise SpatialError(f"{name} takes no GEOMETRYCOLLECTION")
        if one.axes != "XY":
            raise SpatialError(f"{name} takes two-dimensional geometries, not {one.axes}")
    return require_one_srid(geometries, name)


def intersection(left: Geometry, right: Geometry) -> Geometry:
    srid = planar_pair("ST_Intersection", (left, right))
    return cornered(unshaped(shapely.intersection(shape(left), shape(right)), srid), (left, right))


def union(left: Geometry, right: Geometry) -> Geometry:
    srid = planar_pair("ST_Union", (left, right))
    for one in (left, right):
        if one.kind in {Kind.LINESTRING, Kind.MULTILINESTRING}:
            raise SpatialError(f"ST_Union takes no {one.kind.name}")
    if left.is_empty or right.is_empty:
        return left if left.is_empty else right
    return cornered(unshaped(shapely.union(shape(left), shape(right)), srid), (left, right))


def buffer(geometry: Geometry, distance: float, segments: int = 8) -> Geometry:
    """Return all within a distance; a quarter of a circle is drawn with so many segments."""
    if geometry.kind == Kind.GEOMETRYCOLLECTION:
        raise SpatialError("ST_Buffer takes no GEOMETRYCOLLECTION")
    if segments < 1:
        raise SpatialError(
            "ST_Buffer with no segment for a quarter of a circle is not supported by the emulator: give 1 or more"
        )
    return unshaped(shapely.buffer(shape(geometry), distance, quad_segs=segments), geometry.srid)


def centroid(geometry: Geometry) -> Geometry | None:
    if geometry.is_empty:
        return None
    middle = shapely.centroid(shape(geometry))
    return point((middle.x, middle.y), srid=geometry.srid)


def convex_hull(geometry: Geometry) -> Geometry:
    """Return the hull of all points, with their heights where they have such."""
    if geometry.is_empty:
        return geometry
    hull = unshaped(shapely.convex_hull(shapely.MultiPoint([one[:2] for one in coordinates(geometry)])), geometry.srid)
    if hull.kind == Kind.LINESTRING:
        hull = Geometry(hull.kind, hull.axes, hull.srid, tuple(sorted(hull.points)))
    return with_heights(hull, geometry) if "Z" in geometry.axes else hull


def with_heights(hull: Geometry, source: Geometry) -> Geometry:
    """Give the points of a hull the heights of the first points that they were."""
    heights: dict[tuple[float, ...], float] = {}
    for place in coordinates(source):
        heights.setdefault(place[:2], place[2])
    points = tuple((*place, heights[place]) for place in hull.points)
    rings = tuple(tuple((*place, heights[place]) for place in ring) for ring in hull.rings)
    return Geometry(hull.kind, "XYZ", hull.srid, points, rings)


def repeats(geometry: Geometry) -> bool:
    """Tell whether a point stands twice in a row."""
    runs = [run for one in atoms(geometry) for run in (one.points, *one.rings)]
    return any(start[:2] == end[:2] for run in runs for start, end in pairwise(run))


def is_simple(geometry: Geometry) -> bool:
    if geometry.kind == Kind.GEOMETRYCOLLECTION:
        return all(map(is_simple, geometry.members))
    if repeats(geometry):
        return False
    if geometry.kind in {Kind.POLYGON, Kind.MULTIPOLYGON}:
        return True
    return bool(shapely.is_simple(shape(without_empty_points(geometry))))


def without_empty_points(geometry: Geometry) -> Geometry:
    members = tuple(member for member in geometry.members if not member.is_empty)
    return Geometry(geometry.kind, geometry.axes, geometry.srid, geometry.points, geometry.rings, members)


def is_valid(geometry: Geometry) -> bool:
    if geometry.kind in {Kind.GEOMETRYCOLLECTION, Kind.MULTIPOINT, Kind.MULTILINESTRING}:
        return all(map(is_valid, geometry.members))
    if not (all_finite(geometry) and all(map(may_be_ring, rings_of(geometry)))):
        return False
    if geometry.kind == Kind.LINESTRING:
        return not geometry.points or len({place[:2] for place in geometry.points}) > 1
    return bool(shapely.is_valid(shape(geometry)))


def all_finite(geometry: Geometry) -> bool:
    return all(map(math.isfinite, (number for place in coordinates(geometry) for number in place)))


def rings_of(geometry: Geometry) -> Iterable[Sequence[tuple[float, ...]]]:
    return (ring for one in atoms(geometry) for ring in one.rings)


def may_be_ring(ring: Sequence[tuple[float, ...]]) -> bool:
    return len(ring) >= FEWEST_IN_RING and closes(ring)


def is_ring(geometry: Geometry) -> bool:
    require_kind(geometry, "ST_IsRing", Kind.LINESTRING)
    return closes(geometry.points) and is_simple(geometry)


ROWS: Mapping[str, Callable[..., Any]] = {
    "st_intersection_gg": intersection,
    "st_union_gg": union,
    "st_buffer_gd": buffer,
    "st_buffer_gdi": buffer,
    "st_centroid_g": centroid,
    "st_convexhull_g": convex_hull,
    "st_issimple_g": is_simple,
    "st_isvalid_g": is_valid,
    "st_isring_g": is_ring,
}
COLUMNS: Mapping[str, Callable[..., Sequence[Any]]] = {
    "st_contains_gg": relation("ST_Contains", shapely.contains),
    "st_containsproperly_gg": relation("ST_ContainsProperly", shapely.contains_properly),
    "st_covers_gg": relation("ST_Covers", shapely.covers),
    "st_coveredby_gg": relation("ST_CoveredBy", shapely.covered_by),
    "st_crosses_gg": relation("ST_Crosses", shapely.crosses),
    "st_disjoint_gg": relation("ST_Disjoint", shapely.disjoint),
    "st_equals_gg": relation("ST_Equals", shapely.equals),
    "st_intersects_gg": relation("ST_Intersects", shapely.intersects),
    "st_touches_gg": relation("ST_Touches", shapely.touches),
    "st_within_gg": relation("ST_Within", shapely.within),
    "st_distance_gg": distances,
    "st_dwithin_ggd": within_distance,
}
