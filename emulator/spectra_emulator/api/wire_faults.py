"""Faults of the connection itself: an answer that never comes, breaks off or trickles."""

from __future__ import annotations

import asyncio
from typing import cast

from litestar.types import HTTPScope, Message, Send

from spectra_emulator.domain.faults import BodyFault
from spectra_emulator.services.faults import Fault

ABORT = "spectra_abort"
"""The key of the scope under which the connection's abrupt end is called."""

_TRICKLES_A_SECOND = 20
_ABORT_SECONDS = 0.01
"""After which the server knows that the connection has ended."""

_ON_ITS_WAY_SECONDS = 0.05
"""What has been sent leaves before the connection ends under it."""


def with_wire_fault(fault: Fault | None, scope: HTTPScope, send: Send) -> Send:
    """Return how to send an answer under a fault."""
    if fault is None:
        return send
    if fault.action.drop is not None:
        return _Dropped(scope)
    if fault.action.body is not None:
        return _Body(fault.action.body, scope, send)
    return send


def _abort(scope: HTTPScope) -> None:
    cast("dict[str, object]", scope).get(ABORT, lambda: None)()  # type: ignore[operator] # set by the protocol


class _Dropped:
    def __init__(self, scope: HTTPScope) -> None:
        self._scope = scope

    async def __call__(self, message: Message) -> None:  # noqa: ARG002 - nothing of it is sent
        _abort(self._scope)
        await asyncio.sleep(_ABORT_SECONDS)


class _Body:
    """Sends the head as it is, and of the body only so much or only so fast."""

    def __init__(self, fault: BodyFault, scope: HTTPScope, send: Send) -> None:
        self._left = fault.cut_after_bytes
        self._pace = fault.bytes_per_second
        self._scope = scope
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        content = message["body"]
        if self._left is not None and len(content) > self._left:
            await self._trickled(content[: self._left], more_body=True)
            await asyncio.sleep(_ON_ITS_WAY_SECONDS)
            _abort(self._scope)
            return
        if self._left is not None:
            self._left -= len(content)
        await self._trickled(content, more_body=message["more_body"])

    async def _trickled(self, content: bytes, *, more_body: bool) -> None:
        step = len(content) if self._pace is None else max(self._pace // _TRICKLES_A_SECOND, 1)
        for start in range(0, len(content), step or 1):
            await self._part(content[start : start + step], more_body=True)
            if self._pace is not None:
                await asyncio.sleep(step / self._pace)
        if not more_body:
            await self._part(b"", more_body=False)

    async def _part(self, content: bytes, *, more_body: bool) -> None:
        await self._send({"type": "http.response.body", "body": content, "more_body": more_body})
