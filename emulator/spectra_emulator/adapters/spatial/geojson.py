"""Geometries as GeoJSON.

Source: "ST_AsGeoJSON", "ST_GeomFromGeoJSON".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from spectra_emulator.adapters.spatial.geometry import (
    MEMBER,
    Coordinate,
    Geometry,
    Kind,
    SpatialError,
    collected,
    coordinates,
    line,
    mapped,
    polygon,
)
from spectra_emulator.adapters.spatial.text import DEFAULT_PRECISION, bounded, checked_precision

NAMES = {
    Kind.POINT: "Point",
    Kind.LINESTRING: "LineString",
    Kind.POLYGON: "Polygon",
    Kind.MULTIPOINT: "MultiPoint",
    Kind.MULTILINESTRING: "MultiLineString",
    Kind.MULTIPOLYGON: "MultiPolygon",
    Kind.GEOMETRYCOLLECTION: "GeometryCollection",
}
KINDS = {name: kind for kind, name in NAMES.items()}
SRID = 4326


def as_geojson(geometry: Geometry, precision: int = DEFAULT_PRECISION) -> str:
    """Return GeoJSON, which knows heights and no measures.

    Raises: SpatialError.
    """
    number = f"%.{checked_precision(precision)}g"
    return bounded(written(without_measure(geometry), number))


def without_measure(geometry: Geometry) -> Geometry:
    axes = geometry.axes.removesuffix("M")
    return mapped(geometry, axes, lambda place: place[: len(axes)])


def written(geometry: Geometry, number: str) -> str:
    name = NAMES[geometry.kind]
    if geometry.kind == Kind.GEOMETRYCOLLECTION:
        members = ",".join(written(member, number) for member in geometry.members)
        return f'{{"type":"{name}","geometries":[{members}]}}'
    return f'{{"type":"{name}","coordinates":{nested(geometry, number)}}}'


def nested(geometry: Geometry, number: str) -> str:
    if geometry.kind in MEMBER:
        return bracketed(nested(member, number) for member in geometry.members)
    if geometry.kind == Kind.POLYGON:
        return bracketed(listed(ring, number) for ring in geometry.rings)
    if geometry.kind == Kind.POINT:
        return spelt(geometry.points[0], number) if geometry.points else "[]"
    return listed(geometry.points, number)


def bracketed(items: Any) -> str:
    return f"[{','.join(items)}]"


def listed(places: Sequence[Coordinate], number: str) -> str:
    return bracketed(spelt(place, number) for place in places)


def spelt(place: Coordinate, number: str) -> str:
    return bracketed(number % value for value in place)


def from_geojson(text: str) -> Geometry:
    """Return the geometry that a GeoJSON object describes; it is 3D where one of its points is.

    Raises: SpatialError.
    """
    try:
        found = read(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise SpatialError("the text is not the GeoJSON of a geometry") from error
    axes = "XYZ" if any(len(place) > 2 for place in coordinates(found)) else "XY"  # noqa: PLR2004 - beyond x and y
    filled = mapped(found, axes, lambda place: (*place, 0.0)[: len(axes)])
    return Geometry(filled.kind, axes, SRID, filled.points, filled.rings, filled.members)


def read(value: Mapping[str, Any]) -> Geometry:
    kind = KINDS[value["type"]]
    if kind == Kind.GEOMETRYCOLLECTION:
        return collected(kind, [read(member) for member in value["geometries"]])
    return shaped(kind, value["coordinates"])


def shaped(kind: Kind, values: Sequence[Any]) -> Geometry:
    if kind in MEMBER:
        return collected(kind, [shaped(MEMBER[kind], value) for value in values])
    if kind == Kind.POLYGON:
        return polygon([list(map(place_of, ring)) for ring in values])
    if kind == Kind.POINT:
        return Geometry(kind, points=(place_of(values),) if values else ())
    return line(map(place_of, values))


def place_of(values: Sequence[float]) -> Coordinate:
    """Return the first three of a point's coordinates.

    Raises: ValueError where it has not both x and y.
    """
    x, y, *others = (float(value) for value in values)
    return (x, y, *others[:1])
