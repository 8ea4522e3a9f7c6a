"""The one renderer of errors."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from spectra_emulator.api.trail import trail_of
from spectra_emulator.domain.errors import (
    Details,
    InternalError,
    InvalidRequest,
    NotFound,
    RateLimited,
    SpectraError,
)

_log = logging.getLogger(__name__)
_NO_SUCH_ROUTE = frozenset({404, 405})
_SERVER_ERROR = 500


def rendered(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Return the envelope of any error."""
    known = _known(error)
    details = dict(known.details)
    if isinstance(known, InternalError):
        details["request_id"] = trail_of(request.scope).request_id
        _log.error("request %s failed", details["request_id"], exc_info=error)
    headers = {"retry-after": str(details["retry_after"])} if isinstance(known, RateLimited) else {}
    content = _envelope(known, details)
    return Response(content, status_code=known.status, media_type="application/json", headers=headers)


def no_http_answer() -> bytes:
    """Return the whole answer, status line and headers too, to bytes that are no HTTP request."""
    content = _envelope(InvalidRequest("The request is not well-formed HTTP"), {})
    head = (
        "HTTP/1.1 400 Bad Request",
        "content-type: application/json",
        f"content-length: {len(content)}",
        f"x-request-id: {uuid.uuid4()}",
        "connection: close",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


def _envelope(error: SpectraError, details: Details) -> bytes:
    return msgspec.json.encode({"error": {"code": error.code, "message": error.message, "details": details}})


def _known(error: Exception) -> SpectraError:
    if isinstance(error, SpectraError):
        return error
    if isinstance(error, HTTPException) and error.status_code in _NO_SUCH_ROUTE:
        return NotFound("No such resource, or not with this method")
    if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:
        return InvalidRequest("The request cannot be read")
    return InternalError("Internal server error")
