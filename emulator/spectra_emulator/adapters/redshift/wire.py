"""Redshift over the wire: one connection a statement, ended by the server's own timeout or from another connection."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from spectra_emulator.adapters.redshift.connection import (
    CONNECT_SECONDS,
    GRACE_SECONDS,
    Connection,
    literal,
    opened,
)
from spectra_emulator.adapters.redshift.credentials import Credentials
from spectra_emulator.adapters.redshift.error_classes import CANCELLED
from spectra_emulator.adapters.redshift.failures import (
    LostConnectionError,
    TooLargeResultError,
    WarehouseError,
    lost,
    meaning,
)
from spectra_emulator.adapters.redshift.pools import Pools
from spectra_emulator.adapters.redshift.warehouse import RESULT_BYTES, Fate, Found, Login, Result
from spectra_emulator.domain.backend_location import BackendLocation
from spectra_emulator.domain.errors import InternalError, OperatorError, PayloadTooLarge
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError

_READY_SECONDS, _LEAST_SECONDS = CONNECT_SECONDS, 0.05
"""The longest and the shortest wait for each step before a statement: a connection that is silent then is replaced."""
_CANCEL_ATTEMPTS = 20
_CANCEL_PAUSE_SECONDS = 0.1
_READING, _WRITING = "READ ONLY", "READ WRITE"
_BULK = "transaction "
"""What the labels of transactions begin with. Their sessions run nothing else, and so may be stopped from elsewhere."""
_UNDER_WAY = "status IN ('planning', 'queued', 'running', 'returning')"
_log = logging.getLogger(__name__)


@dataclass
class _Running:
    """One statement or transaction; while `lock` is held its connection is not given to another."""

    login: Login
    connection: Connection
    deadline: float
    reads: bool
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: threading.Event = field(default_factory=threading.Event)
    cancelled: bool = False

    def left_seconds(self) -> float:
        """Return what is left of the timeout.

        Raises: StatementTimeoutError, StatementCancelledError.
        """
        left = self.deadline - time.monotonic()
        if self.cancelled:
            raise StatementCancelledError
        if left <= 0:
            raise StatementTimeoutError
        return left


class Wire:
    """A `Warehouse` by redshift_connector; at most `most_connections` for each tenant."""

    def __init__(
        self,
        location: BackendLocation,
        credentials: Credentials,
        most_connections: int,
        grace_seconds: float = GRACE_SECONDS,
        result_bytes: int = RESULT_BYTES,
    ) -> None:
        self._location = location
        self._credentials = credentials
        self._grace_seconds = grace_seconds
        self._result_bytes = result_bytes
        self._pools = Pools(self._opened, most_connections)
        self._running: dict[str, _Running] = {}

    def query(self, login: Login, sql: str, *, name: str, timeout: timedelta, begun: Callable[[], None]) -> Result:
        """Run a SELECT in a transaction that may only read."""
        with self._begun(login, _READING, name, timeout) as running:
            begun()
            answer = running.connection.run(sql, running.left_seconds() + self._grace_seconds)
            query_id = running.connection.query_id()
            running.connection.commit()
        return Result(answer.columns, answer.rows, query_id)

    def transaction(
        self,
        login: Login,
        statements: Sequence[str],
        *,
        name: str,
        token: str,  # noqa: ARG002 - a lost connection rolls back: nothing has to be recognised
        timeout: timedelta,
    ) -> tuple[int, ...]:
        """Run the statements in a session that ends with them; what a lost connection leaves open is rolled back."""
        with self._begun(login, _WRITING, name, timeout) as running:
            affected = tuple(self._affected(running, statement) for statement in statements)
            running.left_seconds()
            running.connection.commit()
        return affected

    def found(self, login: Login, name: str) -> Found | None:
        """Tell whether it runs; what has ended here has left no trace but what it committed."""
        return Found(Fate.RUNNING) if name in self._running or self._sessions(login, name) else None

    def cancel(self, login: Login, name: str) -> bool:
        """Stop it from a connection of its own; what another server sent only where it is a transaction.

        The session of another server's query may be at the next one by then: that server alone stops it.
        """
        running = self._running.get(name)
        if running is None:
            ended = [self._told_to_end(login, session) for session in self._sessions(login, name)]
            return any(ended)
        running.cancelled = True
        self._stop(running)
        return True

    def close(self) -> None:
        """End what runs and close all connections."""
        for running in tuple(self._running.values()):
            running.cancelled = True
            with suppress(InternalError):
                self._stop(running)
        self._pools.close()

    def _opened(self, login: Login, left: float = CONNECT_SECONDS) -> Connection:
        """Connect as the tenant's user, with new credentials where the known ones are refused.

        Raises: WarehouseError, LostConnectionError, InternalError.
        """
        seconds = min(CONNECT_SECONDS, left)
        try:
            connection = opened(self._location, self._credentials.of(login), self._result_bytes, seconds)
        except WarehouseError as error:
            if not error.not_authenticated:
                raise
            self._credentials.forget(login)
            connection = opened(self._location, self._credentials.of(login), self._result_bytes, seconds)
        if refusal := _refusal(login, connection):
            connection.close()
            raise refusal
        return connection

    @contextmanager
    def _begun(self, login: Login, mode: str, name: str, timeout: timedelta) -> Iterator[_Running]:
        """Yield a connection in a transaction that `cancel` finds by its name; foreign errors end here."""
        deadline = time.monotonic() + timeout.total_seconds()
        running: _Running | None = None

        def ready(connection: Connection) -> None:
            left = deadline - time.monotonic()
            seconds = min(_READY_SECONDS, max(_LEAST_SECONDS, left / 2))
            connection.spent = mode == _WRITING
            connection.begin(mode, _label(mode, name), max(1, round(left * 1000)), seconds)

        try:
            with self._pools.lent(login, deadline, ready) as connection:
                running = _Running(login, connection, deadline, reads=mode == _READING)
                with self._noted(name, running):
                    yield running
        except WarehouseError as error:
            raise _meaning(error, running) from error
        except LostConnectionError as error:
            raise self._lost(error, running, deadline) from error

    @contextmanager
    def _noted(self, name: str, running: _Running) -> Iterator[None]:
        self._running[name] = running
        try:
            yield
        finally:
            del self._running[name]
            running.done.set()
            with running.lock:
                running.connection.usable = not running.cancelled

    def _affected(self, running: _Running, statement: str) -> int:
        left = running.left_seconds()
        running.connection.limit(max(1, round(left * 1000)))
        return running.connection.run(statement, left + self._grace_seconds).affected

    def _lost(self, error: LostConnectionError, running: _Running | None, deadline: float) -> Exception:
        """Return what a lost connection means; where it is the server that does not answer, tell it to stop."""
        if running is None and time.monotonic() >= deadline:
            return StatementTimeoutError()
        if running is None:
            return OperatorError(f"The warehouse cannot be reached: {error}")
        if running.cancelled:
            return StatementCancelledError()
        if isinstance(error, TooLargeResultError):
            self._end(running)
            return PayloadTooLarge(
                "The result is larger than the server holds; use the Bulk API", max_result_bytes=self._result_bytes
            )
        if time.monotonic() < running.deadline:
            _log.error("a connection to the warehouse was lost: %s", error)
            return lost()
        self._end(running)
        return StatementTimeoutError()

    def _end(self, running: _Running) -> None:
        self._later(lambda: self._told_to_end(running.login, running.connection.process_id))

    def _later(self, act: Callable[[], object]) -> None:
        """Act without anybody waiting for it; what cannot be done is not."""

        def acting() -> None:
            with suppress(InternalError):
                act()

        threading.Thread(target=acting, daemon=True).start()

    def _stop(self, running: _Running) -> None:
        """Cancel until it has ended: a cancel that comes between two statements has no effect."""
        with self._aside(running.login) as connection:
            for _ in range(_CANCEL_ATTEMPTS):
                with running.lock:
                    if running.done.is_set():
                        return
                    connection.run(f"SELECT pg_cancel_backend({running.connection.process_id})")
                if running.done.wait(_CANCEL_PAUSE_SECONDS):
                    return

    def _told_to_end(self, login: Login, process_id: int) -> bool:
        with self._aside(login) as connection:
            return bool(connection.run(f"SELECT pg_cancel_backend({process_id})").rows)

    def _sessions(self, login: Login, name: str) -> list[int]:
        """Return the sessions of the tenant's user in which the transaction of that name runs, on whichever server."""
        label = literal(_label(_WRITING, name))
        sql = f"SELECT session_id FROM sys_query_history WHERE query_label = {label} AND {_UNDER_WAY}"  # noqa: S608 - quoted
        with self._aside(login) as connection:
            return sorted({int(str(session)) for (session,) in connection.run(sql).rows})

    @contextmanager
    def _aside(self, login: Login) -> Iterator[Connection]:
        """Yield a connection beside the pool's, which may all be busy.

        Raises: InternalError.
        """
        try:
            connection = self._opened(login)
            try:
                yield connection
            finally:
                connection.close()
        except (WarehouseError, LostConnectionError) as error:
            raise OperatorError(f"The warehouse cannot be reached: {error}") from error


def _label(mode: str, name: str) -> str:
    return name if mode == _READING else _BULK + name


def _refusal(login: Login, connection: Connection) -> OperatorError | None:
    """Return why nothing may run on the connection, None where all is well."""
    if connection.user.removeprefix("IAM:").removeprefix("IAMA:") != login.db_user and connection.user != login.db_user:
        return OperatorError("The connection is another database user's", db_user=login.db_user, given=connection.user)
    if connection.superuser:
        return OperatorError(
            "The tenant's database user is a superuser, whom row-level security does not hold", db_user=login.db_user
        )
    return None


def _meaning(error: WarehouseError, running: _Running | None) -> Exception:
    if running is None:
        return OperatorError(
            f"The warehouse refuses the tenant's database user: {error.message}", sql_state=error.sql_state
        )
    if error.sql_state != CANCELLED:
        return meaning(error, reads=running.reads)
    timed_out = time.monotonic() >= running.deadline and not running.cancelled
    return StatementTimeoutError() if timed_out else StatementCancelledError()
