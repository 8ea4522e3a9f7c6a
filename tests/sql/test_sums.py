"""Sums and means beyond what their types hold."""

from __future__ import annotations

import duckdb
import pytest

from tests.sql.warehouse import Warehouse


def test_a_sum_of_products_too_long_is_an_error() -> None:
    warehouse = Warehouse()
    warehouse.run(f"CREATE TABLE t (a DECIMAL(37,0)); INSERT INTO t VALUES ({'9' * 37}), (1)")
    with pytest.raises(duckdb.Error, match=r"value out of range: overflow|[Oo]verflow"):
        warehouse.rows("SELECT SUM(a * 9 + a * 9) FROM t")


@pytest.mark.parametrize("kind", ["DECIMAL(18,2)", "DECIMAL(26,4)", "BIGINT"])
def test_a_sum_that_cannot_overflow_is_not_watched(kind: str) -> None:
    warehouse = Warehouse()
    warehouse.run(f"CREATE TABLE t (a {kind})")
    assert "error(" not in warehouse.translation("SELECT SUM(a) FROM t").sql
