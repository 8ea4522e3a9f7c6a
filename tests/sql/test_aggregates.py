"""Aggregates and grouping sets."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, localcontext
from functools import cache

import duckdb
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


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        pytest.param("id", "w0", "w69 ", id="the order of another column"),
        pytest.param("id DESC", "w49 ", "w50", id="backwards"),
        pytest.param("word", "w0", "w9 ", id="its own order"),
    ],
)
def test_listagg_distinct_of_300_000_rows_is_answered(order: str, first: str, last: str) -> None:
    found = str(many_words().text(f"SELECT LISTAGG(DISTINCT word, ',') WITHIN GROUP (ORDER BY {order}) FROM many"))
    words = found.split(",")
    assert (words[0], words[-1], len(words)) == (first, last, 70)


def test_listagg_distinct_of_every_row_of_300_000_is_too_long() -> None:
    with pytest.raises(duckdb.Error, match="Result size exceeds LISTAGG limit"):
        many_words().text("SELECT LISTAGG(DISTINCT id) FROM many")


@cache
def many_words() -> Warehouse:
    """Return 300,000 rows of 70 words; the odd ones have a blank after them."""
    warehouse = Warehouse()
    warehouse.run("CREATE TABLE many (id INTEGER, word VARCHAR(9))")
    warehouse.connection.execute(
        "INSERT INTO public.many SELECT range, 'w' || range % 70 || repeat(' ', range % 70 % 2) FROM range(300_000)"
    )
    warehouse.connection.execute("SET memory_limit = '512MB'")
    return warehouse


def cut(dividend: object, divisor: object, like: object) -> str:
    with localcontext(prec=60):
        exact = Decimal(str(dividend)) / Decimal(str(divisor))
        return str(exact.quantize(Decimal(str(like)), rounding=ROUND_DOWN))
