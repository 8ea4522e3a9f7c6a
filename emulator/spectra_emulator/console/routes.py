"""The web console under /_spectra/ui, to which `/` leads a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator.api.envelope import no_such_route
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.console.assets import asset
from spectra_emulator.console.policy import security_headers
from spectra_emulator.control.guard import ControlGuard

_PAGE = "index.html"


def console_routes(guard: ControlGuard, origins: Sequence[str]) -> list[HTTPRouteHandler]:
    """Its files hold nothing of anybody's and need no token; all that they show they ask the API and control plane for.

    Where they lie is told relative to what was asked for: a proxy may serve the server under a path of its own.

    `origins` are those of links in answers, beside the server's own.
    """
    headers = security_headers(origins)

    @get("/_spectra/ui", name="console")
    async def console(request: AnyRequest) -> ASGIResponse:
        guard.check_host(request)
        return _answer(request, _PAGE, headers)

    @get("/_spectra/ui/{name:path}", name="consoleAsset")
    async def console_asset(request: AnyRequest, name: str) -> ASGIResponse:
        guard.check_host(request)
        return _answer(request, str(name).removeprefix("/"), headers)

    @get("/", name="consoleAddress")
    async def console_address(request: AnyRequest) -> ASGIResponse:
        if "text/html" not in request.headers.get("accept", ""):
            raise no_such_route()
        return ASGIResponse(status_code=303, headers={"location": "_spectra/ui", "vary": "Accept"})

    return [console, console_asset, console_address]


def _answer(request: AnyRequest, name: str, headers: Mapping[str, str]) -> ASGIResponse:
    found = asset(name)
    if found is None:
        raise no_such_route()
    told = {**headers, "etag": found.tag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == found.tag:
        return ASGIResponse(status_code=304, headers=told)
    return ASGIResponse(body=found.content, media_type=found.media_type, headers=told)
