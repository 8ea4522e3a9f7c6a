"""A query and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MAX_ROWS = 10_000


@dataclass(frozen=True)
class QueryRequest:
    """`limit` is in rows, 1 to 10,000; `timeout` counts from `received_at`, in seconds of `time.monotonic`."""

    sql: str
    limit: int
    timeout: timedelta
    received_at: float

    @property
    def deadline(self) -> float:
        return self.received_at + self.timeout.total_seconds()


@dataclass(frozen=True)
class Rows:
    """What an engine gave: `rows_json` is a JSON array with one object a row, keys in the order of `columns`."""

    rows_json: bytes
    columns: tuple[str, ...]
    column_types: tuple[str, ...]
    row_count: int
    total_rows: int

    @property
    def truncated(self) -> bool:
        return self.total_rows > self.row_count


@dataclass(frozen=True)
class QueryAnswer:
    """A finished query as the client gets it, now and on every replay."""

    query_id: str
    rows: Rows
    execution_time_ms: int
