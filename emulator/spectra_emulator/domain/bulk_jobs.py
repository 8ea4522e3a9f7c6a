"""Bulk jobs, their states and the moves between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from spectra_emulator.domain.errors import Conflict
from spectra_emulator.domain.jobs import Job, JobError, JobStatus, elapsed_milliseconds


class Operation(StrEnum):
    QUERY = "query"
    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"


class BulkJobState(StrEnum):
    OPEN = "Open"
    UPLOAD_COMPLETE = "UploadComplete"
    IN_PROGRESS = "InProgress"
    JOB_COMPLETE = "JobComplete"
    FAILED = "Failed"
    ABORTED = "Aborted"


class Mover(StrEnum):
    CLIENT = "client"
    SERVICE = "service"


MOVES: dict[BulkJobState, dict[BulkJobState, Mover]] = {
    BulkJobState.OPEN: {
        BulkJobState.UPLOAD_COMPLETE: Mover.CLIENT,
        BulkJobState.ABORTED: Mover.CLIENT,
        BulkJobState.FAILED: Mover.SERVICE,
    },
    BulkJobState.UPLOAD_COMPLETE: {
        BulkJobState.IN_PROGRESS: Mover.SERVICE,
        BulkJobState.ABORTED: Mover.CLIENT,
        BulkJobState.FAILED: Mover.SERVICE,
    },
    BulkJobState.IN_PROGRESS: {
        BulkJobState.JOB_COMPLETE: Mover.SERVICE,
        BulkJobState.ABORTED: Mover.CLIENT,
        BulkJobState.FAILED: Mover.SERVICE,
    },
    BulkJobState.JOB_COMPLETE: {},
    BulkJobState.FAILED: {},
    BulkJobState.ABORTED: {},
}
"""From each state the states that may follow, and who moves the job there."""

UNDER_WAY = frozenset({BulkJobState.UPLOAD_COMPLETE, BulkJobState.IN_PROGRESS})
UNFINISHED = frozenset(state for state, following in MOVES.items() if following)
TIME_LIMIT = timedelta(hours=24)
MAX_ATTEMPTS = 3
STATUS: dict[BulkJobState, JobStatus] = {
    BulkJobState.OPEN: JobStatus.QUEUED,
    BulkJobState.UPLOAD_COMPLETE: JobStatus.QUEUED,
    BulkJobState.IN_PROGRESS: JobStatus.RUNNING,
    BulkJobState.JOB_COMPLETE: JobStatus.COMPLETED,
    BulkJobState.FAILED: JobStatus.FAILED,
    BulkJobState.ABORTED: JobStatus.CANCELLED,
}


@dataclass(frozen=True)
class BulkJobRequest:
    """What a client asks for; `external_id_field` and the file options are optional extras."""

    operation: Operation
    object: str
    query: str | None = None
    content_type: str = "CSV"
    compression: str = "NONE"
    external_id_field: str | None = None
    column_mappings: tuple[tuple[str, str], ...] = ()
    line_ending: str = "LF"
    column_delimiter: str = ","


@dataclass(frozen=True)
class Link:
    """A URL with its own authority, until `expires_at`."""

    url: str
    expires_at: datetime


@dataclass(frozen=True)
class BulkJob:
    """One bulk job's record; times are aware and in UTC.

    `attempt` counts how often its work began. `result_key` names an export's object, which is whole once it is named.
    `db_user` is who its creator was to the database.
    """

    job_id: str
    tenant_id: str
    request: BulkJobRequest
    state: BulkJobState
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    number_records_processed: int = 0
    number_records_failed: int = 0
    error: JobError | None = None
    attempt: int = 0
    upload_link: Link | None = None
    result_key: str | None = None
    db_user: str = ""

    @property
    def finished(self) -> bool:
        return self.state not in UNFINISHED


@dataclass(frozen=True)
class BulkJobFilter:
    """`before` is the (created_at, job_id) of the last job already shown."""

    limit: int
    state: BulkJobState | None = None
    operation: Operation | None = None
    before: tuple[datetime, str] | None = None


def moved_by_client(job: BulkJob, state: BulkJobState, now: datetime) -> BulkJob:
    """Return the job in the state that its client asks for.

    Raises: Conflict.
    """
    return _moved(job, state, Mover.CLIENT, now)


def begun(job: BulkJob, now: datetime) -> BulkJob:
    """Return the job as its first attempt begins."""
    return replace(_moved(job, BulkJobState.IN_PROGRESS, Mover.SERVICE, now), started_at=now, attempt=1)


def begun_again(job: BulkJob, now: datetime) -> BulkJob:
    """Return a job in progress as its next attempt begins."""
    return replace(job, attempt=job.attempt + 1, updated_at=now, number_records_processed=0)


def completed(job: BulkJob, now: datetime, *, processed: int, failed: int, result_key: str | None) -> BulkJob:
    return replace(
        _moved(job, BulkJobState.JOB_COMPLETE, Mover.SERVICE, now),
        number_records_processed=processed,
        number_records_failed=failed,
        result_key=result_key,
    )


def failed(job: BulkJob, now: datetime, error: JobError) -> BulkJob:
    return replace(_moved(job, BulkJobState.FAILED, Mover.SERVICE, now), error=error)


def out_of_time(job: BulkJob, now: datetime) -> BulkJob:
    """Return the job failed for having taken longer than any may."""
    seconds = int(TIME_LIMIT.total_seconds())
    message = f"The bulk job did not complete within {seconds // 3600} hours of its creation"
    return failed(job, now, JobError("QUERY_TIMEOUT", message, {"timeout_seconds": seconds}))


def as_created(job: BulkJob) -> BulkJob:
    """Return the job as its creation answered, which is what a replay repeats."""
    return BulkJob(
        job.job_id,
        job.tenant_id,
        job.request,
        BulkJobState.OPEN,
        job.created_at,
        job.created_at,
        upload_link=job.upload_link,
        db_user=job.db_user,
    )


def _moved(job: BulkJob, state: BulkJobState, mover: Mover, now: datetime) -> BulkJob:
    """Return the job in another state; one that ends without completing has changed and given nothing."""
    if MOVES[job.state].get(state) is not mover:
        raise Conflict(
            f"A bulk job in state {job.state} cannot become {state}", current_state=job.state, requested_state=state
        )
    return replace(
        job,
        state=state,
        updated_at=now,
        completed_at=None if MOVES[state] else now,
        number_records_processed=0,
        number_records_failed=0,
    )


def as_job(job: BulkJob) -> Job:
    """Return how the Job API shows a bulk job."""
    status = STATUS[job.state]
    elapsed = None
    if job.completed_at is not None:
        elapsed = elapsed_milliseconds(job.started_at or job.created_at, job.completed_at)
    return Job(
        job_id=job.job_id,
        tenant_id=job.tenant_id,
        status=status,
        submitted_at=job.created_at,
        started_at=job.started_at,
        completed_at=job.completed_at,
        row_count=job.number_records_processed if status is JobStatus.COMPLETED else None,
        execution_time_ms=elapsed,
        error=job.error,
    )
