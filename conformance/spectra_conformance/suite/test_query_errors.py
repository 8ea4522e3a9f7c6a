"""What a query that cannot run is told."""

from __future__ import annotations

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite.asides import hold, warn_unless
from spectra_conformance.suite.asking import NOWHERE, numbers
from spectra_conformance.suite.refusals import assert_refused, assert_unauthenticated
from spectra_conformance.suite.registry import decides

BAD_REQUEST, SERVER_ERROR = 400, 500
TYPING_ERROR = f"SELECT region, SUM(amount) AS total_amount_2 FORM {NOWHERE}"


@decides("QRY-65", "AUTH-04", queries=0)
def test_a_query_without_credentials_is_refused_as_every_call_is(anonymous: Client) -> None:
    assert_unauthenticated(anonymous.query("SELECT 1 AS a"))


@decides("QRY-60", "ERR-11", "ERR-22", "SQL-19", "SQL-15", profile="smoke", writes=True)
def test_a_typing_error_is_invalid_sql_with_its_position(owner: Client) -> None:
    answer = owner.query(TYPING_ERROR)

    assert_refused(answer, "INVALID_SQL")
    position = answer.details.get("position")
    if position is None:
        warn_unless("ERR-22", position, TYPING_ERROR.index("FORM") + 1, "details.position")
    else:
        near = range(TYPING_ERROR.index("total_amount_2") + 1, len(TYPING_ERROR) + 1)
        assert position in near, answer.shown
    hold("ERR-22", "FORM" in str(answer.details.get("hint", "FORM")), True, "details.hint names the wrong word")


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELEC 1", id="no-select"),
        pytest.param("SELECT 'abc", id="open-quote"),
        pytest.param('SELECT "abc', id="open-name"),
        pytest.param("SELECT (1", id="open-parenthesis"),
        pytest.param("SELECT 1)", id="closed-too-often"),
        pytest.param("SELECT FROM WHERE", id="words-alone"),
        pytest.param("SELECT 1 AS a,", id="comma"),
        pytest.param("SELECT 1 +", id="half-a-sum"),
        pytest.param("hello", id="a-word"),
        pytest.param("(", id="a-parenthesis"),
        pytest.param("SELECT 1 ORDER", id="half-a-clause"),
        pytest.param("SELECT 1 LIMIT x", id="limit-of-a-word"),
        pytest.param("WITH a AS (SELECT 1)", id="with-alone"),
    ],
)
@decides("QRY-60", "SQL-15", "SQL-19", "ERR-11", "SQL-17", writes=True, profile="full")
def test_what_does_not_parse_is_refused(owner: Client, sql: str) -> None:
    answer = owner.query(sql)

    assert answer.status == BAD_REQUEST, answer.shown
    assert answer.code in {"INVALID_SQL", "SQL_BLOCKED"}, answer.shown


@pytest.mark.parametrize("sql", ["SELECT 'abc", "SELECT (1", "SELECT 1 AS a,", "SELECT FORM 1 WHERE"])
@decides("QRY-60", "ERR-11", writes=True)
def test_a_select_with_a_syntax_error_is_invalid_sql(owner: Client, sql: str) -> None:
    assert_refused(owner.query(sql), "INVALID_SQL")


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        pytest.param(f"SELECT a FROM {NOWHERE}", NOWHERE, id="table"),
        pytest.param(f"SELECT a FROM {NOWHERE}_schema.t", NOWHERE, id="schema"),
        pytest.param("SELECT nowhere_column FROM (SELECT 1 AS a) AS t", "nowhere_column", id="column"),
        pytest.param("SELECT t2.a FROM (SELECT 1 AS a) AS t", "t2", id="alias"),
        pytest.param("SELECT spectra_nowhere(1) AS a", "spectra_nowhere", id="function"),
    ],
)
@decides("QRY-60", "ERR-11", "SQL-19", "TEN-07")
def test_an_unknown_name_is_invalid_sql(owner: Client, sql: str, name: str) -> None:
    answer = owner.query(sql)

    assert_refused(answer, "INVALID_SQL")
    position = answer.details.get("position", sql.index(name) + 1)
    assert isinstance(position, int), answer.shown
    assert 1 <= position <= len(sql), answer.shown
    hold("QRY-60", position in range(sql.index(name) + 1, len(sql) + 1), True, "details.position is where the name is")


@pytest.mark.parametrize(
    ("sql", "sql_state"),
    [
        pytest.param("SELECT CAST(t AS INTEGER) AS a FROM (SELECT 'x' AS t) AS texts", None, id="cast"),
        pytest.param(f"{numbers(1)} SELECT 1 / n AS a FROM numbers", "22012", id="division-by-zero"),
        pytest.param(f"{numbers(1)} SELECT CAST('2024-02-3' || n AS DATE) AS a FROM numbers", None, id="date"),
    ],
)
@decides("QRY-63", "SQL-19", "ERR-11")
def test_a_statement_that_fails_as_it_runs_is_invalid_sql(owner: Client, sql: str, sql_state: str | None) -> None:
    answer = owner.send("POST", "/queries", json={"sql": sql}, check=False)

    if answer.status in {422, SERVER_ERROR} and answer.code in {"QUERY_FAILED", "QUERY_ERROR"}:
        hold("QRY-63", f"{answer.status} {answer.code}", "400 INVALID_SQL", "refusal")
        return
    assert_refused(answer, "INVALID_SQL")
    hold("QRY-63", len(str(answer.details.get("sql_state", ""))), 5, "characters of details.sql_state")
    if sql_state is not None:
        hold("QRY-63", answer.details.get("sql_state"), sql_state, "details.sql_state")


@decides("ERR-23", "QRY-63", queries=3, writes=True, profile="full")
def test_a_refusal_tells_no_secret_and_no_path(owner: Client) -> None:
    statements = ("SELECT CAST('x' AS INTEGER) AS a", f"SELECT a FROM {NOWHERE}", "SELECT (1")
    told = "".join(owner.send("POST", "/queries", json={"sql": sql}).text for sql in statements)

    proof = owner.identity.sign("GET", owner.wire.target.url, {}, b"").get("authorization", "")
    assert proof.partition(" ")[2] not in told
    assert [word for word in ("Traceback", 'File \\"', "/usr/", "/home/", "/srv/", "/opt/") if word in told] == []
