"""What a tester does to tenants: reset them, run SQL for them, look at their jobs."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.shapes import bulk_job_shape, job_shape
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.plane import Plane, checked_tenant
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.domain.jobs import JobStatus
from spectra_emulator.domain.principal import PERMISSIONS
from spectra_emulator.ports import MAX_LISTED_JOBS
from spectra_emulator.services.tenants import TenantService

Seeded = Callable[[str | None], None]
"""Fills a tenant that was reset, or all, as the operator's own scripts do."""

_DEFAULT_LIMIT = 100
_NUMBER = re.compile(r"[0-9]{1,4}")


class ResetBody(msgspec.Struct, forbid_unknown_fields=True):
    tenant_id: str | None = None


class TenantBody(msgspec.Struct, forbid_unknown_fields=True):
    tenant_id: str | None = None
    permissions: list[str] | None = None


class SqlBody(msgspec.Struct):
    sql: str


def tenant_routes(plane: Plane, tenants: TenantService, seeded: Seeded) -> list[HTTPRouteHandler]:
    @post("/_spectra/reset", name="reset")
    async def reset(request: AnyRequest) -> ASGIResponse:
        tenant_id = (await plane.body(request, ResetBody)).tenant_id
        if tenant_id is not None:
            checked_tenant(tenant_id)
        done = await plane.called(lambda: tenants.reset(tenant_id))
        await plane.called(lambda: seeded(tenant_id))
        return json_reply({"tenants": done})

    @post("/_spectra/tenants/{tenant_id:str}/sql", name="runSql")
    async def run_sql(request: AnyRequest, tenant_id: str) -> ASGIResponse:
        sql = (await plane.body(request, SqlBody)).sql
        outcome = await plane.called(lambda: tenants.run_sql(checked_tenant(tenant_id), sql))
        return json_reply(
            {
                "statements": outcome.statements,
                "rows_affected": outcome.rows_affected,
                "tables": sorted(outcome.touched),
            }
        )

    @get("/_spectra/tenants/{tenant_id:str}/jobs", name="listTenantJobs")
    async def list_jobs(request: AnyRequest, tenant_id: str) -> ASGIResponse:
        plane.check(request)
        status = _status(request.query_params.get("status"))
        limit = _limit(request.query_params.get("limit"))
        owner = checked_tenant(tenant_id)
        jobs = await plane.called(lambda: tenants.jobs(owner, status)[:limit])
        bulk_jobs = await plane.called(lambda: tenants.bulk_jobs(owner, status, limit))
        return json_reply(
            {"jobs": [job_shape(job) for job in jobs], "bulk_jobs": [bulk_job_shape(job) for job in bulk_jobs]}
        )

    @get("/_spectra/tenants", name="listTenants")
    async def list_tenants(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        return json_reply({"tenants": await plane.called(tenants.known)})

    @post("/_spectra/tenants", name="createTenant")
    async def create_tenant(request: AnyRequest) -> ASGIResponse:
        body = await plane.body(request, TenantBody)
        permissions = _permissions(body.permissions)
        wanted = None if body.tenant_id is None else _new_tenant(body.tenant_id)
        tenant_id, key = await plane.called(lambda: tenants.create(wanted, permissions))
        return json_reply({"tenant_id": tenant_id, "api_key": key}, status=201)

    @delete("/_spectra/tenants/{tenant_id:str}", name="removeTenant", status_code=200)
    async def remove_tenant(request: AnyRequest, tenant_id: str) -> ASGIResponse:
        plane.check(request)
        await plane.called(lambda: tenants.remove(checked_tenant(tenant_id)))
        return json_reply({"tenant_id": tenant_id})

    return [reset, run_sql, list_jobs, list_tenants, create_tenant, remove_tenant]


def _new_tenant(tenant_id: str) -> str:
    """Return the id where it can be named in a URL's path, which drops `.` and `..`.

    Raises: InvalidRequest.
    """
    if tenant_id.startswith("."):
        raise InvalidRequest("tenant_id must not begin with a dot", field="tenant_id")
    return checked_tenant(tenant_id)


def _permissions(listed: list[str] | None) -> frozenset[str] | None:
    unknown = sorted(set(listed or ()) - PERMISSIONS)
    if unknown:
        raise InvalidRequest(f"permissions must be of {', '.join(sorted(PERMISSIONS))}", field="permissions")
    return None if listed is None else frozenset(listed)


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
