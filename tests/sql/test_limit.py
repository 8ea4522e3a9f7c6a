"""The server's cap on rows."""

from __future__ import annotations

import duckdb
import pytest
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.limit import Capped, capped

from tests.requirements import requirement

CAP = 10
RULES = SqlRules(allow_union=True)


def cap(sql: str) -> Capped:
    return capped(parse_read_only(sql, RULES), CAP)


def printed(sql: str) -> str:
    return cap(sql).query.sql("duckdb")


@requirement("QRY-40", "QRY-41", "QRY-44", "QRY-45", "QRY-46")
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM t", "SELECT a FROM t LIMIT 11"),
        ("SELECT a FROM t LIMIT 11", "SELECT a FROM t LIMIT 11"),
        ("SELECT a FROM t LIMIT 50 OFFSET 5", "SELECT a FROM t LIMIT 11 OFFSET 5"),
        ("SELECT a FROM t OFFSET 2 LIMIT 50", "SELECT a FROM t LIMIT 11 OFFSET 2"),
        ("SELECT a FROM t OFFSET 2", "SELECT a FROM t LIMIT 11 OFFSET 2"),
        ("SELECT a FROM t OFFSET 2 ROWS FETCH NEXT 50 ROWS ONLY", "SELECT a FROM t LIMIT 11 OFFSET 2"),
        ("SELECT a FROM t LIMIT ALL", "SELECT a FROM t LIMIT 11"),
        ("SELECT a FROM t LIMIT NULL", "SELECT a FROM t LIMIT 11"),
        ("SELECT TOP 50 a FROM t", "SELECT a FROM t LIMIT 11"),
        ("SELECT a FROM t -- LIMIT 3", "SELECT a FROM t LIMIT 11"),
        ("SELECT 'LIMIT 3' AS a FROM t", "SELECT 'LIMIT 3' AS a FROM t LIMIT 11"),
        ("SELECT * FROM (SELECT a FROM t LIMIT 3) AS s", "SELECT * FROM (SELECT a FROM t LIMIT 3) AS s LIMIT 11"),
        (
            "WITH x AS (SELECT a FROM t LIMIT 3) SELECT * FROM x",
            "WITH x AS (SELECT a FROM t LIMIT 3) SELECT * FROM x LIMIT 11",
        ),
        ("(SELECT a FROM t LIMIT 50)", "SELECT a FROM t LIMIT 11"),
        ("((SELECT a FROM t))", "SELECT a FROM t LIMIT 11"),
        ("(SELECT a FROM t LIMIT 5) LIMIT 50", "SELECT * FROM (SELECT a FROM t LIMIT 5) AS submitted LIMIT 11"),
        ("SELECT 1 UNION SELECT 2 LIMIT 50", "SELECT 1 UNION SELECT 2 LIMIT 11"),
        ("SELECT 1 UNION SELECT TOP 2 a FROM t", "SELECT 1 UNION (SELECT a FROM t LIMIT 2) LIMIT 11"),
        ("(SELECT 1 LIMIT 3) EXCEPT (SELECT 2)", "(SELECT 1 LIMIT 3) EXCEPT (SELECT 2) LIMIT 11"),
    ],
)
def test_a_limit_that_is_absent_or_too_high_becomes_one_more_than_the_cap(sql: str, expected: str) -> None:
    assert printed(sql) == expected


@requirement("QRY-42", "QRY-46", "QRY-47")
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM t LIMIT 10", "SELECT a FROM t LIMIT 10"),
        ("SELECT a FROM t LIMIT 0", "SELECT a FROM t LIMIT 0"),
        ("SELECT a FROM t LIMIT 3 OFFSET 2", "SELECT a FROM t LIMIT 3 OFFSET 2"),
        ("SELECT TOP 3 a FROM t", "SELECT a FROM t LIMIT 3"),
        ("SELECT TOP (3) DISTINCT a FROM t", "SELECT DISTINCT a FROM t LIMIT 3"),
        ("SELECT a FROM t FETCH FIRST 3 ROWS ONLY", "SELECT a FROM t LIMIT 3"),
        ("SELECT a FROM t FETCH FIRST ROW ONLY", "SELECT a FROM t LIMIT 1"),
        ("(SELECT a FROM t LIMIT 3)", "SELECT a FROM t LIMIT 3"),
        ("SELECT 1 UNION SELECT 2 LIMIT 3", "SELECT 1 UNION SELECT 2 LIMIT 3"),
    ],
)
def test_a_limit_within_the_cap_is_kept_and_nothing_needs_counting(sql: str, expected: str) -> None:
    assert printed(sql) == expected
    assert cap(sql).count_query is None


@requirement("QRY-24")
@pytest.mark.parametrize(
    ("sql", "counted"),
    [
        ("SELECT COUNT(*), SUM(a), MAX(b) FROM t", False),
        ("SELECT COUNT(*) + 1 AS n FROM t HAVING MAX(a) > 3", False),
        ("SELECT (SELECT COUNT(*) FROM t), a FROM t", True),
        ("SELECT SUM(a) OVER () FROM t", True),
        ("SELECT COUNT(*) FROM t GROUP BY b", True),
    ],
)
def test_a_query_that_gives_one_row_needs_no_counting(sql: str, counted: bool) -> None:
    assert (cap(sql).count_query is not None) == counted


@pytest.mark.parametrize(
    "clause", ["LIMIT 1 + 1", "LIMIT -1", "LIMIT 1.5", "LIMIT '5'", "LIMIT a", "LIMIT " + "9" * 30, "OFFSET 1 + 1"]
)
def test_a_limit_that_is_no_whole_number_is_refused_with_its_place(clause: str) -> None:
    sql = f"SELECT a FROM t {clause}"

    with pytest.raises(InvalidSql) as raised:
        cap(sql)

    assert raised.value.details["position"] in range(sql.index(clause) + 6, len(sql) + 1)


def test_the_submitted_tree_is_left_as_it_was() -> None:
    query = parse_read_only("SELECT a FROM t ORDER BY a LIMIT 50", RULES)
    before = query.copy()

    capped(query, CAP)

    assert query == before


@requirement("QRY-24")
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a, a, a + 1 FROM t WHERE b > 1 ORDER BY c", "SELECT COUNT(*) FROM t WHERE b > 1"),
        ("SELECT SUM(a) OVER (ORDER BY b) FROM t", "SELECT COUNT(*) FROM t"),
        ("WITH x AS (SELECT a FROM t) SELECT * FROM x", "WITH x AS (SELECT a FROM t) SELECT COUNT(*) FROM x"),
        ("SELECT a FROM t LIMIT ALL", "SELECT COUNT(*) FROM t"),
        ("SELECT a FROM t ORDER BY a LIMIT 50", "SELECT COUNT(*) FROM (SELECT a FROM t LIMIT 50) AS counted"),
        ("SELECT DISTINCT a FROM t ORDER BY a", "SELECT COUNT(*) FROM (SELECT DISTINCT a FROM t) AS counted"),
        (
            "(SELECT a FROM t LIMIT 50) OFFSET 3",
            "SELECT COUNT(*) FROM (SELECT * FROM (SELECT a FROM t LIMIT 50) AS submitted OFFSET 3) AS counted",
        ),
    ],
)
def test_counting_does_no_more_work_than_it_must(sql: str, expected: str) -> None:
    count_query = cap(sql).count_query

    assert count_query is not None
    assert count_query.sql("duckdb") == expected


@requirement("QRY-24", "QRY-43")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t",
        "SELECT a, a, a + 1, a + 1 FROM t WHERE a > 5 ORDER BY b DESC",
        "SELECT * FROM t JOIN t AS u ON t.b = u.b",
        "SELECT a FROM t LIMIT 50",
        "SELECT a FROM t LIMIT 5000",
        "SELECT a FROM t ORDER BY a LIMIT 50 OFFSET 80",
        "SELECT a FROM t OFFSET 95",
        "SELECT TOP 40 a FROM t ORDER BY b",
        "SELECT DISTINCT b, b FROM t ORDER BY 1",
        "SELECT b, COUNT(*) FROM t GROUP BY 1 HAVING COUNT(*) > 3 ORDER BY 2",
        "SELECT 1 FROM t ORDER BY SUM(a)",
        "SELECT 1 FROM t HAVING COUNT(*) > 1000",
        "SELECT SUM(a) OVER (PARTITION BY b), ROW_NUMBER() OVER (ORDER BY a) FROM t",
        "SELECT SUM(SUM(a)) OVER () FROM t GROUP BY b",
        "SELECT a FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY b ORDER BY a) = 1",
        "SELECT a * 2 AS double_a FROM t WHERE double_a > 50",
        "SELECT 1",
        "SELECT 1 WHERE FALSE",
        "SELECT a FROM t UNION ALL SELECT b FROM t ORDER BY 1",
        "SELECT a FROM t UNION ALL SELECT b FROM t LIMIT 150",
        "(SELECT a FROM t LIMIT 50) EXCEPT (SELECT b FROM t)",
        "WITH x AS (SELECT a FROM t LIMIT 70) SELECT * FROM x ORDER BY a",
        "SELECT (SELECT MAX(a) FROM t), b FROM t",
    ],
)
def test_the_count_is_that_of_the_query_as_it_was_written(sql: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT i AS a, i % 7 AS b FROM range(100) AS numbers (i)")
        written = parse_read_only(sql, RULES).sql("duckdb")
        count_query = cap(sql).count_query

        assert count_query is not None
        counted = connection.execute(count_query.sql("duckdb")).fetchall()

        assert counted == [(len(connection.execute(written).fetchall()),)]
