"""A query and its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

MAX_ROWS = 10_000


def ignored(_: str) -> None:
    """Take no note."""


@dataclass(frozen=True)
class QueryRequest:
    """`limit` is in rows, 1 to 10,000; `timeout` counts from `received_at`, in seconds of `time.monotonic`.

    `note` is told the SQL as the engine gets it, once that is known.
    """

    sql: str
    limit: int
    timeout: timedelta
    received_at: float
    note: Callable[[str], None] = ignored

    @property
    def deadline(self) -> float:
        return self.received_at + self.timeout.total_seconds()


@dataclass(frozen=True)
class Rows:
    """What an engine gave: `rows_json` is a JSON array with one object a row, keys in the order of `columns`.

    `query_id` is the engine's own id of the query, empty where it has none.
    """

    rows_json: bytes
    columns: tuple[str, ...]
    column_types: tuple[str, ...]
    row_count: int
    total_rows: int
    query_id: str = ""

    @property
    def truncated(self) -> bool:
        return self.total_rows > self.row_count


@dataclass(frozen=True)
class QueryAnswer:
    """A finished query as the client gets it, now and on every replay; `query_id` is the one that names its job."""

    query_id: str
    rows: Rows
    execution_time_ms: int

    @property
    def shown_query_id(self) -> str:
        """Return the engine's own id of the query where it has one."""
        return self.rows.query_id or self.query_id
