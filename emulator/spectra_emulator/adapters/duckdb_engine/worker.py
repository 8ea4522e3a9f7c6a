"""A worker process: one tenant's DuckDB instance, bounded by the operating system, killed at will.

Its main thread reads commands on the control connection. Each lane is one more connection, with a thread
and a cursor of its own, that answers one statement at a time.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import duckdb

from spectra_emulator.adapters.duckdb_engine import applied_jobs, late_functions, statements, wire
from spectra_emulator.adapters.duckdb_engine.work import Work

_OUT_OF_MEMORY_SCORE = 500
_LOCK_SECONDS = 5.0
_WORN_SHARE = 4
"""A worker whose allocator holds more than this part of the limit is worn: a fresh one has more to give."""
_STACK_BYTES = 8 * 2**20
"""What a thread's stack counts for, though it is hardly used."""


def main(control: socket.socket) -> NoReturn:
    """Serve one tenant until the server closes the control connection."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        options, _ = wire.receive(control)
        _bound_memory(options["memory_bytes"] + _STACK_BYTES * (options["lanes"] + options["threads"]))
        _Worker(control, options).serve()
    except EOFError:
        os._exit(0)
    except duckdb.Error as error:
        wire.send(control, {"failed": str(error)})
    os._exit(1)


def _held_bytes() -> int:
    """Return the private address space that counts against the limit, used or not."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[5]
    return int(pages) * resource.getpagesize()


def _is_worn() -> bool:
    return _held_bytes() > resource.getrlimit(resource.RLIMIT_DATA)[0] // _WORN_SHARE


def _bound_memory(memory_bytes: int) -> None:
    """Let the operating system refuse more private memory, and choose this process first when the machine runs out."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(_OUT_OF_MEMORY_SCORE))


class _Lane:
    """One connection that statements arrive on; `statement` is the number of the one that runs."""

    def __init__(self, link: socket.socket, cursor: duckdb.DuckDBPyConnection, temp_directory: str) -> None:
        self.link = link
        self.cursor = cursor
        self.work = Work(cursor, self._report, temp_directory)
        self.statement: int | None = None
        self.now: str | None = None
        self.lock = threading.Lock()

    def serve(self) -> None:
        try:
            while True:
                request, _ = wire.receive(self.link)
                wire.send(self.link, *self._answer(request))
                statements.settle(self.cursor, request)
        except (EOFError, OSError):
            return
        finally:
            self.cursor.close()
            self.link.close()

    def interrupt(self, statement: int) -> None:
        """Interrupt that statement, and never the one after it."""
        with self.lock:
            if self.statement == statement:
                self.work.interrupt()

    def _report(self, records: int) -> None:
        wire.send(self.link, {"progress": records})

    def _tell_time(self, now: str | None) -> None:
        """Let SQL see the server's time where it is not the machine's."""
        if now != self.now:
            value = "NULL" if now is None else f"TIMESTAMPTZ '{now}'"
            self.cursor.execute(f"SET VARIABLE spectra_now = {value}")
            self.now = now

    def _answer(self, request: wire.Header) -> tuple[wire.Header, bytes]:
        with self.lock:
            self.statement = request["statement"]
            self.work.begin()
        worn = _is_worn()
        try:
            self._tell_time(request["now"])
            return statements.answered(self.work, request)
        except Exception as error:  # noqa: BLE001 - the edge of the process: the server tells them apart by name
            return {"error": type(error).__name__, "message": str(error), "worn": worn}, b""
        finally:
            with self.lock:
                self.statement = None


class _Worker:
    def __init__(self, control: socket.socket, options: wire.Header) -> None:
        self.control = control
        self.database = _connected(options)
        self.temp_directory = f"{options['temp_directory']}.files"
        self.lanes: dict[int, _Lane] = {}

    def serve(self) -> NoReturn:
        wire.send(self.control, {"pid": os.getpid()})
        while True:
            command, _ = wire.receive(self.control)
            match command["do"]:
                case "lane":
                    self._open_lane(command["lane"])
                case "interrupt":
                    self.lanes[command["lane"]].interrupt(command["statement"])
                case "close":
                    self._close()

    def _open_lane(self, number: int) -> None:
        _, descriptors, _, _ = socket.recv_fds(self.control, 1, 1)
        lane = _Lane(socket.socket(fileno=descriptors[0]), self.database.cursor(), self.temp_directory)
        self.lanes[number] = lane
        threading.Thread(target=lane.serve, daemon=True).start()

    def _close(self) -> NoReturn:
        for lane in self.lanes.values():
            lane.cursor.interrupt()
        self.database.close()
        wire.send(self.control, {"closed": True})
        os._exit(0)


def _connected(options: wire.Header) -> duckdb.DuckDBPyConnection:
    """Open the tenant's database; a hardened one reaches no file, no network and no setting any more.

    Raises: duckdb.Error.
    """
    config: dict[str, Any] = {
        "python_enable_replacements": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "allow_unsigned_extensions": "false",
        "allow_persistent_secrets": "false",
        "memory_limit": f"{options['engine_memory_bytes'] // 2**20}MiB",
        "temp_directory": options["temp_directory"],
        "max_temp_directory_size": f"{options['temp_bytes'] // 2**20}MiB",
        "threads": str(options["threads"]),
        "max_expression_depth": "500",
        "default_null_order": "nulls_last",
    }
    _replay(Path(options["path"]), config)
    database = _unlocked(lambda: duckdb.connect(options["path"], config=config))
    database.execute("SET TimeZone = 'UTC'")
    database.execute("CREATE SCHEMA IF NOT EXISTS public")
    applied_jobs.prepare(database)
    if options["hardened"]:
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
    return database


def _replay(path: Path, config: dict[str, Any]) -> None:
    """Bring in what a killed worker left in the log.

    DuckDB 1.5 does not open a main database whose log comments on a column of a table with a function in a CHECK;
    attached to another, it does.
    """
    if path.with_name(f"{path.name}.wal").exists():
        with duckdb.connect(config=config) as database:
            quoted = str(path).replace("'", "''")
            _attach(database, f"ATTACH '{quoted}' AS replayed")
            database.execute("CHECKPOINT replayed")
            database.execute("DETACH replayed")


def _attach(database: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Attach a database, its log played with the spatial functions where it needs them: a column's default may."""
    try:
        _unlocked(lambda: database.execute(sql))
    except duckdb.CatalogException as error:
        if not late_functions.provided(database, error):
            raise
        _unlocked(lambda: database.execute(sql))


def _unlocked(connect: Callable[[], duckdb.DuckDBPyConnection]) -> duckdb.DuckDBPyConnection:
    """Connect; a process that was just killed may hold the file's lock for a moment still."""
    give_up_at = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            return connect()
        except duckdb.IOException as error:
            if "lock" not in str(error) or time.monotonic() > give_up_at:
                raise
        time.sleep(0.005)
