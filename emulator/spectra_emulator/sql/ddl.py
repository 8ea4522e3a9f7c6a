"""One statement of a trusted script as the statements that DuckDB runs for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.sql import alterations, creations, dml, merges, session_settings
from spectra_emulator.sql.duckdb import translated
from spectra_emulator.sql.materialized import refresh_step
from spectra_emulator.sql.parsing import parse_one
from spectra_emulator.sql.refusals import construct, invalid, unsupported
from spectra_emulator.sql.script_steps import ScriptStep

__all__ = ["ScriptStep", "script_step"]

Translate = Callable[[exp.Expr, Catalogue], ScriptStep]
NO_EFFECT_COMMANDS = frozenset({"ANALYSE", "ANALYZE", "COMMENT", "LOCK", "RESET", "SHOW", "VACUUM"})
_SCHEMA = re.compile(
    r"(SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?[^\s]+)(?:\s+AUTHORIZATION\s+\S+)?(?:\s+QUOTA\s+(?:\d+\s*[MGT]B|UNLIMITED))?",
    re.IGNORECASE,
)
_OWNER = re.compile(r"(TABLE|SCHEMA)\s+\S+\s+OWNER\s+TO\s+\S+", re.IGNORECASE)


def fixed(*statements: str) -> Translate:
    """Return the translation of a statement that is the same for every catalogue."""
    return lambda _statement, _catalogue: ScriptStep(statements)


def begin_step(statement: exp.Expr, _catalogue: Catalogue) -> ScriptStep:
    """Begin a transaction; of its modes only READ ONLY makes a difference with one writer."""
    words = " ".join(statement.args.get("modes") or ()).upper()
    return ScriptStep(("BEGIN TRANSACTION READ ONLY" if "READ ONLY" in words else "BEGIN TRANSACTION",))


def query_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    if statement.args.get("into") is not None:
        return creations.select_into(statement, catalogue)
    return ScriptStep((translated(statement, catalogue).sql,))


def set_step(statement: exp.Expr, _catalogue: Catalogue) -> ScriptStep:
    """Take a setting that changes no answer."""
    items = statement.expressions
    assignment = items[0].this if len(items) == 1 else None
    if statement.args.get("unset") or not isinstance(assignment, exp.EQ):
        raise unsupported(statement, "this form of SET")
    session_settings.check(assignment.this.name.lower(), assignment.expression)
    return ScriptStep()


def command_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    """Accept what changes nothing here: there is nothing to sort, reclaim or grant."""
    word, rest = str(statement.this).upper(), str(statement.args["expression"]).strip()
    if word == "REFRESH":
        return refresh_step(statement, catalogue)
    schema = _SCHEMA.fullmatch(rest) if word == "CREATE" else None
    if schema is not None:
        return creations.create_step(parse_one(f"CREATE {schema[1]}"), catalogue)
    if word == "ALTER" and _OWNER.fullmatch(rest):
        return ScriptStep()
    if word.startswith("ANALY") and rest.upper().startswith("COMPRESSION"):
        raise unsupported(statement, "ANALYZE COMPRESSION")
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
        exp.Create: creations.create_step,
        exp.Drop: alterations.drop_step,
        exp.Alter: alterations.alter_step,
        exp.TruncateTable: dml.truncate_step,
        exp.Insert: dml.insert_step,
        exp.Update: dml.update_step,
        exp.Delete: dml.delete_step,
        exp.Merge: merges.merge_step,
        exp.Transaction: begin_step,
        exp.Commit: fixed("COMMIT"),
        exp.Rollback: lambda _statement, _catalogue: ScriptStep(("ROLLBACK",), changes_catalogue=True),
        exp.Set: set_step,
        exp.Grant: fixed(),
        exp.Revoke: fixed(),
        exp.Command: command_step,
    }
)
"""What each kind of statement becomes; GRANT, REVOKE and the commands named above have no effect."""


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
