"""Geometries made of texts, bytes, numbers and other geometries.

Source: the pages of "Spatial functions" under each function's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from spectra_emulator.adapters.spatial.accessors import closes
from spectra_emulator.adapters.spatial.binary import decoded, from_hexadecimal
from spectra_emulator.adapters.spatial.geohash import from_geohash
from spectra_emulator.adapters.spatial.geojson import from_geojson
from spectra_emulator.adapters.spatial.geometry import (
    MULTIPLE,
    Geometry,
    Kind,
    SpatialError,
    checked_srid,
    collected,
    coordinates,
    line,
    point,
    polygon,
    require_kind,
    require_one_dimension,
    require_one_srid,
    with_srid,
)
from spectra_emulator.adapters.spatial.text import from_extended_text, from_text

DEFAULT_GEOGRAPHY_SRID = 4326
LINEAR = (Kind.POINT, Kind.LINESTRING, Kind.MULTIPOINT)


def text_with_srid(text: str, srid: int) -> Geometry | None:
    return from_text(text, srid) if srid >= 0 else None


def binary_without_srid(text: str) -> Geometry:
    return with_srid(from_hexadecimal(text), 0)


def binary_with_srid(text: str, srid: int) -> Geometry:
    return with_srid(from_hexadecimal(text), checked_srid(srid, "ST_GeomFromWKB"))


def geography_of_text(text: str) -> Geometry:
    return from_extended_text(text, DEFAULT_GEOGRAPHY_SRID)


def as_geography(geometry: Geometry) -> Geometry:
    return geometry if geometry.srid else with_srid(geometry, DEFAULT_GEOGRAPHY_SRID)


def made_point(*place: float) -> Geometry:
    return point(place, "XYZM"[: len(place)])


def envelope(least_x: float, least_y: float, greatest_x: float, greatest_y: float, srid: int = 0) -> Geometry:
    """Return a box, clockwise, or the line or the point that it comes down to."""
    corners = [
        (least_x, least_y),
        (least_x, greatest_y),
        (greatest_x, greatest_y),
        (greatest_x, least_y),
    ]
    distinct = list(dict.fromkeys(corners))
    checked = checked_srid(srid, "ST_MakeEnvelope")
    if len(distinct) == 1:
        return point(distinct[0], srid=checked)
    if len(distinct) < len(corners):
        return line(distinct, srid=checked)
    return polygon([[*corners, corners[0]]], srid=checked)


def box_of(geometry: Geometry) -> Geometry:
    """Return the bounding box of the 2D projection; an empty geometry stays as it is."""
    places = [place[:2] for place in coordinates(geometry)]
    if not places:
        return geometry
    (west, east), (south, north) = ((min(numbers), max(numbers)) for numbers in zip(*places, strict=True))
    return envelope(west, south, east, north, geometry.srid)


def made_line(first: Geometry, second: Geometry) -> Geometry:
    both = (first, second)
    for one in both:
        require_kind(one, "ST_MakeLine", *LINEAR)
    srid, axes = require_one_srid(both, "ST_MakeLine"), require_one_dimension(both, "ST_MakeLine")
    return line([place for one in both for place in coordinates(one)], axes, srid)


def line_of_points(geometry: Geometry) -> Geometry:
    require_kind(geometry, "ST_LineFromMultiPoint", Kind.MULTIPOINT)
    return line(coordinates(geometry), geometry.axes, geometry.srid)


def ring_of(name: str, ring: Geometry) -> Geometry:
    """Return a linestring that a polygon's ring may be.

    Raises: SpatialError.
    """
    require_kind(ring, name, Kind.LINESTRING)
    if ring.points and (len(ring.points) == 1 or not closes(ring.points)):
        raise SpatialError(f"{name} takes closed linestrings, whose last point is their first")
    return ring


def made_polygon(outer: Geometry, inner: Geometry | None = None) -> Geometry:
    name = "ST_MakePolygon"
    rings = [ring_of(name, outer)]
    if inner is not None:
        require_kind(inner, name, Kind.MULTILINESTRING)
        require_one_srid((outer, inner), name)
        require_one_dimension((outer, inner), name)
        rings += [ring_of(name, member) for member in inner.members if member.points]
    shown = [ring.points for ring in rings] if outer.points else []
    return polygon(shown, outer.axes, outer.srid)


def polygon_with_srid(outer: Geometry, srid: int) -> Geometry:
    ring = ring_of("ST_Polygon", outer)
    return polygon([ring.points] if ring.points else [], ring.axes, checked_srid(srid, "ST_Polygon"))


def collection(geometries: Sequence[Geometry]) -> Geometry:
    """Return what holds all the geometries: a multiple of their subtype, where they share a single one."""
    srid, axes = require_one_srid(geometries, "ST_Collect"), require_one_dimension(geometries, "ST_Collect")
    kinds = {one.kind for one in geometries}
    kind = MULTIPLE.get(next(iter(kinds)), Kind.GEOMETRYCOLLECTION) if len(kinds) == 1 else Kind.GEOMETRYCOLLECTION
    return collected(kind, geometries, axes, srid)


def multiple(geometry: Geometry) -> Geometry:
    if geometry.is_multiple:
        return geometry
    members = [] if geometry.is_empty else [geometry]
    return collected(MULTIPLE[geometry.kind], members, geometry.axes, geometry.srid)


def points_of(geometry: Geometry) -> Geometry:
    members = [point(place, geometry.axes) for place in coordinates(geometry)]
    return collected(Kind.MULTIPOINT, members, geometry.axes, geometry.srid)


def geography_of_binary(text: str) -> Geometry:
    return as_geography(from_hexadecimal(text))


def read_or_none(read: Callable[[Any], Geometry]) -> Callable[[Any], Geometry | None]:
    """Return the function that gives nothing where the other refuses."""

    def tried(value: Any) -> Geometry | None:
        try:
            return read(value)
        except SpatialError:
            return None

    return tried


ROWS: Mapping[str, Callable[..., Any]] = {
    "st_geomfromtext_s": from_text,
    "st_geomfromtext_si": text_with_srid,
    "st_geomfromewkt_s": from_extended_text,
    "st_geomfromwkb_s": binary_without_srid,
    "st_geomfromwkb_si": binary_with_srid,
    "st_geomfromewkb_s": from_hexadecimal,
    "st_geomfromgeojson_s": from_geojson,
    "st_geomfromgeohash_s": from_geohash,
    "st_geomfromgeohash_si": from_geohash,
    "st_geogfromtext_s": geography_of_text,
    "st_geogfromwkb_s": geography_of_binary,
    "to_geography_g": as_geography,
    "geography_from_hex_s": geography_of_binary,
    "read_geometry_s": read_or_none(from_hexadecimal),
    "read_geometry_v": read_or_none(decoded),
    "read_geography_s": read_or_none(geography_of_binary),
    "read_geography_v": read_or_none(lambda octets: as_geography(decoded(octets))),
    "st_point_dd": made_point,
    **{f"st_makepoint_{'d' * count}": made_point for count in (2, 3, 4)},
    "st_makeenvelope_dddd": envelope,
    "st_makeenvelope_ddddi": envelope,
    "st_envelope_g": box_of,
    "st_makeline_gg": made_line,
    "st_linefrommultipoint_g": line_of_points,
    "st_makepolygon_g": made_polygon,
    "st_makepolygon_gg": made_polygon,
    "st_polygon_gi": polygon_with_srid,
    "st_collect_a": collection,
    "st_collect_gg": lambda first, second: collection((first, second)),
    "st_multi_g": multiple,
    "st_points_g": points_of,
}
