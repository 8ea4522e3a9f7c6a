from __future__ import annotations

import time

import pytest

from tests.credentials import READ_ONLY_KEY, query_as
from tests.emulator import DEMO_KEY, TENANT, Answer, Emulator, Emulators
from tests.long_running import SLOW
from tests.requirements import requirement


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


@requirement("QRY-60", "ERR-11", "ERR-22")
def test_the_references_own_typing_error_is_found_and_hinted_at(server: Emulator) -> None:
    answer = server.query("SELECT region, SUM(amount) as total, COUNT(*)  FORM sales")

    assert refused(answer) == (400, "INVALID_SQL")
    assert answer.json["error"]["message"] == "SQL syntax error"
    assert answer.details == {"position": 48, "hint": "Check for missing keyword near 'FORM'"}


@requirement("QRY-60")
@pytest.mark.parametrize(
    ("sql", "position"),
    [
        ("SELECT 1 FORM sales", 10),
        ("   SELECT 1 FORM sales", 13),
        ("SELECT 'ü', 1 FORM sales", 15),
        ("SELECT 1,\n  2 FORM sales", 15),
        ("SELECT region,, id FROM sales", 15),
        ("SELECT (1 + 2 AS a", None),
        ("SELECT", None),
        ("SELECT * FROM", None),
        ("SELECT * FROM sales WHERE", None),
        ("SELECT 'open", None),
        ("hello world", None),
    ],
)
def test_a_syntax_error_is_invalid_sql_at_its_place(server: Emulator, sql: str, position: int | None) -> None:
    answer = server.query(sql)

    assert answer.status == 400
    assert position in (None, answer.details.get("position"))


@requirement("QRY-60")
@pytest.mark.parametrize(
    ("sql", "position", "nearest"),
    [
        ("SELECT amout FROM sales", 8, "amount"),
        ("SELECT s.regoin FROM sales AS s", 10, "region"),
        ("SELECT region FROM sales WHERE yaer = 2024", 32, "year"),
        ("SELECT * FROM salez", 15, "sales"),
        ("SELECT * FROM sales JOIN custmers ON TRUE", 26, "customers"),
    ],
)
def test_an_unknown_name_is_placed_and_the_nearest_one_named(
    server: Emulator, sql: str, position: int, nearest: str
) -> None:
    answer = server.query(sql)

    assert refused(answer) == (400, "INVALID_SQL")
    assert answer.details["position"] == position
    assert nearest in str(answer.details["hint"])


@requirement("QRY-60")
@pytest.mark.parametrize(
    ("sql", "sql_state"),
    [("SELECT nothing_like_it FROM sales", "42703"), ("SELECT * FROM nothing_like_it", "42P01")],
    ids=["column", "table"],
)
def test_an_unknown_name_has_its_sql_state(server: Emulator, sql: str, sql_state: str) -> None:
    answer = server.query(sql)

    assert refused(answer) == (400, "INVALID_SQL")
    assert answer.details["sql_state"] == sql_state


@requirement("QRY-63")
@pytest.mark.parametrize(
    ("sql", "sql_state"),
    [
        ("SELECT 1 / (quantity - quantity) AS v FROM sales", "22012"),
        ("SELECT CAST(region AS INTEGER) AS v FROM sales", None),
        ("SELECT CAST(region AS DATE) AS v FROM sales", None),
        ("SELECT CAST(id + 9223372036854775807 AS BIGINT) AS v FROM sales", None),
    ],
    ids=["division-by-zero", "bad-number", "bad-date", "overflow"],
)
def test_an_error_of_the_engine_is_invalid_sql_with_a_state(server: Emulator, sql: str, sql_state: str | None) -> None:
    answer = server.query(sql)

    assert refused(answer) == (400, "INVALID_SQL")
    assert sql_state in (None, answer.details["sql_state"])
    assert len(str(answer.details["sql_state"])) == 5


@requirement("ERR-23")
def test_an_error_of_the_engine_does_not_name_the_engine_or_a_path(server: Emulator) -> None:
    text = server.query("SELECT CAST(region AS INTEGER) AS v FROM sales").content.lower()

    assert [word for word in (b"duckdb", b"/tmp", b"traceback", b"line 1:") if word in text] == []


@requirement("QRY-61", "ERR-12", "ERR-22")
def test_a_dropped_table_is_refused_as_in_the_reference(server: Emulator) -> None:
    answer = server.query("DROP TABLE sales")
    error = answer.json["error"]

    assert refused(answer) == (400, "SQL_BLOCKED")
    assert error["message"] == "Query contains forbidden patterns"
    assert error["details"].items() >= {"pattern": "DROP TABLE", "reason": "DDL statements are not allowed"}.items()


@requirement("QRY-65")
@pytest.mark.parametrize(
    ("key", "sql", "error"),
    [
        ("spk_unknown", "SELECT 1 AS a", (401, "UNAUTHORIZED")),
        (READ_ONLY_KEY, "SELECT 1 AS a", (403, "FORBIDDEN")),
        (DEMO_KEY, "x" * 7_000_000, (413, "PAYLOAD_TOO_LARGE")),
    ],
    ids=["key", "permission", "size"],
)
def test_a_query_is_refused_as_every_operation_is(server: Emulator, key: str, sql: str, error: tuple[int, str]) -> None:
    assert refused(server.call("POST", "/queries", {"sql": sql}, key=key)) == error


@requirement("QRY-04", "QRY-62", "ERR-19", "LIM-02")
def test_a_query_beyond_its_timeout_answers_504_on_time(server: Emulator) -> None:
    started_at = time.monotonic()
    answer = server.query(SLOW, timeout_seconds=1)

    assert refused(answer) == (504, "QUERY_TIMEOUT")
    assert answer.details["timeout_seconds"] == 1
    assert answer.details["suggestion"]
    assert time.monotonic() - started_at < 5


@requirement("QRY-66", "JOB-09")
def test_the_job_of_a_timed_out_query_has_failed_with_that_reason(server: Emulator) -> None:
    server.query(SLOW, timeout_seconds=1)
    jobs = server.control("GET", f"/tenants/{TENANT}/jobs?status=FAILED").json["jobs"]
    job = server.call("GET", f"/jobs/{jobs[0]['job_id']}").json

    assert (job["status"], job["error"]["code"], job["row_count"]) == ("FAILED", "QUERY_TIMEOUT", None)
    assert job["execution_time_ms"] >= 1000


def test_the_next_query_after_a_timeout_answers(server: Emulator) -> None:
    server.query(SLOW, timeout_seconds=1)

    assert server.query("SELECT 1 AS a").status == 200


@requirement("QRY-48", "ERR-17")
def test_an_answer_beyond_its_limit_is_refused_where_one_is_set(emulators: Emulators) -> None:
    own = emulators.start("--max-response-bytes", "2000", "--rate-limits", "off")

    assert query_as(own, "small", "SELECT REPEAT('x', 1000) AS v").status == 200
    assert refused(query_as(own, "small", "SELECT REPEAT('x', 3000) AS v")) == (413, "PAYLOAD_TOO_LARGE")
    own.stop()


@requirement("ERR-01", "ERR-02", "GEN-04")
@pytest.mark.parametrize(
    ("sql", "parameters"),
    [("SELECT 1 FORM x", {}), ("DROP TABLE sales", {}), ("", {}), ("SELECT 1", {"limit": 0}), ("SELECT 1/0", {})],
)
def test_every_refusal_of_a_query_has_the_envelope(server: Emulator, sql: str, parameters: dict[str, int]) -> None:
    answer = server.query(sql, **parameters)

    assert answer.headers["content-type"] == "application/json"
    assert answer.json.keys() == {"error"}
    assert answer.json["error"].keys() == {"code", "message", "details"}
    assert answer.json["error"]["message"]


@requirement("ERR-23", "TEN-07")
def test_a_refusal_repeats_no_credential(server: Emulator) -> None:
    assert DEMO_KEY.encode() not in server.query("SELECT nothing FROM nowhere").content
