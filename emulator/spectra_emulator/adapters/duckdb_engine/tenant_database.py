"""One tenant's database: its file, its worker process, its catalogue."""

from __future__ import annotations

import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from spectra_emulator.adapters.duckdb_engine.lane import Lane
from spectra_emulator.adapters.duckdb_engine.pristine import Open, Pristine
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerClient
from spectra_emulator.adapters.duckdb_engine.write_pause import WritePause
from spectra_emulator.domain.catalogue import Catalogue, Column, Table
from spectra_emulator.domain.errors import Conflict, InternalError
from spectra_emulator.ports import StatementTimeoutError
from spectra_emulator.sql.function_comments import functions_in_comments
from spectra_emulator.sql.script_steps import key_in_comment
from spectra_emulator.sql.type_names import redshift_type

TENANT_FILE = "tenant_id"
SERVED_FILE = "tenant.duckdb"
_VERSIONS = itertools.count(1)
"""Never the same twice, though a tenant be removed and made again: what was prepared for the one is not the other's."""

_COPY_ATTEMPTS = 5
"""A worker that is opened plays the log into the file that is being copied."""


class TenantDatabase:
    """The file is served as a copy of the pristine one, and reset by copying that again."""

    def __init__(self, tenant_id: str, folder: Path, open_worker: Open, pristine: Pristine) -> None:
        self._tenant_id = tenant_id
        self._folder = folder
        self._open_worker = open_worker
        self._pristine = pristine
        self._lock = threading.RLock()
        self._alone = threading.Lock()
        self.pause = WritePause()
        self.resets = 0
        self._gone = False
        self._moves = 0
        self._worker: WorkerClient | None = None
        self._catalogue: Catalogue | None = None
        self._version = 0

    @property
    def idle(self) -> bool:
        return self._worker is None or not self._worker.busy

    @property
    def open(self) -> bool:
        return self._worker is not None

    @property
    def known_catalogue(self) -> Catalogue | None:
        """Return the tables where they need not be read first."""
        return self._catalogue

    @contextmanager
    def alone(self, deadline: float | None) -> Iterator[None]:
        """Let one statement at a time through.

        Raises: StatementTimeoutError.
        """
        patience = -1 if deadline is None else max(deadline - time.monotonic(), 0)
        if not self._alone.acquire(timeout=patience):
            raise StatementTimeoutError
        try:
            yield
        finally:
            self._alone.release()

    def warm_up(self) -> None:
        """Take upon us what the first statement would wait for.

        Raises: WorkerLostError, EngineFailureError, InternalError, InvalidSql from a fixture.
        """
        self.catalogue()
        with self.worker().lane() as lane:
            lane.ask({"do": "query", "sql": "SELECT 1", "count_sql": None, "columns": ["one"], "cap": 1})

    def build(self) -> None:
        """Make what the tenant is served a copy of.

        Raises: WorkerLostError, InternalError, InvalidSql from a fixture.
        """
        self._pristine.built()

    def worker(self) -> WorkerClient:
        """Return the living worker; build, open or replace it where needed.

        Raises: Conflict where the tenant was removed, WorkerLostError, InternalError, InvalidSql from a fixture.
        """
        with self._lock:
            self._require_there()
            if self._worker is None or not self._worker.alive:
                self._worker = self._opened()
            return self._worker

    def catalogue(self) -> Catalogue:
        """Return the tables as they are; the same object until one changes.

        Raises: Conflict where the tenant was removed, WorkerLostError, InternalError, InvalidSql from a fixture.
        """
        with self._lock:
            self._require_there()
            if self._catalogue is None:
                self.take_catalogue(self._first_catalogue())
            return self._catalogue or Catalogue()

    def take_catalogue(self, catalogue: Catalogue) -> None:
        """Make the catalogue, as just read, the one that queries are prepared with."""
        with self._lock:
            if self._catalogue is None or not same_names(self._catalogue, catalogue):
                self._version = next(_VERSIONS)
            self._catalogue = replace(catalogue, version=self._version)

    def note_written(self) -> None:
        """Remember, across a restart too, that the file no longer is what the fixtures made."""
        self._written.touch()

    def reset(self) -> None:
        """Return to the tables as the fixtures made them."""
        with self._lock:
            if not self._written.exists():
                return
            self.resets += 1
            self._give_up_worker()
            self._remove_served()
            self._catalogue = None

    def remove(self) -> None:
        """End the worker and delete the file."""
        with self._lock:
            self._gone = True
            self._give_up_worker()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._catalogue = None

    def replace(self, file: Path | None, meanwhile: Callable[[], None]) -> None:
        """Serve another file from now on, or what the fixtures make; nobody gets a worker until all is done.

        `meanwhile` comes first: where it raises, the tables stay as they are.
        """
        with self._lock:
            self.resets += 1
            self.stop()
            meanwhile()
            self._remove_served()
            self._catalogue = None
            if file is not None:
                self.name()
                self.note_written()
                file.rename(self._folder / SERVED_FILE)

    def copy(self, file: Path) -> bool:
        """Copy the served file and its log while nobody writes; False where none is served yet.

        Raises: InternalError.
        """
        for _ in range(_COPY_ATTEMPTS):
            with self._lock:
                moves = self._moves
            served = self._folder / SERVED_FILE
            if not served.exists():
                return False
            _copy_with_log(served, file)
            with self._lock:
                if moves == self._moves:
                    return True
        raise InternalError("The tenant's worker was replaced again and again while its tables were copied")

    def stop(self) -> None:
        """End the worker at once; the database's log keeps what was committed."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def _give_up_worker(self) -> None:
        """End the worker of a file that nobody will open again."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.discard()

    def abandon(self) -> None:
        """End the worker, and a build that others may wait for too: the server stops."""
        self.stop()
        self._pristine.stop()

    def stop_if_idle(self) -> None:
        """Make room for another tenant, unless a statement came meanwhile."""
        with self._lock:
            if self.idle:
                self.stop()

    @property
    def _written(self) -> Path:
        return self._folder / "written"

    def _require_there(self) -> None:
        if self._gone:
            raise Conflict("The tenant was removed meanwhile")

    def _first_catalogue(self) -> Catalogue:
        """Return the tables of a copy without reading them where those of another copy are known."""
        untouched = not self._written.exists()
        known = self._pristine.catalogue if untouched else None
        if known is not None:
            self._serve_copy()
            return known
        with self.worker().lane() as lane:
            found = read_catalogue(lane)
        if untouched:
            self._pristine.catalogue = found
        return found

    def _opened(self) -> WorkerClient:
        self._moves += 1
        return self._open_worker(self._serve_copy(), True)

    def _serve_copy(self) -> Path:
        """Return the file that is served, made where there is none."""
        served = self._folder / SERVED_FILE
        if not served.exists():
            self.name()
            self._pristine.copy_to(served)
        return served

    def name(self) -> None:
        """Let a restart find the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / TENANT_FILE).write_text(self._tenant_id, encoding="utf-8")

    def hide(self) -> None:
        """Let no restart find the folder."""
        (self._folder / TENANT_FILE).unlink()

    def _remove_served(self) -> None:
        """Remove the log before the file that it belongs to, lest it be played on the next copy."""
        for file in (f"{SERVED_FILE}.wal", SERVED_FILE, "written"):
            (self._folder / file).unlink(missing_ok=True)


def _copy_with_log(served: Path, file: Path) -> None:
    """Copy the log first removing an older one: a file must never meet another's log."""
    log, copied_log = served.with_name(f"{served.name}.wal"), file.with_name(f"{file.name}.wal")
    copied_log.unlink(missing_ok=True)
    shutil.copyfile(served, file)
    with suppress(FileNotFoundError):
        shutil.copyfile(log, copied_log)


def same_names(one: Catalogue, other: Catalogue) -> bool:
    return one.tables == other.tables and one.functions == other.functions


def read_catalogue(lane: Lane) -> Catalogue:
    """Return the tables that a lane sees; comments hold a column's type as Redshift spells it, and a table's key."""
    answer, _ = lane.ask({"do": "catalogue"})
    comments = {(schema, table): comment or "" for schema, table, comment, _ in answer["tables"]}
    views = {(schema, table) for schema, table, _, is_view in answer["tables"] if is_view}
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, table, _, name, engine_type, comment, nullable, default in sorted(answer["columns"]):
        column = Column(name, comment or redshift_type(engine_type) or engine_type, nullable, default or "")
        columns.setdefault((schema, table), []).append(column)
    return Catalogue(
        {
            place: Table(
                place[0], place[1], tuple(listed), key_in_comment(comments[place]), place in views, comments[place]
            )
            for place, listed in columns.items()
        },
        functions={one.name: one for one in functions_in_comments(comments)},
    )
