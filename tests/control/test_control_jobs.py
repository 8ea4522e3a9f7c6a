from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.credentials import query_as
from tests.described import complaints
from tests.emulator import Answer, Emulator, eventually
from tests.long_running import running_query
from tests.requirements import requirement

STATUSES = ["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"]


def jobs(server: Emulator, tenant: str, query: str = "") -> list[dict[str, str]]:
    found: list[dict[str, str]] = server.control("GET", f"/tenants/{tenant}/jobs{query}").json["jobs"]
    return found


def job_id(answer: Answer) -> str:
    return str(answer.json["metadata"]["job_id"])


def test_a_tenants_jobs_are_listed_newest_first(server: Emulator) -> None:
    made = [job_id(query_as(server, "listed", f"SELECT {number} AS a")) for number in range(3)]

    assert [job["job_id"] for job in jobs(server, "listed")] == made[::-1]


@requirement("JOB-01", "JOB-03", "JOB-15")
def test_a_job_is_shown_as_the_job_api_shows_it(server: Emulator) -> None:
    query_as(server, "shown", "SELECT 1 AS a")
    query_as(server, "shown", "SELECT 1 / (1 - 1) AS a FROM customers")

    assert [complaints({"$ref": "#/components/schemas/Job"}, job) for job in jobs(server, "shown")] == [[], []]


@pytest.mark.parametrize("status", STATUSES)
def test_a_tenant_that_did_nothing_has_no_job(server: Emulator, status: str) -> None:
    assert jobs(server, "idle", f"?status={status}") == []


@requirement("JOB-03")
def test_the_list_is_filtered_by_status(server: Emulator) -> None:
    with running_query(server) as running:
        while_running = {status: jobs(server, "tenant-123", f"?status={status}") for status in STATUSES}
        server.call("DELETE", f"/jobs/{running.job_id}")
    shown = {status: {job["job_id"] for job in found} for status, found in while_running.items()}

    assert [status for status in STATUSES if running.job_id in shown[status]] == ["RUNNING"]
    assert eventually(
        lambda: running.job_id in {job["job_id"] for job in jobs(server, "tenant-123", "?status=CANCELLED")}
    )


@pytest.mark.parametrize(("limit", "shown"), [("?limit=2", 2), ("?limit=1&status=COMPLETED", 1), ("", 3)])
def test_the_list_is_as_long_as_asked_for(server: Emulator, limit: str, shown: int) -> None:
    tenant = f"limit-{shown}"
    made = [job_id(query_as(server, tenant, f"SELECT {number} AS a")) for number in range(3)]

    assert [job["job_id"] for job in jobs(server, tenant, limit)] == made[::-1][:shown]


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "", "ten", "1e2", "\u0661", "99999"])
def test_a_length_beyond_the_bounds_is_refused(server: Emulator, limit: str) -> None:
    answer = server.control("GET", f"/tenants/tenant-123/jobs?limit={quote(limit)}")

    assert (answer.status, answer.code, answer.details["field"]) == (400, "INVALID_REQUEST", "limit")


@requirement("TEN-01")
def test_a_tenant_shows_no_other_tenants_job(server: Emulator) -> None:
    query_as(server, "neighbour", "SELECT 1 AS a")

    assert {job["tenant_id"] for job in jobs(server, "neighbour")} == {"neighbour"}


@pytest.mark.parametrize("status", ["running", "", "SUBMITTED", "%00"])
def test_an_unknown_status_is_refused(server: Emulator, status: str) -> None:
    answer = server.control("GET", f"/tenants/tenant-123/jobs?status={status}")

    assert (answer.status, answer.code, answer.details["field"]) == (400, "INVALID_REQUEST", "status")
