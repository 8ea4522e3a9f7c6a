"""Answers to pages of other origins; every other OPTIONS is an unknown method."""

from __future__ import annotations

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from spectra_emulator.api.envelope import error_reply, no_such_route

_ALLOWED = {
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "access-control-allow-headers": "*, Authorization",
    "access-control-max-age": "600",
}
_EXPOSED = b"X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, ETag"


class CrossOriginMiddleware:
    """`origins` may hold `*`."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        origin = Headers.from_scope(scope).get("origin")
        allowed = self._allowed(scope, origin)

        async def send_with_origin(message: Message) -> None:
            if message["type"] == "http.response.start" and allowed:
                message["headers"] = [*message.get("headers", ()), *_origin_headers(allowed)]
            await send(message)

        app = _options(scope, allowed) if scope["method"] == "OPTIONS" else self._app
        await app(scope, receive, send_with_origin)

    def _allowed(self, scope: HTTPScope, origin: str | None) -> str | None:
        """Return what to answer in Access-Control-Allow-Origin; the control plane belongs to no other origin."""
        if origin is None or scope["path"].startswith("/_spectra"):
            return None
        if "*" in self._origins:
            return "*"
        return origin if origin in self._origins else None


def _options(scope: HTTPScope, allowed: str | None) -> ASGIApp:
    preflight = "access-control-request-method" in Headers.from_scope(scope)
    if preflight and allowed:
        return ASGIResponse(status_code=204, headers=_ALLOWED)
    return error_reply(no_such_route())


def _origin_headers(allowed: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"access-control-allow-origin", allowed.encode("latin-1")),
        (b"access-control-expose-headers", _EXPOSED),
        (b"vary", b"Origin"),
    ]
