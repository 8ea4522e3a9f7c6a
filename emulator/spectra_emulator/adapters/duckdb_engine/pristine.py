"""A database as the fixtures make it, of which tenants are served copies."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from spectra_emulator.adapters.duckdb_engine.lane import Lane, WorkerLostError
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerClient
from spectra_emulator.domain.catalogue import Catalogue

PRISTINE_FILE = "pristine.duckdb"

Open = Callable[[Path, bool], WorkerClient]
"""Opens a worker on a file; hardened or, for the build alone, with access to files."""

Build = Callable[[Lane], None]
"""Fills a new database over a lane that may read files."""


class Pristine:
    """Built once, by whoever needs it first; tenants with the same fixtures share one.

    `catalogue` is the tables of every copy that nothing was written to, None until one of them was read.
    """

    def __init__(self, folder: Path, open_worker: Open, build: Build) -> None:
        self._folder = folder
        self._open_worker = open_worker
        self._build = build
        self._lock = threading.Lock()
        self._builder: WorkerClient | None = None
        self.catalogue: Catalogue | None = None

    def copy_to(self, file: Path) -> None:
        """Make the file a copy, whole or not at all.

        Raises: WorkerLostError, InternalError, InvalidSql from a fixture.
        """
        unfinished = file.with_suffix(".copy")
        shutil.copyfile(self.built(), unfinished)
        unfinished.rename(file)

    def stop(self) -> None:
        """End a build that is under way."""
        builder = self._builder
        if builder is not None:
            builder.kill()

    def built(self) -> Path:
        """Return the file, made where there is none.

        Raises: WorkerLostError, InternalError, InvalidSql from a fixture.
        """
        built = self._folder / PRISTINE_FILE
        with self._lock:
            if not built.exists():
                self._make(built)
        return built

    def _make(self, built: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = built.with_suffix(".building")
        for leftover in self._folder.glob("pristine.*"):
            _removed(leftover)
        self._builder = worker = self._open_worker(unfinished, False)
        try:
            with worker.lane() as lane:
                self._build(lane)
        except BaseException:
            worker.kill()
            raise
        finally:
            self._builder = None
        if not worker.close():
            raise WorkerLostError
        unfinished.rename(built)


def _removed(leftover: Path) -> None:
    if leftover.is_dir():
        shutil.rmtree(leftover)
    else:
        leftover.unlink()
