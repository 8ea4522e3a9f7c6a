"""The S3 at `/_s3`: every signature is checked here before anything reaches the store behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import unquote, urlsplit

from litestar import asgi
from litestar.exceptions import NotFoundException
from litestar.handlers import ASGIRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import HTTPReceiveMessage, HTTPScope, Receive, Scope, Send, WebSocketReceiveMessage

from spectra_emulator.adapters.embedded_s3 import EmbeddedS3, S3Answer
from spectra_emulator.adapters.presigned_urls import PATH
from spectra_emulator.adapters.s3_signatures import Address, Proof, S3Signatures
from spectra_emulator.api.fault_gate import befall
from spectra_emulator.api.object_body import ClientGoneError, ObjectBody
from spectra_emulator.api.object_headers import sent_on, shown
from spectra_emulator.api.object_parts import require_fit, require_upload
from spectra_emulator.api.s3_errors import S3Error, as_s3_error, error_document, parsed_error
from spectra_emulator.api.s3_operations import (
    WRITE,
    Target,
    folder_above,
    folder_listing,
    is_our_link,
    operation,
    parsed_target,
    permitted,
)
from spectra_emulator.api.trail import trail_of
from spectra_emulator.domain.bulk_files import job_id_in
from spectra_emulator.domain.errors import InternalError, SpectraError
from spectra_emulator.domain.faults import FAULT_MESSAGE, Call
from spectra_emulator.domain.signed_request import SignedRequest
from spectra_emulator.services.faults import Faults

_log = logging.getLogger(__name__)
_XML = "application/xml"
_FIRST_FAILURE = 400
_MOUNTED = frozenset({b"", b"/"})
Result = TypeVar("Result")


@dataclass(frozen=True)
class ObjectGateway:
    """`may_upload` tells of a key whether it may be written now; `calls` runs what blocks.

    `public_url` is where clients see this server, where that is not the Host they send.
    """

    signatures: S3Signatures
    embedded: EmbeddedS3
    may_upload: Callable[[str], bool]
    calls: ThreadPoolExecutor
    spool_folder: Path
    max_upload_bytes: int
    default_permissions: frozenset[str]
    public_url: str | None = None
    faults: Faults | None = None

    async def called(self, call: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.calls, call)


@dataclass(frozen=True)
class _Admitted:
    """A request that its signature allows; `target` is what is left of `asked` for this signer."""

    method: str
    asked: Target
    target: Target
    writes: bool
    proof: Proof
    headers: Mapping[bytes, bytes]


@dataclass
class _Body:
    """Knows whether the body was asked for."""

    source: Receive
    asked_for: bool = False

    async def receive(self) -> HTTPReceiveMessage | WebSocketReceiveMessage:
        self.asked_for = True
        return await self.source()


def object_links(gateway: ObjectGateway) -> ASGIRouteHandler:
    """Return the handler of everything under `/_s3`."""

    @asgi(PATH, is_mount=True, copy_scope=False)
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        http = cast("HTTPScope", scope)
        # Litestar also mounts what only begins alike.
        if http["raw_path"].removeprefix(PATH.encode())[:1] not in _MOUNTED:
            raise NotFoundException
        # Litestar leaves a mount the rest of the path; the log tells all of it.
        http["path"] = unquote(http["raw_path"].decode("latin-1"))
        body = _Body(receive)
        try:
            await _serve(gateway, http, body.receive, send)
        except ClientGoneError:
            return
        except Exception as error:
            if trail_of(http).status:
                raise
            unasked = not body.asked_for and (b"expect", b"100-continue") in http["headers"]
            await _refusal(_known(error), http, last=unasked)(scope, receive, send)

    return serve


async def _serve(gateway: ObjectGateway, scope: HTTPScope, receive: Receive, send: Send) -> None:
    admitted = _admitted(gateway, scope)
    await _meet_fault(gateway, scope, admitted)
    folder = folder_above(admitted.proof, admitted.asked)
    if folder is not None:
        answer = await gateway.called(lambda: gateway.embedded.exchange("GET", _first_of(admitted.target), {}))
        exists = b"<Contents>" in await gateway.called(lambda: _read(answer))
        listing = folder_listing(admitted.asked, folder, exists=exists)
        await ASGIResponse(body=listing, media_type=_XML, headers=_identity(scope))(scope, receive, send)
        return
    answer = await _exchanged(gateway, admitted, receive)
    try:
        await _send_on(gateway, admitted, answer, scope, send)
    finally:
        answer.close()


def _admitted(gateway: ObjectGateway, scope: HTTPScope) -> _Admitted:
    """Check the signature, then what is asked for.

    Raises: S3Error, Unauthorized.
    """
    headers = tuple(scope["headers"])
    method, raw_path, raw_query = scope["method"], scope["raw_path"], scope["query_string"]
    asked = parsed_target(raw_path, raw_query)
    trail = trail_of(scope)
    proof = gateway.signatures.proof(
        SignedRequest(method, raw_path, raw_query, headers, ""), _addresses(dict(headers), gateway.public_url)
    )
    trail.tenant_id = asked.key.partition("/")[0] if is_our_link(proof) else proof.access_key.tenant_id
    wanted = operation(method, asked)
    target = permitted(asked, wanted, proof, gateway.default_permissions)
    if b"x-amz-copy-source" in dict(headers):
        raise S3Error("NotImplemented", "Objects cannot be copied here: get one and put it again")
    return _Admitted(method, asked, target, writes=wanted.permission == WRITE, proof=proof, headers=dict(headers))


async def _meet_fault(gateway: ObjectGateway, scope: HTTPScope, admitted: _Admitted) -> None:
    """Let happen what a tester's rules say.

    Raises: S3Error, SpectraError.
    """
    if gateway.faults is None or not gateway.faults.active:
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in admitted.headers.items()}
    operation = "putObject" if admitted.writes else "getObject"
    job_id = job_id_in(admitted.asked.key)
    fault = gateway.faults.met(Call(operation, trail_of(scope).tenant_id or "", headers, job_id=job_id))
    if fault is not None:
        await befall(scope, fault)
        if fault.action.object_store is not None:
            raise S3Error(fault.action.object_store, FAULT_MESSAGE)


def _addresses(headers: Mapping[bytes, bytes], public_url: str | None) -> list[Address]:
    """Return what the client may have signed as Host: proxies rewrite it."""
    forwarded = headers.get(b"x-forwarded-host", b"").partition(b",")[0].strip()
    found = [Address(host) for host in (headers.get(b"host", b""), forwarded) if host]
    if public_url is not None:
        parts = urlsplit(public_url)
        found.append(Address(parts.netloc.encode(), parts.path.rstrip("/").encode()))
    return found


async def _exchanged(gateway: ObjectGateway, admitted: _Admitted, receive: Receive) -> S3Answer:
    """Hand the request to the store behind, once its body is here as a whole and is what it should be.

    Raises: S3Error, ClientGoneError, InternalError.
    """
    headers = sent_on(admitted.headers, by_link=admitted.proof.link)
    encoded = admitted.target.encoded
    if not admitted.writes:
        return await gateway.called(lambda: gateway.embedded.exchange(admitted.method, encoded, headers))
    await _require_open(gateway, admitted)
    await gateway.called(lambda: require_upload(gateway.embedded, admitted.target))
    body = ObjectBody(admitted.proof, admitted.headers, gateway.max_upload_bytes, gateway.spool_folder)
    try:
        await body.receive(receive, gateway.calls)
        await _require_open(gateway, admitted)
        if admitted.method != "DELETE":
            await gateway.called(
                lambda: require_fit(gateway.embedded, admitted.target, body.size_bytes, gateway.max_upload_bytes)
            )
        return await gateway.called(
            lambda: gateway.embedded.exchange(admitted.method, encoded, headers, body.file, body.size_bytes)
        )
    finally:
        body.close()


async def _require_open(gateway: ObjectGateway, admitted: _Admitted) -> None:
    if not await gateway.called(lambda: gateway.may_upload(admitted.target.key)):
        raise S3Error("AccessDenied", "The object may not be changed: its job does not wait for an upload")


async def _send_on(gateway: ObjectGateway, admitted: _Admitted, answer: S3Answer, scope: HTTPScope, send: Send) -> None:
    if answer.status >= _FIRST_FAILURE:
        document = await gateway.called(lambda: _read(answer))
        raise parsed_error(answer.status, document, admitted.target.parameters.keys())
    headers = _identity(scope) | shown(admitted.method, answer.headers, by_link=admitted.proof.link)
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    pieces = answer.pieces()
    while piece := await gateway.called(lambda: next(pieces, b"")):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _first_of(target: Target) -> str:
    parameters = {"list-type": "2", "max-keys": "1", "prefix": target.parameters["prefix"]}
    return replace(target, parameters=parameters).encoded


def _read(answer: S3Answer) -> bytes:
    try:
        return b"".join(answer.pieces())
    finally:
        answer.close()


def _identity(scope: HTTPScope) -> dict[str, str]:
    return {"x-amz-request-id": trail_of(scope).request_id}


def _known(error: Exception) -> S3Error:
    if isinstance(error, S3Error):
        return error
    known = error if isinstance(error, SpectraError) else InternalError("Internal server error")
    if isinstance(known, InternalError):
        _log.error("a request to %s failed", PATH, exc_info=error)
    return as_s3_error(known)


def _refusal(error: S3Error, scope: HTTPScope, *, last: bool) -> ASGIResponse:
    """Return S3's answer; to a HEAD it has no body.

    It is the connection's last where the client holds a body back that nobody asked for: what it sends next would be
    taken for that body.
    """
    document = error_document(error, scope["raw_path"].decode("latin-1"), trail_of(scope).request_id)
    return ASGIResponse(
        body=b"" if scope["method"] == "HEAD" else document,
        media_type=_XML,
        status_code=error.status,
        headers=_identity(scope) | ({"connection": "close"} if last else {}),
    )
