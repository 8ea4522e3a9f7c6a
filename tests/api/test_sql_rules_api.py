from __future__ import annotations

from typing import Any

import pytest

from tests.credentials import query_as
from tests.emulator import Emulator, Emulators
from tests.requirements import requirement

EMPTY_TENANT = "sql-rules"
BLOCKED = {
    "create": "CREATE TABLE x (a INTEGER)",
    "create-as": "CREATE TABLE x AS SELECT 1 AS a",
    "alter": "ALTER TABLE sales ADD COLUMN x INTEGER",
    "drop": "DROP TABLE sales",
    "drop-lower-case": "drop\n table sales",
    "truncate": "TRUNCATE sales",
    "insert": "INSERT INTO sales (id) VALUES (1)",
    "update": "UPDATE sales SET region = 'X'",
    "delete": "DELETE FROM sales",
    "merge": "MERGE INTO sales USING orders ON sales.id = orders.order_id WHEN MATCHED THEN DELETE",
    "grant": "GRANT SELECT ON sales TO PUBLIC",
    "revoke": "REVOKE SELECT ON sales FROM PUBLIC",
    "vacuum": "VACUUM sales",
    "analyze": "ANALYZE sales",
    "copy": "COPY sales FROM 's3://bucket/key' IAM_ROLE DEFAULT",
    "unload": "UNLOAD ('SELECT 1') TO 's3://bucket/key' IAM_ROLE DEFAULT",
    "call": "CALL procedure_of_mine()",
    "execute": "EXECUTE prepared_of_mine",
    "prepare": "PREPARE p AS SELECT 1",
    "explain": "EXPLAIN SELECT 1",
    "show": "SHOW TABLES",
    "set": "SET timezone TO 'UTC'",
    "begin": "BEGIN",
    "commit": "COMMIT",
    "values": "VALUES (1)",
    "declare": "DECLARE c CURSOR FOR SELECT 1",
    "lock": "LOCK sales",
    "two-statements": "SELECT 1 AS a; SELECT 2 AS b",
    "hidden-second-statement": "SELECT 1 AS a; DROP TABLE sales",
    "deleting-cte": "WITH gone AS (DELETE FROM sales RETURNING id) SELECT * FROM gone",
    "cte-before-delete": "WITH few AS (SELECT 1 AS id) DELETE FROM sales USING few WHERE sales.id = few.id",
    "select-into": "SELECT * INTO stolen FROM sales",
    "block-comment": "SELECT 1 AS a /* hidden */",
    "dangling-comment": "SELECT 1 AS a --",
    "union": "SELECT 1 AS a UNION SELECT 2",
    "union-all": "SELECT 1 AS a UNION ALL SELECT 2",
    "information-schema": "SELECT * FROM information_schema.tables",
    "pg-catalog": "SELECT * FROM pg_catalog.pg_class",
    "pg-prefix": "SELECT * FROM pg_class",
    "stl-prefix": "SELECT * FROM stl_query",
    "stv-prefix": "SELECT * FROM stv_sessions",
    "svl-prefix": "SELECT * FROM svl_qlog",
    "svv-prefix": "SELECT * FROM svv_tables",
    "sys-prefix": "SELECT * FROM sys_query_history",
    "quoted-system-table": 'SELECT * FROM "pg_class"',
    "read-file": "SELECT pg_read_file('/etc/passwd')",
    "terminate": "SELECT pg_terminate_backend(1)",
    "current-setting": "SELECT current_setting('x')",
    "set-config": "SELECT set_config('x', 'y', FALSE)",
    "sleep": "SELECT pg_sleep(30)",
    "hex-literal": "SELECT 0x41 AS a",
}
"""What every level but `permissive` refuses as a pattern."""

RUNS = {
    "update-in-a-literal": "SELECT 'please update me' AS v",
    "drop-in-a-literal": "SELECT 'DROP TABLE sales; --' AS v",
    "system-name-in-a-literal": "SELECT 'pg_catalog' AS v",
    "hex-in-a-literal": "SELECT '0x41' AS v",
    "comment-in-a-literal": "SELECT '/* -- */' AS v",
    "semicolon-in-a-literal": "SELECT 'a;b' AS v",
    "quote-before-and": "SELECT region AS v FROM sales WHERE region = 'x' AND id = 1",
    "quote-before-or": "SELECT region AS v FROM sales WHERE region = 'x' OR id = 1",
    "cast-to-char": "SELECT CAST('abc' AS CHAR(3)) AS v",
    "column-named-truncated": "SELECT 1 AS truncated",
    "column-that-holds-update": "SELECT 1 AS updated_at",
    "line-comment": "SELECT 1 AS v -- a note",
    "leading-comment": "-- a note\nSELECT 1 AS v",
    "cte": "WITH a AS (SELECT 1 AS v) SELECT v FROM a",
    "nested": "SELECT v FROM (SELECT v FROM (SELECT 1 AS v) AS a) AS b",
    "intersect": "SELECT 1 AS v INTERSECT SELECT 1",
    "except": "SELECT 1 AS v EXCEPT SELECT 2",
    "parenthesised": "(SELECT 1 AS v)",
    "lower-case": "select 1 as v",
}
SYSTEM_SETTING = "sql_security_level=permissive"


@pytest.fixture(scope="module")
def permissive(emulators: Emulators) -> Emulator:
    return emulators.start("--rate-limits", "off", "--sql-security-level", "permissive", "--sql-allow-union")


@pytest.fixture(scope="module")
def strict(emulators: Emulators) -> Emulator:
    return emulators.start("--rate-limits", "off", "--sql-security-level", "strict")


def run(server: Emulator, sql: str) -> tuple[int, dict[str, Any]]:
    """Run it for a tenant whose tables are empty; return the status and the error, if any."""
    answer = query_as(server, EMPTY_TENANT, sql)
    return answer.status, answer.json.get("error", {})


@requirement(
    "SQL-19",
    "SQL-01",
    "SQL-02",
    "SQL-03",
    "SQL-04",
    "SQL-05",
    "SQL-06",
    "SQL-07",
    "SQL-08",
    "SQL-09",
    "SQL-10",
    "SQL-15",
)
@pytest.mark.parametrize("sql", BLOCKED.values(), ids=BLOCKED)
def test_what_is_no_plain_read_is_blocked(server: Emulator, sql: str) -> None:
    status, error = run(server, sql)

    assert (status, error["code"]) == (400, "SQL_BLOCKED")
    assert error["details"]["pattern"]
    assert error["details"]["reason"]


@requirement("SQL-01", "SQL-07", "SQL-08", "SQL-11", "SQL-12")
@pytest.mark.parametrize("sql", RUNS.values(), ids=RUNS)
def test_what_only_looks_forbidden_runs(server: Emulator, sql: str) -> None:
    assert run(server, sql) == (200, {})


@requirement("SQL-02", "SQL-03", "SQL-06")
def test_refused_statements_changed_nothing(server: Emulator) -> None:
    for sql in BLOCKED.values():
        server.query(sql)

    assert server.query("SELECT COUNT(*) AS n FROM sales WHERE region <> 'X'").json["data"] == [{"n": 259_200}]


@requirement("SQL-02", "SQL-03", "SQL-04")
@pytest.mark.parametrize(
    ("sql", "pattern"),
    [
        ("DROP TABLE sales", "DROP TABLE"),
        ("CREATE TABLE x (a INTEGER)", "CREATE TABLE"),
        ("INSERT INTO sales (id) VALUES (1)", "INSERT INTO"),
        ("DELETE FROM sales", "DELETE FROM"),
        ("UPDATE sales SET id = 1", "UPDATE"),
        ("TRUNCATE sales", "TRUNCATE"),
        ("COPY sales FROM 's3://bucket/key' IAM_ROLE DEFAULT", "COPY"),
    ],
)
def test_the_pattern_names_the_statement(server: Emulator, sql: str, pattern: str) -> None:
    assert run(server, sql)[1]["details"]["pattern"] == pattern


@requirement("SQL-11")
def test_a_delay_function_does_not_delay(server: Emulator) -> None:
    status, error = run(server, "SELECT pg_sleep(3600)")

    assert (status, error["details"]["pattern"]) == (400, "pg_sleep")


@requirement("SQL-16")
@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("DROP TABLE sales", "FORBIDDEN_STATEMENT"),
        ("SELECT 1 AS a UNION SELECT 2", "FORBIDDEN_PATTERN"),
        ("SELECT * FROM pg_class", "FORBIDDEN_OBJECT"),
        ("SELECT current_setting('x')", "FORBIDDEN_FUNCTION"),
    ],
)
def test_the_rule_stands_in_the_details(server: Emulator, sql: str, rule: str) -> None:
    assert run(server, sql)[1]["details"]["rule"] == rule


@requirement("SQL-08", "SQL-09")
@pytest.mark.parametrize(
    ("sql", "setting"),
    [
        ("SELECT 1 AS a UNION SELECT 2", "sql_allow_union"),
        ("SELECT * FROM information_schema.tables", SYSTEM_SETTING),
        ("SELECT 1 AS a /* hidden */", SYSTEM_SETTING),
    ],
)
def test_a_refusal_names_the_setting_that_would_allow_it(server: Emulator, sql: str, setting: str) -> None:
    assert setting in run(server, sql)[1]["details"]["reason"]


@requirement("SQL-13", "SQL-17")
@pytest.mark.parametrize(
    ("sql", "details"),
    [
        (
            "SELECT 1 AS a FROM customers c0 " + " ".join(f"JOIN customers c{n} ON TRUE" for n in range(1, 12)),
            {"limit": 10, "actual": 11, "rule": "TOO_MANY_JOINS"},
        ),
        (
            "SELECT " + ", ".join(f"(SELECT {n}) AS c{n}" for n in range(6)),
            {"limit": 5, "actual": 6, "rule": "TOO_MANY_SUBQUERIES"},
        ),
    ],
    ids=["joins", "subqueries"],
)
def test_too_complex_a_statement_is_invalid_with_both_numbers(
    server: Emulator, sql: str, details: dict[str, Any]
) -> None:
    status, error = run(server, sql)

    assert (status, error["code"]) == (400, "INVALID_SQL")
    assert error["details"].items() >= details.items()


@requirement("SQL-13")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS a FROM customers c0 " + " ".join(f"JOIN customers c{n} ON TRUE" for n in range(1, 11)),
        "SELECT " + ", ".join(f"(SELECT {n}) AS c{n}" for n in range(5)),
    ],
    ids=["joins", "subqueries"],
)
def test_as_complex_a_statement_as_allowed_runs(server: Emulator, sql: str) -> None:
    assert run(server, sql) == (200, {})


@requirement("SQL-08")
@pytest.mark.parametrize("sql", ["SELECT 1 AS a UNION SELECT 1", "SELECT 1 AS a UNION (SELECT 1)"])
def test_a_union_runs_where_it_is_allowed(permissive: Emulator, sql: str) -> None:
    assert query_as(permissive, EMPTY_TENANT, sql).json["data"] == [{"a": 1}]


@requirement("SQL-07", "SQL-14")
def test_the_permissive_level_takes_block_comments(permissive: Emulator) -> None:
    assert run(permissive, "SELECT /* a note */ 1 AS a") == (200, {})


@requirement("SQL-02", "SQL-03", "SQL-05", "SQL-06", "SQL-10", "SQL-14")
@pytest.mark.parametrize("name", ["drop", "insert", "two-statements", "deleting-cte", "select-into", "set-config"])
def test_the_permissive_level_still_only_reads(permissive: Emulator, name: str) -> None:
    assert run(permissive, BLOCKED[name])[0] == 400


@requirement("SQL-14")
@pytest.mark.parametrize("name", ["cte", "nested"])
def test_the_strict_level_takes_no_subquery_and_no_cte(strict: Emulator, name: str) -> None:
    status, error = run(strict, RUNS[name])

    assert (status, error["code"]) == (400, "SQL_BLOCKED")
    assert "sql_security_level=standard" in error["details"]["reason"]


@requirement("SQL-14")
def test_the_strict_level_takes_an_aggregate_query(strict: Emulator) -> None:
    assert run(strict, "SELECT region, SUM(amount) AS total FROM sales GROUP BY region")[0] == 200


@requirement("SQL-18", "BLK-15", "BLK-03")
@pytest.mark.parametrize("name", ["drop", "two-statements", "union", "information-schema", "sleep", "select-into"])
def test_an_export_passes_the_same_rules_when_it_is_created(server: Emulator, name: str) -> None:
    body = {"operation": "query", "object": "sales", "query": BLOCKED[name]}
    answer = server.call("POST", "/bulk/jobs", body)

    assert (answer.status, answer.code) == (400, "SQL_BLOCKED")


@requirement("SQL-18", "BLK-15")
def test_an_export_with_a_syntax_error_is_not_created(server: Emulator) -> None:
    body = {"operation": "query", "object": "sales", "query": "SELECT * FORM sales"}
    answer = server.call("POST", "/bulk/jobs", body)

    assert (answer.status, answer.code) == (400, "INVALID_SQL")
