"""Aggregates and grouping sets."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, localcontext

import pytest

from tests.sql.warehouse import Warehouse, sales


@pytest.mark.parametrize(
    ("grouping", "rows"),
    [
        (
            "ROLLUP(year, qty)",
            [("2023", "3"), ("2023", "1"), ("2024", "4"), ("2024", "1"), ("2024", "None"), ("None", "3")],
        ),
        ("GROUPING SETS((year), ())", [("2023", "1"), ("2024", "1"), ("None", "3")]),
        ("year, CUBE(qty)", [("2023", "3"), ("2023", "1"), ("2024", "4"), ("2024", "1"), ("2024", "None")]),
    ],
)
def test_grouping_sets_are_all_answered(grouping: str, rows: list[tuple[str, str]]) -> None:
    assert len(sales().rows(f"SELECT year, COUNT(*) FROM sales GROUP BY {grouping}")) == len(rows)


def test_grouping_tells_the_columns_that_are_rolled_up() -> None:
    sql = "SELECT GROUPING(year, qty), GROUPING_ID(year), COUNT(*) FROM sales GROUP BY ROLLUP(year, qty) ORDER BY 1"
    assert sales().rows(sql) == [(0, 0, 1), (0, 0, 1), (0, 0, 1), (1, 0, 1), (1, 0, 2), (3, 1, 3)]


def test_a_sum_of_long_products_is_exact() -> None:
    warehouse = Warehouse()
    warehouse.run("CREATE TABLE t (a DECIMAL(12,2)); INSERT INTO t VALUES (9999999999.99), (1.00), (NULL)")
    assert warehouse.text("SELECT SUM(a * a) FROM t") == "99999999999800000001.0001"


@pytest.mark.parametrize(
    ("dividend", "divisor"), [("DECIMAL(12,2)", "DECIMAL(12,2)"), ("DECIMAL(18,6)", "DECIMAL(9,4)")]
)
def test_a_quotient_of_decimals_is_cut_at_its_scale(dividend: str, divisor: str) -> None:
    warehouse = Warehouse()
    warehouse.run(
        f"CREATE TABLE t (a {dividend}, b {divisor}); INSERT INTO t VALUES (2, 3), (-2, 3), (12345678.5, 0.07)"
    )
    rows = warehouse.rows("SELECT a, b, a / b FROM t")
    assert all(str(quotient) == cut(one, other, quotient) for one, other, quotient in rows)


def cut(dividend: object, divisor: object, like: object) -> str:
    with localcontext(prec=60):
        exact = Decimal(str(dividend)) / Decimal(str(divisor))
        return str(exact.quantize(Decimal(str(like)), rounding=ROUND_DOWN))
