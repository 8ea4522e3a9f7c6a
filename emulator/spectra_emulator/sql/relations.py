"""CREATE TABLE and CREATE SCHEMA: tables that keep their Redshift types.

A column's Redshift type is its comment in DuckDB; a table's comment is its primary key, which Redshift does not
enforce either. Strings are bounded by CHECK constraints.

Source: "CREATE TABLE", "CREATE TABLE AS", "SELECT INTO", "CREATE SCHEMA".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.sql.column_plans import NOT_ENFORCED, ColumnPlan, column_plan
from spectra_emulator.sql.duckdb import context_of
from spectra_emulator.sql.identities import numbering, sequence_name, sequence_text, sequences
from spectra_emulator.sql.names import resolved
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.assignments import MAX_STRING_BYTES, length_check, stored
from spectra_emulator.sql.rewrites.context import quoted, quoted_name
from spectra_emulator.sql.rewrites.queries import spaced
from spectra_emulator.sql.scopes import folded
from spectra_emulator.sql.script_steps import (
    ScriptStep,
    existing_table,
    key_comment,
    place_of,
    refuse_reserved,
    spelt,
)
from spectra_emulator.sql.type_names import SqlType, parsed_type


@dataclass(frozen=True)
class TablePlan:
    schema: str
    name: str
    columns: tuple[ColumnPlan, ...]
    primary_key: tuple[str, ...] = ()

    @property
    def spelt(self) -> str:
        return spelt(self.schema, self.name)

    def sequence(self, column: ColumnPlan) -> str:
        """Return the spelling of an identity column's sequence, or nothing for another column."""
        identity = column.identity
        return "" if identity is None else sequence_name(self.schema, self.name, column.name, identity)


def create_schema(statement: exp.Expr, _catalogue: Catalogue) -> ScriptStep:
    written = folded(statement.this.args.get("db") or statement.this.this)
    refuse_reserved(statement, written)
    name = quoted_name(written)
    exists = "IF NOT EXISTS " if statement.args.get("exists") else ""
    return ScriptStep((f"CREATE SCHEMA {exists}{name}",), changes_catalogue=True)


def create_table(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    node, names = named_relation(statement)
    schema, name = place_of(node, catalogue)
    if catalogue.table(name, schema) is not None:
        if statement.args.get("exists"):
            return ScriptStep()
        raise invalid(node, f'Relation "{name}" already exists', "42P07")
    if statement.args.get("expression") is not None:
        return create_table_as(TablePlan(schema, name, ()), typed_query(statement.expression, names, catalogue))
    return ScriptStep(table_statements(table_plan(statement.this, schema, name, catalogue)), changes_catalogue=True)


def named_relation(statement: exp.Expr) -> tuple[exp.Expr, list[str]]:
    """Return the node of the name and the column names in parentheses after it."""
    target = statement.this
    if not isinstance(target, exp.Schema):
        return target, []
    return target.this, [folded(one) for one in target.expressions if isinstance(one, exp.Identifier)]


@dataclass(frozen=True)
class TypedQuery:
    sql: str
    keys: tuple[str, ...]
    sources: tuple[SqlType, ...]
    columns: tuple[ColumnPlan, ...]
    tables: frozenset[tuple[str, str]]


def typed_query(query: exp.Expr, names: list[str], catalogue: Catalogue) -> TypedQuery:
    """Return a query with the columns that a table or a view made of it has."""
    if isinstance(query, exp.Subquery):
        query = query.this
    found = resolved(query, catalogue)
    context = context_of(found)
    text, fields = context.text(query), found.outputs[id(query)]
    types = tuple(context.field_type(one) for one in fields)
    spelt_names = names or [one.name for one in fields]
    if len(spelt_names) != len(fields):
        raise invalid(query, "the column list and the query have different numbers of columns", "42601")
    columns = tuple(ColumnPlan(name, kept_type(kind)) for name, kind in zip(spelt_names, types, strict=True))
    refuse_repeated(query, spelt_names)
    tables = frozenset((schema, name) for schema, name in found.tables.values() if schema is not None)
    return TypedQuery(text, tuple(one.key for one in fields), types, columns, tables)


def refuse_repeated(node: exp.Expr, names: Sequence[str]) -> None:
    """Refuse a table of two columns of one name.

    Raises: InvalidSql.
    """
    repeated = next((one for one in names if names.count(one) > 1), None)
    if repeated is not None:
        raise invalid(node, f'column "{repeated}" specified more than once', "42701")


def kept_type(kind: SqlType) -> SqlType:
    """Return the type of a column made from a value: a string of unknown length gets the longest."""
    if kind.name == "VARCHAR" and not kind.size:
        return SqlType("VARCHAR", MAX_STRING_BYTES)
    return kind


def create_table_as(empty: TablePlan, query: TypedQuery) -> ScriptStep:
    plan = TablePlan(empty.schema, empty.name, query.columns)
    values = ", ".join(
        stored(exp.null(), f'"made".{quoted_name(key)}', source, column.type)
        for key, source, column in zip(query.keys, query.sources, query.columns, strict=True)
    )
    insert = spaced("INSERT INTO", plan.spelt, "SELECT", values, "FROM", f'({query.sql}) AS "made"')
    touched = frozenset({f"{plan.schema}.{plan.name}"})
    return ScriptStep((*table_statements(plan), insert), changes_catalogue=True, touched=touched)


def table_plan(schema_node: exp.Expr, schema: str, name: str, catalogue: Catalogue) -> TablePlan:
    columns: list[ColumnPlan] = []
    key: tuple[str, ...] = ()
    for item in constraints_unwrapped(schema_node.expressions):
        if isinstance(item, exp.ColumnDef):
            columns.append(column_plan(item))
        elif isinstance(item, exp.LikeProperty):
            columns += copied_columns(item, catalogue)
        elif isinstance(item, exp.PrimaryKey):
            key = tuple(folded(one) for one in item.expressions)
        elif not isinstance(item, NOT_ENFORCED):
            raise unsupported(item, type(item).__name__.upper())
    refuse_repeated(schema_node, [one.name for one in columns])
    key = key or tuple(one.name for one in columns if one.in_key)
    return TablePlan(schema, name, tuple(columns), key)


def constraints_unwrapped(items: Iterable[exp.Expr]) -> Iterable[exp.Expr]:
    for item in items:
        yield from item.expressions if isinstance(item, exp.Constraint) else (item,)


def copied_columns(item: exp.Expr, catalogue: Catalogue) -> list[ColumnPlan]:
    """Return the columns of LIKE: their names, types and NOT NULL, and their defaults where they are asked for."""
    options = {(str(one.this), one.args["value"].name) for one in item.expressions}
    if not options <= {("INCLUDING", "DEFAULTS"), ("EXCLUDING", "DEFAULTS")}:
        raise invalid(item, "LIKE takes INCLUDING DEFAULTS or EXCLUDING DEFAULTS", "42601")
    kept = ("INCLUDING", "DEFAULTS") in options
    table = existing_table(item.this, catalogue)
    numbered = sequences(table)
    defaults = [
        one.default if kept and not any(place in one.default for place in numbered) else "" for one in table.columns
    ]
    return [
        ColumnPlan(one.name, parsed_type(one.type), one.nullable, default)
        for one, default in zip(table.columns, defaults, strict=True)
    ]


def table_statements(plan: TablePlan) -> tuple[str, ...]:
    """Return what creates a table: its sequence, itself, and the comments that keep what DuckDB has no place for."""
    body = ", ".join(column_text(plan, column) for column in plan.columns)
    return (
        *(sequence_text(plan.sequence(column), column.identity) for column in plan.columns if column.identity),
        f"CREATE TABLE {plan.spelt} ({body})",
        *type_comments(plan.schema, plan.name, plan.columns),
        *([f"COMMENT ON TABLE {plan.spelt} IS {quoted(key_comment(plan.primary_key))}"] if plan.primary_key else []),
    )


def column_text(plan: TablePlan, column: ColumnPlan) -> str:
    name = quoted_name(column.name)
    default = numbering(plan.sequence(column)) if column.identity else column.default
    parts = [
        name,
        column.type.duckdb_column,
        f"DEFAULT {default}" if default else "",
        "" if column.nullable and column.name not in plan.primary_key else "NOT NULL",
        length_check(name, column.type),
    ]
    return " ".join(part for part in parts if part)


def type_comments(schema: str, name: str, columns: Iterable[ColumnPlan]) -> tuple[str, ...]:
    place = spelt(schema, name)
    return tuple(
        f"COMMENT ON COLUMN {place}.{quoted_name(column.name)} IS {quoted(column.type.declared)}" for column in columns
    )
