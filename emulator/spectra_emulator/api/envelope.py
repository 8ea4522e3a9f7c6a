"""The form of every error."""

from __future__ import annotations

import msgspec
from litestar.response.base import ASGIResponse

from spectra_emulator.domain.errors import NotFound, SpectraError


def envelope(error: SpectraError) -> bytes:
    """Return the body of the error's answer."""
    return msgspec.json.encode({"error": {"code": error.code, "message": error.message, "details": error.details}})


def error_reply(error: SpectraError) -> ASGIResponse:
    """Return the answer of a layer around the routes."""
    return ASGIResponse(body=envelope(error), status_code=error.status, media_type="application/json")


def no_such_route() -> NotFound:
    return NotFound("No such resource, or not with this method")
