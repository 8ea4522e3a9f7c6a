"""The record, the results and the end of a query's job."""

from __future__ import annotations

from typing import Any

import pytest

from spectra_conformance.answer import Answer
from spectra_conformance.client import Client
from spectra_conformance.suite.asides import hold, note, warn_unless
from spectra_conformance.suite.asking import exact, numbers, result, slow_count
from spectra_conformance.suite.moments import SKEW, answered_at, moment
from spectra_conformance.suite.refusals import assert_refused
from spectra_conformance.suite.registry import decides
from spectra_conformance.target import Target

OK = 200
DEFAULT_SECONDS, GATEWAY_SECONDS = 60, 25
"""How long a query may take unless it says otherwise, and what the least patient gateway grants it."""
ROWS = (
    f"{numbers(1)} SELECT n, 'x' || n AS t, CAST('12345678901234567890.1234567890' AS DECIMAL(38,10)) AS d, "
    "9007199254740993 + n AS big, CAST('' AS VARCHAR(9)) AS blank, CAST(NULL AS VARCHAR(9)) AS nothing, n > 4 AS more "
    "FROM numbers ORDER BY n"
)


def record_of(client: Client, metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a query, by the first of its ids that finds one."""
    query_id = metadata["query_id"]
    for name in dict.fromkeys((query_id, metadata.get("job_id"), f"job-{query_id}")):
        answer = client.get(f"/jobs/{name}")
        if answer.status == OK:
            warn_unless("JOB-10", name, query_id, "the id that finds the job")
            found: dict[str, Any] = answer.json()
            return found
    raise AssertionError(f"no id of the query finds its job: {answer.shown}")


@decides(
    *(f"JOB-0{place}" for place in range(1, 10)), "JOB-10", "JOB-13", "JOB-15", "TEN-08", "QRY-27", profile="smoke"
)
def test_a_query_that_has_answered_has_a_completed_record(owner: Client, target: Target) -> None:
    record = record_of(owner, result(owner, ROWS)["metadata"])

    assert (record["status"], record["row_count"], record["error"]) == ("COMPLETED", 10, None)
    warn_unless("JOB-15", sorted({"tenant_id", "execution_time_ms"} - record.keys()), [], "members that are missing")
    assert target.owner.tenant in {None, record.get("tenant_id", target.owner.tenant)}, record
    assert isinstance(record.get("execution_time_ms", 0), int)
    assert record["job_id"]


@decides("QRY-29", profile="full")
def test_a_job_id_among_the_metadata_names_the_job_behind_the_query(owner: Client) -> None:
    metadata = result(owner, "SELECT 1 AS a")["metadata"]
    job_id = record_of(owner, metadata)["job_id"]

    assert metadata.get("job_id", job_id) == job_id


@decides("JOB-14", "JOB-04", "JOB-05", "JOB-06", "GEN-05", queries=1)
def test_a_job_is_submitted_started_and_completed_in_this_order_and_now(owner: Client) -> None:
    answer = owner.query("SELECT 1 AS a")
    record = record_of(owner, exact(answer)["metadata"])
    submitted, started, completed = (moment(record[f"{name}_at"]) for name in ("submitted", "started", "completed"))

    assert submitted <= started <= completed
    assert abs(answered_at(answer) - submitted) < SKEW
    assert abs(answered_at(answer) - completed) < SKEW
    if submitted.utcoffset():
        note(f"timestamps are told with the offset {submitted.utcoffset()}")


@decides("JOB-13", "JOB-07", "JOB-22", "JOB-20")
def test_a_record_counts_the_rows_that_were_returned(owner: Client) -> None:
    metadata = result(owner, ROWS, limit=3)["metadata"]

    assert record_of(owner, metadata)["row_count"] == 3


@pytest.mark.parametrize("cap", [pytest.param(10, id="all-rows"), pytest.param(4, id="truncated")])
@decides("JOB-20", "JOB-22", "JOB-26", "TYP-03")
def test_the_results_of_a_query_are_its_rows_again(owner: Client, cap: int) -> None:
    given = result(owner, ROWS, limit=cap)
    job_id = record_of(owner, given["metadata"])["job_id"]
    again = exact(owner.get(f"/jobs/{job_id}/results"))

    assert again["data"] == given["data"]
    assert again["metadata"]["columns"] == given["metadata"]["columns"]
    assert again["metadata"]["row_count"] == cap
    assert exact(owner.get(f"/jobs/{job_id}/results"))["data"] == given["data"]


@decides("JOB-20", "JOB-22", "JOB-07")
def test_the_results_of_a_query_without_rows_have_its_columns(owner: Client) -> None:
    given = result(owner, f"{numbers(1)} SELECT n FROM numbers WHERE n < 0")
    record = record_of(owner, given["metadata"])
    again = exact(owner.get(f"/jobs/{record['job_id']}/results"))

    assert (again["data"], again["metadata"]["columns"], again["metadata"]["row_count"]) == ([], ["n"], 0)
    assert record["row_count"] == 0


@decides("JOB-20", "LIM-01", "JOB-26", profile="full")
def test_ten_thousand_rows_come_again_inline(owner: Client) -> None:
    given = result(owner, f"{numbers(5)} SELECT n FROM numbers ORDER BY n")
    job_id = record_of(owner, given["metadata"])["job_id"]

    assert exact(owner.get(f"/jobs/{job_id}/results"))["data"] == given["data"]


@decides("JOB-31", "JOB-12", "ERR-16", "JOB-13", writes=True)
def test_cancelling_a_completed_query_is_a_conflict_and_changes_nothing(owner: Client) -> None:
    before = record_of(owner, result(owner, "SELECT 1 AS a")["metadata"])
    answer = owner.delete(f"/jobs/{before['job_id']}")

    assert_refused(answer, "CONFLICT")
    hold("JOB-31", answer.details.get("status", "COMPLETED"), "COMPLETED", "details.status")
    assert owner.get(f"/jobs/{before['job_id']}").json() == before


@pytest.mark.parametrize("seconds", [1, 2])
@decides("QRY-62", "ERR-19", "QRY-04", "LIM-02", writes=True)
def test_a_query_over_its_timeout_answers_504_in_time(owner: Client, seconds: int) -> None:
    answer = owner.send(
        "POST", "/queries", json={"sql": slow_count(), "parameters": {"timeout_seconds": seconds}}, check=False
    )

    assert answer.status in {504, 408}, answer.shown
    warn_unless("QRY-62", answer.status, 504, "status of a timeout")
    assert seconds * 0.7 <= answer.elapsed <= seconds + 8
    if answer.status == 504 and not answer.from_gateway:
        warn_unless("ERR-19", answer.code, "QUERY_TIMEOUT", "error.code")
        warn_unless("ERR-19", answer.details.get("timeout_seconds"), seconds, "details.timeout_seconds")
        hold("QRY-62", isinstance(answer.details.get("suggestion", ""), str), True, "details.suggestion is text")


@decides("QRY-62", "LIM-02", "QRY-04", queries=2, writes=True)
def test_a_slow_query_within_its_timeout_answers(owner: Client) -> None:
    assert result(owner, slow_count(7), timeout_seconds=60)["data"] == [{"n": 10**7}]
    assert result(owner, slow_count(6))["data"] == [{"n": 10**6}]


def assert_waited_as_documented(answer: Answer) -> None:
    """Assert that a query without a timeout of its own had the documented one; a gateway may be less patient."""
    if answer.code == "QUERY_TIMEOUT":
        assert answer.elapsed >= GATEWAY_SECONDS, f"timed out after {answer.elapsed:.1f} s, where none was asked for"
        assert answer.details.get("timeout_seconds", DEFAULT_SECONDS) == DEFAULT_SECONDS, answer.shown


@decides("JOB-08", "QRY-26", "QRY-04", "LIM-02", queries=2)
def test_the_time_of_a_slow_query_is_in_milliseconds(owner: Client) -> None:
    quick = owner.query("SELECT 1 AS a").elapsed
    answer = owner.query(slow_count(8))
    if answer.status != OK:
        note("the query does not end within the timeout that none is asked for")
        assert_waited_as_documented(answer)
        return
    metadata = exact(answer)["metadata"]
    taken = record_of(owner, metadata).get("execution_time_ms", metadata["execution_time_ms"])

    assert taken <= answer.elapsed * 1000 + 1000
    assert abs(metadata["execution_time_ms"] - taken) <= 1000
    least = (answer.elapsed - quick) * 300 - 100
    warn_unless("JOB-08", taken >= least, True, "the time is in milliseconds")
    warn_unless("QRY-26", metadata["execution_time_ms"] >= least, True, "the time of the answer is in milliseconds")


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        pytest.param(slow_count(), "QUERY_TIMEOUT", id="timed-out"),
        pytest.param("SELECT CAST(t AS INTEGER) AS a FROM (SELECT 'x' AS t) AS s", "INVALID_SQL", id="failed"),
    ],
)
@decides("QRY-66", "JOB-17", writes=True, profile="full")
def test_a_query_that_failed_as_it_ran_leaves_a_failed_job(owner: Client, sql: str, code: str) -> None:
    answer = owner.send("POST", "/queries", json={"sql": sql, "parameters": {"timeout_seconds": 1}}, check=False)
    told = answer.details.get("job_id") or answer.details.get("query_id")
    if told is None:
        note("the refusal does not name the job that it left")
        return
    record = owner.get(f"/jobs/{told}").json()

    assert (record["status"], record["error"]["code"]) == ("FAILED", code)
