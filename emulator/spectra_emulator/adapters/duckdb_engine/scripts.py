"""Redshift scripts run statement by statement, each translated with the tables as they stand by then."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from spectra_emulator.adapters.duckdb_engine.lane import Lane
from spectra_emulator.adapters.duckdb_engine.tenant_database import read_catalogue
from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.ports import ScriptOutcome
from spectra_emulator.sql.ddl import ScriptStep, script_step


class Script:
    """One run of a script on one lane."""

    def __init__(self, lane: Lane, catalogue: Catalogue) -> None:
        self._lane = lane
        self.catalogue = catalogue

    def run(self, statements: Sequence[exp.Expr]) -> ScriptOutcome:
        """Run the statements in order.

        Raises: InvalidSql, EngineFailureError, WorkerLostError.
        """
        rows_affected = 0
        touched: set[str] = set()
        for statement in statements:
            step = script_step(statement, self.catalogue)
            rows_affected += self._done(step)
            touched |= step.touched
        return ScriptOutcome(len(statements), rows_affected, frozenset(touched))

    def _done(self, step: ScriptStep) -> int:
        rows = 0
        for sql in step.statements:
            answer, _ = self._lane.ask({"do": "execute", "sql": sql})
            rows += answer["rows_affected"]
        if step.changes_catalogue:
            self.catalogue = read_catalogue(self._lane)
        return rows
