"""What happened at the server, call by call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from spectra_emulator.domain.rate_limits import Window

HeaderPairs = tuple[tuple[bytes, bytes], ...]
_FIXED_BYTES = 1024
"""About what an entry takes beside its texts."""


class Kind(StrEnum):
    REQUEST = "request"
    OBJECT_STORE = "object_store"
    BULK_WORK = "bulk_work"


@dataclass(frozen=True)
class Sent:
    """One side of an exchange: `body` is its beginning, `size_bytes` what it had in all."""

    headers: HeaderPairs = ()
    body: bytes = b""
    size_bytes: int = 0

    @property
    def held_bytes(self) -> int:
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers)


@dataclass(frozen=True)
class Caller:
    """Who called: `method` is how the caller was authenticated."""

    tenant_id: str | None = None
    subject: str | None = None
    method: str | None = None


@dataclass(frozen=True)
class Statement:
    """The SQL as sent and as the engine got it."""

    sql: str
    engine_sql: str


@dataclass(frozen=True)
class Entry:
    """`target` is the path with its query string, an object's key or a job's id; `number` grows by one an entry."""

    number: int
    at: datetime
    kind: Kind
    id: str
    method: str
    target: str
    operation: str | None
    caller: Caller
    status: int
    milliseconds: float
    request: Sent = Sent()
    answer: Sent = Sent()
    window: Window | None = None
    fault: str | None = None
    statement: Statement | None = None

    @property
    def held_bytes(self) -> int:
        """Return about how much memory the entry takes."""
        texts = len(self.statement.sql) + len(self.statement.engine_sql) if self.statement else 0
        return _FIXED_BYTES + self.request.held_bytes + self.answer.held_bytes + len(self.target) + texts


@dataclass(frozen=True)
class EntryFilter:
    """Members that are set must fit; `after` is a number, `status` a status or the hundred that begins its class."""

    after: int = 0
    kind: Kind | None = None
    operation: str | None = None
    tenant_id: str | None = None
    status: int | None = None
    faulty: bool | None = None

    def fits(self, entry: Entry) -> bool:
        return (
            entry.number > self.after
            and self.kind in (None, entry.kind)
            and self.operation in (None, entry.operation)
            and self.tenant_id in (None, entry.caller.tenant_id)
            and self.status in (None, entry.status, entry.status // 100)
            and self.faulty in (None, entry.fault is not None)
        )
