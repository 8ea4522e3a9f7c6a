"""INSERT, UPDATE, DELETE and TRUNCATE.

Source: "INSERT", "UPDATE", "DELETE", "TRUNCATE".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, Column, Table
from spectra_emulator.sql.duckdb import context_of
from spectra_emulator.sql.names import Resolver, resolved
from spectra_emulator.sql.nearest import nearest
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.assignments import assigned, stored
from spectra_emulator.sql.rewrites.context import Context, quoted_name
from spectra_emulator.sql.rewrites.queries import source_text, spaced, where_text
from spectra_emulator.sql.scopes import Names, Scope, folded, unknown
from spectra_emulator.sql.script_steps import ScriptStep, existing_table, spelt
from spectra_emulator.sql.type_names import parsed_type

INSERT = frozenset({"this", "expression", "default"})
UPDATE = frozenset({"this", "expressions", "from_", "where"})
DELETE = frozenset({"this", "tables", "using", "where"})


def written(table: Table, *statements: str) -> ScriptStep:
    return ScriptStep(statements, touched=frozenset({f"{table.schema}.{table.name}"}))


def truncate_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    table = existing_table(statement.expressions[0], catalogue)
    return written(table, spaced("DELETE FROM", spelt(table.schema, table.name)))


def column_named(table: Table, node: exp.Expr) -> Column:
    """Return the column that a node names.

    Raises: InvalidSql where the table has none such.
    """
    name = folded(node)
    for column in table.columns:
        if column.name == name:
            return column
    raise unknown("column", name, "42703", node, nearest(name, (one.name for one in table.columns)))


def insert_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    context_of(Names()).refuse_unknown_arguments(statement, INSERT)
    listed = isinstance(statement.this, exp.Schema)
    table = existing_table(statement.this.this if listed else statement.this, catalogue)
    place = spelt(table.schema, table.name)
    columns = [column_named(table, one) for one in statement.this.expressions] if listed else list(table.columns)
    source = statement.args.get("expression")
    if source is None:
        return written(table, f"INSERT INTO {place} DEFAULT VALUES")
    rows = values_text(source, columns, catalogue) if isinstance(source, exp.Values) else None
    text, width = rows or query_values(source, columns, catalogue)
    names = ", ".join(quoted_name(one.name) for one in columns[:width])
    return written(table, spaced("INSERT INTO", place, f"({names})", text))


def values_text(source: exp.Expr, columns: Sequence[Column], catalogue: Catalogue) -> tuple[str, int]:
    resolver = Resolver(catalogue)
    for row in source.expressions:
        resolver.visit(row, Scope(None, {}))
    context = context_of(resolver.names)
    rows = [members(row) for row in source.expressions]
    width = len(rows[0])
    if any(len(row) != width for row in rows) or width > len(columns):
        raise invalid(source, "INSERT has more expressions than target columns, or rows of different lengths", "42601")
    return "VALUES " + ", ".join(row_text(context, row, columns) for row in rows), width


def members(row: exp.Expr) -> list[exp.Expr]:
    return row.expressions if isinstance(row, exp.Tuple) else [row.this if isinstance(row, exp.Paren) else row]


def row_text(context: Context, row: Sequence[exp.Expr], columns: Iterable[Column]) -> str:
    return "(" + ", ".join(value_text(context, node, column) for node, column in zip(row, columns, strict=False)) + ")"


def value_text(context: Context, node: exp.Expr, column: Column) -> str:
    is_default = isinstance(node, exp.Var) and node.name.upper() == "DEFAULT"
    return "DEFAULT" if is_default else assigned(context, node, parsed_type(column.type))


def query_values(source: exp.Expr, columns: Sequence[Column], catalogue: Catalogue) -> tuple[str, int]:
    query = source.this if isinstance(source, exp.Subquery) and not source.args.get("order") else source
    names = resolved(query, catalogue)
    context, fields = context_of(names), names.outputs[id(query)]
    if len(fields) > len(columns):
        raise invalid(source, "INSERT has more expressions than target columns", "42601")
    values = ", ".join(
        stored(exp.null(), f'"made".{quoted_name(one.key)}', context.field_type(one), parsed_type(column.type))
        for one, column in zip(fields, columns, strict=False)
    )
    return spaced("SELECT", values, "FROM", f'({context.text(query)}) AS "made"'), len(fields)


def target_scope(resolver: Resolver, target: exp.Expr, others: Iterable[exp.Expr]) -> Scope:
    scope = Scope(None, {})
    for node in (target, *others):
        resolver.add_source(node, scope)
    return scope


def update_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    resolver = Resolver(catalogue)
    context = context_of(resolver.names)
    context.refuse_unknown_arguments(statement, UPDATE)
    table = existing_table(statement.this, catalogue)
    source = statement.args.get("from_")
    scope = target_scope(resolver, statement.this, [source.this] if source is not None else [])
    for node in [*(one.expression for one in statement.expressions), statement.args.get("where")]:
        resolver.visit(node, scope)
    changes = ", ".join(change_text(context, one, table) for one in statement.expressions)
    others = f"FROM {source_text(context, source.this)}" if source is not None else ""
    where = where_text(context, statement.args.get("where"), "WHERE")
    return written(table, spaced("UPDATE", source_text(context, statement.this), "SET", changes, others, where))


def change_text(context: Context, change: exp.Expr, table: Table) -> str:
    column = column_named(table, change.this.this)
    value = value_text(context, change.expression, column)
    return f"{quoted_name(column.name)} = {value}"


def delete_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    resolver = Resolver(catalogue)
    context = context_of(resolver.names)
    context.refuse_unknown_arguments(statement, DELETE)
    target = statement.this if isinstance(statement.this, exp.Table) else statement.args["tables"][0]
    table = existing_table(target, catalogue)
    using = statement.args.get("using") or []
    resolver.visit(statement.args.get("where"), target_scope(resolver, target, using))
    others = f"USING {', '.join(source_text(context, one) for one in using)}" if using else ""
    where = where_text(context, statement.args.get("where"), "WHERE")
    return written(table, spaced("DELETE FROM", source_text(context, target), others, where))
