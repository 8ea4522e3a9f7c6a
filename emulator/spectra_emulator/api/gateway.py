"""Errors in the words of a gateway that stands before a deployment and answers some of them itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send

from spectra_emulator.api.envelope import no_such_route
from spectra_emulator.api.trail import trail_of
from spectra_emulator.domain.errors import NotFound

_API = "/v1"
_RESPONSE_HEADERS_OF_THE_API = frozenset({b"content-length", b"retry-after"})


@dataclass(frozen=True)
class Wording:
    """Source: Amazon API Gateway Developer Guide, "Gateway response types"."""

    status: int
    member: str
    text: str
    error_type: str


_NO_ROUTE = Wording(403, "message", "Missing Authentication Token", "MissingAuthenticationTokenException")
_NO_CREDENTIALS = Wording(401, "message", "Unauthorized", "UnauthorizedException")
_DENIED = Wording(403, "Message", "User is not authorized to access this resource", "AccessDeniedException")
_BY_STATUS = {
    401: _DENIED,
    403: _DENIED,
    404: Wording(404, "message", "Not Found", "NotFoundException"),
    413: Wording(413, "message", "Request Too Long", "RequestTooLargeException"),
    429: Wording(429, "message", "Too Many Requests", "TooManyRequestsException"),
}


class AwsGatewayMiddleware:
    """Words 401, 403, 404, 413 and 429 of the API as Amazon API Gateway does, and answers unknown routes with 403."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        held: list[HTTPResponseStartEvent] = []
        body = bytearray()

        async def send_reworded(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _BY_STATUS:
                held.append(message)
            elif not held or message["type"] != "http.response.body":
                await send(message)
            else:
                body.extend(message["body"])
                if not message["more_body"]:
                    await _send_wording(_wording(scope, held[0]["status"], bytes(body)), scope, held[0], send)

        await self._app(scope, receive, send_reworded)


def _wording(scope: HTTPScope, status: int, body: bytes) -> Wording:
    if status == NotFound.status and _message(body) == no_such_route().message:
        return _NO_ROUTE
    if status == _NO_CREDENTIALS.status and "authorization" not in Headers.from_scope(scope):
        return _NO_CREDENTIALS
    return _BY_STATUS[status]


def _message(body: bytes) -> str | None:
    """Return an error's message, None where there is no error's body."""
    try:
        return cast("str", json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return None


async def _send_wording(wording: Wording, scope: HTTPScope, start: HTTPResponseStartEvent, send: Send) -> None:
    """Send the answer as the gateway words it: it knows the API's limits no better than its other headers."""
    trail = trail_of(scope)
    trail.window = None
    body = json.dumps({wording.member: wording.text}).encode()
    kept = [(name, value) for name, value in start["headers"] if name.lower() not in _RESPONSE_HEADERS_OF_THE_API]
    told = [
        (b"content-length", b"%d" % len(body)),
        (b"x-amzn-requestid", trail.request_id.encode()),
        (b"x-amzn-errortype", wording.error_type.encode()),
    ]
    started = {"type": "http.response.start", "status": wording.status, "headers": [*kept, *told]}
    await send(cast("HTTPResponseStartEvent", started))
    await send({"type": "http.response.body", "body": body, "more_body": False})
