"""A Redshift for tests: the embedded engine, with what only a warehouse has acted out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from spectra_emulator.adapters.duckdb_engine.bulk_engine import DuckDbBulkEngine
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine, DuckDbQuery
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerClient, WorkerLimits
from spectra_emulator.adapters.redshift.catalogue import COLUMNS, KEYS
from spectra_emulator.adapters.redshift.data_api_identity import IDENTITY
from spectra_emulator.domain.catalogue import Column
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.limit import Capped
from spectra_emulator.sql.parsing import parse_script
from spectra_emulator.sql.type_names import redshift_type

from tests.dataapi.copying import ANYTHING, TEXT, Copying, unquoted

USER = "db_user_"
_LOAD_ERRORS = re.compile(
    rf"SELECT line_number, .* FROM sys_load_error_detail WHERE STRPOS\(file_name, {TEXT}\) = 1"
    r" AND line_number > (?P<after>-?\d+) ORDER BY line_number LIMIT (?P<most>\d+)"
)
_TIMEOUT = re.compile(r"SET statement_timeout TO (\d+)")
_DESCRIBED = ["column_name", "column_type", "null", "key", "default", "extra"]
_KINDS = {
    "set": _TIMEOUT,
    "unload": re.compile("UNLOAD "),
    "copy": re.compile("COPY "),
    "identity": re.compile(re.escape(IDENTITY)),
    "keys": re.compile(re.escape(KEYS)),
    "columns": re.compile(re.escape(COLUMNS)),
    "load errors": _LOAD_ERRORS,
    "left behind": re.compile("SELECT relname FROM pg_class_info "),
    "query": re.compile(r"\s*(?:\(\s*)*(?:SELECT|WITH)\b", re.IGNORECASE),
}
_MOST_ROWS = 1_000_000


@dataclass
class Outcome:
    """`columns` is None where the statement gives no result."""

    columns: tuple[Column, ...] | None = None
    rows: list[list[object]] = field(default_factory=list)
    affected: int = -1


@dataclass
class ActedRedshift:
    """`superusers` are users to whom the warehouse would say that they are, `left_behind` old staging tables."""

    engine: DuckDbEngine
    copying: Copying
    superusers: set[str] = field(default_factory=set)
    left_behind: list[str] = field(default_factory=list)

    def ran(self, db_user: str, name: str, statements: Sequence[str]) -> list[Outcome]:
        """Run the statements as one transaction.

        Raises: SpectraError, StatementTimeoutError, StatementCancelledError.
        """
        told = next((found for one in statements if (found := _TIMEOUT.match(one))), None)
        run = _Run(self, db_user, name, timedelta(milliseconds=int(told[1]) if told else 3_600_000))
        outcomes: list[Outcome] = []
        for kind, group in groupby(statements, _kind):
            outcomes += run.done(kind, list(group))
        return outcomes

    def cancel(self, db_user: str, name: str) -> bool:
        return self.engine.cancel(db_user.removeprefix(USER), name)

    def close(self) -> None:
        self.engine.close()


@dataclass
class _Run:
    redshift: ActedRedshift
    db_user: str
    name: str
    timeout: timedelta

    @property
    def tenant_id(self) -> str:
        return self.db_user.removeprefix(USER)

    def done(self, kind: str, statements: list[str]) -> list[Outcome]:
        if kind == "script":
            script = [one for text in statements for one in parse_script(text)]
            self.redshift.engine.run_script(self.tenant_id, script)
            return [Outcome() for _ in statements]
        return [self._one(kind, statement) for statement in statements]

    def _one(self, kind: str, statement: str) -> Outcome:
        acts: dict[str, Callable[[str], Outcome]] = {
            "set": lambda _: Outcome(),
            "unload": lambda text: Outcome(affected=self.redshift.copying.unload(self.tenant_id, self.name, text)),
            "copy": lambda text: Outcome(affected=self.redshift.copying.copy(self.tenant_id, self.name, text)),
            "identity": self._identity,
            "keys": self._keys,
            "columns": self._columns,
            "load errors": self._load_errors,
            "left behind": self._left_behind,
            "query": self._query,
        }
        return acts[kind](statement)

    def _identity(self, _: str) -> Outcome:
        columns = (Column("current_user", "VARCHAR"), Column("usesuper", "BOOLEAN"))
        return Outcome(columns, [[self.db_user, self.db_user in self.redshift.superusers]])

    def _keys(self, _: str) -> Outcome:
        tables = self.redshift.engine.catalogue(self.tenant_id).tables.values()
        rows: list[list[object]] = [[one.schema, one.name, key] for one in tables for key in one.primary_key]
        return Outcome(tuple(Column(name, "VARCHAR") for name in ("nspname", "relname", "attname")), rows)

    def _columns(self, statement: str) -> Outcome:
        """Add the defaults, which the embedded engine's views do not tell."""
        outcome = self._query(statement)
        tables = self.redshift.engine.catalogue(self.tenant_id).tables
        defaults = {(one.schema, one.name, each.name): each.default for one in tables.values() for each in one.columns}
        rows = [[*row[:8], defaults.get((str(row[0]), str(row[1]), str(row[2])), "") or None] for row in outcome.rows]
        return Outcome(outcome.columns, rows)

    def _load_errors(self, statement: str) -> Outcome:
        found = _LOAD_ERRORS.fullmatch(statement)
        assert found is not None, statement
        columns = (
            Column("line_number", "BIGINT"),
            Column("column_name", "VARCHAR"),
            Column("error_message", "VARCHAR"),
        )
        files = self.redshift.copying.errors.told.items()
        told = [one for url, lines in files if url.startswith(unquoted(found[1])) for one in lines]
        later = [list(one) for one in sorted(told) if one[0] > int(found["after"])]
        return Outcome(columns, later[: int(found["most"])])

    def _left_behind(self, _: str) -> Outcome:
        return Outcome((Column("relname", "VARCHAR"),), [[name] for name in self.redshift.left_behind])

    def _query(self, statement: str) -> Outcome:
        engine = self.redshift.engine
        query = engine.prepare(self.tenant_id, Capped(parse_read_only(statement, ANYTHING), None))
        rows = query.run(self.name, _MOST_ROWS, self.timeout, lambda: None)
        kinds = self._kinds(query)
        columns = tuple(Column(name, kind) for name, kind in zip(rows.columns, kinds, strict=True))
        values = json.loads(rows.rows_json, parse_float=Decimal)
        return Outcome(columns, [[row[column.name] for column in columns] for row in values], len(values))

    def _kinds(self, query: DuckDbQuery) -> list[str]:
        """Return the types with their lengths and precisions, which the engine alone tells."""

        def asked(worker: WorkerClient) -> Any:
            request = {"do": "query", "sql": f"DESCRIBE {query.sql}", "count_sql": None, "columns": _DESCRIBED}
            with worker.lane() as lane:
                return json.loads(lane.ask({**request, "cap": _MOST_ROWS})[1])

        told = self.redshift.engine.tried(self.tenant_id, asked)
        known = [redshift_type(row["column_type"]) for row in told]
        return [_kind_of(bare, exact) for bare, exact in zip(query.types, known, strict=True)]


def _kind_of(bare: str | None, exact: str | None) -> str:
    """Return the exact type where it is of the kind that the query's translation tells."""
    if bare is None or (exact or "").partition("(")[0] == bare.partition("(")[0]:
        return exact or "VARCHAR"
    return bare


def _kind(statement: str) -> str:
    return next((kind for kind, pattern in _KINDS.items() if pattern.match(statement)), "script")


def acted_redshift(folder: Path, fixtures: Path, s3: Any) -> ActedRedshift:
    """Return a Redshift whose tenants have those fixtures; its users are called `db_user_` and the tenant's id."""
    engine = DuckDbEngine(folder / "tenants", FixtureFiles(fixtures), WorkerLimits(2 * 2**30, 1, 8), 4)
    files = folder / "moved"
    files.mkdir()
    return ActedRedshift(engine, Copying(DuckDbBulkEngine(engine), s3, files))
