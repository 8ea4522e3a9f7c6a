"""Small stand-ins for the ports, and the values that tests of the services share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.jobs import Job, JobStatus
from spectra_emulator.domain.principal import EVERYTHING, Principal
from spectra_emulator.domain.queries import Rows
from spectra_emulator.ports import ScriptOutcome
from spectra_emulator.sql.limit import Capped
from sqlglot import exp

NOON = datetime(2026, 1, 29, 12, 0, tzinfo=UTC)
ONE_ROW = Rows(b'[{"n":1}]', ("n",), ("INTEGER",), row_count=1, total_rows=1)


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def steady(self) -> float:
        """Tell the seconds since noon."""
        return (self.now - NOON).total_seconds()

    def advance(self, **units: float) -> None:
        self.now += timedelta(**units)


def numbers() -> Callable[[], str]:
    """Return a source of ids: `1`, `2`, `3` and so on."""
    following: Iterator[int] = count(1)
    return lambda: str(next(following))


def caller(*permissions: str, tenant_id: str = "tenant-123") -> Principal:
    """Return a principal that may do everything unless `permissions` says less."""
    return Principal(tenant_id, "demo", "api_key", frozenset(permissions) or EVERYTHING, f"tenant_{tenant_id}")


def job(job_id: str = "job-1", *, tenant_id: str = "tenant-123", status: JobStatus = JobStatus.RUNNING) -> Job:
    return Job(job_id, tenant_id, status, submitted_at=NOON, started_at=NOON)


@dataclass(frozen=True)
class FakeQuery:
    engine: FakeEngine
    sql: str = "SELECT 1"

    def run(self, query_id: str, cap: int, timeout: timedelta, begun: Callable[[], None]) -> Rows:  # noqa: ARG002 - the port's shape
        begun()
        self.engine.ran.append(query_id)
        self.engine.timeouts.append(timeout)
        return self.engine.answer(query_id)


class FakeEngine:
    """An engine without SQL: `answer` stands for what a query does, and everything asked is kept."""

    def __init__(self, answer: Callable[[str], Rows] = lambda _: ONE_ROW) -> None:
        self.answer = answer
        self.version = 1
        self.prepared: list[Capped] = []
        self.ran: list[str] = []
        self.timeouts: list[timedelta] = []
        self.cancelled: list[str] = []
        self.scripts: list[tuple[str, int]] = []
        self.reset_tenants: list[str] = []

    def fresh(self) -> str:
        return "tenant-fresh"

    def catalogue(self, tenant_id: str, db_user: str = "") -> Catalogue:  # noqa: ARG002 - the port's shape
        return Catalogue(version=self.version)

    def prepare(self, tenant_id: str, capped: Capped, db_user: str = "") -> FakeQuery:  # noqa: ARG002 - the port's shape
        self.prepared.append(capped)
        return FakeQuery(self)

    def cancel(self, tenant_id: str, query_id: str) -> bool:  # noqa: ARG002 - the port's shape
        self.cancelled.append(query_id)
        return True

    def run_script(self, tenant_id: str, statements: Sequence[exp.Expr]) -> ScriptOutcome:
        self.scripts.append((tenant_id, len(statements)))
        return ScriptOutcome(len(statements), 0, frozenset())

    def reset(self, tenant_id: str) -> None:
        self.reset_tenants.append(tenant_id)

    def remove(self, tenant_id: str) -> None:
        self.reset_tenants.append(tenant_id)

    def tenant_ids(self) -> tuple[str, ...]:
        return ("tenant-456",)

    def close(self) -> None:
        """Hold nothing."""
