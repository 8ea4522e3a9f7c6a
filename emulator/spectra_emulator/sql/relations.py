"""CREATE: tables that keep their Redshift types, views and schemas.

A column's Redshift type is its comment in DuckDB; a table's comment is its primary key, which Redshift does not
enforce either. Strings are bounded by CHECK constraints.

Source: "CREATE TABLE", "CREATE TABLE AS", "CREATE VIEW", "CREATE SCHEMA".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.sql.duckdb import context_of
from spectra_emulator.sql.names import resolved
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.assignments import MAX_STRING_BYTES, assigned, length_check, stored
from spectra_emulator.sql.rewrites.casts import named_type
from spectra_emulator.sql.rewrites.context import quoted, quoted_name
from spectra_emulator.sql.rewrites.queries import spaced
from spectra_emulator.sql.scopes import Names, folded
from spectra_emulator.sql.script_steps import ScriptStep, existing_table, key_comment, place_of, spelt
from spectra_emulator.sql.type_names import SqlType, parsed_type

COLUMN_DEFAULTS: Mapping[exp.DType, SqlType] = {
    exp.DType.TEXT: SqlType("VARCHAR", 256),
    exp.DType.BPCHAR: SqlType("CHAR", 256),
}
WITHOUT_LENGTH = {"VARCHAR": SqlType("VARCHAR", 256), "CHAR": SqlType("CHAR", 1)}
WITHOUT_EFFECT = (exp.DistStyleProperty, exp.DistKeyProperty, exp.SortKeyProperty, exp.BackupProperty)
NOT_ENFORCED = (exp.UniqueColumnConstraint, exp.ForeignKey, exp.Reference, exp.EncodeColumnConstraint, exp.Var)


@dataclass(frozen=True)
class ColumnPlan:
    """A column to create; `default` and `identity` are DuckDB's text."""

    name: str
    type: SqlType
    nullable: bool = True
    default: str = ""
    identity: tuple[int, int] | None = None
    in_key: bool = False


@dataclass(frozen=True)
class TablePlan:
    schema: str
    name: str
    columns: tuple[ColumnPlan, ...]
    primary_key: tuple[str, ...] = ()

    @property
    def spelt(self) -> str:
        return spelt(self.schema, self.name)

    @property
    def sequence(self) -> str:
        return sequence_name(self.schema, self.name)


def sequence_name(schema: str, table: str) -> str:
    return spelt(schema, f"{table}:identity")


def create_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    kind = str(statement.args.get("kind")).upper()
    create = CREATORS.get(kind)
    if create is None:
        raise unsupported(statement, f"CREATE {kind}")
    refuse_properties(statement)
    return create(statement, catalogue)


def refuse_properties(statement: exp.Expr) -> None:
    properties = statement.args.get("properties")
    for one in properties.expressions if properties is not None else ():
        if not isinstance(one, WITHOUT_EFFECT):
            raise unsupported(statement, f"CREATE with {type(one).__name__.removesuffix('Property').upper()}")


def create_schema(statement: exp.Expr, _catalogue: Catalogue) -> ScriptStep:
    name = quoted_name(folded(statement.this.args.get("db") or statement.this.this))
    exists = "IF NOT EXISTS " if statement.args.get("exists") else ""
    return ScriptStep((f"CREATE SCHEMA {exists}{name}",), changes_catalogue=True)


def create_view(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    node, names = named_relation(statement)
    schema, name = place_of(node, catalogue)
    replace = "OR REPLACE " if statement.args.get("replace") else ""
    query = typed_query(statement.expression, names, catalogue)
    text = f"CREATE {replace}VIEW {spelt(schema, name)} AS {renamed(query)}"
    return ScriptStep((text, *type_comments(schema, name, query.columns)), changes_catalogue=True)


def renamed(query: TypedQuery) -> str:
    """Return a query with its columns named as the view's: DuckDB finds no others to comment on."""
    pairs = zip(query.keys, query.columns, strict=True)
    items = ", ".join(f'"made".{quoted_name(key)} AS {quoted_name(column.name)}' for key, column in pairs)
    return spaced("SELECT", items, "FROM", f'({query.sql}) AS "made"')


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
    repeated = next((one for one in spelt_names if spelt_names.count(one) > 1), None)
    if repeated is not None:
        raise invalid(query, f'column "{repeated}" specified more than once', "42701")
    return TypedQuery(text, tuple(one.key for one in fields), types, columns)


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
    key = key or tuple(one.name for one in columns if one.in_key)
    return TablePlan(schema, name, tuple(columns), key)


def constraints_unwrapped(items: Iterable[exp.Expr]) -> Iterable[exp.Expr]:
    for item in items:
        yield from item.expressions if isinstance(item, exp.Constraint) else (item,)


def copied_columns(item: exp.Expr, catalogue: Catalogue) -> list[ColumnPlan]:
    if item.expressions:
        raise unsupported(item, "LIKE with INCLUDING DEFAULTS")
    table = existing_table(item.this, catalogue)
    return [ColumnPlan(one.name, parsed_type(one.type), one.nullable) for one in table.columns]


def column_plan(node: exp.ColumnDef) -> ColumnPlan:
    kind = column_type(node)
    kinds = [one.kind if isinstance(one, exp.ColumnConstraint) else one for one in node.args.get("constraints") or ()]
    for one in kinds:
        refuse_constraint(one)
    in_key = any(isinstance(one, exp.PrimaryKeyColumnConstraint) for one in kinds)
    identity = next((one for one in kinds if isinstance(one, exp.GeneratedAsIdentityColumnConstraint)), None)
    default = next((one for one in kinds if isinstance(one, exp.DefaultColumnConstraint)), None)
    required = any(isinstance(one, exp.NotNullColumnConstraint) and not one.args.get("allow_null") for one in kinds)
    return ColumnPlan(
        folded(node.this),
        kind,
        nullable=not (required or in_key or identity),
        default="" if default is None else assigned(context_of(Names()), default.this, kind),
        identity=None if identity is None else identity_numbers(identity),
        in_key=in_key,
    )


def column_type(node: exp.Expr) -> SqlType:
    kind = node.args.get("kind")
    if not isinstance(kind, exp.DataType):
        raise invalid(node, f'column "{folded(node.this)}" has no type', "42601")
    named = COLUMN_DEFAULTS.get(kind.this) or named_type(kind)
    found = WITHOUT_LENGTH.get(named.name, named) if named.size is None else named
    if not found.duckdb:
        raise unsupported(node, found.name)
    return found


CONSTRAINTS = (
    *NOT_ENFORCED,
    exp.PrimaryKeyColumnConstraint,
    exp.GeneratedAsIdentityColumnConstraint,
    exp.DefaultColumnConstraint,
    exp.NotNullColumnConstraint,
)


def refuse_constraint(constraint: exp.Expr) -> None:
    if isinstance(constraint, exp.CollateColumnConstraint) and constraint.this.name.lower() == "case_sensitive":
        return
    if not isinstance(constraint, CONSTRAINTS):
        raise unsupported(
            constraint, f"the column constraint {type(constraint).__name__.removesuffix('ColumnConstraint').upper()}"
        )


def identity_numbers(node: exp.Expr) -> tuple[int, int]:
    start, step = node.args.get("start"), node.args.get("increment")
    return int(start.name) if start is not None else 1, int(step.name) if step is not None else 1


def table_statements(plan: TablePlan) -> tuple[str, ...]:
    """Return what creates a table: its sequence, itself, and the comments that keep what DuckDB has no place for."""
    body = ", ".join(column_text(plan, column) for column in plan.columns)
    return (
        *(sequence_text(plan, *column.identity) for column in plan.columns if column.identity),
        f"CREATE TABLE {plan.spelt} ({body})",
        *type_comments(plan.schema, plan.name, plan.columns),
        *([f"COMMENT ON TABLE {plan.spelt} IS {quoted(key_comment(plan.primary_key))}"] if plan.primary_key else []),
    )


def sequence_text(plan: TablePlan, start: int, step: int) -> str:
    bound = f"MINVALUE {min(start, 1)}" if step > 0 else f"MAXVALUE {max(start, -1)}"
    return f"CREATE OR REPLACE SEQUENCE {plan.sequence} INCREMENT BY {step} {bound} START WITH {start}"


def column_text(plan: TablePlan, column: ColumnPlan) -> str:
    name = quoted_name(column.name)
    default = f"nextval({quoted(plan.sequence)})" if column.identity else column.default
    parts = [
        name,
        column.type.duckdb,
        f"DEFAULT {default}" if default else "",
        "" if column.nullable and column.name not in plan.primary_key else "NOT NULL",
        length_check(name, column.type),
    ]
    return " ".join(part for part in parts if part)


def type_comments(schema: str, name: str, columns: Iterable[ColumnPlan]) -> tuple[str, ...]:
    place = spelt(schema, name)
    return tuple(
        f"COMMENT ON COLUMN {place}.{quoted_name(column.name)} IS {quoted(column.type.text)}" for column in columns
    )


CREATORS: Mapping[str, Callable[[exp.Expr, Catalogue], ScriptStep]] = {
    "TABLE": create_table,
    "VIEW": create_view,
    "SCHEMA": create_schema,
}
