"""Geometries as well-known binary: what a column holds is EWKB in the form that Redshift shows.

Heights and measures are told by the standard's numbers (1001, 2001, 3001 …), the spatial reference by the bit of
PostGIS; both forms are read. One more bit says that a value has no bounding box; it is never shown.

Source: "ST_AsEWKB", "ST_GeomFromEWKB", "AddBBox", "DropBBox".
"""

from __future__ import annotations

import math
import struct
from itertools import chain

from spectra_emulator.adapters.spatial.geometry import MEMBER, Coordinate, Geometry, Kind, SpatialError

SRID_BIT = 0x20000000
WITHOUT_BOX = 0x10000000
HEIGHT_BIT = 0x80000000
MEASURE_BIT = 0x40000000
AXES = ("XY", "XYZ", "XYM", "XYZM")
DEEPEST = 32
_KIND_MASK = 0x0FFFFFFF
_THOUSAND = 1000


class Reader:
    """Reads a value from front to end."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.place = 0
        self.order = "<"

    def numbers(self, form: str, count: int) -> tuple[float, ...]:
        found = struct.unpack_from(f"{self.order}{count}{form}", self.octets, self.place)
        self.place += struct.calcsize(f"<{count}{form}")
        return found

    def number(self) -> int:
        return int(self.numbers("I", 1)[0])

    def coordinates(self, axes: str) -> tuple[Coordinate, ...]:
        count, width = self.number(), len(axes)
        if count * width * 8 > len(self.octets):
            raise SpatialError("the binary representation of the geometry is cut off")
        flat = self.numbers("d", count * width)
        return tuple(flat[start : start + width] for start in range(0, len(flat), width))

    def geometry(self, depth: int = 0) -> Geometry:
        if depth > DEEPEST:
            raise SpatialError(f"a geometry collection is nested at most {DEEPEST} deep")
        order = self.octets[self.place]
        self.place += 1
        if order > 1:
            raise SpatialError(f"the byte order of a geometry is 0 or 1, not {order}")
        self.order = "<" if order else ">"
        kind, axes, has_srid = described(self.number())
        srid = self.number() if has_srid else 0
        if kind == Kind.POINT:
            place = self.numbers("d", len(axes))
            return Geometry(kind, axes, srid, () if all(map(math.isnan, place)) else (place,))
        if kind == Kind.LINESTRING:
            return Geometry(kind, axes, srid, self.coordinates(axes))
        if kind == Kind.POLYGON:
            return Geometry(kind, axes, srid, rings=tuple(self.coordinates(axes) for _ in range(self.number())))
        return self.multiple(kind, axes, srid, depth)

    def multiple(self, kind: Kind, axes: str, srid: int, depth: int) -> Geometry:
        members = tuple(self.geometry(depth + 1) for _ in range(self.number()))
        for member in members:
            if member.kind != MEMBER.get(kind, member.kind) or member.axes != axes:
                raise SpatialError(f"a {kind.name} {axes} cannot hold a {member.kind.name} {member.axes}")
        return Geometry(kind, axes, srid, members=members)


def described(code: int) -> tuple[Kind, str, bool]:
    """Return what a type's number says: the subtype, the axes, whether an SRID follows.

    Raises: SpatialError.
    """
    thousands, number = divmod(code & _KIND_MASK, _THOUSAND)
    if not 1 <= number <= len(Kind) or thousands >= len(AXES):
        raise SpatialError(f"the binary representation names no subtype of a geometry: {code}")
    axes = AXES[thousands] if thousands else AXES[bool(code & HEIGHT_BIT) + 2 * bool(code & MEASURE_BIT)]
    return Kind(number), axes, bool(code & SRID_BIT)


def decoded(octets: bytes) -> Geometry:
    """Return the geometry that well-known binary holds, in any of its forms.

    Raises: SpatialError.
    """
    reader = Reader(octets)
    try:
        found = reader.geometry()
    except (struct.error, IndexError) as error:
        raise SpatialError("the binary representation of the geometry is cut off") from error
    if reader.place != len(octets):
        raise SpatialError("the binary representation of the geometry goes on after its end")
    return found


def from_hexadecimal(text: str) -> Geometry:
    """Return the geometry that hexadecimal digits spell.

    Raises: SpatialError.
    """
    try:
        octets = bytes.fromhex(text)
    except ValueError as error:
        raise SpatialError("the input is not the hexadecimal binary representation of a geometry") from error
    return decoded(octets)


def encoded(geometry: Geometry) -> bytes:
    """Return EWKB."""
    return b"".join(parts(geometry))


def plain(geometry: Geometry) -> bytes:
    """Return WKB, which knows no spatial reference."""
    found = encoded(geometry)
    return found if not geometry.srid else found[:4] + bytes((found[4] & ~(SRID_BIT >> 24),)) + found[9:]


def parts(geometry: Geometry) -> list[bytes]:
    code = geometry.kind + _THOUSAND * AXES.index(geometry.axes)
    head = struct.pack("<BI", 1, code)
    if geometry.srid:
        head = struct.pack("<BII", 1, code | SRID_BIT, geometry.srid)
    if geometry.kind == Kind.POINT:
        place = geometry.points[0] if geometry.points else (math.nan,) * len(geometry.axes)
        return [head, struct.pack(f"<{len(place)}d", *place)]
    if geometry.kind == Kind.LINESTRING:
        return [head, listed(geometry.points)]
    if geometry.kind == Kind.POLYGON:
        return [head, struct.pack("<I", len(geometry.rings)), *map(listed, geometry.rings)]
    members = chain.from_iterable(map(parts, geometry.members))
    return [head, struct.pack("<I", len(geometry.members)), *members]


def listed(places: tuple[Coordinate, ...]) -> bytes:
    flat = [number for place in places for number in place]
    return struct.pack(f"<I{len(flat)}d", len(places), *flat)


def without_box(octets: bytes) -> bytes:
    return octets[:4] + bytes((octets[4] | WITHOUT_BOX >> 24,)) + octets[5:]


def with_box(octets: bytes) -> bytes:
    return octets[:4] + bytes((octets[4] & ~(WITHOUT_BOX >> 24),)) + octets[5:]


def has_box(octets: bytes) -> bool:
    return not octets[4] & WITHOUT_BOX >> 24
