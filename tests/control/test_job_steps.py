"""Jobs that a tester holds, advances and fails."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.bulk_client import BulkClient
from tests.emulator import Emulator, Emulators, eventually
from tests.requirements import requirement


@pytest.fixture(scope="module")
def stepping(emulators: Emulators) -> Emulator:
    return emulators.start("--rate-limits", "off")


@pytest.fixture
def server(stepping: Emulator) -> Iterator[Emulator]:
    """Lend the server with jobs that step when told, and let them step by themselves afterwards."""
    stepping.control("PUT", "/jobs", {"pace": "manual"})
    yield stepping
    stepping.control("PUT", "/jobs", {"pace": "automatic"})


def move(server: Emulator, job_id: str, move: str) -> Any:
    return server.control("POST", f"/jobs/{job_id}/{move}", {} if move == "fail" else None).json


def waiting(server: Emulator, job_id: str) -> Any:
    """Return the job once it stands before a step."""

    def found() -> Any:
        shown = server.control("GET", f"/jobs/{job_id}").json
        return shown if shown["waits"] else None

    return eventually(found)


def unfinished_query(server: Emulator, status: str) -> str:
    def found() -> list[Any]:
        jobs: list[Any] = server.control("GET", f"/tenants/tenant-123/jobs?status={status}").json["jobs"]
        return jobs

    return str(eventually(found)[0]["job_id"])


@requirement("BLK-27")
def test_a_bulk_job_is_seen_in_every_state(server: Emulator) -> None:
    bulk = BulkClient(server)
    job_id = bulk.created(operation="query", object="sales", query="SELECT 1 AS n")["job_id"]
    bulk.patched(job_id, "UploadComplete")
    states = [waiting(server, job_id)["state"]]
    move(server, job_id, "advance")
    eventually(lambda: bulk.call("GET", f"/{job_id}").json["state"] == "InProgress")
    states.append(waiting(server, job_id)["state"])
    move(server, job_id, "advance")

    assert states == ["UploadComplete", "InProgress"]
    assert bulk.ended(job_id)["state"] == "JobComplete"


def test_an_advanced_job_is_answered_as_it_stands_then(server: Emulator) -> None:
    bulk = BulkClient(server)
    job_id = bulk.created(operation="query", object="sales", query="SELECT 1 AS n")["job_id"]
    bulk.patched(job_id, "UploadComplete")
    waiting(server, job_id)

    assert server.control("POST", f"/jobs/{job_id}/advance").json["state"] == "InProgress"


def test_an_open_job_takes_no_step(server: Emulator) -> None:
    job_id = BulkClient(server).created(operation="query", object="sales", query="SELECT 1 AS n")["job_id"]
    answer = server.control("POST", f"/jobs/{job_id}/advance")

    assert (answer.status, answer.details["status"]) == (409, "Open")


def test_a_query_is_seen_queued_and_running(server: Emulator) -> None:
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(server.query, "SELECT 1 AS n")
        job_id = unfinished_query(server, "QUEUED")
        move(server, job_id, "advance")
        assert unfinished_query(server, "RUNNING") == job_id
        move(server, job_id, "advance")

        assert answer.result().json["data"] == [{"n": 1}]


def test_a_job_that_waits_can_be_failed(server: Emulator) -> None:
    bulk = BulkClient(server)
    job_id = bulk.created(operation="query", object="sales", query="SELECT 1 AS n")["job_id"]
    bulk.patched(job_id, "UploadComplete")
    waiting(server, job_id)
    failed = move(server, job_id, "fail")

    assert (failed["state"], failed["job"]["error"]["code"]) == ("Failed", "INTERNAL_ERROR")


def test_a_query_that_is_failed_answers_so(server: Emulator) -> None:
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(server.query, "SELECT 1 AS n")
        job_id = unfinished_query(server, "QUEUED")
        server.control("POST", f"/jobs/{job_id}/fail", {"code": "QUERY_TIMEOUT", "message": "too slow"})

        assert (answer.result().status, answer.result().code) == (504, "QUERY_TIMEOUT")


def test_a_job_that_waits_can_be_cancelled_by_its_client(server: Emulator) -> None:
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(server.query, "SELECT 1 AS n")
        job_id = unfinished_query(server, "QUEUED")

        assert server.call("DELETE", f"/jobs/{job_id}").status == 200
        assert answer.result().code == "CONFLICT"


def test_one_job_is_held_while_others_step(server: Emulator) -> None:
    server.control("PUT", "/jobs", {"pace": "automatic"})
    bulk = BulkClient(server)
    job_id = bulk.created(operation="query", object="sales", query="SELECT 1 AS n")["job_id"]
    move(server, job_id, "hold")
    bulk.patched(job_id, "UploadComplete")
    waiting(server, job_id)
    other = bulk.exported("SELECT 2 AS n")["state"]
    move(server, job_id, "release")

    assert other == "JobComplete"
    assert bulk.ended(job_id)["state"] == "JobComplete"


def test_a_delayed_job_ends_all_the_same(server: Emulator) -> None:
    server.control("PUT", "/jobs", {"pace": "delayed", "delay": "1s"})

    assert server.query("SELECT 1 AS n").json["data"] == [{"n": 1}]


def test_a_job_that_has_ended_cannot_be_held(server: Emulator) -> None:
    server.control("PUT", "/jobs", {"pace": "automatic"})
    query_id = server.query("SELECT 1 AS n").json["metadata"]["query_id"]

    assert server.control("POST", f"/jobs/{query_id}/hold").status == 409
    assert server.control("POST", "/jobs/no-such-job/hold").status == 404


def test_a_shorter_delay_counts_for_jobs_that_wait_already(server: Emulator) -> None:
    server.control("PUT", "/jobs", {"pace": "delayed", "delay": "1h"})
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(server.query, "SELECT 1 AS n")
        waiting(server, unfinished_query(server, "QUEUED"))
        server.control("PUT", "/jobs", {"pace": "delayed", "delay": "1s"})

        assert asked.result().status == 200
