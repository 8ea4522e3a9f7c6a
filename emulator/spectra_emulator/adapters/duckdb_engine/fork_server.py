"""The process that engine workers are forked from: DuckDB is loaded here once and shared by all of them.

It serves no tenant and has no second thread, so a fork of it is cheap and safe. It ends with the server:
the connection on file descriptor 0 closes, and each worker sees its own connection close likewise.
"""

from __future__ import annotations

import os
import signal
import socket

from spectra_emulator.adapters.duckdb_engine import worker


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    database = worker.instance()
    with socket.socket(fileno=0) as server:
        while (control := _next_control(server)) is not None:
            if os.fork() == 0:
                server.close()
                worker.main(control, database)
            control.close()


def _next_control(server: socket.socket) -> socket.socket | None:
    """Return the control connection of the next worker to fork, or None when the server is gone."""
    _, descriptors, _, _ = socket.recv_fds(server, 1, 1)
    return socket.socket(fileno=descriptors[0]) if descriptors else None


if __name__ == "__main__":
    main()
