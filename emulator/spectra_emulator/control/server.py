"""GET /_spectra/server."""

from __future__ import annotations

from dataclasses import dataclass, field

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator import __version__
from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.plane import Plane


@dataclass(frozen=True)
class Identity:
    """An API key that may be told, and the tenant that it speaks for."""

    tenant_id: str
    api_key: str = field(repr=False)
    permissions: tuple[str, ...] | None = None


def server_routes(plane: Plane, identities: tuple[Identity, ...]) -> list[HTTPRouteHandler]:
    @get("/_spectra/server", name="getServer")
    async def get_server(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        return json_reply({"version": __version__, "identities": identities})

    return [get_server]
