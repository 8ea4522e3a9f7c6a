"""One tenant's database: its file, its worker process, its catalogue."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from spectra_emulator.adapters.duckdb_engine.lane import Lane
from spectra_emulator.adapters.duckdb_engine.pristine import Open, Pristine
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerClient
from spectra_emulator.domain.catalogue import Catalogue, Column, Table
from spectra_emulator.ports import StatementTimeoutError
from spectra_emulator.sql.script_steps import key_in_comment
from spectra_emulator.sql.type_names import redshift_type

TENANT_FILE = "tenant_id"

_FIRST_QUERY = {"do": "query", "sql": "SELECT 1", "count_sql": None, "columns": ["one"], "cap": 1}
"""Loads what a new worker's first query would wait for."""


class TenantDatabase:
    """The file is served as a copy of the pristine one, and reset by copying that again."""

    def __init__(self, tenant_id: str, folder: Path, open_worker: Open, pristine: Pristine) -> None:
        self._tenant_id = tenant_id
        self._folder = folder
        self._open_worker = open_worker
        self._pristine = pristine
        self._lock = threading.RLock()
        self._alone = threading.Lock()
        self.resets = 0
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

    def worker(self) -> WorkerClient:
        """Return the living worker; build, open or replace it where needed.

        Raises: WorkerLostError, InternalError, InvalidSql from a fixture.
        """
        with self._lock:
            if self._worker is None or not self._worker.alive:
                self._worker = self._opened()
            return self._worker

    def catalogue(self) -> Catalogue:
        """Return the tables as they are; the same object until one changes.

        Raises: WorkerLostError, InternalError, InvalidSql from a fixture.
        """
        with self._lock:
            if self._catalogue is None:
                with self.worker().lane() as lane:
                    self.take_catalogue(read_catalogue(lane))
            return self._catalogue or Catalogue()

    def take_catalogue(self, catalogue: Catalogue) -> None:
        """Make the catalogue, as just read, the one that queries are prepared with."""
        with self._lock:
            if self._catalogue is None or self._catalogue.tables != catalogue.tables:
                self._version += 1
            self._catalogue = replace(catalogue, version=self._version)

    def note_written(self) -> None:
        """Remember, across a restart too, that the file no longer is what the fixtures made."""
        (self._folder / "written").touch()

    def reset(self) -> None:
        """Return to the tables as the fixtures made them."""
        with self._lock:
            if not (self._folder / "written").exists():
                return
            self.resets += 1
            self.stop()
            self._remove_served()
            self._catalogue = None

    def remove(self) -> None:
        """End the worker and delete the file."""
        with self._lock:
            self.resets += 1
            self.stop()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._catalogue = None

    def stop(self) -> None:
        """End the worker at once; the database's log keeps what was committed."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
        self._pristine.stop()

    def close(self) -> None:
        """End the worker after it has written its database whole."""
        with self._lock:
            if self._worker is not None:
                self._worker.close()
                self._worker = None

    def close_if_idle(self) -> None:
        """Make room for another tenant, unless a statement came meanwhile."""
        with self._lock:
            if self.idle:
                self.close()

    def _opened(self) -> WorkerClient:
        served = self._folder / "tenant.duckdb"
        if not served.exists():
            self._serve_copy(served)
        worker = self._open_worker(served, True)
        with worker.lane() as lane:
            lane.ask(_FIRST_QUERY)
        return worker

    def _serve_copy(self, served: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / TENANT_FILE).write_text(self._tenant_id, encoding="utf-8")
        self._pristine.copy_to(served)

    def _remove_served(self) -> None:
        """Remove the log before the file that it belongs to, lest it be played on the next copy."""
        for file in ("tenant.duckdb.wal", "tenant.duckdb", "written"):
            (self._folder / file).unlink(missing_ok=True)


def read_catalogue(lane: Lane) -> Catalogue:
    """Return the tables that a lane sees; comments hold a column's type as Redshift spells it, and a table's key."""
    answer, _ = lane.ask({"do": "catalogue"})
    comments = {(schema, table): comment or "" for schema, table, comment in answer["tables"]}
    columns: dict[tuple[str, str], list[Column]] = {}
    views = set()
    for schema, table, name, engine_type, comment, nullable, is_view, default in answer["columns"]:
        column = Column(name, comment or redshift_type(engine_type) or engine_type, nullable, default or "")
        columns.setdefault((schema, table), []).append(column)
        if is_view:
            views.add((schema, table))
    return Catalogue(
        {
            place: Table(
                place[0], place[1], tuple(listed), key_in_comment(comments[place]), place in views, comments[place]
            )
            for place, listed in columns.items()
        }
    )
