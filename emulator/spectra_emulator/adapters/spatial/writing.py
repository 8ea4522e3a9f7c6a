"""Geometries written as texts and bytes.

Source: the pages of "Spatial functions" under each function's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spectra_emulator.adapters.spatial.binary import encoded, plain
from spectra_emulator.adapters.spatial.geohash import geohash
from spectra_emulator.adapters.spatial.geojson import as_geojson
from spectra_emulator.adapters.spatial.geometry import Geometry
from spectra_emulator.adapters.spatial.text import as_extended_text, as_text, bounded


def hexadecimal(write: Callable[[Geometry], bytes]) -> Callable[[Geometry], str]:
    return lambda geometry: bounded(write(geometry).hex().upper())


OF_BOTH_TYPES: Mapping[str, Callable[..., Any]] = {
    "st_astext": as_text,
    "st_asewkt": as_extended_text,
    "st_asgeojson": as_geojson,
    "st_asbinary": plain,
    "st_asewkb": encoded,
    "st_ashexwkb": hexadecimal(plain),
    "st_ashexewkb": hexadecimal(encoded),
}
WITH_PRECISION = ("st_astext", "st_asewkt", "st_asgeojson")
ROWS: Mapping[str, Callable[..., Any]] = {
    **{f"{name}_g": write for name, write in OF_BOTH_TYPES.items()},
    **{f"{name}_gi": OF_BOTH_TYPES[name] for name in WITH_PRECISION},
    "st_geohash_g": geohash,
    "st_geohash_gi": geohash,
}
