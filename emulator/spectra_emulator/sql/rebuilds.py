"""Tables made anew with other columns: DuckDB changes no column that a CHECK constraint bounds.

Source: "ALTER TABLE".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from spectra_emulator.domain.catalogue import Column, Table
from spectra_emulator.sql.column_plans import ColumnPlan, column_plan
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.relations import TablePlan, table_statements
from spectra_emulator.sql.rewrites.casts import named_type
from spectra_emulator.sql.rewrites.context import quoted_name
from spectra_emulator.sql.scopes import folded
from spectra_emulator.sql.script_steps import spelt
from spectra_emulator.sql.type_names import parsed_type

ANEW = ":anew"


@dataclass(frozen=True)
class Rebuilt:
    """A column of the table made anew; `value` is what fills it from the old table."""

    plan: ColumnPlan
    value: str


def kept(column: Column) -> Rebuilt:
    plan = ColumnPlan(column.name, parsed_type(column.type), column.nullable, column.default)
    return Rebuilt(plan, quoted_name(column.name))


def rebuilding(table: Table, columns: list[Rebuilt], key: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return what makes a table anew, under its own name, with its rows."""
    primary_key = table.primary_key if key is None else key
    apart = TablePlan(table.schema, f"{table.name}{ANEW}", tuple(one.plan for one in columns), primary_key)
    names = ", ".join(quoted_name(one.plan.name) for one in columns)
    values = ", ".join(one.value for one in columns)
    place = spelt(table.schema, table.name)
    return (
        *table_statements(apart),
        f"INSERT INTO {apart.spelt} ({names}) SELECT {values} FROM {place}",  # noqa: S608 - our own text
        f"DROP TABLE {place}",
        f"ALTER TABLE {apart.spelt} RENAME TO {quoted_name(table.name)}",
    )


def position_in(table: Table, node: exp.Expr) -> int:
    """Return the place of the column that a node names.

    Raises: InvalidSql.
    """
    name = folded(node.this if isinstance(node, exp.Column) else node)
    for place, column in enumerate(table.columns):
        if column.name == name:
            return place
    raise invalid(node, f'column "{name}" does not exist', "42703")


def with_added(table: Table, action: exp.Expr) -> tuple[str, ...]:
    if not isinstance(action, exp.ColumnDef):
        raise TypeError(action)
    plan = column_plan(action)
    if any(column.name == plan.name for column in table.columns):
        raise invalid(action, f'column "{plan.name}" of relation "{table.name}" already exists', "42701")
    if plan.identity is not None or plan.in_key:
        raise unsupported(action, "ALTER TABLE ADD COLUMN with IDENTITY or PRIMARY KEY")
    if not plan.nullable and not plan.default:
        message = "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression"
        raise invalid(action, message, "42601")
    return rebuilding(table, [*map(kept, table.columns), Rebuilt(plan, plan.default or "NULL")])


def with_dropped(table: Table, action: exp.Expr) -> tuple[str, ...]:
    if str(action.args.get("kind")).upper() == "CONSTRAINT":
        return ()
    nodes = action.args.get("tables") or [action.this]
    gone = {position_in(table, one) for one in nodes}
    columns = [kept(column) for place, column in enumerate(table.columns) if place not in gone]
    if not columns:
        raise invalid(action, "cannot drop the only column of a table", "0A000")
    names = {one.plan.name for one in columns}
    return rebuilding(table, columns, tuple(one for one in table.primary_key if one in names))


def with_renamed(table: Table, action: exp.Expr) -> tuple[str, ...]:
    place, name = position_in(table, action.this), folded(action.args["to"].this)
    if any(column.name == name for column in table.columns):
        raise invalid(action, f'column "{name}" of relation "{table.name}" already exists', "42701")
    columns = [kept(column) for column in table.columns]
    old = columns[place].plan.name
    columns[place] = replace(columns[place], plan=replace(columns[place].plan, name=name))
    return rebuilding(table, columns, tuple(name if one == old else one for one in table.primary_key))


def with_resized(table: Table, action: exp.Expr) -> tuple[str, ...]:
    """Change the length of a VARCHAR, the only type that ALTER COLUMN TYPE changes.

    Raises: InvalidSql.
    """
    place, kind = position_in(table, action.this), action.args.get("dtype")
    if kind is None or any(action.args.get(part) for part in ("using", "collate", "default", "drop", "allow_null")):
        raise unsupported(action, "this form of ALTER COLUMN")
    columns = [kept(column) for column in table.columns]
    before, after = columns[place].plan, named_type(kind)
    if before.type.name != "VARCHAR" or after.name != "VARCHAR":
        raise invalid(action, "ALTER COLUMN TYPE changes the size of VARCHAR columns only", "0A000")
    if before.default:
        raise invalid(action, "ALTER COLUMN TYPE takes no column with a default", "0A000")
    kept_type = replace(before.type, size=after.size or 256)
    columns[place] = replace(columns[place], plan=replace(before, type=kept_type))
    return rebuilding(table, columns)


def with_constraint(table: Table, action: exp.Expr) -> tuple[str, ...]:
    """Keep a primary key that is added; no other constraint makes a difference."""
    for one in action.find_all(exp.PrimaryKey):
        key = tuple(folded(part) for part in one.expressions)
        for part in one.expressions:
            position_in(table, part)
        return rebuilding(table, [*map(kept, table.columns)], key)
    return ()


REBUILDS: Mapping[type[exp.Expr], Callable[[Table, exp.Expr], tuple[str, ...]]] = {
    exp.ColumnDef: with_added,
    exp.Drop: with_dropped,
    exp.RenameColumn: with_renamed,
    exp.AlterColumn: with_resized,
    exp.AddConstraint: with_constraint,
}
