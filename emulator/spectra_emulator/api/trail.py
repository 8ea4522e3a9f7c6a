"""Around every request: its id, the headers that every answer carries, and one line in the log."""

from __future__ import annotations

import json
import logging
import time
import uuid
from dataclasses import dataclass, field
from typing import cast

import msgspec
from litestar.enums import ScopeType
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from spectra_emulator import __version__
from spectra_emulator.api.body import Body
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.domain.rate_limits import Window

_log = logging.getLogger("spectra_emulator.requests")
_LONGEST_ID = 128
_SCOPE_KEY = "spectra_trail"


@dataclass
class Trail:
    """What is known of one request while it is answered."""

    request_id: str
    tenant_id: str | None = None
    window: Window | None = None
    body: Body | None = None
    status: int = 0
    started_at: float = field(default_factory=time.perf_counter)


def trail_of(scope: Scope | HTTPScope) -> Trail:
    """Return the request's trail."""
    return cast("dict[str, Trail]", scope)[_SCOPE_KEY]


class TrailMiddleware:
    """The outermost layer: nothing leaves the server without passing it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        trail = Trail(_request_id(scope))
        cast("dict[str, object]", scope)[_SCOPE_KEY] = trail

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                trail.status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_headers(trail)]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            _log.exception("request %s failed outside its handler", trail.request_id)
            if trail.status:
                raise
            await _last_resort(trail)(scope, receive, send_with_headers)
        finally:
            _log_line(scope, trail)


def _last_resort(trail: Trail) -> ASGIResponse:
    details = {"request_id": trail.request_id}
    error = {"code": InternalError.code, "message": "Internal server error", "details": details}
    body = msgspec.json.encode({"error": error})
    return ASGIResponse(body=body, status_code=InternalError.status, media_type="application/json")


def _request_id(scope: HTTPScope) -> str:
    sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    text = sent.decode("latin-1")
    if 1 <= len(text) <= _LONGEST_ID and text.isascii() and text.isprintable():
        return text
    return str(uuid.uuid4())


def _headers(trail: Trail) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"x-request-id", trail.request_id.encode()),
        (b"x-spectra-emulator", __version__.encode()),
    ]
    if trail.window is not None:
        headers += [
            (b"x-ratelimit-limit", b"%d" % trail.window.limit),
            (b"x-ratelimit-remaining", b"%d" % trail.window.remaining),
            (b"x-ratelimit-reset", b"%d" % trail.window.reset),
        ]
    return headers


def _log_line(scope: HTTPScope, trail: Trail) -> None:
    level = logging.DEBUG if scope["path"] == "/health" else logging.INFO
    if not _log.isEnabledFor(level):
        return
    facts = {
        "method": scope["method"],
        "path": json.dumps(scope["path"])[1:-1],
        "status": trail.status,
        "ms": round((time.perf_counter() - trail.started_at) * 1000, 1),
        "tenant": trail.tenant_id or "-",
        "request_id": trail.request_id,
    }
    line = "%(method)s %(path)s => %(status)s %(ms)s ms tenant=%(tenant)s request_id=%(request_id)s"
    _log.log(level, line, facts, extra={"facts": facts})
