"""One lane's work inside the worker process: what it may use, tell and be stopped with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

_TRUSTED_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": "256MiB",
}


class InterruptedWorkError(Exception):
    """Somebody stopped the statement."""


class Work:
    """`cursor` runs the tenant's SQL; `report` tells the server a number while a statement runs."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, report: Callable[[int], None], temp_directory: str) -> None:
        self.cursor = cursor
        self.report = report
        self._temp_directory = temp_directory
        self._interrupted = False
        self._reader: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Forget an interrupt of the statement before."""
        self._interrupted = False

    def interrupt(self) -> None:
        """Stop whatever the statement does."""
        self._interrupted = True
        self.cursor.interrupt()
        with self._lock:
            if self._reader is not None:
                self._reader.interrupt()

    def check(self) -> None:
        """Stop here where somebody asked for it.

        Raises: InterruptedWorkError.
        """
        if self._interrupted:
            raise InterruptedWorkError

    @contextmanager
    def file_reader(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend an empty instance that may read and write files and never sees the tenant's SQL."""
        reader = duckdb.connect(config={**_TRUSTED_SETTINGS, "temp_directory": self._temp_directory})
        reader.execute("SET TimeZone = 'UTC'")
        with self._lock:
            self._reader = reader
        try:
            self.check()
            yield reader
        finally:
            with self._lock:
                self._reader = None
            reader.close()
