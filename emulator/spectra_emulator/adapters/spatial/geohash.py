"""Geohashes: places as characters, each of which halves the world five times.

Source: "ST_GeoHash", "ST_GeomFromGeoHash".
"""

from __future__ import annotations

from collections.abc import Iterator

from spectra_emulator.adapters.spatial.geometry import Geometry, Kind, SpatialError, line, point, polygon, require_kind

ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
BITS = 5
DEFAULT_PRECISION = 20
LONGEST = 64 * 1024 - 1
WORLD = ((-180.0, 180.0), (-90.0, 90.0))
"""Longitudes and latitudes."""


def geohash(geometry: Geometry, precision: int = DEFAULT_PRECISION) -> str | None:
    """Return the geohash of a point; an empty one has none.

    Raises: SpatialError.
    """
    require_kind(geometry, "ST_GeoHash", Kind.POINT)
    if not geometry.points:
        return None
    place = geometry.points[0][:2]
    if not all(low <= value <= high for value, (low, high) in zip(place, WORLD, strict=True)):
        raise SpatialError("ST_GeoHash takes a longitude of -180 to 180 and a latitude of -90 to 90")
    if not 1 <= precision <= LONGEST:
        raise SpatialError(f"ST_GeoHash takes a precision of 1 to {LONGEST}, not {precision}")
    bits = halvings(place)
    return "".join(ALPHABET[int("".join(str(next(bits)) for _ in range(BITS)), 2)] for _ in range(precision))


def halvings(place: tuple[float, ...]) -> Iterator[int]:
    """Yield in which half of what is left the place lies, by longitude and latitude in turn."""
    ranges = list(WORLD)
    while True:
        for axis, value in enumerate(place):
            low, high = ranges[axis]
            middle = (low + high) / 2
            upper = value >= middle
            ranges[axis] = (middle, high) if upper else (low, middle)
            yield int(upper)


def from_geohash(text: str, precision: int = -1) -> Geometry:
    """Return the cell that the first characters name: a box, or the point that it comes down to.

    Raises: SpatialError.
    """
    used = text if precision < 0 else text[:precision]
    ranges = list(WORLD)
    for number, bit in enumerate(bits_of(used)):
        low, high = ranges[number % 2]
        middle = (low + high) / 2
        ranges[number % 2] = (middle, high) if bit == "1" else (low, middle)
    (west, east), (south, north) = ranges
    if west == east and south == north:
        return point((west, south))
    if west == east or south == north:
        return line([(west, south), (east, north)])
    return polygon([[(west, south), (west, north), (east, north), (east, south), (west, south)]])


def bits_of(text: str) -> str:
    """Return a geohash's bits.

    Raises: SpatialError where a character stands for none.
    """
    unknown = next((one for one in text.lower() if one not in ALPHABET), None)
    if unknown is not None:
        raise SpatialError(f'"{unknown}" is no character of a geohash')
    return "".join(f"{ALPHABET.index(one):05b}" for one in text.lower())
