"""One statement of a trusted script as the statements that DuckDB runs for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.sql import alterations, dml, relations, session_settings
from spectra_emulator.sql.duckdb import translated
from spectra_emulator.sql.refusals import construct, invalid, unsupported
from spectra_emulator.sql.script_steps import ScriptStep

__all__ = ["ScriptStep", "script_step"]

Translate = Callable[[exp.Expr, Catalogue], ScriptStep]
NO_EFFECT_COMMANDS = frozenset({"VACUUM", "RESET"})


def fixed(*statements: str) -> Translate:
    """Return the translation of a statement that is the same for every catalogue."""
    return lambda _statement, _catalogue: ScriptStep(statements)


def query_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    return ScriptStep((translated(statement, catalogue).sql,))


def set_step(statement: exp.Expr, _catalogue: Catalogue) -> ScriptStep:
    """Take a setting that changes no answer."""
    items = statement.expressions
    assignment = items[0].this if len(items) == 1 else None
    if statement.args.get("unset") or not isinstance(assignment, exp.EQ):
        raise unsupported(statement, "this form of SET")
    session_settings.check(assignment.this.name.lower(), assignment.expression)
    return ScriptStep()


def command_step(statement: exp.Expr, _catalogue: Catalogue) -> ScriptStep:
    """Accept what changes nothing here: there is nothing to sort, reclaim or grant."""
    word = str(statement.this).upper()
    if word not in NO_EFFECT_COMMANDS:
        raise unsupported(statement, f"the statement {word}")
    return ScriptStep()


STATEMENTS: Mapping[type[exp.Expr], Translate] = MappingProxyType(
    {
        exp.Select: query_step,
        exp.Union: query_step,
        exp.Intersect: query_step,
        exp.Except: query_step,
        exp.Subquery: query_step,
        exp.Create: relations.create_step,
        exp.Drop: alterations.drop_step,
        exp.Alter: alterations.alter_step,
        exp.TruncateTable: dml.truncate_step,
        exp.Insert: dml.insert_step,
        exp.Update: dml.update_step,
        exp.Delete: dml.delete_step,
        exp.Transaction: fixed("BEGIN TRANSACTION"),
        exp.Commit: fixed("COMMIT"),
        exp.Rollback: fixed("ROLLBACK"),
        exp.Set: set_step,
        exp.Analyze: fixed(),
        exp.Grant: fixed(),
        exp.Revoke: fixed(),
        exp.Comment: fixed(),
        exp.Command: command_step,
    }
)
"""What each kind of statement becomes; ANALYZE, GRANT, REVOKE, COMMENT and VACUUM have no effect."""


def script_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    """Return what DuckDB runs for one Redshift statement of a script.

    Raises: InvalidSql.
    """
    translate = STATEMENTS.get(type(statement))
    if isinstance(statement, exp.Column | exp.Alias | exp.Literal):
        raise invalid(statement, "SQL syntax error", "42601")
    if translate is None:
        raise unsupported(statement, f"the statement {construct(statement)}")
    return translate(statement, catalogue)
