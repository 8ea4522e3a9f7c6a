"""The embedded engine: one DuckDB instance a tenant, each in a process of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from sqlglot import exp

from spectra_emulator.adapters.duckdb_engine import failures
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.fork_client import ForkClient
from spectra_emulator.adapters.duckdb_engine.lane import EngineFailureError, SqueezedError, WorkerLostError
from spectra_emulator.adapters.duckdb_engine.pristine import PRISTINE_FILE, Pristine
from spectra_emulator.adapters.duckdb_engine.running import RunningQuery
from spectra_emulator.adapters.duckdb_engine.scripts import in_one_transaction
from spectra_emulator.adapters.duckdb_engine.spares import Spares, new_tenant_id
from spectra_emulator.adapters.duckdb_engine.tenant_database import TENANT_FILE, TenantDatabase
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerClient, WorkerLimits
from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.errors import Conflict, InternalError, InvalidRequest, QueryTimeout
from spectra_emulator.domain.queries import Rows
from spectra_emulator.domain.tenancy import folder_name
from spectra_emulator.ports import ScriptOutcome, StatementTimeoutError, TablesReplacedError, Told
from spectra_emulator.sql.duckdb import translated
from spectra_emulator.sql.limit import Capped
from spectra_emulator.sql.type_names import redshift_type

_ATTEMPTS = 3
_SQUEEZES = 8
_LONGEST_PAUSE_SECONDS = 1.0
_SHARED = "shared"
"""The folder of what tenants without fixtures of their own begin with; a tenant's own has another form."""

SCRIPT_SECONDS = 300
_PAUSE_SECONDS = 60.0
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class DuckDbQuery:
    """DuckDB SQL for one tenant's tables; a type is None where the engine's own is reported.

    `quick_sql` is tried first, until it has `failed` once.
    """

    engine: DuckDbEngine
    tenant_id: str
    sql: str
    count_sql: str | None
    columns: tuple[str, ...]
    types: tuple[str | None, ...]
    resets: int = 0
    quick_sql: str | None = None
    failed: threading.Event = field(default_factory=threading.Event)

    def run(self, query_id: str, cap: int, timeout: timedelta, begun: Callable[[], None]) -> Rows:
        return self.engine.run(self, query_id, cap, timeout, begun)


class DuckDbEngine:
    """Keeps `max_workers` processes: the longest unused makes room for the next, and none that is busy is ended."""

    def __init__(
        self, folder: Path, fixtures: FixtureFiles, limits: WorkerLimits, max_workers: int, told: Told = lambda: None
    ) -> None:
        self._folder = folder
        self._fixtures = fixtures
        self._limits = limits
        self._max_workers = max_workers
        self._told = told
        self._forks = ForkClient()
        self._shared = Pristine(folder / _SHARED, self._opened, fixtures.fill_shared)
        self._lock = threading.Lock()
        self._databases: dict[str, TenantDatabase] = {}
        self._running: dict[str, RunningQuery] = {}
        self._closed = False
        self._spares = Spares(self._new_database)

    def warm_up(self) -> None:
        """Load what the first query needs, ahead of it."""
        self._forks.start()

    def build(self, tenant_ids: Iterable[str]) -> None:
        """Load the fixtures of the tenants, and those that all share, ahead of the first query.

        Raises: InternalError.
        """
        self.warm_up()
        try:
            self._shared.built()
            for tenant_id in tenant_ids:
                self._database(tenant_id).build()
        except WorkerLostError as error:
            raise failures.worker_lost() from error

    def catalogue(self, tenant_id: str, db_user: str = "") -> Catalogue:  # noqa: ARG002 - the port's shape; the engine has no users
        database = self._database(tenant_id)
        return database.known_catalogue or self.tried(tenant_id, lambda _: database.catalogue())

    def prepare(self, tenant_id: str, capped: Capped, db_user: str = "") -> DuckDbQuery:
        resets = self._database(tenant_id).resets
        catalogue = self.catalogue(tenant_id)
        translation = translated(capped.query, catalogue, user=db_user)
        count = None if capped.count_query is None else translated(capped.count_query, catalogue, user=db_user).sql
        names = tuple(column.name for column in translation.columns)
        types = tuple(column.type for column in translation.columns)
        return DuckDbQuery(self, tenant_id, translation.sql, count, names, types, resets, translation.quick_sql)

    def run(self, query: DuckDbQuery, query_id: str, cap: int, timeout: timedelta, begun: Callable[[], None]) -> Rows:
        """Run what `prepare` returned."""
        deadline = time.monotonic() + timeout.total_seconds()
        request = {
            "do": "query",
            "sql": query.sql,
            "quick_sql": None if query.failed.is_set() else query.quick_sql,
            "count_sql": query.count_sql,
            "columns": query.columns,
            "cap": cap,
        }
        database = self._database(query.tenant_id)

        def asked(worker: WorkerClient) -> Rows:
            if database.resets != query.resets:
                raise TablesReplacedError
            with worker.lane(deadline) as lane:
                header, rows_json = running.ask(lane, request, deadline)
            if header["quick_failed"]:
                query.failed.set()
            types = tuple(map(_reported, query.types, header["types"]))
            return Rows(rows_json, query.columns, types, header["row_count"], header["total_rows"])

        with self.noted(query_id) as running:
            begun()
            return self.tried(query.tenant_id, asked, deadline=deadline)

    def cancel(self, tenant_id: str, query_id: str) -> bool:  # noqa: ARG002 - the port's shape; ids are unique over tenants
        running = self._running.get(query_id)
        return running is not None and running.cancel()

    def run_script(self, tenant_id: str, statements: Sequence[exp.Expr]) -> ScriptOutcome:
        database = self._database(tenant_id)
        resets = database.resets
        deadline = time.monotonic() + SCRIPT_SECONDS

        def asked(worker: WorkerClient) -> ScriptOutcome:
            if database.resets != resets:
                raise Conflict("The tenant was reset while the script ran")
            database.catalogue()
            database.note_written()
            with worker.lane(deadline) as lane:
                return in_one_transaction(lane, database, statements, deadline)

        try:
            with database.pause.writing(deadline):
                return self.tried(tenant_id, asked, deadline=deadline)
        except StatementTimeoutError as error:
            message = f"The script exceeded {SCRIPT_SECONDS} s and changed nothing"
            raise QueryTimeout(message, timeout_seconds=SCRIPT_SECONDS) from error

    def note_written(self, tenant_id: str) -> None:
        """Remember that the tenant's tables no longer are what its fixtures made."""
        self._database(tenant_id).note_written()

    def writing(self, tenant_id: str) -> AbstractContextManager[None]:
        """Let no copy of the tenant's tables begin meanwhile."""
        return self._database(tenant_id).pause.writing()

    def paused(self, tenant_id: str) -> AbstractContextManager[None]:
        """Let scripts and imports of the tenant wait, once those under way have ended.

        Raises: Conflict.
        """
        return self._database(tenant_id).pause.paused(_PAUSE_SECONDS)

    def copy(self, tenant_id: str, file: Path) -> bool:
        """Copy the tenant's tables while `paused`, for `folded` to finish; False where it has not used any."""
        return self._database(tenant_id).copy(file)

    def folded(self, file: Path) -> None:
        """Bring a copy's log into it, and see that it opens.

        Raises: InvalidRequest.
        """
        try:
            whole = self._opened(file, True).close()
        except InternalError as error:
            raise InvalidRequest("The tables cannot be opened: another engine's version wrote them") from error
        if not whole:
            raise InternalError("The engine ended while it opened the tables")

    def replace(self, tenant_id: str, file: Path | None, meanwhile: Callable[[], None]) -> None:
        """Serve the file, or what the fixtures make; what runs ends, and what comes waits until `meanwhile` is done."""
        self._database(tenant_id).replace(file, meanwhile)

    def reset(self, tenant_id: str) -> None:
        self._database(tenant_id).reset()

    def fresh(self) -> str:
        """Return the id of a new tenant, whose tables are open already where one was made ahead."""
        spare = self._spares.taken()
        if spare is None:
            return new_tenant_id()
        with self._lock:
            self._databases[spare.tenant_id] = spare.database
        return spare.tenant_id

    def remove(self, tenant_id: str) -> None:
        """Drop the tenant's database, as if it had never been."""
        database = self._database(tenant_id)
        database.remove()
        with self._lock:
            del self._databases[tenant_id]

    def tenant_ids(self) -> tuple[str, ...]:
        kept = {file.read_text(encoding="utf-8") for file in self._folder.glob(f"*/{TENANT_FILE}")}
        return tuple(sorted((kept - self._spares.hidden) | set(self._databases)))

    def close(self) -> None:
        """End every worker at once: what was committed is in its database's log."""
        self._closed = True
        self._spares.close()
        for database in tuple(self._databases.values()):
            database.abandon()
        self._shared.stop()
        self._forks.close()

    def tried(
        self,
        tenant_id: str,
        ask: Callable[[WorkerClient], Answer],
        attempts: int = _ATTEMPTS,
        deadline: float | None = None,
    ) -> Answer:
        """Ask the tenant's worker; what another statement's end took down is asked again.

        After a crash each statement that was under way is asked again alone, so that the one that crashes its worker
        fails alone. One that others squeezed out of memory gives them more and more time to end.
        """
        crashes = squeezes = 0
        database = self._database(tenant_id)
        while crashes < attempts:
            worker = None
            with database.alone(deadline) if crashes or squeezes else nullcontext():
                try:
                    worker = self._worker(database)
                    last = crashes == attempts - 1 or squeezes == _SQUEEZES
                    return self._answered(worker, ask, last=last)
                except StatementTimeoutError:
                    self._worker(database)
                    raise
                except SqueezedError:
                    squeezes += 1
                except WorkerLostError:
                    crashes += worker is None or worker.crashed
            if squeezes:
                time.sleep(min(0.05 * 2**squeezes, _LONGEST_PAUSE_SECONDS))
        raise failures.worker_lost()

    def _answered(self, worker: WorkerClient, ask: Callable[[WorkerClient], Answer], *, last: bool) -> Answer:
        try:
            return ask(worker)
        except EngineFailureError as failure:
            if failures.interrupted(failure):
                raise WorkerLostError from failure
            if failures.out_of_memory(failure):
                worker.retire()
                if failure.squeezed and not last:
                    raise SqueezedError from failure
            if failures.breaks_engine(failure):
                worker.kill()
            raise failures.meaning(failure) from failure

    def _worker(self, database: TenantDatabase) -> WorkerClient:
        if self._closed:
            raise InternalError("The server is stopping")
        if not database.open:
            self._make_room()
        return database.worker()

    def _make_room(self) -> None:
        with self._lock:
            opened = [database for database in self._databases.values() if database.open]
            spare = next((database for database in opened if database.idle), None)
        if spare is not None and len(opened) >= self._max_workers:
            spare.stop_if_idle()

    def _database(self, tenant_id: str) -> TenantDatabase:
        with self._lock:
            database = self._databases.pop(tenant_id, None) or self._new_database(tenant_id)
            self._databases[tenant_id] = database
            return database

    def _new_database(self, tenant_id: str) -> TenantDatabase:
        folder = self._folder / folder_name(tenant_id)
        pristine = self._shared
        if self._fixtures.has_own(tenant_id) or (folder / PRISTINE_FILE).exists():
            pristine = Pristine(folder, self._opened, lambda lane: self._fixtures.fill(tenant_id, lane))
        return TenantDatabase(tenant_id, folder, self._opened, pristine)

    def _opened(self, path: Path, hardened: bool) -> WorkerClient:
        return WorkerClient(self._forks, path, self._limits, self._told, hardened=hardened)

    @contextmanager
    def noted(self, query_id: str) -> Iterator[RunningQuery]:
        """Let `cancel` find by its id what runs, and not a moment longer.

        Raises: StatementCancelledError where a cancel came.
        """
        self._running[query_id] = running = RunningQuery()
        try:
            yield running
            running.finish()
        finally:
            del self._running[query_id]


def _reported(known: str | None, own: str) -> str:
    """Return the bare name of a column's type, from the translation or else from the engine."""
    return known or (redshift_type(own) or own).partition("(")[0]
