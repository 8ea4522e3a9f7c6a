"""Changes that hide inside a query: every one names only tables that cannot exist."""

from __future__ import annotations

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite.asides import note, warn_unless
from spectra_conformance.suite.asking import NOWHERE
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_sql_rules import assert_blocked

BAD_REQUEST, SERVER_ERROR = 400, 500
HIDDEN = {
    "cte-delete": f"WITH a AS (DELETE FROM {NOWHERE} RETURNING 1) SELECT 1 AS a",
    "cte-insert": f"WITH a AS (INSERT INTO {NOWHERE} VALUES (1) RETURNING 1) SELECT 1 AS a",
    "cte-update": f"WITH a AS (UPDATE {NOWHERE} SET a = 1 RETURNING 1) SELECT 1 AS a",
    "with-delete": f"WITH a AS (SELECT 1 AS n) DELETE FROM {NOWHERE}",
    "with-insert": f"WITH a AS (SELECT 1 AS n) INSERT INTO {NOWHERE} SELECT n FROM a",
    "with-update": f"WITH a AS (SELECT 1 AS n) UPDATE {NOWHERE} SET n = 1",
    "cte-in-cte": f"WITH a AS (WITH b AS (DELETE FROM {NOWHERE} RETURNING 1) SELECT 1 AS n) SELECT n FROM a",
    "second-cte": f"WITH a AS (SELECT 1 AS n), b AS (UPDATE {NOWHERE} SET a = 1 RETURNING 1) SELECT n FROM a",
    "into": f"SELECT 1 AS a INTO {NOWHERE}",
    "into-temp": f"SELECT 1 AS a INTO TEMP {NOWHERE}",
    "into-in-cte": f"WITH a AS (SELECT 1 AS n INTO {NOWHERE}) SELECT n FROM a",
}
MISPLACED = {
    "between-form-feeds": f"\fDROP\vTABLE\f{NOWHERE}",
    "in-parentheses": f"(DELETE FROM {NOWHERE})",
    "as-a-table": f"SELECT a FROM (DELETE FROM {NOWHERE} RETURNING 1 AS a) AS t",
    "as-a-value": f"SELECT (INSERT INTO {NOWHERE} VALUES (1) RETURNING 1) AS a",
}
"""Changes where the grammar has none: a syntax error is as good a refusal."""


@pytest.mark.parametrize("sql", HIDDEN.values(), ids=HIDDEN)
@decides("SQL-06", "SQL-03", "SQL-15", "SQL-19", writes=True)
def test_a_change_inside_a_query_is_refused(asker: Client, sql: str) -> None:
    assert_blocked(asker.query(sql))


@pytest.mark.parametrize("sql", MISPLACED.values(), ids=MISPLACED)
@decides("SQL-06", "SQL-03", "SQL-15", "SQL-19", writes=True, profile="full")
def test_a_change_where_none_may_stand_is_refused(asker: Client, sql: str) -> None:
    answer = asker.send("POST", "/queries", json={"sql": sql}, check=False)

    if answer.code in {"QUERY_FAILED", "QUERY_ERROR"}:
        note("refused by the engine, not by the rules")
        return
    assert BAD_REQUEST <= answer.status < SERVER_ERROR, answer.shown
    assert answer.code in {"SQL_BLOCKED", "INVALID_SQL"}, answer.shown
    warn_unless("SQL-15", answer.status, BAD_REQUEST, "status")
