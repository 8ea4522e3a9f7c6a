"""One connection to a worker process, on which one statement runs at a time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from spectra_emulator.adapters.duckdb_engine import wire
from spectra_emulator.ports import Progress, StatementCancelledError, StatementTimeoutError, Told

INTERRUPT_GRACE_SECONDS = 0.2
"""How long a statement may take to heed an interrupt before its process ends."""


class WorkerLostError(Exception):
    """The worker process ended under the statement."""


class SqueezedError(WorkerLostError):
    """The worker was ended for want of memory that other statements held."""


class EngineFailureError(Exception):
    """What the engine raised: `kind` is the name of its exception class.

    `squeezed` tells that memory was held by other statements, before or beside this one.
    """

    def __init__(self, kind: str, message: str, *, squeezed: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.message = message
        self.squeezed = squeezed


@dataclass(frozen=True)
class Brakes:
    """What a lane can do to its worker: interrupt one statement of its own, end the process, or find that it ended."""

    interrupt: Callable[[int], None]
    kill: Callable[[], None]
    lost: Callable[[], None]


class Lane:
    """Used by one thread at a time; `cancel` may come from any other."""

    def __init__(self, link: socket.socket, brakes: Brakes, told: Told) -> None:
        self._link = link
        self._brakes = brakes
        self._told = told
        self._statement = 1
        self._running = False
        self._cancelled = 0

    @property
    def statement(self) -> int:
        """Return the number of the statement that runs, or of the next."""
        return self._statement

    def ask(
        self, request: wire.Header, deadline: float | None = None, progress: Progress | None = None
    ) -> tuple[wire.Header, bytes]:
        """Send one request and wait for its answer until `deadline` (of `time.monotonic`).

        Raises: EngineFailureError, WorkerLostError, StatementTimeoutError, StatementCancelledError.
        """
        self._running = True
        try:
            self._raise_if_cancelled()
            header, payload = self._exchanged(request, deadline, progress)
            self._raise_if_cancelled()
        finally:
            self._running = False
            self._statement += 1
        if "error" in header:
            raise EngineFailureError(header["error"], header["message"], squeezed=header["squeezed"])
        return header, payload

    def cancel(self, statement: int) -> None:
        """Stop that statement, and its worker with it where it does not heed the interrupt."""
        self._cancelled = max(self._cancelled, statement)
        self._brakes.interrupt(statement)
        last_resort = threading.Timer(INTERRUPT_GRACE_SECONDS, self._kill_if_running, [statement])
        last_resort.daemon = True
        last_resort.start()

    def close(self) -> None:
        """Let go of the connection, on which no statement runs; the worker's side ends with it."""
        self._link.close()

    def _exchanged(
        self, request: wire.Header, deadline: float | None, progress: Progress | None
    ) -> tuple[wire.Header, bytes]:
        try:
            told = self._told()
            now = None if told is None else told.isoformat()
            wire.send(self._link, {**request, "statement": self._statement, "now": now})
            if deadline is not None:
                self._link.settimeout(max(deadline - time.monotonic(), 0.001))
            return self._answer(progress)
        except TimeoutError:
            self._stop()
            raise StatementTimeoutError from None
        except (EOFError, OSError) as error:
            self._brakes.lost()
            self._raise_if_cancelled()
            raise WorkerLostError from error

    def _answer(self, progress: Progress | None) -> tuple[wire.Header, bytes]:
        """Wait for the answer and pass on what is told before it."""
        while "progress" in (answer := wire.receive(self._link))[0]:
            if progress is not None:
                progress(answer[0]["progress"])
        return answer

    def _stop(self) -> None:
        """Interrupt the statement; end the worker unless it stops at once, so that nothing runs on."""
        self._brakes.interrupt(self._statement)
        try:
            self._link.settimeout(INTERRUPT_GRACE_SECONDS)
            self._answer(None)
        except (TimeoutError, EOFError, OSError):
            self._brakes.kill()

    def _kill_if_running(self, statement: int) -> None:
        if self._running and self._statement == statement:
            self._brakes.kill()

    def _raise_if_cancelled(self) -> None:
        if self._cancelled == self._statement:
            raise StatementCancelledError
