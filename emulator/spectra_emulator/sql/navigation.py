"""Paths into SUPER values: which part of a dotted name is a column, and what a FROM clause unnests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from spectra_emulator.sql.scopes import Field, Reference, Scope, Source, Unnesting, folded
from spectra_emulator.sql.type_names import BIGINT, SUPER, VARCHAR


def parts_of(node: exp.Expr) -> list[exp.Identifier]:
    """Return the identifiers of a dotted name in the order of the text."""
    found = (node.args.get(part) for part in ("catalog", "db", "table", "this"))
    return [part for part in found if isinstance(part, exp.Identifier)]


def navigated(node: exp.Expr, scope: Scope) -> tuple[Reference, tuple[str, ...]] | None:
    """Return the column at the beginning of a dotted name, and the path of attributes after it."""
    names = [folded(part) for part in parts_of(node)]
    for level in scope.chain():
        for found, path in candidates(level, names):
            if len(found) == 1 and path:
                return found[0], path
    return None


def candidates(level: Scope, names: list[str]) -> Iterator[tuple[list[Reference], tuple[str, ...]]]:
    if len(names) > 2:  # noqa: PLR2004 - table, column and an attribute
        yield level.named(names[1], names[0], None), tuple(names[2:])
    if len(names) > 3:  # noqa: PLR2004 - schema, table, column and an attribute
        yield level.named(names[2], names[1], names[0]), tuple(names[3:])
    yield level.named(names[0], None, None), tuple(names[1:])


def unnesting_of(node: exp.Expr, scope: Scope) -> Unnesting | None:
    """Return what an item of a FROM clause unnests, or None where it names a table or a query."""
    if isinstance(node, exp.Pivot):
        inner = unnesting_of(node.this, scope) if node.args.get("unpivot") else None
        return None if inner is None else Unnesting(inner.value, inner.alias, inner.at, unpivot=True)
    if isinstance(node, exp.AtIndex) and isinstance(node.this, exp.Alias):
        return Unnesting(node.this.this, folded(node.this.alias), folded(node.expression), unpivot=False)
    value = unnested_value(node, scope)
    return None if value is None else Unnesting(value, alias_of(node) or last_name(value), None, unpivot=False)


def elements_of(unnesting: Unnesting) -> Source:
    """Return the relation that an unnested SUPER is to the rest of the query."""
    fields = [Field(unnesting.alias, unnesting.alias, (SUPER,))]
    if unnesting.at:
        fields.append(Field(unnesting.at, unnesting.at, (VARCHAR if unnesting.unpivot else BIGINT,)))
    return Source(unnesting.alias, tuple(fields), unnested=True)


def unnested_value(node: exp.Expr, scope: Scope) -> exp.Expr | None:
    """Return the expression that an item of a FROM clause stands for, where it begins with a relation's name."""
    if isinstance(node, exp.Unnest):
        return node.expressions[0] if len(node.expressions) == 1 else None
    if isinstance(node, exp.Bracket):
        inner = unnested_value(node.this, scope)
        return inner and exp.Bracket(this=inner, expressions=[one.copy() for one in node.expressions])
    parts = parts_of(node) if isinstance(node, exp.Table) else []
    if not parts or not begins_with_source(parts, scope):
        return None
    keys = ("this", "table", "db", "catalog")
    return exp.Column(**{key: part.copy() for key, part in zip(keys, reversed(parts), strict=False)})


def begins_with_source(parts: Sequence[exp.Identifier], scope: Scope) -> bool:
    """Tell whether a name goes on from that of a relation, or is that of an array's elements, arrays themselves."""
    alias = folded(parts[0])
    return any(
        source.alias == alias and (len(parts) > 1 or source.unnested)
        for level in scope.chain()
        for source in level.sources
    )


def alias_of(node: exp.Expr) -> str:
    alias = node.args.get("alias")
    if not isinstance(alias, exp.TableAlias):
        return ""
    columns = alias.args.get("columns") or [alias.this]
    return folded(columns[0])


def last_name(value: exp.Expr) -> str:
    while isinstance(value, exp.Bracket):
        value = value.this
    return folded(value.expression) if isinstance(value, exp.Dot) else folded(value.this)
