"""Jobs: the record of one query, and how bulk jobs look through the Job API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from spectra_emulator.domain.errors import Details


class JobStatus(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


def elapsed_milliseconds(start: datetime, end: datetime) -> int:
    """Return how long it took: nothing, where a tester moved the clock back meanwhile."""
    return max(round((end - start).total_seconds() * 1000), 0)


UNFINISHED = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})


@dataclass(frozen=True)
class JobError:
    """Why a job failed; `code` may be one of the contract's or the engine's."""

    code: str
    message: str
    details: Details


@dataclass(frozen=True)
class Job:
    """One query's record; times are aware and in UTC.

    `query_id` is a warehouse's own id of the query, known once it has run; it is empty where there is none.
    """

    job_id: str
    tenant_id: str
    status: JobStatus
    submitted_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    row_count: int | None = None
    execution_time_ms: int | None = None
    error: JobError | None = None
    query_id: str = ""

    @property
    def finished(self) -> bool:
        return self.status not in UNFINISHED


def job_id_of(query_id: str) -> str:
    """Return the id of the record behind a query; the query's own id finds it too."""
    return f"job-{query_id}"
