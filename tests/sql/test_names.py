"""What the names of a query stand for."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.requirements import requirement
from tests.sql.warehouse import sales


@requirement("QRY-60")
@pytest.mark.parametrize(
    ("sql", "message", "details"),
    [
        (
            "SELECT * FROM salez",
            'relation "salez" does not exist',
            {"position": 15, "hint": "Perhaps you meant sales.", "sql_state": "42P01"},
        ),
        (
            "SELECT regoin FROM sales",
            'column "regoin" does not exist',
            {"position": 8, "hint": "Perhaps you meant region.", "sql_state": "42703"},
        ),
        ("SELECT x.id FROM sales", 'relation "x" does not exist', {"position": 8, "sql_state": "42P01"}),
        ("SELECT id FROM other.sales", 'relation "other.sales" does not exist', {"sql_state": "42P01"}),
        (
            "SELECT id FROM sales JOIN orders ON TRUE",
            'column reference "id" is ambiguous',
            {"position": 8, "sql_state": "42702"},
        ),
        ("SELECT 1 FROM sales a, orders a", 'table name "a" specified more than once', {"sql_state": "42712"}),
        ("SELECT id FROM sales ORDER BY 2", "position 2 is not in select list", {"sql_state": "42P10"}),
        ("SELECT COUNT(*) AS c FROM sales WHERE c > 1", 'column "c" does not exist', {"position": 39}),
    ],
)
def test_a_name_that_stands_for_nothing_is_named(sql: str, message: str, details: dict[str, object]) -> None:
    with pytest.raises(InvalidSql) as caught:
        sales().translation(sql)
    assert caught.value.message == message
    assert details.items() <= caught.value.details.items()


@requirement("QRY-21")
@pytest.mark.parametrize(
    ("items", "names"),
    [
        ("region, UPPER(region), amount AS Total", ["region", "upper", "total"]),
        ("COUNT(*), SUM(qty), 1 + 1, 'a'", ["count", "sum", "?column?", "?column?"]),
        ("NVL(qty, 0), LOG(100), EXTRACT(year FROM day)", ["coalesce", "dlog10", "date_part"]),
        ("CASE WHEN paid THEN 1 END, 5::BOOL, qty::BIGINT", ["case", "bool", "qty"]),
        ("DATEDIFF(day, day, day), TRIM(region), CAST(2008 AS CHAR(4))", ["date_diff", "btrim", "bpchar"]),
        ("SUM(qty) OVER (PARTITION BY year), (id)", ["sum", "id"]),
        ("id, id", ["id", "id"]),
    ],
)
def test_a_column_is_called_what_redshift_calls_it(items: str, names: list[str]) -> None:
    translation = sales().translation(f"SELECT {items} FROM sales GROUP BY region, amount, qty, day, paid, year, id")
    assert [column.name for column in translation.columns] == names


def test_navigation_into_what_is_no_super_is_refused_by_name() -> None:
    with pytest.raises(InvalidSql, match="navigation into a column of type integer, which is no SUPER"):
        sales().translation("SELECT t.data.price FROM (SELECT 1 AS data) AS t")


@requirement("SQL-13")
def test_stars_within_stars_do_not_multiply_beyond_the_widest_select_list() -> None:
    stars = ", ".join(["*"] * 200)
    with pytest.raises(InvalidSql, match="at most 1664 entries"):
        sales().translation(f"SELECT 1 FROM (SELECT {stars} FROM (SELECT {stars} FROM sales) AS a) AS b")
