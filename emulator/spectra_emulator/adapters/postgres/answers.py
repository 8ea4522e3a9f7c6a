"""Stored answers in PostgreSQL, so that any server can repeat them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from spectra_emulator.adapters.postgres.connections import Connection, Connections
from spectra_emulator.domain.queries import QueryAnswer, Rows

ENTRY_BYTES = 512
"""What an answer costs beside its rows."""

_GET = "SELECT head, rows_json FROM spectra_answers WHERE job_id = %s AND tenant_id = %s"
_PUT = """INSERT INTO spectra_answers (job_id, tenant_id, head, keyed, size_bytes, rows_json)
    VALUES (%s, %s, %s, %s, %s, %b)"""
_DROP = "DELETE FROM spectra_answers WHERE job_id = ANY(%s) RETURNING size_bytes"
_CLEAR = "DELETE FROM spectra_answers WHERE tenant_id = %s RETURNING size_bytes"
_OLDEST = """DELETE FROM spectra_answers WHERE job_id =
    (SELECT job_id FROM spectra_answers ORDER BY keyed, number LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING size_bytes"""
# Locks the one row to the transaction's end: those who put answers do it one after another, and pass over what others
# are dropping as they wait.
_ADD_BYTES = "UPDATE spectra_answer_bytes SET bytes = bytes + %s RETURNING bytes"


class _Head(msgspec.Struct):
    """All of an answer but its rows."""

    query_id: str
    engine_query_id: str
    columns: tuple[str, ...]
    column_types: tuple[str, ...]
    row_count: int
    total_rows: int
    execution_time_ms: int


class PostgresAnswers:
    """Holds at most `max_bytes`; the oldest answers go first, those under an idempotency key last."""

    def __init__(self, connections: Connections, max_bytes: int) -> None:
        self._connections = connections
        self._max_bytes = max_bytes

    def put(self, tenant_id: str, job_id: str, answer: QueryAnswer, *, keyed: bool) -> None:
        """Keep the answer, unless it alone is beyond the bound."""
        rows_json = answer.rows.rows_json
        size_bytes = len(rows_json) + ENTRY_BYTES
        if size_bytes > self._max_bytes:
            return
        with self._connections.lent() as connection, connection.transaction():
            before = _freed(connection.execute(_DROP, ([job_id],)))
            connection.execute(_PUT, (job_id, tenant_id, _head(answer), keyed, size_bytes, rows_json))
            self._make_room(connection, _total(connection, size_bytes - before))

    def get(self, tenant_id: str, job_id: str) -> QueryAnswer | None:
        with self._connections.lent() as connection:
            found = connection.execute(_GET, (job_id, tenant_id), binary=True).fetchone()
        return None if found is None else _answer(*found)

    def drop(self, job_ids: Sequence[str]) -> None:
        with self._connections.lent() as connection, connection.transaction():
            _total(connection, -_freed(connection.execute(_DROP, (list(job_ids),))))

    def clear(self, tenant_id: str) -> None:
        with self._connections.lent() as connection, connection.transaction():
            _total(connection, -_freed(connection.execute(_CLEAR, (tenant_id,))))

    def close(self) -> None:
        self._connections.close()

    def _make_room(self, connection: Connection, total_bytes: int) -> None:
        while total_bytes > self._max_bytes and (freed := _freed(connection.execute(_OLDEST))):
            total_bytes = _total(connection, -freed)


def _total(connection: Connection, change_bytes: int) -> int:
    """Note how many bytes came or went and return how many there are."""
    (total_bytes,) = connection.execute(_ADD_BYTES, (change_bytes,)).fetchone() or (0,)
    return int(total_bytes)


def _freed(deleted: Any) -> int:
    return sum(size_bytes for (size_bytes,) in deleted.fetchall())


def _head(answer: QueryAnswer) -> str:
    rows = answer.rows
    head = _Head(
        query_id=answer.query_id,
        engine_query_id=rows.query_id,
        columns=rows.columns,
        column_types=rows.column_types,
        row_count=rows.row_count,
        total_rows=rows.total_rows,
        execution_time_ms=answer.execution_time_ms,
    )
    return msgspec.json.encode(head).decode()


def _answer(encoded: str, rows_json: bytes) -> QueryAnswer:
    head = msgspec.json.decode(encoded, type=_Head)
    rows = Rows(
        rows_json, head.columns, head.column_types, head.row_count, head.total_rows, query_id=head.engine_query_id
    )
    return QueryAnswer(head.query_id, rows, head.execution_time_ms)
