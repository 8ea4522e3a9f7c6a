"""The states of bulk jobs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from spectra_emulator.domain.bulk_jobs import (
    CLIENT_MOVES,
    SERVICE_MOVES,
    BulkJob,
    BulkJobRequest,
    BulkJobState,
    Operation,
    as_job,
    moved_by_client,
)
from spectra_emulator.domain.errors import Conflict
from spectra_emulator.domain.jobs import JobError, JobStatus

from tests.fakes import NOON
from tests.requirements import requirement

OPEN = BulkJob("bulk-1", "tenant-123", BulkJobRequest(Operation.INSERT, "public.sales"), BulkJobState.OPEN, NOON, NOON)
LATER = NOON + timedelta(seconds=90)
BY_CLIENT = {
    ("Open", "UploadComplete"),
    ("Open", "Aborted"),
    ("UploadComplete", "Aborted"),
    ("InProgress", "Aborted"),
}
BY_SERVICE = {
    ("UploadComplete", "InProgress"),
    ("UploadComplete", "Failed"),
    ("InProgress", "JobComplete"),
    ("InProgress", "Failed"),
}
PAIRS = list(product(map(str, BulkJobState), repeat=2))


@requirement("BLK-20")
def test_the_states_are_spelt_as_documented() -> None:
    assert list(BulkJobState) == ["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]


@requirement("BLK-23")
@pytest.mark.parametrize(("before", "after"), sorted(BY_CLIENT), ids=str)
def test_a_client_may_make_the_documented_moves(before: str, after: str) -> None:
    moved = moved_by_client(replace(OPEN, state=BulkJobState(before)), BulkJobState(after), LATER)

    assert (moved.state, moved.updated_at, moved.created_at) == (after, LATER, NOON)


@requirement("BLK-22", "BLK-23")
@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair not in BY_CLIENT], ids=str)
def test_a_client_may_make_no_other_move(before: str, after: str) -> None:
    with pytest.raises(Conflict) as refused:
        moved_by_client(replace(OPEN, state=BulkJobState(before)), BulkJobState(after), LATER)

    assert refused.value.details == {"current_state": before, "requested_state": after}


@requirement("BLK-23")
def test_the_service_makes_only_the_documented_moves() -> None:
    assert {(before, after) for before, ends in SERVICE_MOVES.items() for after in ends} == BY_SERVICE


@requirement("BLK-23")
@pytest.mark.parametrize("state", ["JobComplete", "Failed", "Aborted"])
def test_nothing_moves_a_finished_job(state: str) -> None:
    ends = CLIENT_MOVES[BulkJobState(state)] | SERVICE_MOVES.get(BulkJobState(state), frozenset())

    assert ends == frozenset()


@requirement("BLK-23")
def test_an_aborted_job_knows_when_it_ended() -> None:
    assert moved_by_client(OPEN, BulkJobState.ABORTED, LATER).completed_at == LATER


@requirement("BLK-25")
def test_a_closed_upload_has_not_ended() -> None:
    assert moved_by_client(OPEN, BulkJobState.UPLOAD_COMPLETE, LATER).completed_at is None


@requirement("JOB-11")
@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("Open", "QUEUED"),
        ("UploadComplete", "QUEUED"),
        ("InProgress", "RUNNING"),
        ("JobComplete", "COMPLETED"),
        ("Failed", "FAILED"),
        ("Aborted", "CANCELLED"),
    ],
)
def test_the_job_api_shows_each_state_as_a_status(state: str, status: str) -> None:
    shown = as_job(replace(OPEN, state=BulkJobState(state)))

    assert (shown.status, shown.submitted_at, shown.job_id) == (status, NOON, "bulk-1")


@requirement("JOB-07", "JOB-08")
def test_a_complete_job_shows_its_records_and_time() -> None:
    complete = replace(
        OPEN, state=BulkJobState.JOB_COMPLETE, started_at=NOON, completed_at=LATER, number_records_processed=12
    )

    assert (as_job(complete).row_count, as_job(complete).execution_time_ms) == (12, 90_000)


@requirement("JOB-07", "JOB-08")
def test_an_unfinished_job_shows_neither_records_nor_time() -> None:
    shown = as_job(replace(OPEN, state=BulkJobState.IN_PROGRESS, started_at=NOON, number_records_processed=5))

    assert (shown.row_count, shown.execution_time_ms, shown.finished) == (None, None, False)


@requirement("JOB-09", "BLK-44")
def test_a_failed_job_shows_its_reason() -> None:
    reason = JobError("INVALID_REQUEST", "Nothing was uploaded for this job", {})
    shown = as_job(replace(OPEN, state=BulkJobState.FAILED, completed_at=LATER, error=reason))

    assert (shown.status, shown.error) == (JobStatus.FAILED, reason)
