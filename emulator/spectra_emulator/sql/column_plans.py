"""The columns that CREATE TABLE and ALTER TABLE describe.

Source: "CREATE TABLE" (column attributes and constraints), "Character types".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from spectra_emulator.sql.duckdb import context_of
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.assignments import assigned
from spectra_emulator.sql.rewrites.casts import named_type
from spectra_emulator.sql.rewrites.context import integer_literal
from spectra_emulator.sql.scopes import Names, folded
from spectra_emulator.sql.type_names import COLLATIONS, SqlType

COLUMN_DEFAULTS: Mapping[exp.DType, SqlType] = {
    exp.DType.TEXT: SqlType("VARCHAR", 256),
    exp.DType.BPCHAR: SqlType("CHAR", 256),
}
WITHOUT_LENGTH = {"VARCHAR": SqlType("VARCHAR", 256), "CHAR": SqlType("CHAR", 1)}
NOT_ENFORCED = (exp.UniqueColumnConstraint, exp.ForeignKey, exp.Reference, exp.EncodeColumnConstraint, exp.Var)
CONSTRAINTS = (
    *NOT_ENFORCED,
    exp.PrimaryKeyColumnConstraint,
    exp.GeneratedAsIdentityColumnConstraint,
    exp.DefaultColumnConstraint,
    exp.NotNullColumnConstraint,
    exp.CollateColumnConstraint,
)


@dataclass(frozen=True)
class Identity:
    """Numbers from `start` by `step`; with `always` nobody gives others."""

    start: int
    step: int
    always: bool


@dataclass(frozen=True)
class ColumnPlan:
    """A column to create; `default` is DuckDB's text."""

    name: str
    type: SqlType
    nullable: bool = True
    default: str = ""
    identity: Identity | None = None
    in_key: bool = False


def column_plan(node: exp.ColumnDef) -> ColumnPlan:
    kinds = [one.kind if isinstance(one, exp.ColumnConstraint) else one for one in node.args.get("constraints") or ()]
    for one in kinds:
        if not isinstance(one, CONSTRAINTS):
            named = type(one).__name__.removesuffix("ColumnConstraint").upper()
            raise unsupported(one, f"the column constraint {named}")
    kind = collated(column_type(node), kinds)
    in_key = any(isinstance(one, exp.PrimaryKeyColumnConstraint) for one in kinds)
    identity = identity_of(kinds, kind)
    required = any(isinstance(one, exp.NotNullColumnConstraint) and not one.args.get("allow_null") for one in kinds)
    return ColumnPlan(
        folded(node.this),
        kind,
        nullable=not (required or in_key or identity),
        default=default_text(kinds, kind),
        identity=identity,
        in_key=in_key,
    )


def default_text(kinds: list[exp.Expr], kind: SqlType) -> str:
    """Return the value that a column gets where none is given."""
    default = next((one for one in kinds if isinstance(one, exp.DefaultColumnConstraint)), None)
    if default is None:
        return ""
    if next(default.find_all(exp.Column, exp.Query), None) is not None:
        raise invalid(default, "cannot use column references or subqueries in a DEFAULT expression", "42P10")
    return assigned(context_of(Names()), default.this, kind)


def collated(kind: SqlType, kinds: list[exp.Expr]) -> SqlType:
    """Return a column's type with the collation that it names."""
    named = next((one for one in kinds if isinstance(one, exp.CollateColumnConstraint)), None)
    if named is None:
        return kind
    insensitive = COLLATIONS.get(named.this.name.lower())
    if insensitive is None:
        raise invalid(named, f'collation "{named.this.name}" does not exist', "42704")
    if not kind.is_string:
        raise invalid(named, f"collations are not supported by type {kind.text.lower()}", "42804")
    return replace(kind, insensitive=insensitive)


def column_type(node: exp.Expr) -> SqlType:
    kind = node.args.get("kind")
    if not isinstance(kind, exp.DataType):
        raise invalid(node, f'column "{folded(node.this)}" has no type', "42601")
    named = COLUMN_DEFAULTS.get(kind.this) or named_type(kind)
    found = WITHOUT_LENGTH.get(named.name, named) if named.size is None else named
    if not found.duckdb:
        raise unsupported(node, found.name)
    return found


def identity_of(kinds: list[exp.Expr], kind: SqlType) -> Identity | None:
    """Return how an identity column is numbered, which is INTEGER or BIGINT."""
    node = next((one for one in kinds if isinstance(one, exp.GeneratedAsIdentityColumnConstraint)), None)
    if node is None:
        return None
    if kind.name not in {"INTEGER", "BIGINT"}:
        raise invalid(node, "identity column must be of type integer or bigint", "42804")
    numbers = [
        1 if node.args.get(part) is None else integer_literal(node.args[part]) for part in ("start", "increment")
    ]
    if None in numbers or numbers[1] == 0:
        raise invalid(node, "IDENTITY takes whole numbers, and a step other than 0", "42601")
    return Identity(numbers[0] or 0, numbers[1] or 1, always=bool(node.this))
