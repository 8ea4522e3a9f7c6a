"""What may stand beside GROUP BY, aggregates and DISTINCT."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales


def test_an_ungrouped_column_is_pointed_at() -> None:
    with pytest.raises(InvalidSql) as caught:
        sales().translation("SELECT COUNT(*), region FROM sales")
    assert caught.value.details["position"] == 18


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT region, COUNT(*) FROM sales GROUP BY sales.region",
        "SELECT UPPER(region) AS r, LEN(r) FROM sales GROUP BY 1 ORDER BY UPPER(region)",
        "SELECT amount * 2 + 1 FROM sales GROUP BY (amount * 2)",
        "SELECT SUM(SUM(qty)) OVER (ORDER BY COUNT(*) ROWS UNBOUNDED PRECEDING) FROM sales GROUP BY year",
        "SELECT year, qty, GROUPING(year) FROM sales GROUP BY ROLLUP(year, qty)",
        "SELECT id, total FROM sales JOIN orders USING (id) GROUP BY id, total",
        "SELECT s.id FROM sales s WHERE s.amount > (SELECT s.amount / 2 + AVG(o.total) * 0 FROM orders o)",
        "SELECT (SELECT MAX(total) FROM orders), COUNT(*) FROM sales",
        "SELECT x.y + 1 FROM (SELECT year AS y, COUNT(*) AS n FROM sales GROUP BY y) x GROUP BY x.y",
        "SELECT COUNT(*), 'a' || 'b' FROM sales HAVING COUNT(*) > 1",
        "SELECT DISTINCT region AS place, amount * 2 FROM sales ORDER BY sales.region, amount * 2, place, 1",
        "SELECT year, LAG(SUM(qty) IGNORE NULLS) OVER (ORDER BY year) FROM sales GROUP BY year",
        "SELECT year, LAG(SUM(qty)) IGNORE NULLS OVER (ORDER BY year) FROM sales GROUP BY year",
        "SELECT LISTAGG(region) WITHIN GROUP (ORDER BY id) FROM sales",
        "SELECT id, LISTAGG(region) WITHIN GROUP (ORDER BY id) OVER (PARTITION BY year) FROM sales",
    ],
)
def test_what_goes_together_is_answered(sql: str) -> None:
    assert sales().rows(sql)


def test_aliases_of_aliases_are_looked_at_once() -> None:
    doubled = ", ".join(f"a{one} + a{one} AS a{one + 1}" for one in range(60))
    with pytest.raises(InvalidSql, match=r"must appear in the GROUP BY clause|too complex"):
        sales().translation(f"SELECT qty AS a0, {doubled} FROM sales GROUP BY year")
