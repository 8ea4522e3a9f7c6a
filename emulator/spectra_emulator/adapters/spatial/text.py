"""Geometries as well-known text, read and written as Redshift does.

Source: "ST_GeomFromText", "ST_GeomFromEWKT", "ST_AsText", "ST_AsEWKT".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from spectra_emulator.adapters.spatial.binary import DEEPEST
from spectra_emulator.adapters.spatial.geometry import MEMBER, Coordinate, Geometry, Kind, SpatialError

MAX_TEXT_BYTES = 65535
DEFAULT_PRECISION = 15
MAX_PRECISION = 20
MAX_SRID = 2**31 - 1
_TOKEN = re.compile(r"\s*([A-Za-z]+|[(),]|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_SRID = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)
_AXES = {"Z": "XYZ", "M": "XYM", "ZM": "XYZM"}
_BY_WIDTH = {2: "XY", 3: "XYZ", 4: "XYZM"}
Item = TypeVar("Item")


class Parser:
    """Reads one geometry; `axes` is what the text says, or what its first coordinates tell."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.axes: str | None = None

    def peek(self) -> str:
        found = _TOKEN.match(self.text, self.place)
        return found[1].upper() if found else ""

    def next(self) -> str:
        found = _TOKEN.match(self.text, self.place)
        if found is None:
            raise self.refused()
        self.place = found.end()
        return found[1].upper()

    def refused(self) -> SpatialError:
        return SpatialError(f"the text is not the well-known text of a geometry: it goes wrong at {self.place + 1}")

    def expect(self, token: str) -> None:
        if self.peek() != token:
            raise self.refused()
        self.next()

    def taken(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self.next()
        return True

    def whole(self) -> Geometry:
        found = self.geometry(0)
        if self.text[self.place :].strip():
            raise self.refused()
        return found

    def geometry(self, depth: int) -> Geometry:
        kind = self.kind()
        if depth > DEEPEST:
            raise SpatialError(f"a geometry collection is nested at most {DEEPEST} deep")
        if self.taken("EMPTY"):
            return Geometry(kind, self.axes or "XY")
        if kind == Kind.POINT:
            self.expect("(")
            found = (self.coordinate(),)
            self.expect(")")
            return Geometry(kind, self.known_axes, 0, found)
        if kind == Kind.LINESTRING:
            return self.linestring()
        if kind == Kind.POLYGON:
            return self.polygon()
        readers = {Kind.MULTIPOINT: self.member_point, Kind.MULTILINESTRING: self.linestring}
        read = readers.get(kind, self.polygon if kind == Kind.MULTIPOLYGON else lambda: self.geometry(depth + 1))
        return Geometry(kind, members=self.items(read))

    def kind(self) -> Kind:
        """Read the subtype's name and its Z, M or ZM, set apart or not."""
        word = self.next()
        name = word if word in Kind.__members__ else word.rstrip("ZM")
        if name not in Kind.__members__ or word.removeprefix(name) not in {"", *_AXES}:
            raise self.refused()
        suffix = word.removeprefix(name) or (self.next() if self.peek() in _AXES else "")
        if suffix:
            self.settle(_AXES[suffix])
        return Kind[name]

    def settle(self, axes: str) -> None:
        if self.axes not in {None, axes}:
            raise SpatialError("all parts of a geometry have the same dimension")
        self.axes = axes

    @property
    def known_axes(self) -> str:
        return self.axes or "XY"

    def items(self, read: Callable[[], Item]) -> tuple[Item, ...]:
        self.expect("(")
        found = [read()]
        while self.taken(","):
            found.append(read())
        self.expect(")")
        return tuple(found)

    def coordinate(self) -> Coordinate:
        numbers = []
        while (token := self.peek()) and token not in {",", ")", "("}:
            numbers.append(self.number())
        if self.axes is None and len(numbers) in _BY_WIDTH:
            self.axes = _BY_WIDTH[len(numbers)]
        if self.axes is None or len(numbers) != len(self.axes):
            raise self.refused()
        return tuple(numbers)

    def number(self) -> float:
        try:
            return float(self.next())
        except ValueError:
            raise self.refused() from None

    def linestring(self) -> Geometry:
        if self.taken("EMPTY"):
            return Geometry(Kind.LINESTRING, self.known_axes)
        points = self.items(self.coordinate)
        return Geometry(Kind.LINESTRING, self.known_axes, 0, points)

    def polygon(self) -> Geometry:
        if self.taken("EMPTY"):
            return Geometry(Kind.POLYGON, self.known_axes)
        rings = self.items(lambda: self.items(self.coordinate))
        return Geometry(Kind.POLYGON, self.known_axes, rings=rings)

    def member_point(self) -> Geometry:
        if self.taken("EMPTY"):
            return Geometry(Kind.POINT, self.known_axes)
        if self.taken("("):
            found = self.coordinate()
            self.expect(")")
        else:
            found = self.coordinate()
        return Geometry(Kind.POINT, self.known_axes, 0, (found,))


def aligned(geometry: Geometry, axes: str) -> Geometry:
    """Give empty parts, read before the axes were known, those of the rest."""
    members = tuple(aligned(member, axes) for member in geometry.members)
    return Geometry(geometry.kind, axes, geometry.srid, geometry.points, geometry.rings, members)


def from_text(text: str, srid: int = 0) -> Geometry:
    """Return the geometry that well-known text describes.

    Raises: SpatialError.
    """
    parser = Parser(text)
    found = aligned(parser.whole(), parser.known_axes)
    return Geometry(found.kind, found.axes, srid, found.points, found.rings, found.members)


def from_extended_text(text: str, default_srid: int = 0) -> Geometry:
    """Return the geometry that well-known text describes, with the SRID that may stand before it.

    Raises: SpatialError.
    """
    named = _SRID.match(text)
    if named is None:
        return from_text(text, default_srid)
    if int(named[1]) > MAX_SRID:
        raise SpatialError(f"an SRID is at most {MAX_SRID}, not {named[1]}")
    return from_text(text[named.end() :], int(named[1]))


def checked_precision(precision: int) -> int:
    """Return a number of significant digits that coordinates may be written with.

    Raises: SpatialError.
    """
    if not 1 <= precision <= MAX_PRECISION:
        raise SpatialError(f"the precision of a geometry's text is 1 to {MAX_PRECISION}, not {precision}")
    return precision


def as_text(geometry: Geometry, precision: int = DEFAULT_PRECISION) -> str:
    """Return well-known text.

    Raises: SpatialError.
    """
    number = f"%.{checked_precision(precision)}g"
    return bounded(tagged(geometry, number))


def as_extended_text(geometry: Geometry, precision: int = DEFAULT_PRECISION) -> str:
    """Return well-known text after the SRID, where there is one.

    Raises: SpatialError.
    """
    text = as_text(geometry, precision)
    return bounded(f"SRID={geometry.srid};{text}" if geometry.srid else text)


def bounded(text: str) -> str:
    """Return a text that a VARCHAR holds.

    Raises: SpatialError.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise SpatialError(f"the text of the geometry has more than {MAX_TEXT_BYTES} bytes, the longest VARCHAR")
    return text


def tagged(geometry: Geometry, number: str) -> str:
    dimension = geometry.axes[2:]
    suffix = f" {dimension} " if dimension else ""
    body = content(geometry, number)
    return f"{geometry.kind.name}{suffix or (' ' if body == 'EMPTY' else '')}{body}"


def content(geometry: Geometry, number: str) -> str:
    if geometry.kind == Kind.GEOMETRYCOLLECTION:
        items = [tagged(member, number) for member in geometry.members]
    elif geometry.kind in MEMBER:
        items = [content(member, number) for member in geometry.members]
    elif geometry.kind == Kind.POLYGON:
        items = [row(ring, number) for ring in geometry.rings]
    else:
        return row(geometry.points, number)
    return f"({','.join(items)})" if items else "EMPTY"


def row(places: tuple[Coordinate, ...], number: str) -> str:
    if not places:
        return "EMPTY"
    form = " ".join([number] * len(places[0]))
    return "(" + ",".join(form % place for place in places) + ")"
