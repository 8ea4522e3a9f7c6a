"""Aggregates and grouping sets."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, localcontext

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import Warehouse, sales

AGGREGATES = [
    ("MEDIAN(qty)", "3.5", "DECIMAL"),
    ("MEDIAN(day)", "2024-02-14", "DATE"),
    ("MEDIAN(ratio)", "2.0", "DOUBLE PRECISION"),
    ("PERCENTILE_CONT(0.6) WITHIN GROUP (ORDER BY qty)", "3.6", "DECIMAL"),
    ("PERCENTILE_CONT(0.6) WITHIN GROUP (ORDER BY qty DESC)", "3.4", "DECIMAL"),
    ("PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY amount)", "10.00", "DECIMAL"),
    ("APPROXIMATE PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY amount)", "10.00", "DECIMAL"),
    ("APPROXIMATE COUNT(DISTINCT year)", "2", "BIGINT"),
    ("BIT_AND(qty)", "0", "INTEGER"),
    ("BIT_OR(id)", "3", "BIGINT"),
    ("LISTAGG(DISTINCT year, ',') WITHIN GROUP (ORDER BY year DESC)", "2024,2023", "VARCHAR"),
    ("AVG(amount * amount)", "182.6041", "DECIMAL"),
]


@pytest.mark.parametrize(("expression", "text", "kind"), AGGREGATES, ids=[one[0] for one in AGGREGATES])
def test_an_aggregate_has_redshifts_value_and_type(expression: str, text: str, kind: str) -> None:
    sql = f"SELECT {expression} FROM sales"
    assert (sales().text(sql), sales().translation(sql).columns[0].type) == (text, kind)


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


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("MEDIAN(region)", "does not exist"),
        ("BIT_AND(amount)", "does not exist"),
        ("PERCENTILE_CONT(2) WITHIN GROUP (ORDER BY qty)", "between 0 and 1"),
        ("PERCENTILE_CONT(0.5)", "WITHIN GROUP"),
    ],
)
def test_an_aggregate_refuses_what_redshift_does(expression: str, message: str) -> None:
    with pytest.raises(InvalidSql, match=message):
        sales().translation(f"SELECT {expression} FROM sales")
