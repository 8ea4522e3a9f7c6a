"""The functions of Redshift that the translation covers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from spectra_emulator.sql.rewrites import aggregates, conditionals, dates, formats, json, numbers, strings, windows
from spectra_emulator.sql.rewrites.context import Function

TRANSLATED: Mapping[str, Function] = MappingProxyType(
    {
        **aggregates.FUNCTIONS,
        **windows.FUNCTIONS,
        **conditionals.FUNCTIONS,
        **strings.FUNCTIONS,
        **numbers.FUNCTIONS,
        **dates.FUNCTIONS,
        **formats.FUNCTIONS,
        **json.FUNCTIONS,
    }
)
"""By lower-case name, each with the rule for its result's type and its rewrite."""
