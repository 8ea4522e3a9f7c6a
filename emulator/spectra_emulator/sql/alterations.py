"""DROP and ALTER.

Source: "DROP TABLE", "DROP VIEW", "DROP SCHEMA", "ALTER TABLE".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.relations import column_plan, sequence_name
from spectra_emulator.sql.rewrites.assignments import length_check
from spectra_emulator.sql.rewrites.context import quoted, quoted_name
from spectra_emulator.sql.scopes import folded
from spectra_emulator.sql.script_steps import ScriptStep, existing_table, place_of, spelt


def drop_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    kind = str(statement.args.get("kind")).upper()
    if kind not in {"TABLE", "VIEW", "SCHEMA"}:
        raise unsupported(statement, f"DROP {kind}")
    cascade = " CASCADE" if statement.args.get("cascade") else ""
    exists = bool(statement.args.get("exists"))
    dropped = [
        text
        for node in statement.args.get("tables") or [statement.this]
        for text in dropped_texts(kind, node, catalogue, exists=exists)
    ]
    return ScriptStep(tuple(text + cascade for text in dropped), changes_catalogue=True)


def dropped_texts(kind: str, node: exp.Expr, catalogue: Catalogue, *, exists: bool) -> list[str]:
    condition = "IF EXISTS " if exists else ""
    if kind == "SCHEMA":
        return [f"DROP SCHEMA {condition}{quoted_name(folded(node.args.get('db') or node.this))}"]
    schema, name = place_of(node, catalogue)
    if not exists:
        existing_table(node, catalogue)
    texts = [f"DROP {kind} {condition}{spelt(schema, name)}"]
    return texts + ([f"DROP SEQUENCE IF EXISTS {sequence_name(schema, name)}"] if kind == "TABLE" else [])


def alter_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    table = existing_table(statement.this, catalogue)
    place = spelt(table.schema, table.name)
    actions = statement.args.get("actions") or []
    alter = ALTERATIONS.get(type(actions[0])) if len(actions) == 1 else None
    if alter is None:
        raise unsupported(statement, "this form of ALTER TABLE")
    return ScriptStep(
        alter(place, actions[0]), changes_catalogue=True, touched=frozenset({f"{table.schema}.{table.name}"})
    )


def added_column(place: str, action: exp.Expr) -> tuple[str, ...]:
    if not isinstance(action, exp.ColumnDef):
        raise TypeError(action)
    column = column_plan(action)
    if length_check("", column.type) or not column.nullable:
        raise unsupported(action, "ALTER TABLE ADD COLUMN with a bounded string or NOT NULL")
    default = f" DEFAULT {column.default}" if column.default else ""
    name = quoted_name(column.name)
    return (
        f"ALTER TABLE {place} ADD COLUMN {name} {column.type.duckdb}{default}",
        f"COMMENT ON COLUMN {place}.{name} IS {quoted(column.type.text)}",
    )


def dropped_column(place: str, action: exp.Expr) -> tuple[str, ...]:
    nodes = action.args.get("tables") or [action.this]
    return tuple(f"ALTER TABLE {place} DROP COLUMN {quoted_name(folded(one.this))}" for one in nodes)


def renamed_column(place: str, action: exp.Expr) -> tuple[str, ...]:
    old, new = (quoted_name(folded(one.this)) for one in (action.this, action.args["to"]))
    return (f"ALTER TABLE {place} RENAME COLUMN {old} TO {new}",)


def renamed_table(place: str, action: exp.Expr) -> tuple[str, ...]:
    return (f"ALTER TABLE {place} RENAME TO {quoted_name(folded(action.this.this))}",)


def unchanged(_place: str, _action: exp.Expr) -> tuple[str, ...]:
    return ()


ALTERATIONS: Mapping[type[exp.Expr], Callable[[str, exp.Expr], tuple[str, ...]]] = {
    exp.ColumnDef: added_column,
    exp.Drop: dropped_column,
    exp.RenameColumn: renamed_column,
    exp.AlterRename: renamed_table,
    exp.AlterDistStyle: unchanged,
    exp.AlterSortKey: unchanged,
}
