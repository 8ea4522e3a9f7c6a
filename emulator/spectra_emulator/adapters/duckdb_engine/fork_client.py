"""The server's side of the fork server: starts it when first needed and asks it for workers."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading

_MODULE = "spectra_emulator.adapters.duckdb_engine.fork_server"
_START = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv[1]); runpy.run_module(sys.argv[2], run_name='__main__')"
)
"""Looks for modules where the server found its own, and takes no word from the environment."""

_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(8 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(16 * 2**20),
    "OPENBLAS_NUM_THREADS": "1",
}
"""More arenas would keep freed memory apart, one for each thread, until the worker's bound is used up by none of it.

The thresholds let a worker keep the memory of one answer for the next instead of asking the system for it anew.
numpy's library would reserve memory for a thread a core, and nothing here multiplies matrices.
"""


class ForkClient:
    """Starts worker processes in a few milliseconds each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    def start(self) -> None:
        """Start the fork server, so that the first worker need not wait for it."""
        with self._lock:
            self._running()

    def fork(self) -> socket.socket:
        """Return the control connection of a new worker.

        Raises: OSError where no process can be started.
        """
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            try:
                socket.send_fds(self._running(), [b"w"], [theirs.fileno()])
            except BrokenPipeError:
                self._end()
                socket.send_fds(self._running(), [b"w"], [theirs.fileno()])
        return ours

    def close(self) -> None:
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._link is not None and self._process is not None:
            self._link.close()
            self._process.wait()
            self._link = self._process = None

    def _running(self) -> socket.socket:
        if self._process is not None and self._process.poll() is None and self._link is not None:
            return self._link
        if self._link is not None:
            self._link.close()
        self._link, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this very interpreter and a module of ours
                [sys.executable, "-I", "-c", _START, json.dumps(sys.path), _MODULE],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_ENVIRONMENT,
            )
        return self._link
