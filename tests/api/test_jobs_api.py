from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.credentials import OTHER_KEY, OTHER_TENANT, query_as
from tests.emulator import TENANT, Answer, Emulator, Emulators
from tests.long_running import running_query
from tests.requirements import requirement

LARGE = "SELECT REPEAT('x', 60000) AS v FROM sales LIMIT 10"
THREE_ROWS = "SELECT id, region, amount FROM sales WHERE id <= 3 ORDER BY id"
UNKNOWN = {
    "unknown": "job-00000000-0000-0000-0000-000000000000",
    "no-prefix": "00000000-0000-0000-0000-000000000000",
    "of-a-bulk-job": "bulk-00000000",
    "one-letter": "x",
    "too-long": "x" * 129,
    "far-too-long": "x" * 5000,
    "bad-characters": "a%20b",
    "dots": "job-1..2",
    "quote": "job'--",
    "percent-null": "job-%00",
    "not-utf-8": "job-%ff%fe",
    "slash": "job-%2F..%2F",
    "snow": "%E9%9B%AA",
}


def job_of(server: Emulator, sql: str, **parameters: int) -> dict[str, Any]:
    """Run the query and return its job."""
    job_id = server.query(sql, **parameters).json["metadata"]["job_id"]
    found: dict[str, Any] = server.call("GET", f"/jobs/{job_id}").json
    return found


def failed_job(server: Emulator) -> dict[str, Any]:
    """Run a query that fails in the engine and return its job."""
    assert server.query("SELECT 1 / (id - id) AS v FROM sales").status == 400
    jobs = server.control("GET", f"/tenants/{TENANT}/jobs?status=FAILED").json["jobs"]
    found: dict[str, Any] = server.call("GET", f"/jobs/{jobs[0]['job_id']}").json
    return found


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@requirement("JOB-01", "JOB-02", "JOB-03", "JOB-07", "JOB-09", "JOB-13", "TEN-08")
def test_a_finished_query_is_a_completed_job_of_its_tenant(server: Emulator) -> None:
    job = job_of(server, THREE_ROWS)

    assert (job["status"], job["tenant_id"], job["row_count"], job["error"]) == ("COMPLETED", TENANT, 3, None)


@requirement("JOB-13", "JOB-07")
def test_the_row_count_of_a_truncated_query_is_that_of_its_answer(server: Emulator) -> None:
    assert job_of(server, THREE_ROWS, limit=2)["row_count"] == 2


@requirement("JOB-04", "JOB-05", "JOB-06", "JOB-14", "GEN-05")
def test_the_times_of_a_job_are_in_order_and_of_now(server: Emulator) -> None:
    job = job_of(server, THREE_ROWS)
    times = [moment(job[name]) for name in ("submitted_at", "started_at", "completed_at")]

    assert times == sorted(times)
    assert abs(datetime.now(UTC) - times[0]) < timedelta(seconds=30)


@requirement("JOB-08")
def test_a_job_took_as_long_as_its_query_said(server: Emulator) -> None:
    metadata = server.query(THREE_ROWS).json["metadata"]
    job = server.call("GET", f"/jobs/{metadata['job_id']}").json

    assert job["execution_time_ms"] == metadata["execution_time_ms"]


@requirement("JOB-10", "QRY-27", "QRY-29")
def test_query_id_and_job_id_are_one_job(server: Emulator) -> None:
    metadata = server.query(THREE_ROWS).json["metadata"]
    by_query_id = server.call("GET", f"/jobs/{metadata['query_id']}")

    assert by_query_id.json["job_id"] == metadata["job_id"]
    assert by_query_id.json == server.call("GET", f"/jobs/{metadata['job_id']}").json


@requirement("JOB-05", "JOB-06", "JOB-07", "JOB-08", "JOB-12")
def test_a_running_job_has_begun_and_not_ended(server: Emulator) -> None:
    with running_query(server) as running:
        job = server.call("GET", f"/jobs/{running.job_id}").json

    assert job["status"] == "RUNNING"
    assert job["started_at"] is not None
    assert [job[name] for name in ("completed_at", "row_count", "execution_time_ms", "error")] == [None] * 4


@requirement("JOB-09", "JOB-17", "QRY-63")
def test_a_query_that_failed_in_the_engine_leaves_a_failed_job(server: Emulator) -> None:
    job = failed_job(server)

    assert (job["status"], job["row_count"]) == ("FAILED", None)
    assert (job["error"]["code"], job["error"]["message"]) == ("INVALID_SQL", "division by zero")
    assert moment(job["completed_at"]) >= moment(job["submitted_at"])


@requirement("JOB-17")
@pytest.mark.parametrize(
    "sql", ["DROP TABLE sales", "SELECT 1 FORM x", "SELECT nope FROM sales"], ids=["blocked", "syntax", "unknown-name"]
)
def test_a_refused_query_leaves_no_job(server: Emulator, sql: str) -> None:
    assert query_as(server, "refused", sql).status == 400
    assert server.control("GET", "/tenants/refused/jobs").json["jobs"] == []


@requirement("JOB-16", "GEN-12", "ERR-15")
@pytest.mark.parametrize("path", ["/jobs/{}", "/jobs/{}/results"], ids=["record", "results"])
@pytest.mark.parametrize("job_id", UNKNOWN.values(), ids=UNKNOWN)
def test_an_id_of_no_job_is_not_found(server: Emulator, path: str, job_id: str) -> None:
    answer = server.call("GET", path.format(job_id))

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@requirement("JOB-16", "TEN-02")
@pytest.mark.parametrize("path", ["/jobs/{}", "/jobs/{}/results"], ids=["record", "results"])
def test_a_job_of_another_tenant_answers_like_an_unknown_one(server: Emulator, path: str) -> None:
    job_id = server.query(THREE_ROWS).json["metadata"]["job_id"]
    foreign = server.call("GET", path.format(job_id), key=OTHER_KEY, tenant=OTHER_TENANT)
    unknown = server.call("GET", path.format(UNKNOWN["unknown"]), key=OTHER_KEY, tenant=OTHER_TENANT)

    assert (foreign.status, foreign.code) == (404, "NOT_FOUND")
    assert foreign.content == unknown.content.replace(UNKNOWN["unknown"].encode(), job_id.encode())


def results_of(server: Emulator, answer: Answer, name: str = "job_id") -> Answer:
    return server.call("GET", f"/jobs/{answer.json['metadata'][name]}/results")


@requirement("JOB-20", "JOB-22", "JOB-26")
@pytest.mark.parametrize("name", ["job_id", "query_id"])
def test_the_results_of_a_query_are_its_rows_again(server: Emulator, name: str) -> None:
    answer = server.query(THREE_ROWS, limit=2)
    results = results_of(server, answer, name)

    assert results.status == 200
    assert results.json["data"] == answer.json["data"]
    assert results.json["metadata"]["columns"] == ["id", "region", "amount"]
    assert results.json["metadata"]["row_count"] == 2


@requirement("JOB-22", "TYP-03")
def test_the_results_keep_every_digit(server: Emulator) -> None:
    answer = server.query("SELECT CAST(1.10 AS DECIMAL(5,2)) AS v")

    assert b'"data":[{"v":1.10}]' in results_of(server, answer).content


@requirement("JOB-22", "JOB-26", "JOB-27")
def test_many_rows_come_inline_as_often_as_they_are_asked_for(server: Emulator) -> None:
    answer = server.query("SELECT id, region, product, amount FROM sales ORDER BY id")
    first, second = results_of(server, answer), results_of(server, answer)

    assert len(first.json["data"]) == 10_000
    assert first.json["data"] == answer.json["data"]
    assert first.content == second.content


@requirement("JOB-23", "ERR-16")
def test_a_running_job_has_no_results(server: Emulator) -> None:
    with running_query(server) as running:
        answer = server.call("GET", f"/jobs/{running.job_id}/results")

    assert (answer.status, answer.code, answer.details["status"]) == (409, "CONFLICT", "RUNNING")


@requirement("JOB-24")
def test_a_failed_job_has_no_results(server: Emulator) -> None:
    answer = server.call("GET", f"/jobs/{failed_job(server)['job_id']}/results")

    assert (answer.status, answer.code, answer.details["status"]) == (409, "CONFLICT", "FAILED")


@requirement("JOB-27", "LIM-14")
def test_the_oldest_answers_make_room_and_are_then_not_found(emulators: Emulators) -> None:
    own = emulators.start("--result-store-bytes", "1MiB", "--rate-limits", "off")
    oldest, newest = own.query(LARGE), own.query(LARGE)

    assert results_of(own, newest).status == 200
    assert (results_of(own, oldest).status, results_of(own, oldest).code) == (404, "NOT_FOUND")
    assert own.call("GET", f"/jobs/{oldest.json['metadata']['job_id']}").json["status"] == "COMPLETED"
    own.stop()
