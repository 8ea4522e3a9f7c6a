"""The functions of Redshift that the translation covers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from spectra_emulator.sql.rewrites import (
    aggregates,
    arrays,
    collations,
    conditionals,
    date_comparisons,
    date_parts,
    dates,
    formats,
    hashes,
    intervals,
    json,
    mask_reading,
    numbers,
    numeric_formats,
    patterns,
    percentiles,
    privileges,
    session,
    sketches,
    spatial,
    spellings,
    strings,
    teradata_formats,
    time_zones,
    varbyte,
    windows,
)
from spectra_emulator.sql.rewrites import (
    super as super_values,
)
from spectra_emulator.sql.rewrites.context import Function

TRANSLATED: Mapping[str, Function] = MappingProxyType(
    {
        **aggregates.FUNCTIONS,
        **percentiles.FUNCTIONS,
        **sketches.FUNCTIONS,
        **windows.FUNCTIONS,
        **conditionals.FUNCTIONS,
        **strings.FUNCTIONS,
        **collations.FUNCTIONS,
        **spellings.FUNCTIONS,
        **numbers.FUNCTIONS,
        **dates.FUNCTIONS,
        **date_parts.FUNCTIONS,
        **date_comparisons.FUNCTIONS,
        **intervals.FUNCTIONS,
        **time_zones.FUNCTIONS,
        **formats.FUNCTIONS,
        **mask_reading.FUNCTIONS,
        **numeric_formats.FUNCTIONS,
        **teradata_formats.FUNCTIONS,
        **json.FUNCTIONS,
        **super_values.FUNCTIONS,
        **arrays.FUNCTIONS,
        **patterns.FUNCTIONS,
        **hashes.FUNCTIONS,
        **varbyte.FUNCTIONS,
        **session.FUNCTIONS,
        **privileges.FUNCTIONS,
        **spatial.FUNCTIONS,
    }
)
"""By lower-case name, each with the rule for its result's type and its rewrite."""
