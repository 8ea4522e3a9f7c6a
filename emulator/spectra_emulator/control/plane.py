"""What every route of the control plane begins with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from spectra_emulator.api.gate import Gate
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.guard import ControlGuard
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.domain.tenancy import is_tenant_id

Answer = TypeVar("Answer")
Shape = TypeVar("Shape")


@dataclass(frozen=True)
class Plane:
    gate: Gate
    guard: ControlGuard

    def check(self, request: AnyRequest) -> None:
        """Pass or refuse the caller.

        Raises: Forbidden, Unauthorized.
        """
        self.guard.check(request)

    async def body(self, request: AnyRequest, shape: type[Shape]) -> Shape:
        """Pass or refuse the caller, and return the body as its shape.

        Raises: Forbidden, Unauthorized, PayloadTooLarge, InvalidRequest.
        """
        self.guard.check(request)
        return await self.gate.body(request, shape)

    async def called(self, call: Callable[[], Answer]) -> Answer:
        """Run what blocks in a thread and wait for it."""
        return await self.gate.called(call)


def checked_tenant(tenant_id: str) -> str:
    """Return the id where it can be a tenant's.

    Raises: InvalidRequest.
    """
    if not is_tenant_id(tenant_id):
        raise InvalidRequest("tenant_id must be 1 to 128 of letters, digits, '.', '_' and '-'", field="tenant_id")
    return tenant_id
