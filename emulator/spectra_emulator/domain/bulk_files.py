"""Where a bulk job's files lie in the object store, and what they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobRequest, Link
from spectra_emulator.domain.files import Change, Compression, ContentType, FileFormat

_JOB_ID = re.compile(r"(?<=/)bulk-[A-Za-z0-9-]+")
_LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


@dataclass(frozen=True)
class ExportedFile:
    """The file of a complete export, as stored."""

    link: Link
    format: FileFormat
    size_bytes: int


def file_format(request: BulkJobRequest) -> FileFormat:
    return FileFormat(
        ContentType(request.content_type),
        Compression(request.compression),
        _LINE_ENDINGS[request.line_ending],
        request.column_delimiter,
    )


def change(request: BulkJobRequest) -> Change:
    return Change(request.operation, request.object, request.external_id_field, request.column_mappings)


def tenant_prefix(tenant_id: str) -> str:
    return f"{tenant_id}/"


def upload_key(job: BulkJob) -> str:
    return f"{job.tenant_id}/uploads/{job.job_id}{file_format(job.request).extension}"


def exports_prefix(job: BulkJob) -> str:
    return f"{job.tenant_id}/exports/{job.job_id}/"


def export_key(job: BulkJob) -> str:
    """Return the key of the running attempt's file, which no other attempt shares."""
    return f"{exports_prefix(job)}attempt-{job.attempt}{file_format(job.request).extension}"


def staging_prefix(tenant_id: str, job_id: str) -> str:
    """Return what the keys begin with of what lies between a job's file and a warehouse."""
    return f"{tenant_id}/staging/{job_id}/"


def failed_key(job: BulkJob) -> str:
    return f"{job.tenant_id}/failed/{job.job_id}.csv"


def object_prefixes(job: BulkJob) -> tuple[str, ...]:
    """Return what the keys of all the job's objects begin with."""
    return upload_key(job), exports_prefix(job), failed_key(job), staging_prefix(job.tenant_id, job.job_id)


def job_id_in(key: str) -> str:
    """Return the id of the job that an object belongs to, empty where it names none."""
    found = _JOB_ID.search(key)
    return found[0] if found else ""


def job_of_upload(key: str) -> tuple[str, str] | None:
    """Return the tenant and the job whose upload the key names, where it can name one."""
    tenant_id, _, rest = key.partition("/")
    kind, _, name = rest.partition("/")
    return (tenant_id, name.partition(".")[0]) if kind == "uploads" else None
