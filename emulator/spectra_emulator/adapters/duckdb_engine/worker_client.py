"""The server's side of one worker process: its lanes and its end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spectra_emulator.adapters.duckdb_engine import wire
from spectra_emulator.adapters.duckdb_engine.fork_client import ForkClient
from spectra_emulator.adapters.duckdb_engine.lane import Brakes, Lane, WorkerLostError
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.ports import StatementTimeoutError, Told

_TEMP_BYTES = 4 * 2**30
_END_SECONDS = 5.0
_START_ATTEMPTS = 3


@dataclass(frozen=True)
class WorkerLimits:
    """`memory_bytes` is what the operating system grants the process; DuckDB plans with half of it."""

    memory_bytes: int
    threads: int
    lanes: int


class WorkerClient:
    """One tenant's worker process; any number of threads may use it.

    Raises: InternalError where the process or the database does not open.
    """

    def __init__(self, forks: ForkClient, path: Path, limits: WorkerLimits, told: Told, *, hardened: bool) -> None:
        self._limits = limits
        self._told = told
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)
        self._idle: list[Lane] = []
        self._opened = 0
        self._busy = 0
        self.alive = True
        self.crashed = False
        self._forks = forks
        self._control, self._pid = self._started(path, hardened=hardened)

    @property
    def busy(self) -> bool:
        return self._busy > 0

    @contextlib.contextmanager
    def lane(self, deadline: float | None = None) -> Iterator[Lane]:
        """Lend a lane, waiting for a free one until `deadline`.

        Raises: StatementTimeoutError, WorkerLostError.
        """
        lane = self._taken(deadline)
        try:
            yield lane
        finally:
            with self._lock:
                self._busy -= 1
                self._idle.append(lane)
                self._close_idle_of_dead()
                self._freed.notify()

    def kill(self) -> None:
        """End the process now, whatever it does; every lane's statement sees WorkerLostError."""
        self._finish(crashed=False)

    def discard(self) -> None:
        """End a process whose files are given up; where no statement can write to them, nobody waits for its end."""
        self._finish(crashed=False, awaited=False)

    def retire(self) -> None:
        """End a process that holds memory which the next statements need."""
        self._finish(crashed=False)

    def _lost(self) -> None:
        """Take note that the process ended by itself."""
        self._finish(crashed=True)

    def _finish(self, *, crashed: bool, awaited: bool = True) -> None:
        with self._lock:
            if self.alive:
                self.crashed = crashed
                self.alive = False
                self._end(awaited=awaited or self.busy)
                self._close_idle_of_dead()
                self._freed.notify_all()

    def close(self) -> bool:
        """Let the process write its database whole and end; False where it was gone before."""
        whole = True
        try:
            self._command({"do": "close"})
            self._control.settimeout(None)
            wire.receive(self._control)
        except (EOFError, OSError):
            whole = False
            self.kill()
        with self._lock:
            self.alive = False
            self._close_idle_of_dead()
            self._control.close()
        return whole

    def _end(self, *, awaited: bool) -> None:
        """Kill the process; to wait for it is until it has let go of memory and files: its connection closes then."""
        with contextlib.suppress(OSError):
            if not self._ended():
                os.kill(self._pid, signal.SIGKILL)
            if awaited:
                self._await_end()
        self._control.close()

    def _await_end(self) -> None:
        self._control.settimeout(_END_SECONDS)
        while self._control.recv(4096):
            continue

    def _ended(self) -> bool:
        """Tell whether the process is gone, in which case its number may be another's by now."""
        try:
            return not self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False

    def _close_idle_of_dead(self) -> None:
        while not self.alive and self._idle:
            self._idle.pop().close()

    def _started(self, path: Path, *, hardened: bool) -> tuple[socket.socket, int]:
        """Return a new process's control connection and its id; one that is killed at its start is begun again."""
        for _ in range(_START_ATTEMPTS):
            control = self._forks.fork()
            try:
                wire.send(control, self._options(path, hardened=hardened))
                hello, _ = wire.receive(control)
            except (EOFError, OSError):
                control.close()
                continue
            if "failed" in hello:
                control.close()
                raise InternalError("The tenant's database could not be opened") from RuntimeError(hello["failed"])
            return control, hello["pid"]
        raise InternalError("The SQL engine could not be started")

    def _options(self, path: Path, *, hardened: bool) -> wire.Header:
        return {
            "path": str(path),
            "temp_directory": str(path.with_suffix(".temp")),
            "temp_bytes": _TEMP_BYTES,
            "hardened": hardened,
            "memory_bytes": self._limits.memory_bytes,
            "engine_memory_bytes": self._limits.memory_bytes // 2,
            "threads": self._limits.threads,
            "lanes": self._limits.lanes,
        }

    def _taken(self, deadline: float | None) -> Lane:
        with self._lock:
            while self.alive and not self._idle and self._opened >= self._limits.lanes:
                self._wait_until(deadline)
            if not self.alive:
                raise WorkerLostError
            lane = self._idle.pop() if self._idle else self._new_lane()
            self._busy += 1
            return lane

    def _wait_until(self, deadline: float | None) -> None:
        remaining = None if deadline is None else deadline - time.monotonic()
        if (remaining is not None and remaining <= 0) or not self._freed.wait(remaining):
            raise StatementTimeoutError

    def _new_lane(self) -> Lane:
        number = self._opened
        ours, theirs = socket.socketpair()
        self._opened += 1
        with theirs, contextlib.suppress(OSError):
            wire.send(self._control, {"do": "lane", "lane": number})
            socket.send_fds(self._control, [b"l"], [theirs.fileno()])
        brakes = Brakes(lambda statement: self._interrupt(number, statement), self.kill, self._lost)
        return Lane(ours, brakes, self._told)

    def _interrupt(self, number: int, statement: int) -> None:
        with contextlib.suppress(OSError):
            self._command({"do": "interrupt", "lane": number, "statement": statement})

    def _command(self, command: wire.Header) -> None:
        with self._lock:
            wire.send(self._control, command)
