"""The routes about the service itself: its health and its contract."""

from __future__ import annotations

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator import contract
from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.trail import AnyRequest

_HEALTHY = {"status": "healthy", "service": "redshift-spectra"}


def service_routes(public_url: str | None) -> list[HTTPRouteHandler]:
    """`public_url` is the address that clients are told, where it is another than the one they call."""

    @get(["/openapi.json", "/v1/openapi.json"], name="getOpenApi")
    async def get_open_api(request: AnyRequest) -> ASGIResponse:
        document = contract.document_json((public_url or str(request.base_url)).rstrip("/"))
        return ASGIResponse(body=document, media_type="application/json")

    @get("/health", name="health")
    async def health() -> ASGIResponse:
        return json_reply(_HEALTHY)

    return [get_open_api, health]
