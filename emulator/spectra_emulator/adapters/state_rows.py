"""What stores of state write of records, and read back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from spectra_emulator.domain.bulk_jobs import BulkJob
from spectra_emulator.domain.jobs import Job
from spectra_emulator.domain.snapshots import HeldKey, OpenWindow, TenantRecords

Rows = Iterable[tuple[Any, ...]]

_JSON = msgspec.json.Encoder()


def encoded(record: Job | BulkJob) -> bytes:
    return _JSON.encode(record)


def job_row(job: Job) -> tuple[object, ...]:
    return (job.job_id, job.tenant_id, job.status, job.submitted_at.timestamp(), encoded(job))


def bulk_job_row(job: BulkJob) -> tuple[object, ...]:
    return (job.job_id, job.tenant_id, job.state, job.request.operation, job.created_at.timestamp(), encoded(job))


def job_of(record: bytes | str) -> Job:
    return msgspec.json.decode(record, type=Job)


def bulk_job_of(record: bytes | str) -> BulkJob:
    return msgspec.json.decode(record, type=BulkJob)


def tenant_records(jobs: Rows, bulk_jobs: Rows, keys: Rows, windows: Rows) -> TenantRecords:
    return TenantRecords(
        tuple(job_of(record) for (record,) in jobs),
        tuple(bulk_job_of(record) for (record,) in bulk_jobs),
        tuple(HeldKey(*row) for row in keys),
        tuple(OpenWindow(*row) for row in windows),
    )


def failing(now: datetime) -> tuple[bytes, bytes, float]:
    """Return the error and the end of jobs whose server stopped, in JSON, and that end in seconds since 1970."""
    interrupted = _JSON.encode({"code": "INTERNAL_ERROR", "message": "The server stopped", "details": {}})
    return interrupted, _JSON.encode(now), now.timestamp()
