"""Redshift scripts run statement by statement, each translated with the tables as they stand by then."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlglot import exp

from spectra_emulator.adapters.duckdb_engine.internal_schema import INTERNAL_SCHEMA
from spectra_emulator.adapters.duckdb_engine.lane import EngineFailureError, Lane, WorkerLostError
from spectra_emulator.adapters.duckdb_engine.tenant_database import TenantDatabase, read_catalogue
from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.errors import InternalError, InvalidSql
from spectra_emulator.ports import ScriptOutcome
from spectra_emulator.sql.ddl import script_step
from spectra_emulator.sql.script_steps import ScriptStep, spelt

ROW_GROUP = 122_880
"""The rows that DuckDB stores together."""


class Script:
    """One run of a script on one lane."""

    def __init__(
        self, lane: Lane, catalogue: Catalogue, deadline: float | None = None, *, one_transaction: bool = False
    ) -> None:
        self._lane = lane
        self._deadline = deadline
        self._one_transaction = one_transaction
        self._barren: frozenset[str] = frozenset()
        self._temporary: set[tuple[str, str]] = set()
        self._stale = False
        self._catalogue = catalogue
        self.changed = False

    @property
    def catalogue(self) -> Catalogue:
        """Return the tables as they are by now."""
        if self._stale:
            self._catalogue = read_catalogue(self._lane)
            self._stale = False
        return self._catalogue

    def note_changed(self) -> None:
        """Let the tables be read again when they are next asked for."""
        self._stale = self.changed = True

    def run(self, statements: Sequence[exp.Expr]) -> ScriptOutcome:
        """Run the statements in order, and end the session's own tables with it.

        Raises: InvalidSql, EngineFailureError, WorkerLostError.
        """
        try:
            return self._run(statements)
        finally:
            with suppress(EngineFailureError):
                self._drop_temporary()

    def _run(self, statements: Sequence[exp.Expr]) -> ScriptOutcome:
        rows_affected = 0
        touched: set[str] = set()
        for statement in statements:
            _refuse_internal(statement)
            step = script_step(statement, self.catalogue)
            rows = self._done(step)
            rows_affected += 0 if isinstance(statement, exp.Alter) else rows
            touched |= step.touched
            self._temporary |= step.temporary
        touched -= {f"{schema}.{name}" for schema, name in self._temporary}
        return ScriptOutcome(len(statements), rows_affected, frozenset(touched))

    def _drop_temporary(self) -> None:
        for schema, name in self._temporary:
            self._done(ScriptStep((f"DROP TABLE IF EXISTS {spelt(schema, name)}",)))

    def _check_kept(self, step: ScriptStep, rows: int) -> None:
        """Refuse what DuckDB 1.5 would lose: many rows inserted after an INSERT that added none, in one transaction.

        Raises: InvalidSql.
        """
        if rows == 0:
            self._barren |= step.touched
        elif rows >= ROW_GROUP and not self._barren.isdisjoint(step.touched):
            raise InvalidSql(
                "The engine does not keep this INSERT after one into the same table that added no row; "
                "send them as two scripts",
                sql_state="0A000",
            )

    def _done(self, step: ScriptStep) -> int:
        rows = 0
        for sql in step.statements:
            answer, _ = self._lane.ask({"do": "execute", "sql": sql}, self._deadline)
            if self._one_transaction and sql.startswith("INSERT"):
                self._check_kept(step, answer["rows_affected"])
            rows += answer["rows_affected"]
        if step.changes_catalogue:
            self.note_changed()
        return rows


def _refuse_internal(statement: exp.Expr) -> None:
    """Keep scripts away from the tables that mark jobs as applied.

    Raises: InvalidSql.
    """
    if any(name.name.lower() == INTERNAL_SCHEMA for name in statement.find_all(exp.Identifier)):
        raise InvalidSql(f'schema "{INTERNAL_SCHEMA}" is reserved', sql_state="42939")


def in_one_transaction(
    lane: Lane, database: TenantDatabase, statements: Sequence[exp.Expr], deadline: float
) -> ScriptOutcome:
    """Run the script whole or not at all; one that opens transactions itself decides for itself.

    Raises: WorkerLostError where nothing was committed, InternalError where that is not known.
    """
    own = any(isinstance(statement, exp.Transaction | exp.Commit | exp.Rollback) for statement in statements)
    script = Script(lane, database.catalogue(), deadline, one_transaction=True)
    committing, settled = own, False
    try:
        if not own:
            lane.ask({"do": "execute", "sql": "BEGIN TRANSACTION"}, deadline)
        outcome = script.run(statements)
        committing = True
        if not own:
            lane.ask({"do": "execute", "sql": "COMMIT"}, deadline)
            settled = not script.changed
    except WorkerLostError as lost:
        if committing:
            raise InternalError("The engine ended during the script; it may have been committed") from lost
        raise
    except EngineFailureError as failure:
        failure.squeezed = failure.squeezed and not committing
        raise
    finally:
        if not settled:
            _settle(lane, database)
    return outcome


def _settle(lane: Lane, database: TenantDatabase) -> None:
    """Leave no transaction open, whatever the script did, and take the tables as they are by then."""
    with suppress(WorkerLostError):
        with suppress(EngineFailureError):
            lane.ask({"do": "execute", "sql": "ROLLBACK"})
        database.take_catalogue(read_catalogue(lane))
