"""What the services need from the outside world; each port has its adapters under `adapters/`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlglot import exp

from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobFilter, BulkJobState
from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.files import Change, ExportFile, ImportFile
from spectra_emulator.domain.idempotency import IdempotencyKey, Reservation
from spectra_emulator.domain.jobs import Job, JobStatus
from spectra_emulator.domain.principal import Credential
from spectra_emulator.domain.queries import QueryAnswer, Rows
from spectra_emulator.domain.rate_limits import Window
from spectra_emulator.domain.signed_request import Headers, SignedRequest
from spectra_emulator.sql.limit import Capped

Clock = Callable[[], datetime]
"""Tells the time that records and rules go by; a tester may move it."""

Told = Callable[[], datetime | None]
"""Tells the time where it is not the machine's."""

Steady = Callable[[], float]
"""Tells seconds that nobody moves: what somebody really waits for is counted in them."""

NewId = Callable[[], str]

MAX_LISTED_JOBS = 1000


class UnreadableStateError(Exception):
    """What is kept is damaged, out of reach or of another version; the message names it."""


class StatementTimeoutError(Exception):
    """The statement ran out of time and is gone."""


class StatementCancelledError(Exception):
    """Somebody cancelled the statement and it is gone."""


class TablesReplacedError(Exception):
    """The tables that the query was prepared for are no more: prepare it again."""


class PreparedQuery(Protocol):
    """A query made ready for one engine and one tenant's tables; it may run any number of times.

    `sql` is its text as the engine gets it.
    """

    @property
    def sql(self) -> str: ...

    def run(self, query_id: str, cap: int, timeout: timedelta, begun: Callable[[], None]) -> Rows:
        """Run the query and return at most `cap` rows with the exact total; `begun` is called once `cancel` finds it.

        Raises: InvalidSql, InternalError, StatementTimeoutError, StatementCancelledError, TablesReplacedError.
        """
        ...


@dataclass(frozen=True)
class ScriptOutcome:
    """`rows_affected` sums over all statements; `touched` names the tables written."""

    statements: int
    rows_affected: int
    touched: frozenset[str]


class QueryEngine(Protocol):
    """Runs SQL for one tenant at a time; tenants never see each other's tables.

    `db_user` is who the caller is to the database, for an engine that has users and takes them from its callers.
    """

    def warm_up(self) -> None:
        """Load what the first query needs, ahead of it."""
        ...

    def build(self, tenant_ids: Iterable[str]) -> None:
        """See that the tenants can be served, and make ahead what they begin with.

        Raises: InternalError.
        """
        ...

    def catalogue(self, tenant_id: str, db_user: str = "") -> Catalogue:
        """Return the tenant's tables, opening (and building) its database where needed."""
        ...

    def fresh(self) -> str:
        """Return an id that no tenant has had."""
        ...

    def prepare(self, tenant_id: str, capped: Capped, db_user: str = "") -> PreparedQuery:
        """Make the query ready to run while the catalogue's version stands.

        Raises: InvalidSql.
        """
        ...

    def cancel(self, tenant_id: str, query_id: str) -> bool:
        """Stop a running query; False where it no longer runs."""
        ...

    def run_script(self, tenant_id: str, statements: Sequence[exp.Expr]) -> ScriptOutcome:
        """Run trusted Redshift DDL and DML as one transaction.

        Raises: InvalidSql, InternalError.
        """
        ...

    def reset(self, tenant_id: str) -> None:
        """Bring the tenant's tables back to how its fixtures were loaded."""
        ...

    def remove(self, tenant_id: str) -> None:
        """Drop the tenant's database, as if it had never been."""
        ...

    def tenant_ids(self) -> tuple[str, ...]:
        """Return the tenants that have a database."""
        ...

    def close(self) -> None:
        """End everything that runs and keep what is durable."""
        ...


Progress = Callable[[int], None]
"""Told now and then how many records are done."""


@dataclass(frozen=True)
class Applied:
    """What an import did; `failed` records lie in a CSV file with their reasons, where there are any."""

    processed: int
    failed: int


class BulkEngine(Protocol):
    """Moves whole tables' worth of rows between a tenant's database and files on this machine."""

    def functions(self, tenant_id: str, db_user: str = "") -> Container[str]:
        """Return the names of the tenant's own functions."""
        ...

    def export(
        self, tenant_id: str, job_id: str, query: exp.Query, target: ExportFile, progress: Progress, db_user: str = ""
    ) -> int:
        """Write all rows of the query to `target.file` and return their number.

        Raises: InvalidSql, InternalError, StatementCancelledError.
        """
        ...

    def apply(
        self, tenant_id: str, job_id: str, change: Change, source: ImportFile, progress: Progress, db_user: str = ""
    ) -> Applied:
        """Apply a file's records to a table in one transaction that also marks the job as applied.

        A job that was applied before is not applied again: what it did then is returned. Records that break a rule
        fail alone and are written to `source.failed_file`.

        Raises: InvalidRequest where the file as a whole cannot be read or does not fit the table (nothing is changed
        then), InvalidSql, InternalError, StatementCancelledError.
        """
        ...

    def applied(self, tenant_id: str, job_id: str, db_user: str = "") -> Applied | None:
        """Return what the job did, where it was applied."""
        ...

    def cancel(self, tenant_id: str, query_id: str) -> bool:
        """Stop a running export or import by its job's id; its transaction is rolled back."""
        ...


class ObjectStore(Protocol):
    """Objects in one bucket of an S3, by key; links carry their own authority and expire."""

    def warm_up(self) -> None:
        """Begin to load what the first call needs, ahead of it and without waiting."""
        ...

    def upload_link(self, key: str, lifetime: timedelta, base_url: str) -> str:
        """Return a URL that takes one PUT of the object; `base_url` is where the client reaches this server."""
        ...

    def download_link(self, key: str, lifetime: timedelta, base_url: str) -> str:
        """Return a URL that gives the object by GET, HEAD and Range."""
        ...

    def size_bytes(self, key: str) -> int | None:
        """Return the object's size, or None where there is none."""
        ...

    def fetch(self, key: str, file: Path) -> None:
        """Write the object to a file, in bounded memory."""
        ...

    def store(self, file: Path, key: str) -> None:
        """Make the file's content the object, whole or not at all, in bounded memory."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """Return the keys of all objects that begin with `prefix`."""
        ...

    def delete(self, prefix: str) -> None:
        """Delete every object whose key begins with `prefix`."""
        ...


class Authenticator(Protocol):
    """Tells who sends a request."""

    @property
    def waits_for_network(self) -> bool:
        """Tell whether a credential may take seconds to check."""
        ...

    def needs_body(self, headers: Headers) -> bool:
        """Tell whether the proof covers the body."""
        ...

    def check_head(self, headers: Headers) -> None:
        """Refuse a proof that no body could make good, before a body is read.

        Raises: Unauthorized.
        """
        ...

    def credential(self, request: SignedRequest) -> Credential:
        """Return what the request proves.

        Raises: Unauthorized.
        """
        ...


class KeyRing(Protocol):
    """API keys made while the server runs."""

    def make(self, tenant_id: str, permissions: frozenset[str] | None) -> str:
        """Return a new key of the tenant, of which only a digest is kept."""
        ...

    def revoke(self, tenant_id: str) -> None:
        """Let no key that was made for the tenant be valid any more."""
        ...

    def made_for(self, tenant_id: str) -> bool: ...

    def tenant_ids(self) -> frozenset[str]:
        """Return the tenants that have a key of their own, made or configured."""
        ...


class StateStore(Protocol):
    """Jobs, idempotency keys and rate windows; each call is atomic, and kept when it returns where `durable`."""

    @property
    def durable(self) -> bool: ...

    def add_job(self, job: Job) -> None: ...

    def job(self, tenant_id: str, job_id: str) -> Job | None: ...

    def job_of_query(self, tenant_id: str, query_id: str) -> Job | None:
        """Return the job whose query the warehouse knows by that id, the newest where several had it."""
        ...

    def jobs(self, tenant_id: str, status: JobStatus | None = None) -> list[Job]:
        """Return the tenant's jobs, newest first, at most `MAX_LISTED_JOBS`."""
        ...

    def move_job(self, job: Job) -> bool:
        """Store a job's next record; False where it had finished, and nothing is changed."""
        ...

    def add_bulk_job(self, job: BulkJob) -> None: ...

    def bulk_job(self, tenant_id: str, job_id: str) -> BulkJob | None: ...

    def bulk_jobs(self, tenant_id: str, wanted: BulkJobFilter) -> list[BulkJob]:
        """Return the tenant's bulk jobs that fit, newest first, ties by id."""
        ...

    def bulk_jobs_created_before(self, moment: datetime, states: Iterable[BulkJobState]) -> list[BulkJob]:
        """Return the jobs of every tenant that are in one of the states, oldest first."""
        ...

    def move_bulk_job(self, job: BulkJob, expected: BulkJobState) -> bool:
        """Store the job where its state is still `expected`; else False, and nothing is changed."""
        ...

    def reserve(self, key: IdempotencyKey, now: datetime, expires_at: datetime) -> Reservation:
        """Take the key, or tell who has it."""
        ...

    def fulfil(self, key: IdempotencyKey, token: str, job_id: str) -> None:
        """Note which job answered the key, where the reservation of that token still stands."""
        ...

    def release(self, key: IdempotencyKey, token: str) -> None:
        """Give the key back where the reservation of that token still stands."""
        ...

    def count_call(self, tenant_id: str, bucket: str, limit: int, length: timedelta, now: datetime) -> Window:
        """Count one call in the tenant's window of that bucket, unless it is full."""
        ...

    def recover(self, now: datetime) -> None:
        """Fail what was under way when the last server on this store stopped."""
        ...

    def forget_before(self, moment: datetime) -> list[str]:
        """Drop jobs submitted, and keys expired, before `moment`; return the dropped jobs' ids."""
        ...

    def clear(self, tenant_id: str) -> None:
        """Drop everything of the tenant."""
        ...

    def tenant_ids(self) -> tuple[str, ...]: ...

    def close(self) -> None: ...


class Peers(Protocol):
    """The servers on one store of state, and which of them has which bulk job under way.

    A server that says nothing for as long as a lease lasts counts as dead, by the store's own clock.
    """

    @property
    def shared(self) -> bool:
        """Tell whether other servers may be there."""
        ...

    def beat(self) -> None:
        """Tell the others that this server lives."""
        ...

    def adopted(self, known: Collection[str]) -> list[BulkJob]:
        """Take some of the bulk jobs under way that no living server works on; `known` is what this one has in hand."""
        ...

    def taken(self, job: BulkJob) -> bool:
        """Make the job this server's, once the one that has it lets go; False where that one keeps it."""
        ...

    def asked_for(self) -> list[BulkJob]:
        """Return the jobs of this server that another wants."""
        ...

    def let_go(self, job: BulkJob) -> bool:
        """Leave the job to the server that wants it; False where its work has gone on since it was asked for."""
        ...

    def keep(self, job: BulkJob) -> None:
        """Refuse to leave the job."""
        ...

    def lost(self, job_ids: Collection[str]) -> list[str]:
        """Return which of these jobs are this server's no more."""
        ...

    def ended_elsewhere(self) -> list[tuple[str, str]]:
        """Return tenant and id of the query jobs of this server that others have ended; each is told once."""
        ...

    def leave(self) -> None:
        """Let the others have all that is this server's, at its end."""
        ...


class AnswerStore(Protocol):
    """Stored answers of finished queries, bounded in bytes; the oldest go first."""

    def put(self, tenant_id: str, job_id: str, answer: QueryAnswer, *, keyed: bool) -> None:
        """Keep the answer; one under an idempotency key outlives those without."""
        ...

    def get(self, tenant_id: str, job_id: str) -> QueryAnswer | None: ...

    def drop(self, job_ids: Sequence[str]) -> None: ...

    def clear(self, tenant_id: str) -> None: ...
