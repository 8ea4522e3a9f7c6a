"""What every call passes before it is served, in the contract's order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from litestar.types import HTTPScope

from spectra_emulator.api.body import Body, parsed, read_body
from spectra_emulator.api.fault_gate import FaultGate
from spectra_emulator.api.trail import AnyRequest, trail_of
from spectra_emulator.domain.errors import InvalidRequest, RateLimited
from spectra_emulator.domain.idempotency import IdempotencyKey, checked
from spectra_emulator.domain.principal import Principal
from spectra_emulator.domain.rate_limits import Window
from spectra_emulator.domain.signed_request import Headers, SignedRequest
from spectra_emulator.domain.tenancy import TENANT_HEADER, principal
from spectra_emulator.ports import Authenticator
from spectra_emulator.services.rate_limits import Bucket, RateLimiter

Answer = TypeVar("Answer")
Shape = TypeVar("Shape")
_IDEMPOTENCY_HEADER = "X-Idempotency-Key"
_NO_BODY = Body(b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", too_large=False)


@dataclass(frozen=True)
class Tenancy:
    multi_tenant: bool
    default_permissions: frozenset[str]
    db_users: dict[str, str]
    named_users_only: bool = False


@dataclass(frozen=True)
class Gate:
    """`calls` runs the services, which block, off the event loop."""

    authenticator: Authenticator
    limiter: RateLimiter
    tenancy: Tenancy
    max_body_bytes: int
    calls: ThreadPoolExecutor
    faults: FaultGate | None = None

    async def admitted(self, request: AnyRequest, bucket: Bucket | None, *permissions: str) -> Principal:
        """Authenticate, settle the tenant, check permissions, count the call and let it meet its fault.

        Raises: Unauthorized, InvalidRequest, Forbidden, RateLimited, whatever a fault names.
        """
        caller = await self._caller(request)
        trail = trail_of(request.scope)
        trail.tenant_id = caller.tenant_id
        trail.caller = caller
        if permissions:
            caller.require(*permissions)
        if bucket is not None:
            trail.window = await self._window(caller.tenant_id, bucket)
            self._refuse_beyond(trail.window)
        if self.faults is not None:
            await self.faults.meet(request, caller.tenant_id, lambda: self._body(request))
        return caller

    async def body(self, request: AnyRequest, shape: type[Shape]) -> Shape:
        """Return the body as its shape.

        Raises: PayloadTooLarge, InvalidRequest.
        """
        return parsed(await self._body(request), request.headers.get("content-type"), shape)

    async def idempotency_key(self, request: AnyRequest, caller: Principal, route: str) -> IdempotencyKey | None:
        """Return the call's key, where it has one.

        Raises: InvalidRequest.
        """
        texts = request.headers.getall(_IDEMPOTENCY_HEADER, [])
        if not texts:
            return None
        if len(texts) > 1:
            raise InvalidRequest("Send one X-Idempotency-Key", field=_IDEMPOTENCY_HEADER)
        body = await self._body(request)
        return IdempotencyKey(caller.tenant_id, route, checked(texts[0]), body.sha256)

    async def called(self, call: Callable[[], Answer]) -> Answer:
        """Run what blocks in a thread and wait for it."""
        return await asyncio.get_running_loop().run_in_executor(self.calls, call)

    async def _caller(self, request: AnyRequest) -> Principal:
        scope: HTTPScope = request.scope
        headers = tuple(scope["headers"])
        body = await self._proven_body(request, headers)
        signed = SignedRequest(scope["method"], scope["raw_path"], scope["query_string"], headers, body.sha256)
        if self.authenticator.waits_for_network:
            credential = await self.called(lambda: self.authenticator.credential(signed))
        else:
            credential = self.authenticator.credential(signed)
        tenants = [value.strip() for value in request.headers.getall(TENANT_HEADER, [])]
        return principal(
            credential,
            ",".join(tenants) if tenants else None,
            multi_tenant=self.tenancy.multi_tenant,
            default_permissions=self.tenancy.default_permissions,
            db_users=self.tenancy.db_users,
            named_users_only=self.tenancy.named_users_only,
        )

    async def _proven_body(self, request: AnyRequest, headers: Headers) -> Body:
        """Return the body where the proof of identity covers it, once the rest of that proof is in order.

        Raises: Unauthorized.
        """
        if not self.authenticator.needs_body(headers):
            return _NO_BODY
        self.authenticator.check_head(headers)
        return await self._body(request)

    async def _window(self, tenant_id: str, bucket: Bucket) -> Window:
        if self.limiter.waits_for_disk:
            return await self.called(lambda: self.limiter.counted(tenant_id, bucket))
        return self.limiter.counted(tenant_id, bucket)

    async def _body(self, request: AnyRequest) -> Body:
        trail = trail_of(request.scope)
        if trail.body is None:
            trail.body = await read_body(request.receive, self.max_body_bytes)
        return trail.body

    def _refuse_beyond(self, window: Window) -> None:
        if not window.admitted:
            raise RateLimited("Too many requests", retry_after=window.retry_after(self.limiter.clock()))
