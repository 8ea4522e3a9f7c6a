"""Answers as the API names their members."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from spectra_emulator.api.shapes import (
    bulk_job_created,
    bulk_job_shape,
    bulk_job_summary,
    job_shape,
    query_metadata,
    timestamp,
)
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobRequest, BulkJobState, Operation
from spectra_emulator.domain.jobs import JobError, JobStatus
from spectra_emulator.domain.queries import QueryAnswer, Rows

from tests.fakes import NOON, job
from tests.requirements import requirement

OPEN = BulkJob("bulk-1", "tenant-123", BulkJobRequest(Operation.UPSERT, "sales"), BulkJobState.OPEN, NOON, NOON)
NOON_TEXT = "2026-01-29T12:00:00Z"


def on_the_wire(shape: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(shape))


def answer(total_rows: int) -> QueryAnswer:
    return QueryAnswer("q-1", Rows(b"[{}]", ("a", "b"), ("BIGINT", "DECIMAL"), 1, total_rows), execution_time_ms=7)


@requirement("GEN-05")
@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(NOON, id="UTC"),
        pytest.param(NOON.astimezone(timezone(timedelta(hours=5, minutes=30))), id="another zone"),
        pytest.param(NOON + timedelta(microseconds=999_999), id="within the second"),
    ],
)
def test_a_moment_is_written_in_utc_to_the_second(moment: datetime) -> None:
    assert timestamp(moment) == NOON_TEXT


@requirement("QRY-21", "QRY-22", "QRY-23", "QRY-24", "QRY-25", "QRY-26", "QRY-27", "QRY-29")
def test_a_whole_answer_s_metadata() -> None:
    assert on_the_wire(query_metadata(answer(total_rows=1))) == {
        "columns": ["a", "b"],
        "column_types": ["BIGINT", "DECIMAL"],
        "row_count": 1,
        "total_rows": 1,
        "truncated": False,
        "execution_time_ms": 7,
        "query_id": "q-1",
        "job_id": "job-q-1",
    }


@requirement("QRY-25", "QRY-28")
def test_a_truncated_answer_advises_the_bulk_api() -> None:
    metadata = on_the_wire(query_metadata(answer(total_rows=2)))

    assert (metadata["truncated"], metadata["total_rows"]) == (True, 2)
    assert "Bulk API" in metadata["message"]


@requirement("JOB-01", "JOB-02", "JOB-03", "JOB-04", "JOB-05", "JOB-06", "JOB-07", "JOB-08", "JOB-09", "TEN-08")
def test_a_running_job_shows_every_member_and_null_for_what_is_not_yet() -> None:
    assert on_the_wire(job_shape(job())) == {
        "job_id": "job-1",
        "tenant_id": "tenant-123",
        "status": "RUNNING",
        "submitted_at": NOON_TEXT,
        "started_at": NOON_TEXT,
        "completed_at": None,
        "row_count": None,
        "execution_time_ms": None,
        "error": None,
    }


@requirement("JOB-09")
def test_a_failed_job_shows_its_error() -> None:
    error = JobError("INVALID_SQL", "division by zero", {"sql_state": "22012"})
    shown = on_the_wire(job_shape(replace(job(), status=JobStatus.FAILED, error=error)))

    assert shown["error"] == {"code": "INVALID_SQL", "message": "division by zero", "details": {"sql_state": "22012"}}


@requirement("BLK-12")
def test_a_created_bulk_job_shows_what_was_asked_for() -> None:
    assert on_the_wire(bulk_job_created(OPEN)) == {
        "job_id": "bulk-1",
        "state": "Open",
        "operation": "upsert",
        "object": "sales",
        "created_at": NOON_TEXT,
        "content_type": "CSV",
        "compression": "NONE",
    }


@requirement("BLK-40", "BLK-41", "BLK-42", "BLK-43", "BLK-44", "BLK-45")
def test_a_bulk_job_shows_its_creation_and_its_progress() -> None:
    assert on_the_wire(bulk_job_shape(OPEN)) == {
        **on_the_wire(bulk_job_created(OPEN)),
        "number_records_processed": 0,
        "number_records_failed": 0,
        "updated_at": NOON_TEXT,
        "started_at": None,
        "completed_at": None,
        "error": None,
    }


@requirement("BLK-74")
def test_a_listed_bulk_job_shows_the_documented_members() -> None:
    assert on_the_wire(bulk_job_summary(OPEN)).keys() == {"job_id", "state", "operation", "object", "created_at"}
