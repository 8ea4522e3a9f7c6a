"""A snapshot: what a tenant is at one moment, kept in a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from spectra_emulator.domain.bulk_files import tenant_prefix
from spectra_emulator.domain.bulk_jobs import BulkJob
from spectra_emulator.domain.errors import Conflict, InvalidRequest
from spectra_emulator.domain.jobs import Job
from spectra_emulator.domain.queries import QueryAnswer, Rows

FORMAT = "spectra-emulator-snapshot"
VERSION = 1
_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Member:
    """What a file within the snapshot must be."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class TenantPart:
    """One tenant in a snapshot; without `tables` it had not used any, and has those that its fixtures make."""

    tenant_id: str
    folder: str
    tables: bool

    def member(self, name: str) -> str:
        return f"tenants/{self.folder}/{name}"


@dataclass(frozen=True)
class Manifest:
    """`whole` is False of a snapshot of one tenant, `objects` where those were left out."""

    format: str
    version: int
    created_at: datetime
    emulator: str
    whole: bool
    objects: bool
    tenants: tuple[TenantPart, ...]
    files: Mapping[str, Member] = field(default_factory=dict)


@dataclass(frozen=True)
class Listed:
    """A snapshot in the folder; `problem` says why it cannot be loaded, where it cannot."""

    name: str
    size_bytes: int
    manifest: Manifest | None
    problem: str | None = None


@dataclass(frozen=True)
class HeldKey:
    """An idempotency key and the job that answers it; `expires_at` is in seconds since 1970."""

    route: str
    text: str
    token: str
    body_sha256: str
    job_id: str
    expires_at: float


@dataclass(frozen=True)
class OpenWindow:
    """Calls counted in a rate window; `started_at` is in seconds since 1970."""

    bucket: str
    started_at: float
    count: int


@dataclass(frozen=True)
class TenantRecords:
    """All that is recorded of a tenant beside its tables, objects and answers."""

    jobs: tuple[Job, ...] = ()
    bulk_jobs: tuple[BulkJob, ...] = ()
    keys: tuple[HeldKey, ...] = ()
    windows: tuple[OpenWindow, ...] = ()


@dataclass(frozen=True)
class MadeKey:
    """An API key that was made while a server ran, by its digest."""

    key_sha256: str = field(repr=False)
    subject: str
    permissions: tuple[str, ...] | None


@dataclass(frozen=True)
class KeptAnswer:
    """A stored answer without its rows, which are the member `answers/{job_id}`."""

    job_id: str
    keyed: bool
    query_id: str
    columns: tuple[str, ...]
    column_types: tuple[str, ...]
    row_count: int
    total_rows: int
    execution_time_ms: int


def kept_answer(job_id: str, answer: QueryAnswer, *, keyed: bool) -> KeptAnswer:
    rows = answer.rows
    return KeptAnswer(
        job_id,
        keyed,
        answer.query_id,
        rows.columns,
        rows.column_types,
        rows.row_count,
        rows.total_rows,
        answer.execution_time_ms,
    )


def restored_answer(kept: KeptAnswer, rows_json: bytes) -> QueryAnswer:
    rows = Rows(rows_json, kept.columns, kept.column_types, kept.row_count, kept.total_rows)
    return QueryAnswer(kept.query_id, rows, kept.execution_time_ms)


@dataclass(frozen=True)
class ClockState:
    """How the clock stood; `offset_seconds` is how far it was from the machine's."""

    now: datetime
    frozen: bool
    offset_seconds: float


def checked_records(tenant_id: str, records: TenantRecords) -> TenantRecords:
    """Return the records where they can be the tenant's: ids become names of files, keys lead to objects.

    Raises: Conflict.
    """
    jobs: tuple[Job | BulkJob, ...] = (*records.jobs, *records.bulk_jobs)
    owners = {job.tenant_id for job in jobs}
    ids = [job.job_id for job in jobs]
    results = [job.result_key for job in records.bulk_jobs if job.result_key is not None]
    if owners - {tenant_id} or not all(map(_JOB_ID.fullmatch, ids)):
        raise Conflict("The snapshot is broken: a job's id or tenant cannot be", tenant_id=tenant_id)
    checked_keys(tenant_id, results)
    return records


def checked_keys(tenant_id: str, keys: Sequence[str]) -> Sequence[str]:
    """Return the keys of objects where they are the tenant's.

    Raises: Conflict.
    """
    if not all(key.startswith(tenant_prefix(tenant_id)) for key in keys):
        raise Conflict("The snapshot is broken: an object is not the tenant's", tenant_id=tenant_id)
    return keys


def checked_name(name: str) -> str:
    """Return the name where a snapshot can have it.

    Raises: InvalidRequest.
    """
    if not _NAME.fullmatch(name):
        raise InvalidRequest(
            "name must be 1 to 64 of letters, digits, '.', '_' and '-', and not begin with '.'", field="name"
        )
    return name
