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


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ('SELECT REGION FROM Sales WHERE "ID" = 1', [("north",)]),
        ("SELECT public.sales.id FROM public.sales WHERE sales.id = 1", [(1,)]),
        ("SELECT id AS a, a + 1 AS b, b * 2 FROM sales WHERE id = 1", [(1, 2, 4)]),
        ("SELECT amount, qty AS amount, amount * 2 FROM sales WHERE id = 1", [(10, 3, 20)]),
        (
            "SELECT UPPER(region) AS region, COUNT(*) FROM sales GROUP BY region ORDER BY 2",
            [("SOUTH ", 1), ("NORTH", 2)],
        ),
        ("SELECT qty * -1 AS id FROM sales WHERE qty > 0 ORDER BY id", [(-4,), (-3,)]),
        ("WITH a (x, y) AS (SELECT id, qty FROM sales) SELECT y FROM a WHERE x = 2", [(4,)]),
        ("WITH sales AS (SELECT 7 AS id) SELECT id FROM sales", [(7,)]),
        ("SELECT a FROM (SELECT id AS a FROM sales) WHERE a = 3", [(3,)]),
        ("SELECT t.n FROM (SELECT id FROM sales) AS t (n) WHERE t.n = 1", [(1,)]),
        ("SELECT id FROM sales JOIN (SELECT 1 AS id) x USING (id)", [(1,)]),
        ("SELECT * FROM (SELECT 1 AS a) x FULL JOIN (SELECT 2 AS a) y USING (a) ORDER BY a", [(1,), (2,)]),
        ("SELECT s.id FROM sales s WHERE EXISTS (SELECT 1 FROM orders WHERE sale_id = s.id) ORDER BY 1", [(1,), (2,)]),
        ("SELECT o.*, s.id FROM orders o JOIN sales s ON s.id = o.sale_id WHERE s.id = 1", [(1, 1, 7.5, 1)]),
        ("SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC) AS n FROM sales QUALIFY n = 1", [(3, 1)]),
        ("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT SUM(i) FROM n", [(10,)]),
        ("SELECT doubled FROM big_sales ORDER BY 1", [(20,), (41,)]),
    ],
)
def test_a_name_finds_its_column(sql: str, rows: list[tuple[object, ...]]) -> None:
    assert sales().rows(sql) == rows


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
