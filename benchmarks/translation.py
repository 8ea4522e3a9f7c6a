"""What it costs to make a client's SQL ready for the engine, against a bare parse and print by sqlglot."""

from __future__ import annotations

import statistics
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import sqlglot
from spectra_emulator.adapters.duckdb_engine import statements
from spectra_emulator.adapters.duckdb_engine.tenant_database import read_catalogue
from spectra_emulator.adapters.duckdb_engine.work import Work
from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.domain.principal import EVERYTHING, Principal
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.services.prepared_queries import PreparedQueries
from spectra_emulator.sql.duckdb import translated
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.limit import capped

from benchmarks.emulator import serving
from benchmarks.measurement import CannotRunError, Finding, compared, interleaved, milliseconds
from benchmarks.queries import SMALL
from tests.sql.corpus_cases import families
from tests.sql.corpus_engine import USER, CorpusEngine

REPORT = """
    WITH monthly AS (
      SELECT DATE_TRUNC('month', s.sale_date) AS month, s.region, c.segment, SUM(s.amount) AS revenue,
             COUNT(DISTINCT s.customer_id) AS buyers, AVG(s.quantity) AS pieces
      FROM sales s JOIN customers c ON c.id = s.customer_id
      WHERE s.sale_date >= DATE '2023-01-01' AND LOWER(c.country) <> 'japan' AND COALESCE(s.discount, 0) < 0.5
      GROUP BY 1, 2, 3
    )
    SELECT region, segment, month, revenue, buyers, ROUND(revenue / NULLIF(buyers, 0), 2) AS per_buyer,
           CASE WHEN pieces > 2 THEN 'many' ELSE 'few' END AS basket,
           ROW_NUMBER() OVER (PARTITION BY region ORDER BY revenue DESC) AS place
    FROM monthly WHERE revenue > 1000 ORDER BY region, place LIMIT 50
"""
CORPUS_RULES = SqlRules(SecurityLevel.PERMISSIVE, allow_union=True, max_joins=50, max_subqueries=50)
_LIMIT = 10_000
_ROUNDS = 100


class _Copy:
    """Answers as a lane of the engine does, from a copy of the tables."""

    def __init__(self, tables: duckdb.DuckDBPyConnection) -> None:
        self._tables = tables

    def ask(self, request: dict[str, Any]) -> statements.Answer:
        return statements.answered(Work(self._tables, lambda _: None, ""), request)


def translate() -> list[Finding]:
    """Guard, cap, names, types and rewrites of a text seen for the first time, its count's included."""
    with serving() as emulator, emulator.tables() as tables:
        catalogue = read_catalogue(_Copy(tables))
    return [
        _finding("translate: a small GROUP BY", SMALL, catalogue),
        _finding("translate: a report of 20 expressions", REPORT, catalogue),
        *corpus(),
    ]


def corpus() -> list[Finding]:
    """Prepare every query of the corpus that makes no tables of its own as the API does, twice; take the medians."""
    first: list[float] = []
    again: list[float] = []
    with TemporaryDirectory() as folder:
        engine = CorpusEngine(Path(folder))
        for family in families():
            kept = PreparedQueries(engine.engine, CORPUS_RULES)
            principal = Principal(engine.tenant(family), "benchmark", "api_key", EVERYTHING, db_user=USER)
            for case in family.cases:
                if case.sql and not case.setup and case.error is None:
                    task = partial(kept.of, principal, case.sql, _LIMIT)
                    first.append(milliseconds(task))
                    again.append(milliseconds(task))
        engine.engine.close()
    name = "translate: the corpus's median statement"
    return [
        Finding(name, statistics.median(first), goal=5.0),
        Finding(f"{name}, seen before", statistics.median(again) * 1000, "µs", goal=50.0),
    ]


def _finding(name: str, sql: str, catalogue: Catalogue) -> Finding:
    tasks = {"ours": lambda: prepared(sql, catalogue), "bare": lambda: bare(sql)}
    try:
        times = interleaved(tasks, _ROUNDS)
    except SpectraError as error:
        raise CannotRunError(error.message) from error
    return compared(name, times["ours"], times["bare"])


def prepared(sql: str, catalogue: Catalogue, rules: SqlRules = SqlRules()) -> None:  # noqa: B008 - a frozen value
    """Do all that the emulator does with a text before the engine sees it."""
    query = capped(parse_read_only(sql, rules), _LIMIT)
    translated(query.query, catalogue)
    if query.count_query is not None:
        translated(query.count_query, catalogue)


def bare(sql: str) -> str:
    return sqlglot.parse_one(sql, read="redshift").sql(dialect="duckdb")
