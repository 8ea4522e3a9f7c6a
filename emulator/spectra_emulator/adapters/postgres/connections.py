"""Connections to PostgreSQL: few, kept, and made anew once the database is back."""

from __future__ import annotations

import selectors
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from spectra_emulator.domain.errors import InternalError
from spectra_emulator.domain.state_location import StateLocation

Connection = psycopg.Connection[tuple[Any, ...]]

_PATIENCE_SECONDS = 10.0
"""How long a call waits for a connection that others have."""

_CONNECT_SECONDS = 5
_SILENCE_MILLISECONDS = 10_000
_STATEMENT_MILLISECONDS = 30_000
_PREPARATION = f"""
    SET statement_timeout = {_STATEMENT_MILLISECONDS};
    SET idle_in_transaction_session_timeout = {_STATEMENT_MILLISECONDS};
    SET default_transaction_isolation = 'read committed';
    SET client_encoding = 'UTF8'"""


class Connections:
    """At most `most` connections, each lent to one caller at a time."""

    def __init__(self, location: StateLocation, most: int, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self.location = location
        self._patience_seconds = patience_seconds
        self._places = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._free: list[Connection] = []
        self._closed = False

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        """Lend a connection on which every statement is committed by itself.

        Nothing is tried again: what was under way when a connection broke may have been done or not.

        Raises: InternalError where the database cannot be reached, or fails.
        """
        if not self._places.acquire(timeout=self._patience_seconds):
            raise InternalError("The state store is busy: no connection was free in time")
        try:
            connection = self._taken()
            try:
                yield connection
            except psycopg.Error:
                connection.close()
                raise
            finally:
                self._give_back(connection)
        except psycopg.Error as error:
            self._drop_free()
            raise InternalError("The state store cannot be reached or did not answer in time") from error
        finally:
            self._places.release()

    def close(self) -> None:
        """Close the free connections, and those that are lent as they come back."""
        self._closed = True
        self._drop_free()

    def _taken(self) -> Connection:
        while True:
            with self._lock:
                if self._closed:
                    raise psycopg.InterfaceError("the connections are closed")
                connection = self._free.pop() if self._free else None
            if connection is None:
                return self._made()
            if _silent(connection):
                return connection
            connection.close()

    def _made(self) -> Connection:
        location = self.location
        tls: dict[str, Any] = dict(location.tls)
        connection = psycopg.connect(
            host=location.host,
            port=location.port,
            user=location.user,
            password=location.password,
            dbname=location.database,
            application_name="spectra-emulator",
            connect_timeout=_CONNECT_SECONDS,
            keepalives_idle=_SILENCE_MILLISECONDS // 1000,
            tcp_user_timeout=_SILENCE_MILLISECONDS,
            target_session_attrs="read-write",
            autocommit=True,
            prepare_threshold=None,
            **tls,
        )
        connection.execute(_PREPARATION)
        return connection

    def _give_back(self, connection: Connection) -> None:
        usable = not connection.closed and connection.info.transaction_status is TransactionStatus.IDLE
        with self._lock:
            if usable and not self._closed:
                self._free.append(connection)
                return
        connection.close()

    def _drop_free(self) -> None:
        with self._lock:
            dropped, self._free = self._free, []
        for connection in dropped:
            connection.close()


def _silent(connection: Connection) -> bool:
    """Tell whether the other end is still there: one that is gone has said so, and nothing else speaks unasked."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.fileno(), selectors.EVENT_READ)
        return not selector.select(timeout=0)
