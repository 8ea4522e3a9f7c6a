"""Which SQL is refused: every statement names only tables that cannot exist."""

from __future__ import annotations

import pytest

from spectra_conformance.answer import Answer
from spectra_conformance.client import Client
from spectra_conformance.suite.asides import hold, note, warn_unless
from spectra_conformance.suite.asking import NOWHERE, result
from spectra_conformance.suite.refusals import assert_refused
from spectra_conformance.suite.registry import decides

BAD_REQUEST, SERVER_ERROR, CREATED = 400, 500, 201
BLOCKED = ("QRY-61", "ERR-12", "SQL-15", "SQL-19")
SLOWEST_SECONDS = 4.0

DDL = (
    f"CREATE TABLE {NOWHERE}_a (a INT)",
    f"CREATE TABLE {NOWHERE}_a AS SELECT 1 AS a",
    f"CREATE VIEW {NOWHERE}_a AS SELECT a FROM {NOWHERE}",
    f"CREATE SCHEMA {NOWHERE}.x",
    f"CREATE TEMP TABLE {NOWHERE}_a (LIKE {NOWHERE})",
    f"ALTER TABLE {NOWHERE} ADD COLUMN b INT",
    f"ALTER USER {NOWHERE} PASSWORD DISABLE",
    f"DROP TABLE {NOWHERE}",
    f"DROP TABLE IF EXISTS {NOWHERE}",
    f"DROP VIEW {NOWHERE}",
    f"DROP SCHEMA {NOWHERE}",
    f"DROP DATABASE {NOWHERE}",
    f"TRUNCATE TABLE {NOWHERE}",
    f"TRUNCATE {NOWHERE}",
    f"CREATE OR REPLACE VIEW {NOWHERE}_a AS SELECT 1 AS a",
    f"CREATE MATERIALIZED VIEW {NOWHERE}_a AS SELECT 1 AS a",
    f"CREATE USER {NOWHERE} PASSWORD DISABLE",
    f"ALTER TABLE {NOWHERE} RENAME TO {NOWHERE}_a",
    f"ALTER TABLE {NOWHERE} APPEND FROM {NOWHERE}_b",
    f"DROP USER {NOWHERE}",
)
DML = (
    f"INSERT INTO {NOWHERE} VALUES (1)",
    f"INSERT INTO {NOWHERE} SELECT a FROM {NOWHERE}_b",
    f"UPDATE {NOWHERE} SET a = 1",
    f"UPDATE {NOWHERE} SET a = 1 WHERE b = 2",
    f"DELETE FROM {NOWHERE}",
    f"DELETE FROM {NOWHERE} WHERE a = 1",
    f"DELETE FROM {NOWHERE} USING {NOWHERE}_b WHERE {NOWHERE}.a = {NOWHERE}_b.a",
    f"UPDATE {NOWHERE} SET a = {NOWHERE}_b.a FROM {NOWHERE}_b",
    f"INSERT INTO {NOWHERE} (a) VALUES (1), (2)",
    f"MERGE INTO {NOWHERE} USING {NOWHERE}_b ON {NOWHERE}.a = {NOWHERE}_b.a WHEN MATCHED THEN DELETE",
)
OTHER = (
    f"COPY {NOWHERE} FROM 's3://{NOWHERE}/x' IAM_ROLE default",
    f"UNLOAD ('SELECT a FROM {NOWHERE}') TO 's3://{NOWHERE}/x' IAM_ROLE default",
    f"GRANT SELECT ON {NOWHERE} TO PUBLIC",
    f"REVOKE SELECT ON {NOWHERE} FROM PUBLIC",
    f"CALL {NOWHERE}(1)",
    f"EXECUTE {NOWHERE}",
    f"PREPARE {NOWHERE} AS SELECT 1",
    f"DEALLOCATE {NOWHERE}",
    f"VACUUM {NOWHERE}",
    f"ANALYZE {NOWHERE}",
    f"LOCK {NOWHERE}",
    f"COMMENT ON TABLE {NOWHERE} IS 'x'",
    f"DECLARE {NOWHERE} CURSOR FOR SELECT 1",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    f"SET {NOWHERE}.x TO 1",
    f"RESET {NOWHERE}.x",
)
SPELLINGS = {
    "lower-case": f"drop table {NOWHERE}",
    "mixed-case": f"DrOp TaBlE {NOWHERE}",
    "on-lines": f"\n\n  DROP\n\tTABLE\n {NOWHERE}",
    "after-a-comment": f"-- a report\nDROP TABLE {NOWHERE}",
    "after-a-block-comment": f"/* a report */ DROP TABLE {NOWHERE}",
    "around-a-comment": f"DROP/**/TABLE/**/{NOWHERE}",
    "semicolon": f"DROP TABLE {NOWHERE};",
    "carriage-return": f"DROP\r\nTABLE\r\n{NOWHERE}",
    "mixed-merge": f"mErGe InTo {NOWHERE} uSiNg {NOWHERE}_b oN 1 = 1 wHeN mAtChEd tHeN dElEtE",
    "after-a-semicolon": f"; DROP TABLE {NOWHERE}",
    "quoted": f'DROP TABLE "{NOWHERE}"',
    "lower-delete": f"delete from {NOWHERE}",
    "mixed-insert": f"InSeRt InTo {NOWHERE} vAlUeS (1)",
    "commented-update": f"/**/UPDATE {NOWHERE} SET a = 1",
    "lower-truncate": f"truncate {NOWHERE}",
    "commented-grant": f"-- x\n-- y\ngrant select on {NOWHERE} to public",
}
STACKED = {
    "drop": f"SELECT 1 AS a; DROP TABLE {NOWHERE}",
    "select": "SELECT 1 AS a; SELECT 2 AS a",
    "no-blank": f"SELECT 1 AS a;DELETE FROM {NOWHERE}",
    "on-lines": "SELECT 1 AS a;\n\nSELECT 2 AS a;\n",
    "after-a-comment": "SELECT 1 AS a; -- the first\nSELECT 2 AS a",
    "three": "SELECT 1 AS a; SELECT 2 AS a; SELECT 3 AS a",
    "drop-first": f"DROP TABLE {NOWHERE}; SELECT 1 AS a",
    "quotes": f"SELECT 'x;y' AS a; DROP TABLE {NOWHERE}",
    "quoted-quote": f"SELECT 'it''s' AS a; UPDATE {NOWHERE} SET a = 1",
    "block-comment": f"SELECT 1 AS a;/**/DROP TABLE {NOWHERE}",
    "after-a-comment-line": f"SELECT 1 AS a -- the first;\n; DROP TABLE {NOWHERE}",
    "empty-between": "SELECT 1 AS a;; SELECT 2 AS a",
}


def assert_blocked(answer: Answer) -> None:
    """Assert that SQL was refused by the rules, and that the refusal says what and why."""
    assert BAD_REQUEST <= answer.status < SERVER_ERROR, answer.shown
    assert answer.code in {"SQL_BLOCKED", "INVALID_SQL"}, answer.shown
    warn_unless("SQL-15", answer.status, BAD_REQUEST, "status")
    warn_unless("QRY-61", answer.code, "SQL_BLOCKED", "error.code")
    if answer.code == "SQL_BLOCKED":
        for member in ("pattern", "reason"):
            warn_unless("ERR-12", bool(answer.details.get(member)), True, f"details.{member} is given")


@decides("SQL-02", "ERR-22", "ERR-12", "QRY-61", "SQL-15", profile="smoke", writes=True)
def test_a_dropped_table_is_blocked_as_the_reference_prints_it(asker: Client) -> None:
    answer = asker.query(f"DROP TABLE {NOWHERE}")

    assert_refused(answer, "SQL_BLOCKED")
    assert answer.details.get("pattern") == "DROP TABLE", answer.shown
    assert answer.details.get("reason"), answer.shown
    hold("ERR-02", bool(answer.json()["error"].get("message")), True, "error.message is not empty")


@pytest.mark.parametrize("sql", [pytest.param(sql, id=sql.partition(NOWHERE)[0].strip()) for sql in DDL])
@decides("SQL-02", *BLOCKED, writes=True)
def test_a_definition_is_blocked(asker: Client, sql: str) -> None:
    assert_blocked(asker.query(sql))


@pytest.mark.parametrize("sql", DML, ids=[f"{place}-{sql.split()[0]}" for place, sql in enumerate(DML)])
@decides("SQL-03", *BLOCKED, writes=True)
def test_a_change_of_rows_is_blocked(asker: Client, sql: str) -> None:
    assert_blocked(asker.query(sql))


@pytest.mark.parametrize("sql", OTHER, ids=[sql.split()[0] for sql in OTHER])
@decides("SQL-04", *BLOCKED, writes=True, profile="full")
def test_any_other_statement_is_blocked(asker: Client, sql: str) -> None:
    assert_blocked(asker.query(sql))


@pytest.mark.parametrize("sql", ["EXPLAIN SELECT 1", "SHOW search_path", "VALUES (1)", f"DESCRIBE {NOWHERE}"])
@decides("SQL-04", writes=True, profile="full")
def test_a_statement_that_only_looks_is_no_server_error(asker: Client, sql: str) -> None:
    answer = asker.query(sql)

    assert answer.status in {200, BAD_REQUEST}, answer.shown
    if answer.status != BAD_REQUEST:
        note(f"{sql.split(maxsplit=1)[0]} is allowed")


@pytest.mark.parametrize("sql", SPELLINGS.values(), ids=SPELLINGS)
@decides("SQL-02", "SQL-03", "SQL-07", *BLOCKED, writes=True)
def test_a_blocked_statement_is_found_however_it_is_written(asker: Client, sql: str) -> None:
    assert_blocked(asker.query(sql))


@pytest.mark.parametrize("sql", STACKED.values(), ids=STACKED)
@decides("SQL-05", *BLOCKED, writes=True)
def test_two_statements_are_blocked(asker: Client, sql: str) -> None:
    assert_blocked(asker.query(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'DROP TABLE x; DELETE FROM y' AS a",
        "SELECT 'please update me' AS a",
        "SELECT 1 AS truncated, 2 AS created_at, 3 AS update_count, 4 AS a",
        'SELECT 1 AS "delete", 2 AS a',
        "SELECT 'a;b' AS a",
        "SELECT '--' AS a",
        "SELECT '/* x */' AS a",
        "SELECT 'it''s; DROP' AS a",
    ],
)
@decides("SQL-12", "SQL-11", profile="full", writes=True)
def test_words_of_blocked_statements_in_literals_and_names_are_harmless(asker: Client, sql: str) -> None:
    assert "a" in result(asker, sql)["data"][0]


@pytest.mark.parametrize(
    ("sql", "runs"),
    [
        pytest.param("SELECT 1 AS a -- a note", True, id="line"),
        pytest.param("-- a note\nSELECT 1 AS a", True, id="leading-line"),
        pytest.param("SELECT 1 -- a note\n AS a", True, id="within"),
        pytest.param("SELECT 1 AS a /* a note */", False, id="block"),
        pytest.param("SELECT /**/ 1 AS a", False, id="empty-block"),
        pytest.param("SELECT 1 AS a WHERE 1 = 1 --", False, id="dangling"),
    ],
)
@decides("SQL-07", writes=True, profile="full")
def test_comments_that_hide_are_blocked_and_others_not(asker: Client, sql: str, runs: bool) -> None:
    answer = asker.query(sql)

    assert answer.code == (None if runs else "SQL_BLOCKED"), answer.shown


@pytest.mark.parametrize(
    ("sql", "runs"),
    [
        pytest.param("SELECT 1 AS a UNION SELECT 2 AS a", False, id="union"),
        pytest.param("SELECT 1 AS a UNION ALL SELECT 1 AS a", False, id="union-all"),
        pytest.param("SELECT a FROM (SELECT 1 AS a UNION SELECT 2) AS t", False, id="nested"),
        pytest.param("SELECT 1 AS a INTERSECT SELECT 1 AS a", True, id="intersect"),
        pytest.param("SELECT 1 AS a EXCEPT SELECT 2 AS a", True, id="except"),
    ],
)
@decides("SQL-08", writes=True, profile="full")
def test_union_is_blocked_and_other_set_operations_run(asker: Client, sql: str, runs: bool) -> None:
    answer = asker.query(sql)

    assert answer.code == (None if runs else "SQL_BLOCKED"), answer.shown


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT tablename FROM pg_catalog.pg_tables",
        "SELECT table_name FROM information_schema.tables",
        "SELECT relname FROM pg_class",
        "SELECT query FROM stl_query",
        "SELECT slice FROM stv_slices",
        "SELECT query FROM svl_qlog",
        "SELECT schemaname FROM svv_tables",
        "SELECT query_id FROM sys_query_history",
        "SELECT a FROM (SELECT relname AS a FROM PG_CLASS) AS t",
    ],
)
@decides("SQL-09", writes=True, profile="full")
def test_system_tables_are_blocked(asker: Client, sql: str) -> None:
    assert_refused(asker.query(sql), "SQL_BLOCKED")


@pytest.mark.parametrize(
    "call",
    [
        "pg_read_file('x')",
        "pg_ls_dir('x')",
        "pg_stat_file('x')",
        "pg_terminate_backend(1)",
        "pg_cancel_backend(1)",
        "pg_reload_conf()",
        "inet_client_addr()",
        "inet_server_addr()",
        "current_setting('x')",
        "set_config('x', 'y', false)",
        "lo_import('x')",
        "lo_export(1, 'x')",
        "pg_read_binary_file('x')",
    ],
)
@decides("SQL-10", writes=True, profile="full")
def test_functions_that_reach_the_server_are_blocked(asker: Client, call: str) -> None:
    assert_refused(asker.query(f"SELECT {call} AS a"), "SQL_BLOCKED")


@pytest.mark.parametrize("sql", ["SELECT PG_SLEEP(5) AS a", "SELECT 1 AS a WHERE PG_SLEEP(5) IS NULL"])
@decides("SQL-11", "SQL-19", writes=True, profile="full")
def test_a_function_that_waits_does_not_delay(asker: Client, sql: str) -> None:
    answer = asker.query(sql, timeout_seconds=8)

    warn_unless("SQL-11", answer.elapsed < SLOWEST_SECONDS, True, "the answer came without delay")
    hold("SQL-11", answer.code, "SQL_BLOCKED", "error.code")


@decides("SQL-11", writes=True, profile="full")
def test_a_hexadecimal_literal_is_blocked(asker: Client) -> None:
    assert_refused(asker.query("SELECT 0x41 AS a"), "SQL_BLOCKED")


@pytest.mark.parametrize("sql", [f"DROP TABLE {NOWHERE}", "SELECT 1; SELECT 2", "SELECT (1"])
@decides("SQL-16", "ERR-21", profile="full", writes=True)
def test_the_name_of_a_rule_stands_in_details_and_never_in_code(asker: Client, sql: str) -> None:
    answer = asker.query(sql)

    assert answer.code in {"SQL_BLOCKED", "INVALID_SQL"}, answer.shown
    assert isinstance(answer.details.get("rule", ""), str), answer.shown
