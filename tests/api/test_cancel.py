from __future__ import annotations

import pytest

from tests.credentials import OTHER_KEY, OTHER_TENANT
from tests.emulator import Emulator, eventually
from tests.long_running import running_jobs, running_query
from tests.requirements import requirement

INSERT = {"operation": "insert", "object": "spectra_conformance_sandbox"}


@requirement("JOB-30")
def test_a_running_query_is_cancelled_from_another_connection(server: Emulator) -> None:
    with running_query(server) as running:
        cancelled = server.call("DELETE", f"/jobs/{running.job_id}")

    assert cancelled.status == 200
    assert cancelled.json.items() >= {"job_id": running.job_id, "status": "CANCELLED"}.items()
    assert cancelled.json["message"]


@requirement("JOB-30", "JOB-10")
def test_a_query_is_cancelled_by_its_query_id_too(server: Emulator) -> None:
    with running_query(server) as running:
        cancelled = server.call("DELETE", f"/jobs/{running.job_id.removeprefix('job-')}")

    assert (cancelled.status, cancelled.json["job_id"]) == (200, running.job_id)


@requirement("JOB-34")
def test_the_cancelled_query_answers_conflict(server: Emulator) -> None:
    with running_query(server) as running:
        server.call("DELETE", f"/jobs/{running.job_id}")
        answer = running.answer.result(timeout=20)

    assert (answer.status, answer.code, answer.details["status"]) == (409, "CONFLICT", "CANCELLED")


@requirement("JOB-12", "JOB-30", "JOB-07", "JOB-09")
def test_a_cancelled_job_stays_cancelled_and_has_ended(server: Emulator) -> None:
    with running_query(server) as running:
        server.call("DELETE", f"/jobs/{running.job_id}")
        running.answer.result(timeout=20)
    job = server.call("GET", f"/jobs/{running.job_id}").json

    assert (job["status"], job["row_count"], job["error"]) == ("CANCELLED", None, None)
    assert job["completed_at"] >= job["started_at"]
    assert job["execution_time_ms"] >= 0


@requirement("JOB-24")
def test_a_cancelled_job_has_no_results(server: Emulator) -> None:
    with running_query(server) as running:
        server.call("DELETE", f"/jobs/{running.job_id}")
    answer = server.call("GET", f"/jobs/{running.job_id}/results")

    assert (answer.status, answer.code, answer.details["status"]) == (409, "CONFLICT", "CANCELLED")


@requirement("JOB-32")
def test_cancelling_twice_is_a_conflict(server: Emulator) -> None:
    with running_query(server) as running:
        server.call("DELETE", f"/jobs/{running.job_id}")
        again = server.call("DELETE", f"/jobs/{running.job_id}")

    assert (again.status, again.code) == (409, "CONFLICT")


@requirement("JOB-31", "ERR-16")
def test_a_completed_query_cannot_be_cancelled(server: Emulator) -> None:
    job_id = server.query("SELECT 1 AS a").json["metadata"]["job_id"]
    answer = server.call("DELETE", f"/jobs/{job_id}")

    assert (answer.status, answer.code, answer.details["status"]) == (409, "CONFLICT", "COMPLETED")
    assert server.call("GET", f"/jobs/{job_id}").json["status"] == "COMPLETED"


@requirement("JOB-16", "GEN-12")
@pytest.mark.parametrize("job_id", ["job-0000", "x" * 200, "a%20b"], ids=["unknown", "too-long", "bad-characters"])
def test_an_unknown_job_cannot_be_cancelled(server: Emulator, job_id: str) -> None:
    answer = server.call("DELETE", f"/jobs/{job_id}")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@requirement("TEN-01", "TEN-02")
def test_another_tenant_cannot_cancel_the_query(server: Emulator) -> None:
    with running_query(server) as running:
        answer = server.call("DELETE", f"/jobs/{running.job_id}", key=OTHER_KEY, tenant=OTHER_TENANT)
        still_running = running.job_id in running_jobs(server)

    assert (answer.status, answer.code, still_running) == (404, "NOT_FOUND", True)


@requirement("JOB-33", "JOB-35", "JOB-11")
def test_cancelling_a_bulk_job_aborts_it(server: Emulator) -> None:
    job_id = server.call("POST", "/bulk/jobs", INSERT).json["job_id"]
    cancelled = server.call("DELETE", f"/jobs/{job_id}")

    assert (cancelled.status, cancelled.json["job_id"], cancelled.json["status"]) == (200, job_id, "CANCELLED")
    assert server.call("GET", f"/bulk/jobs/{job_id}").json["state"] == "Aborted"


@requirement("JOB-31", "JOB-33")
def test_an_aborted_bulk_job_cannot_be_cancelled(server: Emulator) -> None:
    job_id = server.call("POST", "/bulk/jobs", INSERT).json["job_id"]
    server.call("DELETE", f"/jobs/{job_id}")
    again = server.call("DELETE", f"/jobs/{job_id}")

    assert (again.status, again.code) == (409, "CONFLICT")


def test_cancelling_one_query_leaves_another_of_the_tenant_running(server: Emulator) -> None:
    with running_query(server) as one, running_query(server) as other:
        server.call("DELETE", f"/jobs/{one.job_id}")
        one.answer.result(timeout=20)
        left = server.call("GET", f"/jobs/{other.job_id}").json["status"]

    assert left == "RUNNING"


def test_a_cancelled_query_is_gone_from_the_engine(server: Emulator) -> None:
    with running_query(server) as running:
        server.call("DELETE", f"/jobs/{running.job_id}")

    assert eventually(lambda: running.job_id not in running_jobs(server))
    assert server.query("SELECT COUNT(*) AS n FROM sales").json["data"] == [{"n": 259_200}]
