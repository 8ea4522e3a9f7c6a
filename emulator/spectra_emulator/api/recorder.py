"""Makes journal entries of what passes through the server."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from litestar.types import HTTPScope, Message

from spectra_emulator.domain.journal import Caller, Entry, HeaderPairs, Kind, Sent
from spectra_emulator.ports import Clock
from spectra_emulator.services.journal import Journal

_KEPT_BYTES = 16 * 1024
_UNRECORDED = ("/_spectra/requests", "/_spectra/server", "/_spectra/ready", "/health")
_CONTROL_PLANE = "/_spectra"
_CONSOLE_FILES = "/_spectra/ui"
_CONSOLE = b"x-spectra-console"
"""Sent by the console's own pages: what they ask to show themselves would crowd out what is to be seen."""


@dataclass
class Recording:
    """The beginning of an answer while it is sent."""

    headers: HeaderPairs = ()
    parts: list[bytes] = field(default_factory=list)
    kept_bytes: int = 0
    size_bytes: int = 0

    def note(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.headers = tuple(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            part = message["body"]
            self.size_bytes += len(part)
            if self.kept_bytes < _KEPT_BYTES:
                kept = part[: _KEPT_BYTES - self.kept_bytes]
                self.parts.append(kept)
                self.kept_bytes += len(kept)


@dataclass(frozen=True)
class Recorder:
    journal: Journal
    clock: Clock

    def wants(self, scope: HTTPScope) -> bool:
        """Tell whether a request belongs into the journal."""
        return self.journal.on and not scope["path"].startswith(_UNRECORDED) and not of_console(scope)

    def record(self, scope: HTTPScope, trail: Any, recording: Recording) -> None:
        """Keep the exchange that has just ended."""
        body = b"" if trail.body is None else trail.body.content
        caller = trail.caller
        tenant_id = trail.tenant_id if caller is None else caller.tenant_id
        self.journal.add(
            Entry(
                number=0,
                at=self.clock(),
                kind=Kind.REQUEST,
                id=trail.request_id,
                method=scope["method"],
                target=_target(scope),
                operation=_operation(scope),
                caller=Caller(tenant_id, caller and caller.subject, caller and caller.method),
                status=trail.status,
                milliseconds=(time.perf_counter() - trail.started_at) * 1000,
                request=Sent(tuple(scope["headers"]), body[:_KEPT_BYTES], len(body)),
                answer=Sent(recording.headers, b"".join(recording.parts), recording.size_bytes),
                window=trail.window,
                fault=None if trail.fault is None else trail.fault.rule_id,
                statement=trail.statement,
            )
        )


def of_console(scope: HTTPScope) -> bool:
    """Tell whether it is a file of the console's, or the console only looks: what it does is told as all deeds are."""
    if scope["path"].startswith(_CONSOLE_FILES):
        return True
    looks = scope["method"] == "GET" or scope["path"].endswith("/explain")
    return looks and scope["path"].startswith(_CONTROL_PLANE) and any(name == _CONSOLE for name, _ in scope["headers"])


def _target(scope: HTTPScope) -> str:
    path = scope["raw_path"].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _operation(scope: HTTPScope) -> str | None:
    handler = cast("Mapping[str, Any]", scope).get("route_handler")
    return None if handler is None else handler.name
