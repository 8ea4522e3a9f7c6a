"""Tables that a query fills: what the engine keeps of a materialized view."""

from __future__ import annotations

from spectra_emulator.domain.catalogue import Table

FILLED_BY = "\nFILLED BY "
"""Stands in a table's comment before the text that fills it again."""


def is_materialized(table: Table) -> bool:
    return FILLED_BY in table.comment
