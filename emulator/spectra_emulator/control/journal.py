"""Everything under /_spectra/requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from difflib import get_close_matches

from litestar import delete, get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse

from spectra_emulator.api.base_url import BaseUrl
from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.journal_shapes import curl, entry_shape, event, repeatable
from spectra_emulator.control.plane import Plane
from spectra_emulator.domain.errors import Conflict, InvalidRequest, NotFound
from spectra_emulator.domain.faults import BULK_WORK
from spectra_emulator.domain.journal import Entry, EntryFilter, Kind
from spectra_emulator.services.journal import Journal

_DEFAULT_LIMIT = 100
_MAX_LIMIT = 10_000
_FILTERS = frozenset({"after", "kind", "operation", "tenant_id", "status", "fault"})
_UNROUTED = frozenset({BULK_WORK, "HeadObject", "GetObject", "PutObject", "ListObjects", "DeleteObjects"})
_WAITING_ENTRIES = 1_000
_HEARTBEAT_SECONDS = 15.0


def journal_routes(plane: Plane, journal: Journal, base_url: BaseUrl) -> list[HTTPRouteHandler]:
    @get("/_spectra/requests", name="listRequests")
    async def list_requests(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        _require_known(request, {*_FILTERS, "limit"})
        limit = _number(request, "limit", _DEFAULT_LIMIT, least=1)
        found = journal.found(_wanted(request), min(limit, _MAX_LIMIT))
        return json_reply({"requests": [entry_shape(entry) for entry in found]})

    @delete("/_spectra/requests", name="clearRequests", status_code=200)
    async def clear_requests(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        journal.clear()
        return json_reply({"requests": []})

    @get("/_spectra/requests/stream", name="watchRequests")
    async def watch_requests(request: AnyRequest) -> ASGIStreamingResponse:
        plane.check(request)
        _require_known(request, _FILTERS)
        wanted = _wanted(request)
        return ASGIStreamingResponse(
            iterator=_events(journal, wanted), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    @get("/_spectra/requests/{entry_id:str}", name="getRequest")
    async def get_request(request: AnyRequest, entry_id: str) -> ASGIResponse:
        plane.check(request)
        return json_reply(entry_shape(_entry(journal, entry_id)))

    @get("/_spectra/requests/{entry_id:str}/curl", name="getRequestAsCurl")
    async def get_request_as_curl(request: AnyRequest, entry_id: str) -> ASGIResponse:
        plane.check(request)
        entry = _entry(journal, entry_id)
        if not repeatable(entry):
            raise Conflict("Only a request whose body was kept whole can be sent again")
        command = curl(entry, base_url(request))
        return ASGIResponse(body=command.encode() + b"\n", media_type="text/plain; charset=utf-8")

    return [list_requests, clear_requests, watch_requests, get_request, get_request_as_curl]


async def _events(journal: Journal, wanted: EntryFilter) -> AsyncIterator[bytes]:
    """Yield entries as they come; a reader too slow for them misses the oldest."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Entry] = asyncio.Queue()

    def put(entry: Entry) -> None:
        if waiting.qsize() >= _WAITING_ENTRIES:
            waiting.get_nowait()
        waiting.put_nowait(entry)

    def tell(entry: Entry) -> None:
        loop.call_soon_threadsafe(put, entry)

    with journal.watched(tell):
        yield b": watching\n\n"
        while True:
            try:
                entry = await asyncio.wait_for(waiting.get(), _HEARTBEAT_SECONDS)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if wanted.fits(entry):
                yield event(entry)


def _entry(journal: Journal, entry_id: str) -> Entry:
    found = journal.entry(entry_id)
    if found is None:
        raise NotFound("The journal holds no request of that id", request_id=entry_id)
    return found


def _require_known(request: AnyRequest, known: Collection[str]) -> None:
    """Pass where every parameter is known.

    Raises: InvalidRequest.
    """
    for name in request.query_params:
        if name not in known:
            near = get_close_matches(name, known, 1)
            meant = f"did you mean {near[0]}? " if near else ""
            listed = ", ".join(sorted(known))
            raise InvalidRequest(f"There is no parameter {name}: {meant}There are {listed}", field=name)


def _wanted(request: AnyRequest) -> EntryFilter:
    kind = request.query_params.get("kind")
    if kind is not None and kind not in set(Kind):
        raise InvalidRequest(f"kind must be one of {', '.join(Kind)}", field="kind")
    fault = request.query_params.get("fault")
    if fault not in {None, "true", "false"}:
        raise InvalidRequest("fault must be true or false", field="fault")
    return EntryFilter(
        after=_number(request, "after", 0),
        kind=None if kind is None else Kind(kind),
        operation=_operation(request),
        tenant_id=request.query_params.get("tenant_id"),
        status=_status(request.query_params.get("status")),
        faulty=None if fault is None else fault == "true",
    )


def _operation(request: AnyRequest) -> str | None:
    """Read an operation of a route, of the object store or of a bulk job itself.

    Raises: InvalidRequest.
    """
    name: str | None = request.query_params.get("operation")
    if name is None:
        return None
    handlers = [handler for route in request.app.routes for handler in getattr(route, "route_handlers", ())]
    known = {*_UNROUTED, *(handler.name for handler in handlers if handler.name)}
    if name not in known:
        near = ", ".join(get_close_matches(name, known, 3)) or "executeQuery"
        raise InvalidRequest(f"There is no operation {name}; there is such as {near}", field="operation")
    return name


def _status(text: str | None) -> int | None:
    """Read `404`, or `4xx` for the whole class."""
    digits = "" if text is None else text.lower().removesuffix("xx")
    if text is None:
        return None
    if (
        not digits.isdecimal()
        or len(digits) not in (1, 3)
        or (len(digits) == 1) != text.lower().endswith("xx")
        or digits[0] not in "12345"
    ):
        raise InvalidRequest("status must be such as 404 or 4xx", field="status")
    return int(digits)


def _number(request: AnyRequest, name: str, default: int, least: int = 0) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > len(str(2**53)) or int(text) < least:
        raise InvalidRequest(f"{name} must be a whole number from {least}", field=name)
    return int(text)
