"""Bulk jobs, their states and the moves between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from spectra_emulator.domain.errors import Conflict
from spectra_emulator.domain.jobs import Job, JobError, JobStatus


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


CLIENT_MOVES: dict[BulkJobState, frozenset[BulkJobState]] = {
    BulkJobState.OPEN: frozenset({BulkJobState.UPLOAD_COMPLETE, BulkJobState.ABORTED}),
    BulkJobState.UPLOAD_COMPLETE: frozenset({BulkJobState.ABORTED}),
    BulkJobState.IN_PROGRESS: frozenset({BulkJobState.ABORTED}),
    BulkJobState.JOB_COMPLETE: frozenset(),
    BulkJobState.FAILED: frozenset(),
    BulkJobState.ABORTED: frozenset(),
}
SERVICE_MOVES: dict[BulkJobState, frozenset[BulkJobState]] = {
    BulkJobState.UPLOAD_COMPLETE: frozenset({BulkJobState.IN_PROGRESS, BulkJobState.FAILED}),
    BulkJobState.IN_PROGRESS: frozenset({BulkJobState.JOB_COMPLETE, BulkJobState.FAILED}),
}
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
class BulkJob:
    """One bulk job's record; times are aware and in UTC."""

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
    if state not in CLIENT_MOVES[job.state]:
        raise Conflict(
            f"A bulk job in state {job.state} cannot become {state}", current_state=job.state, requested_state=state
        )
    finished = now if state is BulkJobState.ABORTED else None
    return replace(job, state=state, updated_at=now, completed_at=finished)


def as_job(job: BulkJob) -> Job:
    """Return how the Job API shows a bulk job."""
    status = STATUS[job.state]
    elapsed = None
    if job.completed_at is not None:
        elapsed = round((job.completed_at - (job.started_at or job.created_at)).total_seconds() * 1000)
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
