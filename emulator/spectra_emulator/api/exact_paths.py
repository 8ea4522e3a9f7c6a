"""Paths are taken as they are written: an empty segment or a trailing slash makes another path, which is unknown."""

from __future__ import annotations

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from spectra_emulator.adapters.presigned_urls import PATH
from spectra_emulator.api.envelope import error_reply, no_such_route

_ENCODED_SLASH = b"%2f"
_OBJECTS = f"{PATH}/".encode()
"""Keys in S3 may hold any slashes."""


class ExactPathMiddleware:
    """Stands before the router, which would drop such slashes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inexact = scope["type"] == ScopeType.HTTP and _inexact(scope["raw_path"])
        app = error_reply(no_such_route()) if inexact else self._app
        await app(scope, receive, send)


def _inexact(raw_path: bytes) -> bool:
    if raw_path.startswith(_OBJECTS):
        return False
    slash_at_end = raw_path.endswith(b"/") and raw_path != b"/"
    return slash_at_end or b"//" in raw_path or _ENCODED_SLASH in raw_path.lower()
