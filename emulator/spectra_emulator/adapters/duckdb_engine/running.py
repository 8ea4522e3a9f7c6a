"""A query or a file's transfer under way, from its first attempt to its last."""

from __future__ import annotations

import threading
from collections.abc import Callable

from spectra_emulator.adapters.duckdb_engine import wire
from spectra_emulator.adapters.duckdb_engine.lane import Lane
from spectra_emulator.ports import Progress, StatementCancelledError


class RunningQuery:
    """It waits for a lane or runs on one; `cancel` comes from any thread and holds for every attempt after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._finished = False
        self._stop: Callable[[], None] | None = None

    def ask(
        self, lane: Lane, request: wire.Header, deadline: float | None = None, progress: Progress | None = None
    ) -> tuple[wire.Header, bytes]:
        """Ask the lane as a statement that `cancel` stops.

        Raises: EngineFailureError, WorkerLostError, StatementTimeoutError, StatementCancelledError.
        """
        self._begin(lane)
        return lane.ask(request, deadline, progress)

    def finish(self) -> None:
        """Refuse to be cancelled from now on, unless another statement follows.

        Raises: StatementCancelledError where a cancel came before.
        """
        with self._lock:
            self._raise_if_cancelled()
            self._finished = True

    def cancel(self) -> bool:
        """Stop the query where it runs, and before it runs where it does not yet; False once it has finished."""
        with self._lock:
            if self._finished:
                return False
            self._cancelled = True
            if self._stop is not None:
                self._stop()
            return True

    def _begin(self, lane: Lane) -> None:
        """Say that the lane's next statement is the query."""
        statement = lane.statement
        with self._lock:
            self._raise_if_cancelled()
            self._finished = False
            self._stop = lambda: lane.cancel(statement)

    def _raise_if_cancelled(self) -> None:
        if self._cancelled:
            raise StatementCancelledError
