"""The control plane under /_spectra."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator.api.gate import AnyRequest, Gate
from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.shapes import job_shape
from spectra_emulator.control.guard import ControlGuard
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.domain.jobs import JobStatus
from spectra_emulator.domain.tenancy import is_tenant_id
from spectra_emulator.ports import MAX_LISTED_JOBS
from spectra_emulator.services.tenants import TenantService

_DOCUMENT = Path(__file__).with_name("openapi.yaml")
_DEFAULT_LIMIT = 100
_NUMBER = re.compile(r"[0-9]{1,4}")


class ResetBody(msgspec.Struct, forbid_unknown_fields=True):
    tenant_id: str | None = None


class SqlBody(msgspec.Struct):
    sql: str


def control_routes(gate: Gate, guard: ControlGuard, tenants: TenantService) -> list[HTTPRouteHandler]:
    @get("/_spectra/openapi.json")
    async def get_control_open_api(request: AnyRequest) -> ASGIResponse:
        guard.check(request)
        return ASGIResponse(body=_document_json(), media_type="application/json")

    @post("/_spectra/reset")
    async def reset(request: AnyRequest) -> ASGIResponse:
        guard.check(request)
        tenant_id = (await gate.body(request, ResetBody)).tenant_id
        if tenant_id is not None:
            _checked(tenant_id)
        done = await gate.called(lambda: tenants.reset(tenant_id))
        return json_reply({"tenants": done})

    @post("/_spectra/tenants/{tenant_id:str}/sql")
    async def run_sql(request: AnyRequest, tenant_id: str) -> ASGIResponse:
        guard.check(request)
        sql = (await gate.body(request, SqlBody)).sql
        outcome = await gate.called(lambda: tenants.run_sql(_checked(tenant_id), sql))
        return json_reply(
            {
                "statements": outcome.statements,
                "rows_affected": outcome.rows_affected,
                "tables": sorted(outcome.touched),
            }
        )

    @get("/_spectra/tenants/{tenant_id:str}/jobs")
    async def list_jobs(request: AnyRequest, tenant_id: str) -> ASGIResponse:
        guard.check(request)
        status = _status(request.query_params.get("status"))
        limit = _limit(request.query_params.get("limit"))
        jobs = await gate.called(lambda: tenants.jobs(_checked(tenant_id), status))
        return json_reply({"jobs": [job_shape(job) for job in jobs[:limit]]})

    return [get_control_open_api, reset, run_sql, list_jobs]


def _checked(tenant_id: str) -> str:
    if not is_tenant_id(tenant_id):
        raise InvalidRequest("tenant_id must be 1 to 128 of letters, digits, '.', '_' and '-'", field="tenant_id")
    return tenant_id


def _status(text: str | None) -> JobStatus | None:
    if text is None:
        return None
    try:
        return JobStatus(text)
    except ValueError as error:
        raise InvalidRequest(f"status must be one of {', '.join(JobStatus)}", field="status") from error


def _limit(text: str | None) -> int:
    if text is None:
        return _DEFAULT_LIMIT
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= MAX_LISTED_JOBS:
        raise InvalidRequest(f"limit must be a whole number from 1 to {MAX_LISTED_JOBS}", field="limit")
    return int(text)


@cache
def _document_json() -> bytes:
    import yaml  # noqa: PLC0415 - start-up need not wait for what is asked for later, if ever

    return msgspec.json.encode(yaml.safe_load(_DOCUMENT.read_text(encoding="utf-8")))
