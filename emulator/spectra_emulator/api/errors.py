"""What every exception means to the client."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from spectra_emulator.api.envelope import envelope, no_such_route
from spectra_emulator.api.trail import trail_of
from spectra_emulator.domain.errors import InternalError, InvalidRequest, RateLimited, SpectraError

_log = logging.getLogger(__name__)
_NO_SUCH_ROUTE = frozenset({404, 405})
_SERVER_ERROR = 500


def rendered(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Return the answer to any error."""
    known = _known(error)
    if isinstance(known, InternalError):
        trail = trail_of(request.scope)
        known = InternalError(known.message, **{**known.details, "request_id": trail.request_id})
        _log.error("request %s failed", trail.shown_id, exc_info=error)
    headers = {"retry-after": str(known.details["retry_after"])} if isinstance(known, RateLimited) else {}
    body = envelope(known, request.scope)
    return Response(body, status_code=known.status, media_type="application/json", headers=headers)


def no_http_answer() -> bytes:
    """Return the whole answer, status line and headers too, to bytes that are no HTTP request."""
    content = envelope(InvalidRequest("The request is not well-formed HTTP"))
    head = (
        "HTTP/1.1 400 Bad Request",
        "content-type: application/json",
        f"content-length: {len(content)}",
        f"x-request-id: {uuid.uuid4()}",
        "connection: close",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


def _known(error: Exception) -> SpectraError:
    if isinstance(error, SpectraError):
        return error
    if isinstance(error, HTTPException) and error.status_code in _NO_SUCH_ROUTE:
        return no_such_route()
    if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:
        return InvalidRequest("The request cannot be read")
    return InternalError("Internal server error")
