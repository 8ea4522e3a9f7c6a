"""The form of every error."""

from __future__ import annotations

import msgspec
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from spectra_emulator.api.error_links import linked
from spectra_emulator.domain.errors import NotFound, SpectraError


def envelope(error: SpectraError, scope: Scope | HTTPScope | None = None) -> bytes:
    """Return the body of the error's answer, to what came as a request within a scope."""
    details = error.details if scope is None else linked(scope, error.code, error.details)
    return msgspec.json.encode({"error": {"code": error.code, "message": error.message, "details": details}})


def error_reply(error: SpectraError) -> ASGIApp:
    """Return what a layer around the routes answers with."""

    async def reply(scope: Scope, receive: Receive, send: Send) -> None:
        body = envelope(error, scope)
        await ASGIResponse(body=body, status_code=error.status, media_type="application/json")(scope, receive, send)

    return reply


def no_such_route() -> NotFound:
    return NotFound("No such resource, or not with this method")
