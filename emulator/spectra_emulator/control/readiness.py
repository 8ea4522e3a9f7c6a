"""GET /_spectra/ready."""

from __future__ import annotations

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.plane import Plane
from spectra_emulator.services.readiness import CheckState, Readiness


def readiness_routes(plane: Plane, readiness: Readiness) -> list[HTTPRouteHandler]:
    @get("/_spectra/ready", name="getReadiness")
    async def get_readiness(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        checks = readiness.looked_at()
        ready = all(check.state is CheckState.PASSED for check in checks)
        shown = [{"name": check.name, "state": check.state, "reason": check.reason} for check in checks]
        return json_reply({"ready": ready, "checks": shown}, status=200 if ready else 503)

    return [get_readiness]
