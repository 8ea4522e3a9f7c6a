"""Around every request: its id, the headers that every answer carries, and one line in the log."""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, cast

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from spectra_emulator import __version__
from spectra_emulator.api.body import Body
from spectra_emulator.api.envelope import error_reply
from spectra_emulator.api.error_links import ErrorLinks, offer
from spectra_emulator.api.recorder import Recorder, Recording, of_console
from spectra_emulator.api.wire_faults import with_wire_fault
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.domain.journal import Statement
from spectra_emulator.domain.masking import masked
from spectra_emulator.domain.principal import Principal
from spectra_emulator.domain.rate_limits import Window
from spectra_emulator.services.faults import Fault

AnyRequest = Request[Any, Any, Any]
_log = logging.getLogger("spectra_emulator.requests")
_LONGEST_ID = 128
_SCOPE_KEY = "spectra_trail"
_PLAIN = re.compile(r"[A-Za-z0-9._-]+")


@dataclass
class Trail:
    """What is known of one request while it is answered."""

    request_id: str
    tenant_id: str | None = None
    window: Window | None = None
    body: Body | None = None
    fault: Fault | None = None
    caller: Principal | None = None
    statement: Statement | None = None
    status: int = 0
    started_at: float = field(default_factory=time.perf_counter)

    @property
    def shown_id(self) -> str:
        """Return the id for a line of text, without a secret, quoted where it could pass for more than an id."""
        shown = masked(self.request_id)
        return shown if _PLAIN.fullmatch(shown) else json.dumps(shown)


def trail_of(scope: Scope | HTTPScope) -> Trail:
    """Return the request's trail."""
    return cast("dict[str, Trail]", scope)[_SCOPE_KEY]


class TrailMiddleware:
    """The outermost layer: nothing leaves the server without passing it."""

    def __init__(self, app: ASGIApp, recorder: Recorder | None = None, error_links: ErrorLinks | None = None) -> None:
        self._app = app
        self._recorder = recorder
        self._error_links = error_links

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        trail = Trail(_request_id(scope))
        cast("dict[str, object]", scope)[_SCOPE_KEY] = trail
        offer(scope, self._error_links)

        recorder = self._recorder if self._recorder is not None and self._recorder.wants(scope) else None
        recording = Recording()
        wire = send

        async def send_with_headers(message: Message) -> None:
            nonlocal wire
            if message["type"] == "http.response.start":
                trail.status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_headers(trail)]
                wire = with_wire_fault(trail.fault, scope, send)
            if recorder is not None:
                recording.note(message)
            await wire(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            _log.exception("request %s failed outside its handler", trail.shown_id)
            if trail.status:
                raise
            failure = InternalError("Internal server error", request_id=trail.request_id)
            await error_reply(failure)(scope, receive, send_with_headers)
        finally:
            _log_line(scope, trail)
            if recorder is not None:
                recorder.record(scope, trail, recording)


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
    level = logging.DEBUG if scope["path"] == "/health" or of_console(scope) else logging.INFO
    if not _log.isEnabledFor(level):
        return
    facts = {
        "method": scope["method"],
        "path": masked(scope["raw_path"].decode("ascii")),
        "status": trail.status,
        "ms": round((time.perf_counter() - trail.started_at) * 1000, 1),
        "tenant": trail.tenant_id or "-",
        "request_id": masked(trail.request_id),
    }
    line = "%(method)s %(path)s => %(status)s %(ms)s ms tenant=%(tenant)s request_id=%(request_id)s"
    _log.log(level, line, facts | {"request_id": trail.shown_id}, extra={"facts": facts})
