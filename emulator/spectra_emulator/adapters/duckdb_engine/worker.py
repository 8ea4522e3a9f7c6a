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
from spectra_emulator.adapters.duckdb_engine.internal_schema import TENANT_DATABASE, USE_TENANT
from spectra_emulator.adapters.duckdb_engine.work import Work

_OUT_OF_MEMORY_SCORE = 500
_LOCK_SECONDS = 5.0
_SETTINGS: dict[str, Any] = {
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "threads": "1",
    "max_expression_depth": "500",
    "default_null_order": "nulls_last",
}
_WORN_SHARE = 4
"""A worker whose allocator holds more than this part of the limit is worn: a fresh one has more to give."""
_STACK_BYTES = 8 * 2**20
"""What a thread's stack counts for, though it is hardly used."""


def main(control: socket.socket, database: duckdb.DuckDBPyConnection) -> NoReturn:
    """Serve one tenant with the engine until the server closes the control connection."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        options, _ = wire.receive(control)
        _bound_memory(options["memory_bytes"] + _STACK_BYTES * (options["lanes"] + options["threads"]))
        _opened(database, options)
        _Worker(control, database, options).serve()
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


class _Running:
    """The statements that run now, of which each may ask whether it had the worker's memory to itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._begun = 0

    def begin(self) -> int:
        """Return the statement's number, 0 where another runs already."""
        with self._lock:
            self._running += 1
            self._begun += 1
            return self._begun if self._running == 1 else 0

    def had_company(self, number: int) -> bool:
        with self._lock:
            return number != self._begun

    def end(self) -> None:
        with self._lock:
            self._running -= 1


class _Lane:
    """One connection that statements arrive on; `statement` is the number of the one that runs."""

    def __init__(
        self, link: socket.socket, cursor: duckdb.DuckDBPyConnection, temp_directory: str, running: _Running
    ) -> None:
        self.link = link
        self.cursor = cursor
        self.running = running
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
        number = self.running.begin()
        try:
            self._tell_time(request["now"])
            return statements.answered(self.work, request)
        except Exception as error:  # noqa: BLE001 - the edge of the process: the server tells them apart by name
            squeezed = worn or self.running.had_company(number)
            return {"error": type(error).__name__, "message": str(error), "squeezed": squeezed}, b""
        finally:
            self.running.end()
            with self.lock:
                self.statement = None


class _Worker:
    def __init__(self, control: socket.socket, database: duckdb.DuckDBPyConnection, options: wire.Header) -> None:
        self.control = control
        self.database = database
        self.temp_directory = f"{options['temp_directory']}.files"
        self.lanes: dict[int, _Lane] = {}
        self.running = _Running()

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
        cursor = self.database.cursor()
        cursor.execute(USE_TENANT)
        cursor.execute(f"SET VARIABLE spectra_process = {os.getpid()}")
        lane = _Lane(socket.socket(fileno=descriptors[0]), cursor, self.temp_directory, self.running)
        self.lanes[number] = lane
        threading.Thread(target=lane.serve, daemon=True).start()

    def _close(self) -> NoReturn:
        for lane in self.lanes.values():
            lane.cursor.interrupt()
        self.database.close()
        wire.send(self.control, {"closed": True})
        os._exit(0)


def instance() -> duckdb.DuckDBPyConnection:
    """Return an engine without a tenant: every worker is forked with it, since one of its own takes far longer.

    It has one thread, the caller's, so that it lives on in a fork.
    """
    database = duckdb.connect(config=_SETTINGS)
    database.execute("SET TimeZone = 'UTC'")
    statements.warm_up(database)
    return database


def _opened(database: duckdb.DuckDBPyConnection, options: wire.Header) -> None:
    """Attach the tenant's database; a hardened engine reaches no file, no network and no setting any more.

    Raises: duckdb.Error.
    """
    database.execute(f"SET memory_limit = '{options['engine_memory_bytes'] // 2**20}MiB'")
    database.execute(f"SET temp_directory = {_quoted(options['temp_directory'])}")
    database.execute(f"SET max_temp_directory_size = '{options['temp_bytes'] // 2**20}MiB'")
    database.execute(f"SET threads = {options['threads']}")
    _attach(database, f"ATTACH {_quoted(options['path'])} AS {TENANT_DATABASE}")
    database.execute(USE_TENANT)
    database.execute("DETACH memory")
    database.execute("CREATE SCHEMA IF NOT EXISTS public")
    applied_jobs.prepare(database)
    if options["hardened"]:
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _attach(database: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Attach a database, its log played with the functions that come late where it needs them: a default may."""
    try:
        _unlocked(lambda: database.execute(sql))
    except duckdb.CatalogException as error:
        if not late_functions.provided(database, error):
            raise
        _unlocked(lambda: database.execute(sql))


def _unlocked(attach: Callable[[], object]) -> None:
    """Attach; a process that was just killed may hold the file's lock for a moment still."""
    give_up_at = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            attach()
        except duckdb.IOException as error:
            if "lock" not in str(error) or time.monotonic() > give_up_at:
                raise
        else:
            return
        time.sleep(0.005)
