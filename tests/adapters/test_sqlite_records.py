"""All records of a tenant, out of the state and into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from spectra_emulator.adapters.api_keys import ApiKeys
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.domain.errors import Conflict
from spectra_emulator.domain.idempotency import IdempotencyKey
from spectra_emulator.domain.jobs import JobStatus
from spectra_emulator.domain.snapshots import TenantRecords, checked_keys, checked_records

from tests.adapters.test_state_stores import bulk_job
from tests.fakes import NOON, job

TENANT = "tenant-123"
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[SqliteState]:
    opened = SqliteState(tmp_path / "state.sqlite")
    yield opened
    opened.close()


def filled(state: SqliteState) -> TenantRecords:
    """Give the tenant a record of every kind, and another tenant a job."""
    key = IdempotencyKey(TENANT, "POST /queries", "key-1", "sha-1")
    state.add_job(replace(job("job-done"), status=JobStatus.COMPLETED))
    state.add_job(job("job-other", tenant_id="tenant-456"))
    state.add_bulk_job(bulk_job("bulk-1"))
    state.fulfil(key, state.reserve(key, NOON, NOON + DAY).token, "job-done")
    state.reserve(replace(key, text="running"), NOON, NOON + DAY)
    state.count_call(TENANT, "queries", 10, MINUTE, NOON)
    return state.exported(TENANT)


def test_what_is_exported_is_all_but_the_keys_of_requests_under_way(state: SqliteState) -> None:
    records = filled(state)

    assert [each.job_id for each in (*records.jobs, *records.bulk_jobs)] == ["job-done", "bulk-1"]
    assert [key.text for key in records.keys] == ["key-1"]
    assert [(window.bucket, window.count) for window in records.windows] == [("queries", 1)]


def test_records_that_are_put_back_are_as_they_were_and_no_more(state: SqliteState) -> None:
    records = filled(state)
    state.clear(TENANT)
    state.add_job(job("job-later"))
    state.replaced(TENANT, records, NOON)

    assert state.exported(TENANT) == records
    assert state.job("tenant-456", "job-other") is not None


def test_a_query_that_was_under_way_has_failed(state: SqliteState) -> None:
    state.replaced(TENANT, TenantRecords(jobs=(job("job-running"),)), NOON)
    found = state.job(TENANT, "job-running")

    assert found is not None
    assert (found.status, found.error is not None, found.completed_at) == (JobStatus.FAILED, True, NOON)


def test_a_job_of_another_tenant_is_not_taken_over(state: SqliteState) -> None:
    records = filled(state)
    with pytest.raises(Conflict, match="Another tenant"):
        state.replaced(TENANT, TenantRecords(jobs=(job("job-other"),)), NOON)

    assert state.exported(TENANT) == records


@pytest.mark.parametrize(
    "records",
    [
        TenantRecords(jobs=(job("../../up"),)),
        TenantRecords(jobs=(job("job-1", tenant_id="tenant-456"),)),
        TenantRecords(bulk_jobs=(bulk_job("bulk/1"),)),
        TenantRecords(bulk_jobs=(replace(bulk_job("bulk-1"), result_key="tenant-456/exports/1"),)),
    ],
    ids=["a path", "another tenant's", "a bulk job's path", "another tenant's object"],
)
def test_records_that_cannot_be_the_tenants_are_refused(records: TenantRecords) -> None:
    with pytest.raises(Conflict, match="broken"):
        checked_records(TENANT, records)


def test_objects_of_another_tenant_are_refused() -> None:
    with pytest.raises(Conflict, match="not the tenant's"):
        checked_keys(TENANT, ["tenant-123/uploads/1", "tenant-1234/uploads/1"])


def test_keys_that_were_made_are_restored_and_others_are_not_valid(tmp_path: Path) -> None:
    keys = ApiKeys([], tmp_path / "keys.json")
    first = keys.make(TENANT, frozenset({"bulk:read"}))
    made = keys.made(TENANT)
    keys.revoke(TENANT)
    second = keys.make(TENANT, None)
    keys.restore(TENANT, made)
    again = ApiKeys([], tmp_path / "keys.json")

    assert (keys.credential(second), keys.made(TENANT)) == (None, made)
    assert again.credential(first) == keys.credential(first)
    assert again.credential(first) is not None
