"""INSERT, UPDATE, DELETE and TRUNCATE.

Source: "INSERT", "UPDATE", "DELETE", "TRUNCATE".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, Column, Table
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.duckdb import context_of
from spectra_emulator.sql.filled_tables import is_materialized
from spectra_emulator.sql.identities import refuse_values
from spectra_emulator.sql.names import Resolver, resolved
from spectra_emulator.sql.nearest import nearest
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.assignments import assigned, stored
from spectra_emulator.sql.rewrites.context import Context, quoted_name
from spectra_emulator.sql.rewrites.queries import join_text, source_text, spaced, where_text, with_text
from spectra_emulator.sql.scopes import Names, Scope, folded, unknown
from spectra_emulator.sql.script_steps import ScriptStep, existing_table, spelt
from spectra_emulator.sql.type_names import parsed_type

INSERT = frozenset({"this", "expression", "default", "with_"})
UPDATE = frozenset({"this", "expressions", "from_", "where", "with_"})
DELETE = frozenset({"this", "tables", "using", "where", "with_"})


def written(table: Table, *statements: str) -> ScriptStep:
    """Return the step that changes the rows of a table.

    Raises: InvalidSql for a view.
    """
    if table.is_view or is_materialized(table):
        raise InvalidSql(f'cannot change the rows of "{table.name}": it is a view', sql_state="42809")
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
    source = inserted(statement)
    if source is None:
        return written(table, f"INSERT INTO {place} DEFAULT VALUES")
    rows = values_text(source, columns, catalogue) if isinstance(source, exp.Values) else None
    text, width = rows or query_values(source, columns, catalogue)
    if rows is None:
        refuse_values(columns[:width], source)
    names = ", ".join(quoted_name(one.name) for one in columns[:width])
    return written(table, spaced("INSERT INTO", place, f"({names})", text))


def inserted(statement: exp.Expr) -> exp.Expr | None:
    """Return what is inserted, with the common table expressions before INSERT as its own.

    Raises: InvalidSql where both have some.
    """
    source: exp.Expr | None = statement.args.get("expression")
    clause = statement.args.get("with_")
    if source is None or clause is None:
        return source
    source = source.this if isinstance(source, exp.Subquery) else source
    if not isinstance(source, exp.Query) or source.args.get("with_"):
        raise invalid(statement, "WITH goes with the query of an INSERT, once", "42601")
    query = source.copy()
    query.set("with_", clause.copy())
    return query


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


def is_default(node: exp.Expr) -> bool:
    """Tell whether a value is the word DEFAULT, which sqlglot takes for a column in an UPDATE."""
    named = node.this if isinstance(node, exp.Column) and not node.args.get("table") else node
    bare_word = isinstance(named, exp.Var) or (isinstance(named, exp.Identifier) and not named.args.get("quoted"))
    return bare_word and named.name.upper() == "DEFAULT"


def value_text(context: Context, node: exp.Expr, column: Column) -> str:
    if is_default(node):
        return "DEFAULT"
    refuse_values([column], node)
    return assigned(context, node, parsed_type(column.type))


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


@dataclass(frozen=True)
class Joined:
    """The relations that UPDATE or DELETE looks at beside its target, each with its joins."""

    items: tuple[tuple[exp.Expr, tuple[exp.Join, ...]], ...]

    def text(self, context: Context, word: str) -> str:
        items = (
            source_text(context, node) + "".join(join_text(context, join) for join in joins)
            for node, joins in self.items
        )
        return f"{word} {', '.join(items)}" if self.items else ""


def joined(nodes: Iterable[exp.Expr]) -> Joined:
    """Take the joins off the relations that sqlglot hangs them on."""
    items = []
    for node in nodes:
        joins = node.args.get("joins") or []
        node.set("joins", None)
        items.append((node, tuple(joins)))
    return Joined(tuple(items))


def joined_scope(resolver: Resolver, statement: exp.Expr, target: exp.Expr, others: Joined) -> Scope:
    """Return what the conditions and values of a change see."""
    scope = Scope(None, resolver.with_ctes(statement, None, {}))
    resolver.add_source(target, scope)
    for node, joins in others.items:
        resolver.add_source(node, scope)
        resolver.joined(joins, scope)
    return scope


def update_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    statement = statement.copy()
    resolver = Resolver(catalogue)
    context = context_of(resolver.names)
    context.refuse_unknown_arguments(statement, UPDATE)
    table = existing_table(statement.this, catalogue)
    clause = statement.args.get("from_")
    others = joined([clause.this] if clause is not None else [])
    scope = joined_scope(resolver, statement, statement.this, others)
    changed = [one for one in statement.expressions if not is_default(one.expression)]
    for node in [*(one.expression for one in changed), statement.args.get("where")]:
        resolver.visit(node, scope)
    changes = ", ".join(change_text(context, one, table) for one in statement.expressions)
    where = where_text(context, statement.args.get("where"), "WHERE")
    target = source_text(context, statement.this)
    return written(
        table,
        spaced(with_text(context, statement), "UPDATE", target, "SET", changes, others.text(context, "FROM"), where),
    )


def change_text(context: Context, change: exp.Expr, table: Table) -> str:
    if not isinstance(change.this, exp.Column) or change.this.args.get("table"):
        raise invalid(change, "SET takes single columns, without the name of their table", "42601")
    column = column_named(table, change.this.this)
    value = value_text(context, change.expression, column)
    return f"{quoted_name(column.name)} = {value}"


def delete_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    statement = statement.copy()
    resolver = Resolver(catalogue)
    context = context_of(resolver.names)
    context.refuse_unknown_arguments(statement, DELETE)
    target = statement.this if isinstance(statement.this, exp.Table) else statement.args["tables"][0]
    table = existing_table(target, catalogue)
    others = joined(statement.args.get("using") or [])
    resolver.visit(statement.args.get("where"), joined_scope(resolver, statement, target, others))
    where = where_text(context, statement.args.get("where"), "WHERE")
    delete = spaced("DELETE FROM", source_text(context, target), others.text(context, "USING"), where)
    return written(table, spaced(with_text(context, statement), delete))
