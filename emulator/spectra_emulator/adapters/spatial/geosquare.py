"""Geosquares: places as numbers, each of whose digits divides a square of the map once more.

A number is read from its first 1 on: the half of the world, then for each division whether it is the southern and
whether it is the eastern half. Both halves of the world are squares of 180 degrees.

Source: "ST_GeoSquare", "ST_GeomFromGeoSquare", whose examples tell the numbers' form.
"""

from __future__ import annotations

from spectra_emulator.adapters.spatial.building import envelope
from spectra_emulator.adapters.spatial.geohash import WORLD
from spectra_emulator.adapters.spatial.geometry import Geometry, Kind, SpatialError, require_kind

DEEPEST = 32
BITS = 64
HALF = 180.0


def geosquare(geometry: Geometry, depth: int = DEEPEST) -> int:
    """Return the number of the square that a point lies in.

    Raises: SpatialError.
    """
    require_kind(geometry, "ST_GeoSquare", Kind.POINT)
    if not geometry.points:
        raise SpatialError("ST_GeoSquare of an empty point is not supported by the emulator")
    x, y = geometry.points[0][:2]
    if not all(low <= value <= high for value, (low, high) in zip((x, y), WORLD, strict=True)):
        raise SpatialError("ST_GeoSquare takes a longitude of -180 to 180 and a latitude of -90 to 90")
    checked = checked_depth("ST_GeoSquare", depth)
    west, south, side, number = (0.0 if x >= 0 else -HALF), -90.0, HALF, 2 + (x >= 0)
    for _ in range(checked - 1):
        side /= 2
        east, north = x >= west + side, y >= south + side
        west, south = west + side * east, south + side * north
        number = number * 4 + 2 * (not north) + east
    return number - 2**BITS if number >= 2 ** (BITS - 1) else number


def checked_depth(name: str, depth: int) -> int:
    """Return a number of divisions that there may be.

    Raises: SpatialError.
    """
    if not 1 <= depth <= DEEPEST:
        raise SpatialError(f"{name} takes a depth of 1 to {DEEPEST}, not {depth}")
    return depth


def from_geosquare(number: int, depth: int = DEEPEST) -> Geometry:
    """Return the square of a number, or the larger one of so many of its divisions.

    Raises: SpatialError.
    """
    digits = f"{number % 2**BITS:b}"
    if len(digits) % 2:
        raise SpatialError(f"{number} is no geosquare")
    west, south, side = (0.0 if digits[1] == "1" else -HALF), -90.0, HALF
    for place in range(2, min(len(digits), 2 * checked_depth("ST_GeomFromGeoSquare", depth)), 2):
        side /= 2
        west, south = west + side * (digits[place + 1] == "1"), south + side * (digits[place] == "0")
    return envelope(west, south, west + side, south + side)
