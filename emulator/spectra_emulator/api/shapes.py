"""The bodies of the API as `openapi.yaml` names them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from spectra_emulator.domain.bulk_files import ExportedFile
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobState, Link
from spectra_emulator.domain.files import Compression
from spectra_emulator.domain.jobs import Job, JobError, job_id_of
from spectra_emulator.domain.queries import MAX_ROWS, QueryAnswer

_ADVICE = "Result truncated; use the Bulk API for the complete data"
Name = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?\Z", max_length=256)]


class QueryParameters(Struct):
    limit: Annotated[int, Meta(ge=1, le=MAX_ROWS)] = MAX_ROWS
    timeout_seconds: Annotated[int, Meta(ge=1, le=300)] | UnsetType = UNSET


class QueryBody(Struct):
    sql: str
    parameters: QueryParameters | None = None


class ColumnMapping(Struct):
    source_column: Annotated[str, Meta(min_length=1)]
    target_column: Name
    transform: str | None = None


class BulkJobBody(Struct):
    operation: str
    object: Name
    query: str | None = None
    content_type: str = "CSV"
    compression: str = "NONE"
    external_id_field: Name | UnsetType = UNSET
    column_mappings: list[ColumnMapping] = []
    line_ending: str = "LF"
    column_delimiter: Annotated[str, Meta(pattern=r"^[\t !#-~]$")] = ","


class BulkJobPatch(Struct):
    state: str


class QueryMetadata(Struct):
    columns: tuple[str, ...]
    column_types: tuple[str, ...]
    row_count: int
    total_rows: int
    truncated: bool
    execution_time_ms: int
    query_id: str
    job_id: str
    message: str | UnsetType = UNSET


class JobShape(Struct):
    job_id: str
    tenant_id: str
    status: str
    submitted_at: str
    started_at: str | None
    completed_at: str | None
    row_count: int | None
    execution_time_ms: int | None
    error: JobError | None


class BulkJobSummary(Struct):
    job_id: str
    state: str
    operation: str
    object: str
    created_at: str


class BulkJobCreated(BulkJobSummary, kw_only=True):
    content_type: str
    compression: str
    upload_url: str | UnsetType = UNSET
    upload_url_expires_at: str | UnsetType = UNSET


class BulkJobShape(BulkJobCreated, kw_only=True):
    number_records_processed: int
    number_records_failed: int
    updated_at: str
    started_at: str | None
    completed_at: str | None
    error: JobError | None


class BulkJobList(Struct):
    jobs: list[BulkJobSummary]
    next_offset: str | None


class BulkJobStateShape(Struct):
    job_id: str
    state: BulkJobState


class UploadUrl(Struct):
    upload_url: str
    expires_at: str


class ExportShape(Struct):
    download_url: str
    expires_at: str
    format: str
    compression: str
    size_bytes: int


class ImportCounts(Struct):
    job_id: str
    state: BulkJobState
    number_records_processed: int
    number_records_failed: int
    failed_results_url: str | UnsetType = UNSET


class JobCancelled(Struct):
    job_id: str
    status: str
    message: str


def timestamp(moment: datetime) -> str:
    """Return the moment in RFC 3339, UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def query_metadata(answer: QueryAnswer) -> QueryMetadata:
    rows = answer.rows
    return QueryMetadata(
        columns=rows.columns,
        column_types=rows.column_types,
        row_count=rows.row_count,
        total_rows=rows.total_rows,
        truncated=rows.truncated,
        execution_time_ms=answer.execution_time_ms,
        query_id=answer.shown_query_id,
        job_id=job_id_of(answer.query_id),
        message=_ADVICE if rows.truncated else UNSET,
    )


def job_shape(job: Job) -> JobShape:
    return JobShape(
        job_id=job.job_id,
        tenant_id=job.tenant_id,
        status=job.status,
        submitted_at=timestamp(job.submitted_at),
        started_at=_timestamp_or_none(job.started_at),
        completed_at=_timestamp_or_none(job.completed_at),
        row_count=job.row_count,
        execution_time_ms=job.execution_time_ms,
        error=job.error,
    )


def bulk_job_summary(job: BulkJob) -> BulkJobSummary:
    request = job.request
    return BulkJobSummary(job.job_id, job.state, request.operation, request.object, timestamp(job.created_at))


def bulk_job_created(job: BulkJob) -> BulkJobCreated:
    request, link = job.request, job.upload_link
    return BulkJobCreated(
        job_id=job.job_id,
        state=job.state,
        operation=request.operation,
        object=request.object,
        created_at=timestamp(job.created_at),
        content_type=request.content_type,
        compression=request.compression,
        upload_url=UNSET if link is None else link.url,
        upload_url_expires_at=UNSET if link is None else timestamp(link.expires_at),
    )


def bulk_job_shape(job: BulkJob) -> BulkJobShape:
    request = job.request
    return BulkJobShape(
        job_id=job.job_id,
        state=job.state,
        operation=request.operation,
        object=request.object,
        created_at=timestamp(job.created_at),
        content_type=request.content_type,
        compression=request.compression,
        number_records_processed=job.number_records_processed,
        number_records_failed=job.number_records_failed,
        updated_at=timestamp(job.updated_at),
        started_at=_timestamp_or_none(job.started_at),
        completed_at=_timestamp_or_none(job.completed_at),
        error=job.error,
    )


def upload_url(link: Link) -> UploadUrl:
    return UploadUrl(link.url, timestamp(link.expires_at))


def export_shape(file: ExportedFile) -> ExportShape:
    """Return the file's link; `compression` says what a client has to undo."""
    compression = Compression.GZIP if file.format.gzipped_whole else Compression.NONE
    return ExportShape(
        download_url=file.link.url,
        expires_at=timestamp(file.link.expires_at),
        format=file.format.content_type.lower(),
        compression=compression.lower(),
        size_bytes=file.size_bytes,
    )


def import_counts(job: BulkJob, base_url: str) -> ImportCounts:
    failed_results = f"{base_url}/v1/bulk/jobs/{job.job_id}/failed-results"
    return ImportCounts(
        job_id=job.job_id,
        state=job.state,
        number_records_processed=job.number_records_processed,
        number_records_failed=job.number_records_failed,
        failed_results_url=failed_results if job.number_records_failed else UNSET,
    )


def _timestamp_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)
