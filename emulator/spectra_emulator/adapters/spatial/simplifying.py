"""Lines and rings with fewer points, by the algorithm of Ramer, Douglas and Peucker.

Source: "ST_Simplify".
"""

from __future__ import annotations

import math
from dataclasses import replace

from spectra_emulator.adapters.spatial.geometry import Coordinate, Geometry

FEWEST_IN_RING = 4
Path = tuple[Coordinate, ...]


def simplified(geometry: Geometry, tolerance: float) -> Geometry:
    """Drop the points that a straight line would pass within the tolerance, in the plane.

    A ring that comes down to less than a triangle goes, and with an outer one its polygon's inner ones.
    """
    rings = [fewer(ring, tolerance) for ring in geometry.rings]
    standing = tuple(ring for ring in rings if len(ring) >= FEWEST_IN_RING)
    return replace(
        geometry,
        points=fewer(geometry.points, tolerance),
        rings=standing if rings and rings[0] in standing else (),
        members=tuple(simplified(member, tolerance) for member in geometry.members),
    )


def fewer(path: Path, tolerance: float) -> Path:
    """Return the points that matter, the first and the last among them."""
    kept = {0, len(path) - 1}
    spans = [(0, len(path) - 1)]
    while spans:
        first, last = spans.pop()
        farthest, distance = farthest_between(path, first, last)
        if distance > max(tolerance, 0.0):
            kept.add(farthest)
            spans += [(first, farthest), (farthest, last)]
    return tuple(place for number, place in enumerate(path) if number in kept)


def farthest_between(path: Path, first: int, last: int) -> tuple[int, float]:
    """Return the point farthest from the line between two, and how far it is; -1 where there is none."""
    distances = ((distance_to(path[number], path[first], path[last]), -number) for number in range(first + 1, last))
    distance, number = max(distances, default=(-1.0, 1))
    return -number, distance


def distance_to(place: Coordinate, start: Coordinate, end: Coordinate) -> float:
    """Return how far a place is from the nearest point of the line between two others."""
    along, up = end[0] - start[0], end[1] - start[1]
    length = along * along + up * up
    share = ((place[0] - start[0]) * along + (place[1] - start[1]) * up) / length if length else 0.0
    share = min(max(share, 0.0), 1.0)
    return math.hypot(place[0] - start[0] - share * along, place[1] - start[1] - share * up)
