"""The API as one identity calls it."""

from __future__ import annotations

import json as json_text
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from spectra_conformance.answer import Answer
from spectra_conformance.identities import nobody
from spectra_conformance.target import Identity
from spectra_conformance.wire import Call, Wire

TERMINAL_STATES = frozenset({"JobComplete", "Failed", "Aborted"})
TERMINAL_STATUSES = frozenset({"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT"})
FIRST_POLL_SECONDS = 0.05
LONGEST_POLL_SECONDS = 5.0
POLL_GROWTH = 1.5
SentHeaders = Mapping[str, str | None]
"""A header given as None is left out, also one that would be sent by itself."""
UPLOAD_TYPES: tuple[dict[str, str], ...] = (
    {"content-type": "text/csv"},
    {"content-type": "application/octet-stream"},
    {},
)
"""What an upload link may have been signed for, the likeliest first."""
OK, FORBIDDEN = 200, 403


@dataclass(frozen=True)
class Client:
    wire: Wire
    identity: Identity

    def send(self, method: str, path: str, **options: Any) -> Answer:
        """Send one request; the options are those of `call`."""
        return self.wire.send(self.call(method, path, **options))

    def call(  # noqa: PLR0913 -- the parts of a request, by keyword
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        params: Mapping[str, object] | None = None,
        headers: SentHeaders | None = None,
        content: bytes | None = None,
        check: bool = True,
        paced: bool = True,
    ) -> Call:
        """Return one request; `path` is under the base URL, or a whole URL.

        `paced=False` neither waits for the rate limit nor repeats a 429: for what is meant to exceed it.
        `check=False` holds nothing against the contract.
        """
        usual: dict[str, str | None] = {"x-tenant-id": self.identity.tenant}
        body = content
        if json is not None:
            body = json_text.dumps(json, ensure_ascii=False).encode()
            usual["content-type"] = "application/json"
        given = {name.lower(): value for name, value in (headers or {}).items()}
        sent = {name: value for name, value in {**usual, **given}.items() if value is not None}
        unproven = given.get("authorization", "") is None
        identity = replace(self.identity, sign=nobody().sign) if unproven else self.identity
        where = f"{path}?{urlencode(params)}" if params else path
        return Call(identity, method, where, sent, body, checked=check, paced=paced)

    def get(self, path: str, **options: Any) -> Answer:
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        return self.send("POST", path, **options)

    def patch(self, path: str, **options: Any) -> Answer:
        return self.send("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.send("DELETE", path, **options)

    def query(self, sql: str, headers: Any = None, **parameters: object) -> Answer:
        """Run a query; `parameters` are `limit` and `timeout_seconds`."""
        body: dict[str, object] = {"sql": sql}
        if parameters:
            body["parameters"] = parameters
        return self.post("/queries", json=body, headers=headers)

    def bulk(self, headers: Any = None, **members: object) -> Answer:
        """Create a bulk job."""
        return self.post("/bulk/jobs", json=members, headers=headers)

    def set_state(self, job_id: str, state: object) -> Answer:
        return self.patch(f"/bulk/jobs/{job_id}", json={"state": state})

    def settled(self, job_id: str, *, path: str = "/bulk/jobs") -> Answer:
        """Return a job's record once it has ended, or as it is at the deadline."""
        give_up_at = time.monotonic() + self.wire.target.settle_seconds
        pause = FIRST_POLL_SECONDS
        while True:
            answer = self.get(f"{path}/{job_id}")
            if has_ended(answer) or time.monotonic() > give_up_at:
                return answer
            time.sleep(pause)
            pause = min(pause * POLL_GROWTH, LONGEST_POLL_SECONDS)

    def upload(self, url: str, file: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Put a file to a signed link, without credentials."""
        return self.wire.fetch("PUT", url, headers or {}, file)

    def upload_as_signed(self, url: str, file: bytes, usual: str = "text/csv") -> Answer:
        """Put a file to a signed link under one content type after another, until the link takes it."""
        put = self.upload(url, file, {"content-type": usual})
        for headers in UPLOAD_TYPES[1:]:
            if put.status == FORBIDDEN:
                put = self.upload(url, file, headers)
        return put

    def download(self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """Get a file from a signed link, without credentials; its bytes are as they were sent."""
        return self.wire.fetch(method, url, headers or {}, None)

    def anonymous(self) -> Client:
        """Return a client of the same tenant that proves nothing."""
        return replace(self, identity=nobody(self.identity.tenant))

    def acting_as(self, tenant: str | None) -> Client:
        """Return a client with the same credentials that names another tenant, or none."""
        return replace(self, identity=replace(self.identity, tenant=tenant))


def readier(wire: Wire, bucket: str) -> Client:
    """Return the tenant whose next call of a bucket may go out sooner, the second one in doubt."""
    tenants = [Client(wire, identity) for identity in (wire.target.peer, wire.target.owner) if identity]
    return min(tenants, key=lambda client: wire.pacer.delay(client.identity.payer, bucket))


def has_ended(answer: Answer) -> bool:
    """Say whether a job's record is in a terminal state, or no record at all."""
    if answer.status != OK:
        return True
    record = answer.json()
    return record.get("state") in TERMINAL_STATES or record.get("status") in TERMINAL_STATUSES
