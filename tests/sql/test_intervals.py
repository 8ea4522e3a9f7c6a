"""Intervals and what is computed with them."""

from __future__ import annotations

from tests.sql.warehouse import Warehouse


def test_an_interval_column_holds_intervals() -> None:
    warehouse = Warehouse()
    warehouse.run("CREATE TABLE spans (span INTERVAL DAY TO SECOND); INSERT INTO spans VALUES (INTERVAL '5' HOUR)")
    assert warehouse.text("SELECT span FROM spans") == "05:00:00"
