"""Where a call of the API meets the faults that a tester set."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
from litestar.types import HTTPScope

from spectra_emulator.api.body import Body
from spectra_emulator.api.trail import AnyRequest, trail_of
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.domain.faults import Call, Moment, asked_for
from spectra_emulator.services.faults import Fault, Faults

FAULT_HEADER = "X-Spectra-Fault"
_IN_HEADER = "header"


class _SqlMembers(msgspec.Struct):
    sql: object = ""
    query: object = ""


@dataclass(frozen=True)
class FaultGate:
    """`header_allowed` lets a request ask for a fault of its own."""

    faults: Faults
    header_allowed: bool

    async def meet(self, request: AnyRequest, tenant_id: str, body: Callable[[], Awaitable[Body]]) -> None:
        """Let happen what the rules say of an API call.

        Raises: whatever error a rule names.
        """
        fault = self._own(request.headers.get(FAULT_HEADER))
        if fault is None and self.faults.active:
            sql = _sql(await body()) if self.faults.reads_sql else ""
            operation = str(request.route_handler.name)
            job_id = str(request.path_params.get("job_id", ""))
            fault = self.faults.met(Call(operation, tenant_id, dict(request.headers), sql, job_id))
        if fault is not None:
            await befall(request.scope, fault)

    def _own(self, asked: str | None) -> Fault | None:
        """Return the fault that the request asks for itself.

        Raises: InvalidRequest.
        """
        if asked is None or not self.header_allowed:
            return None
        try:
            return Fault(_IN_HEADER, asked_for(asked))
        except ValueError as error:
            raise InvalidRequest(str(error), field=FAULT_HEADER) from error


async def befall(scope: HTTPScope, fault: Fault) -> None:
    """Wait, note what is to happen to the answer, and raise the error.

    Raises: whatever error the fault names.
    """
    trail = trail_of(scope)
    trail.fault = fault
    if fault.delay_seconds:
        await asyncio.sleep(fault.delay_seconds)
    error = fault.action.raised
    if error is None and fault.action.drop is Moment.BEFORE:
        error = InvalidRequest("The connection is dropped before any work is done")
    if error is not None:
        raise error


def _sql(body: Body) -> str:
    try:
        members = msgspec.json.decode(body.content, type=_SqlMembers)
    except msgspec.DecodeError:
        return ""
    return str(members.sql or members.query or "")
