"""Texts that give the same answer sooner, and fail where they would give another."""

from __future__ import annotations

import duckdb
import pytest

from tests.sql.warehouse import Warehouse

QUERIES = (
    "SELECT SUM(price * (1 - discount)) FROM line",
    "SELECT SUM(CASE WHEN discount > 0 THEN price * discount ELSE 0 END) FROM line",
    "SELECT AVG(price), AVG(number) FROM line",
    "SELECT AVG(price) OVER (PARTITION BY number) FROM line ORDER BY 1",
    "SELECT price / discount FROM line ORDER BY 1",
    "SELECT SUM(ROUND(price * discount, 2)) FROM line",
)


def lines(price: str = "7.10") -> Warehouse:
    warehouse = Warehouse()
    warehouse.run(
        "CREATE TABLE line (number INT, price DECIMAL(18,2), discount DECIMAL(12,2));"
        f"INSERT INTO line VALUES (1, {price}, 0.06), (1, 3.33, 0.07), (2, -1.00, 0.03), (2, NULL, 0.01)"
    )
    return warehouse


@pytest.mark.parametrize("sql", QUERIES)
def test_a_shortcut_gives_the_same_answer(sql: str) -> None:
    warehouse = lines()
    translation = warehouse.translation(sql)
    assert translation.quick_sql is not None
    assert warehouse.connection.execute(translation.quick_sql).fetchall() == warehouse.rows(sql)


@pytest.mark.parametrize("sql", [one for one in QUERIES if "*" in one or "AVG" in one])
def test_a_shortcut_fails_where_64_bits_do_not_hold_a_value(sql: str) -> None:
    warehouse = lines("9999999999999999.99")
    translation = warehouse.translation(sql)
    assert translation.quick_sql is not None
    with pytest.raises((duckdb.OutOfRangeException, duckdb.ConversionException)):
        warehouse.connection.execute(translation.quick_sql).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT number + 1 FROM line", id="nothing to shorten"),
        pytest.param("SELECT TRY_CAST(price / discount AS INT) FROM line", id="within a TRY, which hides failures"),
    ],
)
def test_a_query_without_a_shortcut_has_one_text(sql: str) -> None:
    assert lines().translation(sql).quick_sql is None
