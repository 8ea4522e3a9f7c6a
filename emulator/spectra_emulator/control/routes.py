"""The control plane under /_spectra."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator.api.base_url import BaseUrl
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.clock import clock_routes
from spectra_emulator.control.fault_shapes import Reader
from spectra_emulator.control.faults import fault_routes
from spectra_emulator.control.jobs import job_routes
from spectra_emulator.control.journal import journal_routes
from spectra_emulator.control.plane import Plane
from spectra_emulator.control.readiness import readiness_routes
from spectra_emulator.control.server import Identity, server_routes
from spectra_emulator.control.snapshots import Snapshots, snapshot_routes
from spectra_emulator.control.sql import sql_routes
from spectra_emulator.control.tenants import Seeded, tenant_routes
from spectra_emulator.services.clock import SteerableClock
from spectra_emulator.services.explanations import Explanations
from spectra_emulator.services.faults import Faults
from spectra_emulator.services.job_control import JobControl
from spectra_emulator.services.journal import Journal
from spectra_emulator.services.readiness import Readiness
from spectra_emulator.services.tenants import TenantService

_DOCUMENT = Path(__file__).with_name("openapi.yaml")


@dataclass(frozen=True)
class Controls:
    """What a tester has a hand on."""

    tenants: TenantService
    clock: SteerableClock
    faults: Faults
    jobs: JobControl
    journal: Journal
    snapshots: Snapshots
    readiness: Readiness
    seeded: Seeded
    explanations: Explanations
    identities: tuple[Identity, ...]
    base_url: BaseUrl


def control_routes(plane: Plane, controls: Controls) -> list[HTTPRouteHandler]:
    @get("/_spectra/openapi.json", name="getControlOpenApi")
    async def get_control_open_api(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        return ASGIResponse(body=_document_json(), media_type="application/json")

    return [
        get_control_open_api,
        *tenant_routes(plane, controls.tenants, controls.seeded),
        *sql_routes(plane, controls.explanations),
        *server_routes(plane, controls.identities),
        *readiness_routes(plane, controls.readiness),
        *clock_routes(plane, controls.clock),
        *job_routes(plane, controls.jobs),
        *journal_routes(plane, controls.journal, controls.base_url),
        *snapshot_routes(plane, controls.snapshots),
        *fault_routes(plane, controls.faults, Reader(controls.clock)),
    ]


@cache
def _document_json() -> bytes:
    import yaml  # noqa: PLC0415 - start-up need not wait for what is asked for later, if ever

    return msgspec.json.encode(yaml.safe_load(_DOCUMENT.read_text(encoding="utf-8")))
