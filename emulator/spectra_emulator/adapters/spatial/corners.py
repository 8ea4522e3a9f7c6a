"""Rings without the points that lie straight between their neighbours, as overlays leave them.

Source: the example of "ST_Union", whose result lacks such a point of an input.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from spectra_emulator.adapters.spatial.geometry import Coordinate, Geometry, atoms

TOLERANCE = 2.0**-50
"""Of the products that are compared: what their rounding may amount to."""
Ring = tuple[Coordinate, ...]


def cornered(overlay: Geometry, sources: Iterable[Geometry]) -> Geometry:
    """Drop straight points from the rings of an overlay that are no ring of its sources."""
    kept = {frozenset(ring) for source in sources for one in atoms(source) for ring in one.rings}
    return without_straight(overlay, kept)


def without_straight(geometry: Geometry, kept: set[frozenset[Coordinate]]) -> Geometry:
    rings = tuple(ring if frozenset(ring) in kept else corners(ring) for ring in geometry.rings)
    return replace(geometry, rings=rings, members=tuple(without_straight(one, kept) for one in geometry.members))


def corners(ring: Ring) -> Ring:
    """Return a ring's corners; its first point is one, since rings begin with their lexicographically first point."""
    found = [ring[0]]
    for place, following in pairwise(ring[1:]):
        if not is_straight(found[-1], place, following):
            found.append(place)
    return (*found, ring[-1])


def is_straight(start: Coordinate, middle: Coordinate, end: Coordinate) -> bool:
    left = (middle[0] - start[0]) * (end[1] - start[1])
    right = (middle[1] - start[1]) * (end[0] - start[0])
    return abs(left - right) <= TOLERANCE * (abs(left) + abs(right))
