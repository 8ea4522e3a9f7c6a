"""A job while it runs, and its end by the user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import note
from spectra_conformance.suite.asking import result, slow_count
from spectra_conformance.suite.moments import moment
from spectra_conformance.suite.operations import REQUIREMENTS, assert_expected, call
from spectra_conformance.suite.refusals import assert_refused, assert_unauthenticated
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_states import ALL, RUNNING

PASSING = ("UploadComplete", "InProgress")
ORDER = ("Open", "UploadComplete", "InProgress", "JobComplete")


def begun(client: Client) -> str:
    """Return the id of an export that runs for long, as soon as it runs."""
    job_id = bulk.created(client, operation="query", object=bulk.TABLE, query=slow_count(bulk.LONG_DIGITS))
    bulk.begun(client, job_id)
    return bulk.seen_in(client, job_id, "InProgress")


@pytest.fixture(scope="module")
def running_export(owner: Client) -> Iterator[str]:
    job_id = begun(owner)
    yield job_id
    owner.set_state(job_id, "Aborted")


@decides("JOB-12", "BLK-20", "BLK-27", "JOB-11", "BLK-25", bulk_creations=1, queries=0)
def test_a_state_only_moves_forward(either: Client) -> None:
    job_id = bulk.created(either, operation="query", object=bulk.TABLE, query=slow_count(7))
    first = bulk.record(either, job_id)["state"]
    bulk.begun(either, job_id)
    seen = [first]
    while seen[-1] not in {"JobComplete", "Failed", "Aborted"} and len(seen) < 400:
        seen.append(bulk.record(either, job_id)["state"])
    if seen[-1] in PASSING:
        seen.append(bulk.ended(either, job_id, "JobComplete")["state"])
    places = [ORDER.index(state) for state in seen]

    assert places == sorted(places), seen
    assert "Open" not in seen[1:], seen
    assert seen[-1] == "JobComplete", seen


@pytest.mark.parametrize("way", ["patch", "cancel"])
@decides("BLK-23", "BLK-31", "BLK-32", "JOB-30", "JOB-33", "JOB-12", "JOB-06", "BLK-43", bulk_creations=1, queries=0)
def test_a_running_job_is_ended_by_its_user_for_good(
    either: Client, way: str, aborted_running: list[tuple[Client, str]]
) -> None:
    job_id = begun(either)
    if way == "patch":
        answer = either.set_state(job_id, "Aborted")
        assert (answer.status, answer.json()["job_id"], answer.json()["state"]) == (200, job_id, "Aborted"), (
            answer.shown
        )
    else:
        answer = either.send("DELETE", f"/jobs/{job_id}")
        if answer.status in {404, 409}:
            note(f"{answer.status}: bulk jobs are not cancelled through the Job API")
            either.set_state(job_id, "Aborted")
            return
        assert (answer.status, answer.json()["job_id"], answer.json()["status"]) == (200, job_id, "CANCELLED")
        assert answer.json()["message"]
    assert_aborted(either, job_id)
    aborted_running.append((either, job_id))


@pytest.mark.parametrize("operation", RUNNING)
@decides(*ALL, bulk_creations=1, queries=0)
def test_each_operation_on_a_running_job_answers_as_its_state_says(
    owner: Client, running_export: str, operation: str
) -> None:
    assert_expected(call(owner, operation, running_export), RUNNING[operation])


@decides("JOB-03", "JOB-05", "JOB-06", "JOB-07", "JOB-08", "JOB-09", "JOB-11", "BLK-20", "BLK-27", bulk_creations=1)
def test_a_running_job_shows_as_running(owner: Client, running_export: str) -> None:
    record = bulk.record(owner, running_export)
    assert record["state"] == "InProgress"
    assert moment(record["created_at"]) <= moment(record["updated_at"])
    assert record["number_records_failed"] == 0
    shown = owner.get(f"/jobs/{running_export}").json()

    assert shown["status"] == "RUNNING"
    assert shown["started_at"] is not None
    assert [shown[name] for name in ("completed_at", "row_count", "error")] == [None] * 3
    assert shown.get("execution_time_ms") is None


@pytest.mark.parametrize("operation", REQUIREMENTS)
@decides("TEN-01", "TEN-02", "ERR-15", needs=("second_tenant",), bulk_creations=1, queries=0)
def test_another_tenant_finds_no_running_job(peer: Client, running_export: str, operation: str) -> None:
    tolerated = {403, 400} if operation == "set_open" else {403}
    assert_refused(call(peer, operation, running_export), "NOT_FOUND", tolerated=tolerated)


@pytest.mark.parametrize("operation", REQUIREMENTS)
@decides("AUTH-04", "AUTH-03", "ERR-13", bulk_creations=1, queries=0, profile="full")
def test_nobody_is_served_a_running_job(anonymous: Client, running_export: str, operation: str) -> None:
    assert_unauthenticated(call(anonymous, operation, running_export))


@decides("TEN-01", "BLK-22", "JOB-12", bulk_creations=1, profile="full")
def test_other_work_is_served_while_a_job_runs(owner: Client, running_export: str) -> None:
    assert result(owner, "SELECT 1 AS a", timeout_seconds=60)["data"] == [{"a": 1}]
    assert bulk.record(owner, running_export)["state"] == "InProgress"


def assert_aborted(owner: Client, job_id: str) -> None:
    """Assert that both APIs show a job as ended by its user, and that its end has no results."""
    record = bulk.record(owner, job_id)
    assert (record["state"], record["number_records_processed"]) == ("Aborted", 0)
    assert moment(record["updated_at"]) >= moment(record["created_at"])
    assert_refused(owner.get(f"/bulk/jobs/{job_id}/results", check=False), "CONFLICT", tolerated={200, 400, 404})
    shown = owner.get(f"/jobs/{job_id}").json()
    assert (shown["status"], shown["row_count"], shown["error"]) == ("CANCELLED", None, None)
    assert moment(shown["started_at"]) <= moment(shown["completed_at"])


@decides("BLK-23", "BLK-22", needs=("second_tenant",), bulk_creations=1, queries=0, profile="full")
def test_a_tenants_running_job_holds_up_no_other_tenant(owner: Client, peer: Client, running_export: str) -> None:
    assert bulk.record(owner, running_export)["state"] == "InProgress"
    assert result(peer, "SELECT 1 AS a", timeout_seconds=60)["data"] == [{"a": 1}]


@decides("AUTH-04", "TEN-01", bulk_creations=1, queries=0, profile="full")
def test_a_wrong_tenant_header_ends_no_running_job(owner: Client, running_export: str) -> None:
    stranger = replace(owner, identity=replace(owner.identity, tenant="spectra-conformance-nobody"))
    answer = stranger.send("DELETE", f"/jobs/{running_export}", check=False)

    if answer.status == 200:
        note("X-Tenant-ID is ignored where the credentials name the tenant")
        return
    assert answer.status in {400, 401, 403, 404}, answer.shown
    assert bulk.record(owner, running_export)["state"] == "InProgress"
