"""GET and PUT /_spectra/clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import msgspec
from litestar import get, put
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.plane import Plane
from spectra_emulator.domain.durations import duration
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.services.clock import ClockReading, SteerableClock

_LAST = datetime(9000, 1, 1, tzinfo=UTC)
"""Far enough from the end of the calendar that every expiry can still be written."""


class ClockBody(msgspec.Struct, forbid_unknown_fields=True):
    action: str
    at: str | None = None
    by: str | None = None


def clock_routes(plane: Plane, clock: SteerableClock) -> list[HTTPRouteHandler]:
    @get("/_spectra/clock", name="getClock")
    async def get_clock(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        return json_reply(_shape(clock.reading()))

    @put("/_spectra/clock", name="setClock")
    async def set_clock(request: AnyRequest) -> ASGIResponse:
        body = await plane.body(request, ClockBody)
        await plane.called(lambda: _act(clock, body))
        return json_reply(_shape(clock.reading()))

    return [get_clock, set_clock]


def _act(clock: SteerableClock, body: ClockBody) -> None:
    act = _ACTIONS.get(body.action)
    if act is None:
        raise InvalidRequest(f"action must be one of {', '.join(_ACTIONS)}", field="action")
    act(clock, body)


def _freeze(clock: SteerableClock, body: ClockBody) -> None:
    clock.freeze(None if body.at is None else _moment(body))


def _set(clock: SteerableClock, body: ClockBody) -> None:
    clock.set(_moment(body))


def _advance(clock: SteerableClock, body: ClockBody) -> None:
    try:
        by = duration(body.by or "")
    except ValueError as error:
        raise InvalidRequest("by must be a time such as 90s, 15m, 24h or 7d", field="by") from error
    if clock() > _LAST - by:
        raise InvalidRequest("The clock cannot go beyond the year 8999", field="by")
    clock.advance(by)


def _moment(body: ClockBody) -> datetime:
    try:
        at = datetime.fromisoformat(body.at or "")
    except ValueError as error:
        raise InvalidRequest("at must be a moment such as 2030-01-31T12:00:00Z", field="at") from error
    if at.tzinfo is None:
        raise InvalidRequest("at needs its zone, such as the Z of 2030-01-31T12:00:00Z", field="at")
    if not datetime(1970, 1, 1, tzinfo=UTC) <= at < _LAST:
        raise InvalidRequest("at must be from 1970 to 8999", field="at")
    return at.astimezone(UTC)


def _shape(reading: ClockReading) -> dict[str, object]:
    return {
        "now": reading.now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "frozen": reading.frozen,
        "offset_seconds": round(reading.offset.total_seconds(), 3),
    }


_ACTIONS: Mapping[str, Callable[[SteerableClock, ClockBody], None]] = {
    "freeze": _freeze,
    "set": _set,
    "advance": _advance,
    "resume": lambda clock, _: clock.resume(),
    "reset": lambda clock, _: clock.reset(),
}
