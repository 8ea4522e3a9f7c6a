"""Lengths, areas, distances and angles: in the plane, on a sphere, on the spheroid.

Source: "ST_Area", "ST_Length", "ST_Perimeter", "ST_Angle", "ST_Azimuth", "ST_DistanceSphere", "ST_LengthSphere"; on the
spheroid the formula of Andoyer and Lambert, which gives the figures of "ST_Distance" and "ST_Perimeter".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from spectra_emulator.adapters.spatial.accessors import signed_area
from spectra_emulator.adapters.spatial.geometry import (
    Coordinate,
    Geometry,
    Kind,
    SpatialError,
    atoms,
    coordinates,
    require_kind,
    require_one_srid,
)

EQUATOR_RADIUS = 6378137.0
FLATTENING = 1 / 298.257223563
EARTH_RADIUS = EQUATOR_RADIUS * (1 - FLATTENING / 3)
"""The mean radius of the spheroid, in metres."""
WGS_84 = 4326
FULL_TURN = 2 * math.pi
Step = Callable[[Coordinate, Coordinate], float]


def plane_step(start: Coordinate, end: Coordinate) -> float:
    return math.hypot(end[0] - start[0], end[1] - start[1])


def sphere_step(start: Coordinate, end: Coordinate, radius: float = EARTH_RADIUS) -> float:
    """Return the length of a great circle's arc between two places in degrees."""
    (lon1, lat1), (lon2, lat2) = (tuple(map(math.radians, place[:2])) for place in (start, end))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * radius * math.asin(min(math.sqrt(half), 1.0))


def spheroid_step(start: Coordinate, end: Coordinate) -> float:
    """Return the distance in metres of two places in degrees, to the first order of the flattening."""
    if start[:2] == end[:2]:
        return 0.0
    (lon1, lat1), (lon2, lat2) = (tuple(map(math.radians, place[:2])) for place in (start, end))
    sine1, sine2 = math.sin(lat1), math.sin(lat2)
    cosine = sine1 * sine2 + math.cos(lat1) * math.cos(lat2) * math.cos(lon2 - lon1)
    cosine = max(-1.0, min(1.0, cosine))
    arc, sine = math.acos(cosine), math.sin(math.acos(cosine))
    near = 0.0 if cosine == 1 else (arc + 3 * sine) / (1 - cosine)
    far = 0.0 if cosine == -1 else (arc - 3 * sine) / (1 + cosine)
    correction = FLATTENING / 4 * (near * (sine1 - sine2) ** 2 + far * (sine1 + sine2) ** 2)
    return EQUATOR_RADIUS * (arc - correction)


def path_length(places: Sequence[Coordinate], step: Step) -> float:
    return sum((step(start, end) for start, end in pairwise(places)), 0.0)


def length_by(step: Step) -> Callable[[Geometry], float]:
    return lambda geometry: sum((path_length(one.points, step) for one in atoms(geometry)), 0.0)


def perimeter_by(step: Step) -> Callable[[Geometry], float]:
    return lambda geometry: sum((path_length(ring, step) for one in atoms(geometry) for ring in one.rings), 0.0)


def on_spheroid(measure: Callable[[Geometry], float], name: str) -> Callable[[Geometry], float]:
    """Return the measure of a geography on the one spheroid that is known."""

    def measured(geography: Geometry) -> float:
        require_wgs_84(geography, name)
        return measure(geography)

    return measured


def require_wgs_84(geography: Geometry, name: str) -> None:
    if geography.srid != WGS_84:
        raise SpatialError(
            f"{name} of a GEOGRAPHY of SRID {geography.srid} is not supported by the emulator: "
            f"it knows the spheroid of {WGS_84} only"
        )


def area(geometry: Geometry) -> float:
    return sum((polygon_area(one) for one in atoms(geometry)), 0.0)


def polygon_area(polygon: Geometry) -> float:
    if not polygon.rings:
        return 0.0
    outer, *inner = (abs(signed_area(ring)) for ring in polygon.rings)
    return outer - sum(inner)


def geography_area(geography: Geometry) -> float:
    if any(one.rings for one in atoms(geography)):
        raise SpatialError(
            "ST_Area of a polygon of GEOGRAPHY is not supported by the emulator: "
            "cast it to GEOMETRY for its area in the plane"
        )
    return 0.0


def geography_distance(left: Geometry, right: Geometry) -> float | None:
    """Return the distance of the two nearest points.

    Raises: SpatialError for what is not made of points.
    """
    require_one_srid((left, right), "ST_Distance")
    for geography in (left, right):
        require_wgs_84(geography, "ST_Distance")
        if geography.kind not in {Kind.POINT, Kind.MULTIPOINT}:
            raise SpatialError(
                f"ST_Distance of a {geography.kind.name} of GEOGRAPHY is not supported by the emulator: "
                "it measures POINT and MULTIPOINT only"
            )
    places = tuple(coordinates(right))
    return min((spheroid_step(start, end) for start in coordinates(left) for end in places), default=None)


def sphere_distance(left: Geometry, right: Geometry, radius: float = EARTH_RADIUS) -> float | None:
    require_one_srid((left, right), "ST_DistanceSphere")
    require_kind(left, "ST_DistanceSphere", Kind.POINT)
    require_kind(right, "ST_DistanceSphere", Kind.POINT)
    if radius < 0:
        raise SpatialError(f"ST_DistanceSphere takes a radius of 0 or more, not {radius:g}")
    if not (left.points and right.points):
        return None
    return sphere_step(left.points[0], right.points[0], radius)


def azimuth(start: Coordinate, end: Coordinate) -> float:
    """Return the direction from north, clockwise."""
    return turned(math.atan2(end[0] - start[0], end[1] - start[1]))


def turned(angle: float) -> float:
    """Return an angle from 0 up to a full turn."""
    positive = math.fmod(math.fmod(angle, FULL_TURN) + FULL_TURN, FULL_TURN)
    return 0.0 if positive >= FULL_TURN else positive


def places_of(name: str, points: Sequence[Geometry]) -> list[Coordinate]:
    """Return where points lie.

    Raises: SpatialError where one is none, or empty, or has another SRID.
    """
    require_one_srid(points, name)
    for one in points:
        require_kind(one, name, Kind.POINT)
        if not one.points:
            raise SpatialError(f"{name} takes no empty points")
    return [one.points[0][:2] for one in points]


def azimuth_of_points(start: Geometry, end: Geometry) -> float | None:
    first, second = places_of("ST_Azimuth", (start, end))
    return None if first == second else azimuth(first, second)


def angle(*points: Geometry) -> float | None:
    """Return the angle at the second of three points, or between the lines of two pairs, clockwise."""
    places = places_of("ST_Angle", points)
    if len(places) == 3:  # noqa: PLR2004 - the form around a point
        places = [places[1], places[0], places[1], places[2]]
    start, first, origin, second = places
    if start == first or origin == second:
        return None
    return turned(azimuth(origin, second) - azimuth(start, first))


LENGTH, PERIMETER = length_by(plane_step), perimeter_by(plane_step)
ROWS: Mapping[str, Callable[..., Any]] = {
    "st_area_g": area,
    "st_area_o": geography_area,
    "st_length_g": LENGTH,
    "st_length2d_g": LENGTH,
    "st_length_o": on_spheroid(length_by(spheroid_step), "ST_Length"),
    "st_lengthsphere_g": length_by(sphere_step),
    "st_perimeter_g": PERIMETER,
    "st_perimeter2d_g": PERIMETER,
    "st_perimeter_o": on_spheroid(perimeter_by(spheroid_step), "ST_Perimeter"),
    "st_distance_oo": geography_distance,
    "st_distancesphere_gg": sphere_distance,
    "st_distancesphere_ggd": sphere_distance,
    "st_azimuth_gg": azimuth_of_points,
    "st_angle_ggg": angle,
    "st_angle_gggg": angle,
}
