"""How long a query takes end to end, against the work that nobody can avoid."""

from __future__ import annotations

import itertools
from functools import partial

import arro3.core
import duckdb

from benchmarks.connection import get, query
from benchmarks.emulator import serving
from benchmarks.measurement import Finding, Task, Times, back_to_back, compared, interleaved

SMALL = "SELECT region, COUNT(*) AS sales_count FROM sales WHERE year = 2024 GROUP BY region ORDER BY region"
COUNT = "SELECT COUNT(*) AS total FROM sales"
ROWS = (
    "SELECT id, region, product, quantity, unit_price, amount, sale_date, note FROM sales"
    " WHERE id BETWEEN 100001 AND 110000"
)
SCAN = "SELECT * FROM sales"
SORT = "SELECT * FROM sales ORDER BY amount DESC, id"
_SMALL = {"COUNT(*)": COUNT, "GROUP BY": SMALL}
_CAP = 9_999
_ROUNDS_OF_SMALL = 200
_ROUNDS_OF_LARGE = 60
_ROUNDS_OF_MANY = 20
_CALLS = 20


def small() -> list[Finding]:
    """Ask a small query over the API, against a fixed answer of the same server plus the same SQL on bare DuckDB."""
    with serving() as emulator, emulator.connection() as client, emulator.tables() as tables:
        tasks: dict[str, Task] = {"fixed": partial(client.ask, get("/health"))}
        for name, sql in _SMALL.items():
            tasks[f"api {name}"] = partial(client.ask, query(sql))
            tasks[f"bare {name}"] = partial(_fetched, tables, sql)
        warm = back_to_back(tasks, _ROUNDS_OF_MANY, _CALLS)
        numbers = itertools.count(1)
        tasks["new text"] = lambda: client.ask(query(f"{COUNT} WHERE id > {next(numbers)}"))
        tasks["known text"] = partial(client.ask, query(f"{COUNT} WHERE id > 0"))
        times = interleaved(tasks, _ROUNDS_OF_SMALL)
    return [
        *(_small_finding(name, times, 2.5) for name in _SMALL),
        *(_small_finding(name, warm, None, f", {_CALLS} in a row") for name in _SMALL),
        compared("small: a text seen for the first time, against again", times["new text"], times["known text"]),
    ]


def _small_finding(name: str, times: Times, goal: float | None, how: str = "") -> Finding:
    floor = [fixed + bare for fixed, bare in zip(times["fixed"], times[f"bare {name}"], strict=True)]
    return compared(f"small: {name}{how}", times[f"api {name}"], floor, goal)


def rows() -> list[Finding]:
    """Fetch 10,000 rows of 8 columns over the API, against the Arrow fetch of the same SQL."""
    with serving() as emulator, emulator.connection() as client, emulator.tables() as tables:
        tasks = {
            "api": partial(client.ask, query(ROWS)),
            "bare": lambda: arro3.core.Table.from_arrow(tables.sql(ROWS)),
        }
        times = interleaved(tasks, _ROUNDS_OF_LARGE)
    return [compared("rows: 10,000 x 8", times["api"], times["bare"], 5.0)]


def total_rows() -> list[Finding]:
    """Ask for a truncated answer with its exact total, against the same SQL with LIMIT n+1, which needs no count.

    `parameters.limit` is 9,999, so both fetch 10,000 rows: nearly the same bytes leave the server.
    """
    with serving() as emulator, emulator.connection() as client:
        asked = {
            "scan": query(SCAN, limit=_CAP),
            "scan floor": query(f"{SCAN} LIMIT {_CAP + 1}"),
            "sort": query(SORT, limit=_CAP),
            "sort floor": query(f"{SORT} LIMIT {_CAP + 1}"),
        }
        tasks = {name: partial(client.ask, request) for name, request in asked.items()}
        times = interleaved(tasks, _ROUNDS_OF_LARGE)
    return [
        compared("total_rows: truncated scan", times["scan"], times["scan floor"], 1.5),
        compared("total_rows: truncated sort", times["sort"], times["sort floor"], 2.5),
    ]


def _fetched(tables: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return tables.execute(sql).fetchall()
