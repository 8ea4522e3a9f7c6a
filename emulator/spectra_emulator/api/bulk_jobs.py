"""Everything under /bulk/jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from litestar import get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import UNSET

from spectra_emulator.api.base_url import BaseUrl
from spectra_emulator.api.error_links import linked_job_error
from spectra_emulator.api.gate import Gate
from spectra_emulator.api.paging import page, wanted_page
from spectra_emulator.api.replies import csv_reply, json_reply
from spectra_emulator.api.shapes import (
    BulkJobBody,
    BulkJobPatch,
    BulkJobStateShape,
    ColumnMapping,
    bulk_job_created,
    bulk_job_shape,
    export_shape,
    import_counts,
    upload_url,
)
from spectra_emulator.api.trail import AnyRequest, trail_of
from spectra_emulator.domain.bulk_files import ExportedFile
from spectra_emulator.domain.bulk_jobs import BulkJobRequest, BulkJobState, Operation
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.domain.journal import Statement
from spectra_emulator.services.bulk_jobs import BulkJobService
from spectra_emulator.services.rate_limits import Bucket

_CHOICES = {
    "content_type": frozenset({"CSV", "JSON", "PARQUET"}),
    "compression": frozenset({"NONE", "GZIP"}),
    "line_ending": frozenset({"LF", "CRLF"}),
}
_PERMISSION = {BulkJobState.UPLOAD_COMPLETE: "bulk:create", BulkJobState.ABORTED: "bulk:cancel"}
Choice = TypeVar("Choice", bound=StrEnum)


def bulk_job_routes(gate: Gate, bulk_jobs: BulkJobService, base_url: BaseUrl) -> list[HTTPRouteHandler]:
    @post("/bulk/jobs", name="createBulkJob")
    async def create_bulk_job(request: AnyRequest) -> ASGIResponse:
        caller = await gate.admitted(request, Bucket.BULK_CREATE, "bulk:create")
        asked = _asked(await gate.body(request, BulkJobBody))
        trail_of(request.scope).statement = _statement(asked)
        key = await gate.idempotency_key(request, caller, "POST /bulk/jobs")
        base = base_url(request)
        job, replayed = await gate.called(lambda: bulk_jobs.create(caller, asked, key, base))
        return json_reply(bulk_job_created(job), status=201, replayed=replayed)

    @get("/bulk/jobs", name="listBulkJobs")
    async def list_bulk_jobs(request: AnyRequest) -> ASGIResponse:
        caller = await gate.admitted(request, Bucket.BULK_READ, "bulk:read")
        wanted = wanted_page(request.query_params)
        return json_reply(page(await gate.called(lambda: bulk_jobs.listed(caller, wanted)), wanted))

    @get("/bulk/jobs/{job_id:str}", name="getBulkJob")
    async def get_bulk_job(request: AnyRequest, job_id: str) -> ASGIResponse:
        caller = await gate.admitted(request, Bucket.BULK_READ, "bulk:read")
        job = await gate.called(lambda: bulk_jobs.found(caller, job_id))
        return json_reply(bulk_job_shape(replace(job, error=linked_job_error(request, job.error))))

    @patch("/bulk/jobs/{job_id:str}", name="updateBulkJob")
    async def update_bulk_job(request: AnyRequest, job_id: str) -> ASGIResponse:
        caller = await gate.admitted(request, None, *_PERMISSION.values())
        state = _one_of(tuple(_PERMISSION), (await gate.body(request, BulkJobPatch)).state, "state")
        caller.require(_PERMISSION[state])
        move = bulk_jobs.abort if state is BulkJobState.ABORTED else bulk_jobs.close
        job = await gate.called(lambda: move(caller, job_id))
        return json_reply(BulkJobStateShape(job.job_id, job.state))

    @get("/bulk/jobs/{job_id:str}/upload-url", name="getUploadUrl")
    async def get_upload_url(request: AnyRequest, job_id: str) -> ASGIResponse:
        caller = await gate.admitted(request, Bucket.BULK_READ, "bulk:create")
        base = base_url(request)
        return json_reply(upload_url(await gate.called(lambda: bulk_jobs.upload_url(caller, job_id, base))))

    @get("/bulk/jobs/{job_id:str}/results", name="getBulkJobResults")
    async def get_bulk_job_results(request: AnyRequest, job_id: str) -> ASGIResponse:
        caller = await gate.admitted(request, Bucket.BULK_READ, "bulk:read")
        base = base_url(request)
        found = await gate.called(lambda: bulk_jobs.results(caller, job_id, base))
        return json_reply(export_shape(found) if isinstance(found, ExportedFile) else import_counts(found, base))

    @get("/bulk/jobs/{job_id:str}/failed-results", name="getBulkJobFailedResults")
    async def get_bulk_job_failed_results(request: AnyRequest, job_id: str) -> ASGIResponse:
        caller = await gate.admitted(request, Bucket.BULK_READ, "bulk:read")
        return csv_reply(await gate.called(lambda: bulk_jobs.failed_records(caller, job_id)))

    return [
        create_bulk_job,
        list_bulk_jobs,
        get_bulk_job,
        update_bulk_job,
        get_upload_url,
        get_bulk_job_results,
        get_bulk_job_failed_results,
    ]


def _asked(body: BulkJobBody) -> BulkJobRequest:
    operation = _one_of(tuple(Operation), body.operation, "operation")
    for field, choices in _CHOICES.items():
        if getattr(body, field) not in choices:
            raise InvalidRequest(f"{field} must be one of {', '.join(sorted(choices))}", field=field)
    return BulkJobRequest(
        operation=operation,
        object=body.object,
        query=_query(body) if operation is Operation.QUERY else None,
        content_type=body.content_type,
        compression=body.compression,
        external_id_field=None if body.external_id_field is UNSET else body.external_id_field,
        column_mappings=_renamings(body.column_mappings),
        line_ending=body.line_ending,
        column_delimiter=body.column_delimiter,
    )


def _query(body: BulkJobBody) -> str:
    if body.query is None or not body.query.strip():
        raise InvalidRequest("query is required for operation query", field="query")
    return body.query


def _renamings(mappings: Sequence[ColumnMapping]) -> tuple[tuple[str, str], ...]:
    """Return each source with its target; a repeated one would leave a column out."""
    renamed = tuple(map(_renamed, mappings))
    for side, names in zip(("source_column", "target_column"), zip(*renamed, strict=True), strict=False):
        folded = [name.lower() for name in names]
        repeated = next((name for name in folded if folded.count(name) > 1), None)
        if repeated is not None:
            raise InvalidRequest(f'column_mappings gives the {side} "{repeated}" twice', field="column_mappings")
    return renamed


def _renamed(mapping: ColumnMapping) -> tuple[str, str]:
    if mapping.transform is not None:
        raise InvalidRequest("column_mappings.transform is not supported", field="column_mappings.transform")
    return mapping.source_column, mapping.target_column


def _statement(asked: BulkJobRequest) -> Statement | None:
    """Return the job's SQL, which the engine gets when the job runs."""
    return None if asked.query is None else Statement(asked.query, "")


def _one_of(choices: tuple[Choice, ...], text: str, field: str) -> Choice:
    for choice in choices:
        if choice == text:
            return choice
    raise InvalidRequest(f"{field} must be one of {', '.join(choices)}", field=field)
