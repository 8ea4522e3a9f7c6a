"""The columns that a name or a star finds among the relations it sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.column_names import MAX_COLUMNS
from spectra_emulator.sql.nearest import nearest
from spectra_emulator.sql.parsing import position_of
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.scopes import Reference, Scope, folded, unknown

Named = tuple[str, exp.Expr | Reference]


def only(found: list[Reference], name: str, node: exp.Expr) -> Reference:
    if not found:
        raise unknown("column", name, "42703", node, None)
    if len(found) > 1:
        raise invalid(node, f'column reference "{name}" is ambiguous', "42702")
    return found[0]


def starred(star: exp.Expr, scope: Scope) -> list[tuple[str, Reference]]:
    table = folded(star.args.get("table")) if isinstance(star, exp.Column) else None
    if table and not scope.sees(table):
        raise unknown(
            "relation", table, "42P01", star.args["table"], nearest(table, (one.alias for one in scope.sources))
        )
    if not scope.sources:
        raise InvalidSql(
            "SELECT * with no tables specified is not valid", position=position_of(star), sql_state="42601"
        )
    merged = [] if table else list(scope.merged.items())
    return merged + [
        (column.name, Reference(((source.alias, column),)))
        for source in scope.sources
        if table in {None, source.alias}
        for column in source.fields
        if table or column.name not in scope.merged
    ]


def unknown_column(node: exp.Column, table: str | None, scope: Scope) -> InvalidSql:
    levels = list(scope.chain())
    if table and not any(level.sees(table) for level in levels):
        aliases = [source.alias for level in levels for source in level.sources]
        return unknown("relation", table, "42P01", node.args["table"], nearest(table, aliases))
    known = [
        column.name
        for level in levels
        for source in level.sources
        if table in {None, source.alias}
        for column in source.fields
    ]
    return unknown("column", folded(node.this), "42703", node.this, nearest(folded(node.this), known))


def without(excluded: Iterable[exp.Expr], named: list[Named]) -> list[Named]:
    """Leave out of a select list the columns that EXCLUDE names.

    Raises: InvalidSql where it has none such.
    """
    for column in excluded:
        if not isinstance(column, exp.Column) or column.args.get("table"):
            raise invalid(column, "EXCLUDE takes the names of columns of the select list", "42601")
        name = folded(column.this)
        kept = [one for one in named if one[0] != name]
        if len(kept) == len(named):
            raise unknown("column", name, "42703", column.this, nearest(name, [one for one, _ in named]))
        named = kept
    if not named:
        raise InvalidSql("EXCLUDE leaves no column", sql_state="42601")
    return named


def check_width(named: Sequence[object], star: exp.Expr) -> None:
    """Stop a select list that its stars make too wide, before the next one multiplies it."""
    if len(named) > MAX_COLUMNS:
        raise InvalidSql(
            f"A select list has at most {MAX_COLUMNS} entries", limit=MAX_COLUMNS, position=position_of(star)
        )
