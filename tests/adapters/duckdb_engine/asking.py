"""How tests of the embedded engine ask it things."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.lane import Lane
from spectra_emulator.domain.queries import Rows
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.limit import capped
from spectra_emulator.sql.parsing import parse_script

MINUTE = timedelta(seconds=60)
ENDLESS = "SELECT count(*) AS n FROM range(100000000) a, range(100000000) b WHERE a.range * b.range = -1"
DEAF = "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000)) AS n"
"""Runs for a minute and more in one call that looks at no interrupt."""


def seconds_from_now(seconds: float) -> float:
    return time.monotonic() + seconds


def executed(lane: Lane, *statements: str) -> int:
    """Run statements and return how many rows the last one wrote."""
    affected = [lane.ask({"do": "execute", "sql": sql})[0]["rows_affected"] for sql in statements]
    return int(affected[-1])


def rows(lane: Lane, sql: str, columns: tuple[str, ...] = ("n",), *, deadline: float | None = None) -> Any:
    """Run one of DuckDB's queries and return its rows."""
    request = {"do": "query", "sql": sql, "count_sql": None, "columns": columns, "cap": 10_000}
    return msgspec.json.decode(lane.ask(request, deadline)[1])


def answer(
    engine: DuckDbEngine,
    tenant_id: str,
    sql: str,
    *,
    cap: int = 100,
    query_id: str | None = None,
    timeout: timedelta = MINUTE,
    begun: Callable[[], None] = lambda: None,
) -> Rows:
    """Run a Redshift query as a service would."""
    query = engine.prepare(tenant_id, capped(parse_read_only(sql, SqlRules()), cap))
    return query.run(query_id or str(uuid.uuid4()), cap, timeout, begun)


def values(engine: DuckDbEngine, tenant_id: str, sql: str) -> Any:
    """Return the rows of a Redshift query."""
    return msgspec.json.decode(answer(engine, tenant_id, sql).rows_json)


def script(engine: DuckDbEngine, tenant_id: str, sql: str) -> int:
    """Run a Redshift script and return how many rows it wrote."""
    return engine.run_script(tenant_id, parse_script(sql)).rows_affected
