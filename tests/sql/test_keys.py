"""Strings that differ in trailing blanks alone, where groups and rows are told apart."""

from __future__ import annotations

import pytest

from tests.sql.warehouse import Warehouse, sales


@pytest.fixture(scope="module")
def blanks() -> Warehouse:
    warehouse = Warehouse()
    warehouse.run(
        "CREATE TABLE t (id INT, v VARCHAR(9), c CHAR(5));"
        "INSERT INTO t VALUES (1, 'a', 'x'), (2, 'a ', 'x '), (3, NULL, NULL), (4, 'b ', 'y')"
    )
    return warehouse


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT v, COUNT(*) FROM t GROUP BY v ORDER BY v", [("a", 2), ("b ", 1), (None, 1)]),
        ("SELECT v, COUNT(v) FROM t GROUP BY CUBE (v) ORDER BY v, 2", [("a", 2), ("b ", 1), (None, 0), (None, 3)]),
        ("SELECT UPPER(v) AS u, SUM(id) FROM t GROUP BY u ORDER BY u", [("A", 3), ("B ", 4), (None, 3)]),
        ("SELECT v AS w, SUM(CASE WHEN w = 'a' THEN 1 END) FROM t WHERE id < 3 GROUP BY w", [("a", 2)]),
        ("SELECT COUNT(*) OVER (PARTITION BY v) FROM t WHERE id < 3 GROUP BY v", [(1,)]),
        ("SELECT DISTINCT v FROM t WHERE id > 2 ORDER BY v", [("b ",), (None,)]),
        ("SELECT v FROM t WHERE v IS NULL UNION SELECT NULL", [(None,)]),
        ("SELECT v FROM t EXCEPT SELECT 'a'::VARCHAR(3) ORDER BY v", [("b ",), (None,)]),
        ("SELECT v, id FROM t INTERSECT SELECT 'b'::VARCHAR(3), 4", [("b ", 4)]),
        ("SELECT id FROM t WHERE id < 3 ORDER BY v, id DESC", [(2,), (1,)]),
    ],
)
def test_strings_that_differ_in_blanks_are_one(blanks: Warehouse, sql: str, rows: list[tuple[object, ...]]) -> None:
    assert blanks.rows(sql) == rows


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT code, COUNT(*) FROM sales GROUP BY code",
        "SELECT TRIM(region) AS r, COUNT(*) FROM sales GROUP BY r",
        "SELECT CASE WHEN qty > 3 THEN 'many' ELSE 'few' END AS k, COUNT(*) FROM sales GROUP BY k",
        "SELECT DISTINCT year, code FROM sales",
        "SELECT year FROM sales UNION SELECT id FROM sales",
    ],
)
def test_what_has_no_trailing_blanks_is_not_trimmed(sql: str) -> None:
    assert "suffix(" not in sales().translation(sql).sql
