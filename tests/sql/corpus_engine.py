"""The embedded engine with real workers, asked for the corpus: a tenant for the families with the same tables."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerLimits
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.sql.alterations import kind_of
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.limit import capped
from spectra_emulator.sql.parsing import parse_script

from tests.sql.corpus_cases import Case, Family, Number

LIMITS = WorkerLimits(memory_bytes=2**30, threads=1, lanes=2)
RULES = SqlRules(SecurityLevel.PERMISSIVE, allow_union=True, max_joins=50, max_subqueries=50)
"""What is tested is the dialect and not the guard."""
TIMEOUT = timedelta(seconds=30)
CAP = 1000
USER = "tenant_corpus"
WORKERS = 20


@dataclass(frozen=True)
class CorpusAnswer:
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass
class CorpusEngine:
    """Runs cases the way the API runs scripts and queries."""

    folder: Path
    engine: DuckDbEngine = field(init=False)
    tenants: dict[str, str] = field(default_factory=dict)
    """By the script of their tables."""

    def __post_init__(self) -> None:
        (self.folder / "fixtures" / "all").mkdir(parents=True)
        self.engine = DuckDbEngine(self.folder / "tenants", FixtureFiles(self.folder / "fixtures"), LIMITS, WORKERS)

    def answer(self, family: Family, case: Case) -> CorpusAnswer:
        """Run a case and leave the family's tables as they were.

        Raises: SpectraError.
        """
        tenant_id = self.tenant(family)
        if not case.setup:
            return self._queried(tenant_id, case.sql or "SELECT 1")
        before = set(self.engine.catalogue(tenant_id).tables)
        try:
            self._run(tenant_id, ";\n".join(case.setup))
            return self._queried(tenant_id, case.sql or "SELECT 1")
        finally:
            self._drop_all_but(before, tenant_id)

    def tenant(self, family: Family) -> str:
        if family.tables not in self.tenants:
            self.tenants[family.tables] = f"corpus-{len(self.tenants)}"
            self._run(self.tenants[family.tables], family.tables)
        return self.tenants[family.tables]

    def _run(self, tenant_id: str, script: str) -> None:
        if script:
            self.engine.run_script(tenant_id, parse_script(script))

    def _queried(self, tenant_id: str, sql: str) -> CorpusAnswer:
        query = parse_read_only(sql, RULES, self.engine.catalogue(tenant_id).functions)
        prepared = self.engine.prepare(tenant_id, capped(query, CAP), USER)
        rows = prepared.run("corpus", CAP, TIMEOUT, begun=lambda: None)
        written = json.loads(rows.rows_json, parse_int=Number, parse_float=Number)
        return CorpusAnswer(rows.columns, rows.column_types, tuple(tuple(row.values()) for row in written))

    def _drop_all_but(self, kept: set[tuple[str, str]], tenant_id: str) -> None:
        made = [table for place, table in self.engine.catalogue(tenant_id).tables.items() if place not in kept]
        drops = [
            f'DROP {kind_of(table)} IF EXISTS "{table.schema}"."{table.name}"'
            for table in sorted(made, key=lambda table: not table.is_view)
        ]
        drops += [
            f"DROP FUNCTION {one.name}({', '.join(one.argument_types)})"
            for one in self.engine.catalogue(tenant_id).functions.values()
        ]
        self._run(tenant_id, ";\n".join(drops))
