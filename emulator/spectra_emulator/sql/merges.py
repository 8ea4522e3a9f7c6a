"""MERGE.

DuckDB's own MERGE does it, after a look for rows that several rows of the source match. With REMOVE DUPLICATES the
rows that match are deleted, and then all of the source inserted.

Source: "MERGE".
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, Column, Table
from spectra_emulator.sql.dml import change_text, column_named, is_default, members, row_text, target_scope, written
from spectra_emulator.sql.duckdb import context_of
from spectra_emulator.sql.identities import refuse_values
from spectra_emulator.sql.names import Resolver
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.assignments import stored
from spectra_emulator.sql.rewrites.comparisons import condition
from spectra_emulator.sql.rewrites.context import Context, quoted, quoted_name, reference_text
from spectra_emulator.sql.rewrites.queries import source_text
from spectra_emulator.sql.scopes import Reference, Scope
from spectra_emulator.sql.script_dialect import REMOVE_DUPLICATES
from spectra_emulator.sql.script_steps import ScriptStep, existing_table, spelt
from spectra_emulator.sql.type_names import parsed_type

SEVERAL = "Found multiple matches to update the same tuple."
MERGE = frozenset({"this", "using", "on", "whens"})
WHEN = frozenset({"matched", "then"})


def merge_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    resolver = Resolver(catalogue)
    context = context_of(resolver.names)
    context.refuse_unknown_arguments(statement, MERGE)
    table = target_table(statement, catalogue)
    scope = target_scope(resolver, statement.this, [statement.args["using"]])
    resolver.visit(statement.args.get("on"), scope)
    on = condition(context, statement.args["on"])
    whens = statement.args["whens"].expressions
    if isinstance(whens[0], exp.Var) and whens[0].name == REMOVE_DUPLICATES:
        return written(table, *without_duplicates(context, statement, table, scope, on))
    actions = " ".join(action_text(context, resolver, one, table, scope) for one in actions_of(statement, whens))
    target, source = (source_text(context, statement.args[part]) for part in ("this", "using"))
    return written(table, several_check(target, source, on), f"MERGE INTO {target} USING {source} ON {on} {actions}")


def target_table(statement: exp.Expr, catalogue: Catalogue) -> Table:
    """Return the table that is merged into.

    Raises: InvalidSql where the source is no other table.
    """
    target, source = statement.this, statement.args["using"]
    if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier):
        raise invalid(source, "The source of MERGE is a table, neither a subquery nor a join", "42601")
    table = existing_table(target, catalogue)
    if existing_table(source, catalogue) is table:
        raise invalid(source, "Source and target of MERGE cannot be the same table", "42P10")
    if target.alias:
        raise invalid(target, "The target of MERGE takes no alias", "42601")
    if statement.args.get("on") is None:
        raise invalid(target, "MERGE needs a condition: ON", "42601")
    return table


def actions_of(statement: exp.Expr, whens: Sequence[exp.Expr]) -> Sequence[exp.Expr]:
    """Return WHEN MATCHED and WHEN NOT MATCHED.

    Raises: InvalidSql where there are others, or one is missing.
    """
    for one in whens:
        if any(value for name, value in one.args.items() if name not in WHEN):
            raise invalid(one, "WHEN MATCHED and WHEN NOT MATCHED take no condition of their own", "42601")
    kinds = [(bool(one.args.get("matched")), isinstance(one.args["then"], exp.Insert)) for one in whens]
    if kinds != [(True, False), (False, True)]:
        message = "MERGE takes WHEN MATCHED THEN UPDATE or DELETE, then WHEN NOT MATCHED THEN INSERT"
        raise invalid(statement.this, message, "42601")
    return whens


def several_check(target: str, source: str, on: str) -> str:
    """Return what raises where several rows of the source match one of the target."""
    alias = target.rpartition(" AS ")[2]
    found = f"SELECT 1 FROM {target} JOIN {source} ON {on} GROUP BY {alias}.rowid HAVING count(*) > 1"  # noqa: S608 - our own text
    return f"SELECT error({quoted(SEVERAL)}) FROM ({found})"  # noqa: S608 - our own text


def action_text(context: Context, resolver: Resolver, when: exp.Expr, table: Table, scope: Scope) -> str:
    then = when.args["then"]
    if isinstance(then, exp.Update):
        return f"WHEN MATCHED THEN UPDATE SET {changes_text(context, resolver, then, table, scope)}"
    if isinstance(then, exp.Insert):
        return f"WHEN NOT MATCHED THEN INSERT {insert_text(context, resolver, then, table, scope)}"
    return "WHEN MATCHED THEN DELETE"


def changes_text(context: Context, resolver: Resolver, then: exp.Expr, table: Table, scope: Scope) -> str:
    for one in then.expressions:
        if one.this.args.get("table"):
            raise invalid(one.this, "Name the columns that MERGE sets without their table", "42601")
        resolver.visit(None if is_default(one.expression) else one.expression, scope)
    return ", ".join(change_text(context, one, table) for one in then.expressions)


def insert_text(context: Context, resolver: Resolver, then: exp.Expr, table: Table, scope: Scope) -> str:
    columns: Sequence[Column] = table.columns
    if then.this is not None:
        columns = [column_named(table, one.this if isinstance(one, exp.Column) else one) for one in members(then.this)]
    row = members(then.expression)
    if len(row) > len(columns) or (then.this is not None and len(row) != len(columns)):
        raise invalid(then, "INSERT has more expressions than target columns, or fewer than it names", "42601")
    for one in row:
        resolver.visit(one, source_only(scope))
    names = ", ".join(quoted_name(one.name) for one in columns[: len(row)])
    return f"({names}) VALUES {row_text(context, row, columns)}"


def source_only(scope: Scope) -> Scope:
    """Return what an inserted row may name: there is no row of the target."""
    return Scope(None, scope.ctes, scope.sources[1:])


def without_duplicates(context: Context, statement: exp.Expr, table: Table, scope: Scope, on: str) -> tuple[str, str]:
    """Return the deletion of what matches, and the insertion of the whole source.

    Raises: InvalidSql where the two tables differ in their columns.
    """
    source = scope.sources[1]
    if len(source.fields) != len(table.columns):
        raise invalid(statement, "REMOVE DUPLICATES takes tables with the same columns in the same order", "42601")
    refuse_values(table.columns, statement)
    references = [Reference(((source.alias, one),)) for one in source.fields]
    values = ", ".join(
        stored(exp.null(), reference_text(one), context.reference_type(one), parsed_type(column.type))
        for one, column in zip(references, table.columns, strict=True)
    )
    place, target = spelt(table.schema, table.name), source_text(context, statement.this)
    other = source_text(context, statement.args["using"])
    return (
        f"DELETE FROM {target} USING {other} WHERE {on}",  # noqa: S608 - our own text
        f"INSERT INTO {place} SELECT {values} FROM {other}",  # noqa: S608 - our own text
    )
