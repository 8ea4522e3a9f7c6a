"""Connections that are kept for the next statement, so many for each database user."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from spectra_emulator.adapters.redshift.connection import Connection
from spectra_emulator.adapters.redshift.failures import LostConnectionError
from spectra_emulator.adapters.redshift.warehouse import Login
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.ports import StatementTimeoutError, Steady

_IDLE_SECONDS = 240.0
"""Less than the 350 seconds after which AWS's load balancers forget a connection."""
_MOST_STATEMENTS = 2000
"""After so many statements a connection is replaced: the driver remembers the text of each."""

Opened = Callable[[Login, float], Connection]
"""Connects within so many seconds."""
Ready = Callable[[Connection], None]


@dataclass
class _Pool:
    """`turns` bounds those in use; `idle` holds the others with the time since when, the latest last."""

    turns: threading.Semaphore
    idle: list[tuple[Connection, float]] = field(default_factory=list)


class Pools:
    """At most `most` connections for each login; a statement that finds none free waits within its timeout."""

    def __init__(self, opened: Opened, most: int, steady: Steady = time.monotonic) -> None:
        self._opened = opened
        self._most = most
        self._steady = steady
        self._lock = threading.Lock()
        self._pools: dict[Login, _Pool] = {}
        self._closed = False

    @contextmanager
    def lent(self, login: Login, deadline: float, ready: Ready) -> Iterator[Connection]:
        """Lend a connection that `ready` has passed; one that was lost while it lay idle is replaced.

        What is raised meanwhile rolls its transaction back.

        Raises: StatementTimeoutError where none becomes free by the deadline, InternalError, WarehouseError,
        LostConnectionError.
        """
        pool = self._pool(login)
        if not pool.turns.acquire(timeout=max(0.0, deadline - self._steady())):
            raise StatementTimeoutError
        try:
            connection = self._made_ready(login, pool, deadline, ready)
            try:
                yield connection
            except LostConnectionError:
                connection.usable = False
                raise
            except BaseException:
                connection.roll_back()
                raise
            finally:
                self._keep(pool, connection)
        finally:
            pool.turns.release()

    def close(self) -> None:
        """Close what is idle, and all else as it comes back."""
        with self._lock:
            self._closed = True
            idle = [connection for pool in self._pools.values() for connection, _ in pool.idle]
            self._pools.clear()
        for connection in idle:
            connection.close()

    def tidy(self) -> None:
        """Close what has been idle for long."""
        for connection in self._stale():
            connection.close()

    def _pool(self, login: Login) -> _Pool:
        self.tidy()
        with self._lock:
            if self._closed:
                raise InternalError("The server is stopping")
            return self._pools.setdefault(login, _Pool(threading.Semaphore(self._most)))

    def _made_ready(self, login: Login, pool: _Pool, deadline: float, ready: Ready) -> Connection:
        """Try what lies idle; where one of it is lost the others are taken for lost too."""
        while (connection := self._idle(pool)) is not None:
            try:
                ready(connection)
            except LostConnectionError:
                self._drop([connection, *self._all_idle(pool)])
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        if (left := deadline - self._steady()) <= 0:
            raise StatementTimeoutError
        connection = self._opened(login, left)
        try:
            ready(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _idle(self, pool: _Pool) -> Connection | None:
        with self._lock:
            return pool.idle.pop()[0] if pool.idle else None

    def _all_idle(self, pool: _Pool) -> list[Connection]:
        with self._lock:
            idle, pool.idle = [connection for connection, _ in pool.idle], []
        return idle

    def _drop(self, connections: Sequence[Connection]) -> None:
        """Close them beside the statement that waits: each good-bye to a silent server takes a while."""

        def closed() -> None:
            for connection in connections:
                connection.close()

        threading.Thread(target=closed, daemon=True).start()

    def _keep(self, pool: _Pool, connection: Connection) -> None:
        with self._lock:
            worn = connection.spent or connection.statements >= _MOST_STATEMENTS
            kept = connection.usable and not worn and not self._closed
            if kept:
                pool.idle.append((connection, self._steady()))
        if not kept:
            connection.close()

    def _stale(self) -> list[Connection]:
        oldest = self._steady() - _IDLE_SECONDS
        stale = []
        with self._lock:
            for pool in self._pools.values():
                stale += [connection for connection, since in pool.idle if since < oldest]
                pool.idle = [(connection, since) for connection, since in pool.idle if since >= oldest]
        return stale
