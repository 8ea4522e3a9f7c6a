"""Outer joins that WHERE marks with (+).

Source: "Oracle-style outer joins in the WHERE clause".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.scopes import MarkedJoins, Names, Reference, Source

MISPLACED = "Outer join operator (+) not allowed in operand of OR or IN."


def marked_joins(select: exp.Select, sources: Sequence[Source], names: Names) -> MarkedJoins:
    """Return the joins that a SELECT's WHERE clause with (+) asks for.

    Raises: InvalidSql.
    """
    clause = select.args.get("where")
    if clause is None or any(column.find_ancestor(exp.Where) is not clause for column in marked_columns(select)):
        raise invalid(select, "The operator (+) is allowed in the WHERE clause only", "42601")
    if any(is_spelt_out(join) for join in select.args.get("joins") or ()):
        message = "The operator (+) cannot be used in a query that also has JOIN in its FROM clause"
        raise invalid(select, message, "0A000")
    where = clause.this
    conditions = list(where.flatten(unnest=False)) if isinstance(where, exp.And) else [where]
    outer: dict[int, list[exp.Expr]] = {}
    partners: dict[int, set[int]] = {}
    for one in conditions:
        marked = marked_place(one, sources, names)
        if marked is not None:
            outer.setdefault(marked, []).append(one)
            partners.setdefault(marked, set()).update(places(one, sources, names) - {marked})
    joined = {place: others for place, others in partners.items() if others}
    for place, others in joined.items():
        if len(others) > 1:
            raise invalid(outer[place][0], "A table may be outer joined to at most one other table.", "0A000")
    order = tuple(in_order(where, joined))
    taken = {id(one) for place in order for one in outer[place]}
    return MarkedJoins(
        tuple(place for place in range(len(sources)) if place not in joined),
        tuple((place, tuple(outer[place])) for place in order),
        tuple(one for one in conditions if id(one) not in taken),
    )


def marked_columns(node: exp.Expr) -> Iterator[exp.Expr]:
    return (column for column in node.find_all(exp.Column) if column.args.get("join_mark"))


def is_spelt_out(join: exp.Expr) -> bool:
    """Tell whether a join is more than a comma."""
    return any(join.args.get(part) for part in ("on", "using", "side", "kind", "method"))


def marked_place(condition: exp.Expr, sources: Sequence[Source], names: Names) -> int | None:
    """Return the relation whose columns a condition marks, or None where it marks none.

    Raises: InvalidSql.
    """
    marked = list(marked_columns(condition))
    for column in marked:
        if column.find_ancestor(exp.Or, exp.In) is not None:
            raise invalid(column, MISPLACED, "0A000")
    found = {place for column in marked for place in column_places(column, sources, names)}
    if len(found) > 1:
        raise invalid(condition, "A condition may mark the columns of one table with (+)", "0A000")
    return next(iter(found), None)


def places(condition: exp.Expr, sources: Sequence[Source], names: Names) -> set[int]:
    return {place for column in condition.find_all(exp.Column) for place in column_places(column, sources, names)}


def column_places(column: exp.Expr, sources: Sequence[Source], names: Names) -> Iterator[int]:
    """Yield the places in FROM of the relations that a column belongs to."""
    found = names.columns.get(id(column))
    for alias, one in found.bounds if isinstance(found, Reference) else ():
        yield from (place for place, source in enumerate(sources) if source.alias == alias and one in source.fields)


def in_order(where: exp.Expr, joined: Mapping[int, set[int]]) -> Iterator[int]:
    """Yield the relations to join, each after the one that it is joined to.

    Raises: InvalidSql where two are joined to each other.
    """
    waiting = dict(joined)
    while waiting:
        ready = [place for place, others in waiting.items() if not others & waiting.keys()]
        if not ready:
            raise invalid(where, "Two tables cannot be outer joined to each other", "0A000")
        for place in ready:
            del waiting[place]
            yield place
