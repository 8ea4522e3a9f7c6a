"""A geometry as Redshift keeps one: its subtype, its coordinates and its spatial reference.

Empty points stand among others, rings may be open, and a measure stands beside or without a height, so the values
are plain tuples; only what needs topology goes through a library.

Source: "Querying spatial data in Amazon Redshift", "Terminology for Amazon Redshift spatial data".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

Coordinate = tuple[float, ...]


class SpatialError(ValueError):
    """What a spatial function refuses; the text is the client's."""


class Kind(IntEnum):
    """A subtype, by its number in well-known binary."""

    POINT = 1
    LINESTRING = 2
    POLYGON = 3
    MULTIPOINT = 4
    MULTILINESTRING = 5
    MULTIPOLYGON = 6
    GEOMETRYCOLLECTION = 7


MEMBER = {
    Kind.MULTIPOINT: Kind.POINT,
    Kind.MULTILINESTRING: Kind.LINESTRING,
    Kind.MULTIPOLYGON: Kind.POLYGON,
}
MULTIPLE = {member: multiple for multiple, member in MEMBER.items()}


@dataclass(frozen=True)
class Geometry:
    """`axes` is XY, XYZ, XYM or XYZM.

    `points` holds the coordinates of a POINT (none or one) or a LINESTRING, `rings` those of a POLYGON, `members` the
    parts of every other subtype.
    """

    kind: Kind
    axes: str = "XY"
    srid: int = 0
    points: tuple[Coordinate, ...] = ()
    rings: tuple[tuple[Coordinate, ...], ...] = ()
    members: tuple[Geometry, ...] = ()

    @property
    def is_multiple(self) -> bool:
        return self.kind >= Kind.MULTIPOINT

    @property
    def is_empty(self) -> bool:
        return next(coordinates(self), None) is None


def coordinates(geometry: Geometry) -> Iterator[Coordinate]:
    """Yield every point in order, those that close a ring too."""
    yield from geometry.points
    for ring in geometry.rings:
        yield from ring
    for member in geometry.members:
        yield from coordinates(member)


def atoms(geometry: Geometry) -> Iterator[Geometry]:
    """Yield the points, linestrings and polygons that a geometry is made of."""
    if not geometry.is_multiple:
        yield geometry
    for member in geometry.members:
        yield from atoms(member)


def mapped(geometry: Geometry, axes: str, change: Callable[[Coordinate], Coordinate]) -> Geometry:
    """Return a geometry with each of its coordinates changed."""
    return replace(
        geometry,
        axes=axes,
        points=tuple(map(change, geometry.points)),
        rings=tuple(tuple(map(change, ring)) for ring in geometry.rings),
        members=tuple(mapped(member, axes, change) for member in geometry.members),
    )


def flat(geometry: Geometry) -> Geometry:
    """Return the 2D projection."""
    return geometry if geometry.axes == "XY" else mapped(geometry, "XY", lambda place: place[:2])


def with_srid(geometry: Geometry, srid: int) -> Geometry:
    return replace(geometry, srid=srid)


def point(place: Coordinate, axes: str = "XY", srid: int = 0) -> Geometry:
    return Geometry(Kind.POINT, axes, srid, (place,))


def line(places: Iterable[Coordinate], axes: str = "XY", srid: int = 0) -> Geometry:
    return Geometry(Kind.LINESTRING, axes, srid, tuple(places))


def polygon(rings: Iterable[Iterable[Coordinate]], axes: str = "XY", srid: int = 0) -> Geometry:
    return Geometry(Kind.POLYGON, axes, srid, rings=tuple(tuple(ring) for ring in rings))


def collected(kind: Kind, members: Sequence[Geometry], axes: str = "XY", srid: int = 0) -> Geometry:
    return Geometry(kind, axes, srid, members=tuple(with_srid(member, 0) for member in members))


def require_kind(geometry: Geometry, name: str, *kinds: Kind) -> None:
    """Pass a geometry of one of the subtypes.

    Raises: SpatialError.
    """
    if geometry.kind not in kinds:
        wanted = " or ".join(kind.name for kind in kinds)
        raise SpatialError(f"{name} takes a geometry of subtype {wanted}, not {geometry.kind.name}")


def require_one_srid(geometries: Sequence[Geometry], name: str) -> int:
    """Return the SRID that the geometries share.

    Raises: SpatialError where they have different ones.
    """
    first, *others = (geometry.srid for geometry in geometries)
    for other in others:
        if other != first:
            raise SpatialError(f"{name} takes geometries of the same SRID, not {first} and {other}")
    return first


def require_one_dimension(geometries: Sequence[Geometry], name: str) -> str:
    """Return the axes that the geometries share.

    Raises: SpatialError where they have different ones.
    """
    first, *others = (geometry.axes for geometry in geometries)
    for other in others:
        if other != first:
            raise SpatialError(f"{name} takes geometries of the same dimension, not {first} and {other}")
    return first


def checked_srid(srid: int, name: str) -> int:
    """Return an SRID that a geometry may have.

    Raises: SpatialError.
    """
    if srid < 0:
        raise SpatialError(f"{name} takes an SRID of 0 or more, not {srid}")
    return srid
