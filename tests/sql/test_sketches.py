"""HyperLogLog by exact counts."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import Warehouse, sales


def test_sketches_are_kept_in_tables_and_combined() -> None:
    warehouse = Warehouse()
    warehouse.run(SKETCHES)
    assert warehouse.row("SELECT HLL_CARDINALITY(HLL_COMBINE(seen)), COUNT(*) FROM sketches") == (3, 2)


def test_a_sketch_itself_is_refused() -> None:
    with pytest.raises(InvalidSql, match="HLLSKETCH"):
        sales().translation("SELECT HLL_CREATE_SKETCH(year) FROM sales")


SKETCHES = """
    CREATE TABLE visits (day INT, visitor INT);
    INSERT INTO visits VALUES (1, 10), (1, 11), (2, 11), (2, 12), (2, NULL);
    CREATE TABLE sketches (seen HLLSKETCH);
    INSERT INTO sketches SELECT HLL_CREATE_SKETCH(visitor) FROM visits GROUP BY day
"""
