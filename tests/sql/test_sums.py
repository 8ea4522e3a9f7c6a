"""Sums and means beyond what their types hold."""

from __future__ import annotations

import duckdb
import pytest

from tests.sql.warehouse import Warehouse, sales

NINES = "9" * 36 + ".99"


def values(kind: str, *numbers: str) -> str:
    return " UNION ALL ".join(f"SELECT CAST('{number}' AS {kind}) AS x" for number in numbers)


BEYOND = [
    ("SUM(x)", "DECIMAL(38,2)", (NINES, NINES)),
    ("SUM(x)", "DECIMAL(38,2)", (f"-{NINES}", f"-{NINES}")),
    ("SUM(x)", "DECIMAL(38,0)", ("9" * 38, "1")),
    ("SUM(x)", "DECIMAL(38,38)", ("0." + "9" * 38, "0." + "9" * 38)),
    ("SUM(DISTINCT x)", "DECIMAL(38,0)", ("9" * 38, "8" * 38)),
    ("AVG(x)", "DECIMAL(38,2)", (NINES, NINES)),
    ("SUM(x) OVER ()", "DECIMAL(38,2)", (NINES, NINES)),
    ("AVG(x) OVER ()", "DECIMAL(38,0)", ("9" * 38, "1")),
    ("SUM(x)", "DOUBLE PRECISION", ("1e308", "1e308")),
    ("AVG(x)", "DOUBLE PRECISION", ("-1e308", "-1e308")),
    ("SUM(x) OVER ()", "DOUBLE PRECISION", ("1e308", "1e308")),
]


@pytest.mark.parametrize(("expression", "kind", "numbers"), BEYOND, ids=[f"{one[0]} {one[1]}" for one in BEYOND])
def test_a_sum_beyond_its_type_is_an_error(expression: str, kind: str, numbers: tuple[str, ...]) -> None:
    with pytest.raises(duckdb.Error, match=r"value out of range: overflow|Overflow in"):
        sales().rows(f"SELECT {expression} FROM ({values(kind, *numbers)}) t")


@pytest.mark.parametrize(
    ("expression", "numbers", "text"),
    [
        ("SUM(x)", ("9" * 38,), "9" * 38),
        ("SUM(x)", ("9" * 38, "1", "-1"), "9" * 38),
        ("SUM(x)", (f"-{'9' * 38}", "9" * 37), "-9" + "0" * 37),
        ("SUM(DISTINCT x)", ("4" * 38, "4" * 38, "5" * 38), "9" * 38),
        ("AVG(x)", ("9" * 38,), "9" * 38),
        ("SUM(x) OVER ()", ("9" * 38,), "9" * 38),
    ],
)
def test_a_sum_of_38_digits_is_exact(expression: str, numbers: tuple[str, ...], text: str) -> None:
    assert sales().text(f"SELECT {expression} FROM ({values('DECIMAL(38,0)', *numbers)}) t") == text


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
