"""A query under way, from its first attempt to its last."""

from __future__ import annotations

import threading
from collections.abc import Callable

from spectra_emulator.adapters.duckdb_engine.lane import Lane
from spectra_emulator.ports import StatementCancelledError


class RunningQuery:
    """It waits for a lane or runs on one; `cancel` comes from any thread and holds for every attempt after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._stop: Callable[[], None] | None = None

    def begin(self, lane: Lane) -> None:
        """Say that the lane's next statement is the query.

        Raises: StatementCancelledError.
        """
        statement = lane.statement
        with self._lock:
            if self._cancelled:
                raise StatementCancelledError
            self._stop = lambda: lane.cancel(statement)

    def cancel(self) -> None:
        """Stop the query where it runs, and before it runs where it does not yet."""
        with self._lock:
            self._cancelled = True
            if self._stop is not None:
                self._stop()
