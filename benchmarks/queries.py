"""How long a query takes end to end, against the work that nobody can avoid."""

from __future__ import annotations

import itertools
from functools import partial

import arro3.core
import duckdb

from benchmarks.connection import get, query
from benchmarks.emulator import serving
from benchmarks.measurement import Finding, Task, compared, interleaved

SMALL = "SELECT region, COUNT(*) AS sales_count FROM sales WHERE year = 2024 GROUP BY region ORDER BY region"
COUNT = "SELECT COUNT(*) AS total FROM sales"
ROWS = (
    "SELECT id, region, product, quantity, unit_price, amount, sale_date, note FROM sales"
    " WHERE id BETWEEN 100001 AND 110000"
)
SCAN = "SELECT * FROM sales"
SORT = "SELECT * FROM sales ORDER BY amount DESC, id"
_CAP = 9_999
_ROUNDS = 15


def small() -> list[Finding]:
    """Ask a small query over the API, against a fixed answer of the same server plus the same SQL on bare DuckDB."""
    with serving() as emulator, emulator.connection() as client, emulator.tables() as tables:
        tasks: dict[str, Task] = {"fixed": partial(client.ask, get("/health"))}
        for name, sql in (("count", COUNT), ("group", SMALL)):
            tasks[f"api {name}"] = partial(client.ask, query(sql))
            tasks[f"bare {name}"] = partial(_fetched, tables, sql)
        numbers = itertools.count(1)
        tasks["new text"] = lambda: client.ask(query(f"{COUNT} WHERE id > {next(numbers)}"))
        times = interleaved(tasks, _ROUNDS, calls=40)
    floors = {
        name: [fixed + bare for fixed, bare in zip(times["fixed"], times[f"bare {name}"], strict=True)]
        for name in ("count", "group")
    }
    return [
        compared("small: COUNT(*)", times["api count"], floors["count"], 2.5),
        compared("small: GROUP BY", times["api group"], floors["group"], 2.5),
        compared("small: a text seen for the first time", times["new text"], times["api count"]),
    ]


def rows() -> list[Finding]:
    """Fetch 10,000 rows of 8 columns over the API, against the Arrow fetch of the same SQL."""
    with serving() as emulator, emulator.connection() as client, emulator.tables() as tables:
        tasks = {
            "api": partial(client.ask, query(ROWS)),
            "bare": lambda: arro3.core.Table.from_arrow(tables.sql(ROWS)),
        }
        times = interleaved(tasks, _ROUNDS, calls=5)
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
        times = interleaved(tasks, _ROUNDS, calls=3)
    return [
        compared("total_rows: truncated scan", times["scan"], times["scan floor"], 1.5),
        compared("total_rows: truncated sort", times["sort"], times["sort floor"], 2.5),
    ]


def _fetched(tables: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return tables.execute(sql).fetchall()
