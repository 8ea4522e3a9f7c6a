"""What may stand beside GROUP BY, aggregates and DISTINCT.

Source: "GROUP BY clause", "Aggregate functions", "SELECT list".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.calls import call_of
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.context import Context, bare
from spectra_emulator.sql.rewrites.likeness import Likenesses
from spectra_emulator.sql.scopes import Field, Reference, grouping_items

PLACES = {"where": "in WHERE clause", "group": "in GROUP BY clause"}
SETS = ("expressions", "grouping_sets", "rollup", "cube")


def check_select(context: Context, node: exp.Expr) -> None:
    """Pass a SELECT whose clauses go together.

    Raises: InvalidSql.
    """
    refuse_misplaced_aggregates(context, node)
    if node.args.get("distinct") is not None and node.args.get("order") is not None:
        refuse_order_beside_distinct(context, node)
    if node.args.get("group") is not None or any(has_aggregate(context, one) for one in computed_parts(context, node)):
        alike = Likenesses(context.names)
        keys = {alike.of(one) for one in group_keys(context, node)}
        grouping = Grouping(context, alike, keys, own_columns(context, node))
        for part in computed_parts(context, node):
            grouping.check(part)


def refuse_misplaced_aggregates(context: Context, node: exp.Expr) -> None:
    for name, place in PLACES.items():
        clause = node.args.get(name)
        for one in () if clause is None else aggregates(context, clause):
            raise invalid(one, f"aggregates not allowed {place}", "42803")
    for join in node.args.get("joins") or ():
        for one in aggregates(context, join.args.get("on") or exp.null()):
            raise invalid(one, "aggregates not allowed in JOIN conditions", "42803")


def refuse_order_beside_distinct(context: Context, node: exp.Expr) -> None:
    alike = Likenesses(context.names)
    shown = {alike.of(origin) for origin in origins(context.names.outputs[id(node)])}
    for item in node.args["order"].expressions:
        if id(item.this) not in context.names.ordinals and alike.of(item.this) not in shown:
            message = "for SELECT DISTINCT, ORDER BY expressions must appear in select list"
            raise invalid(item.this, message, "42P10")


def origins(fields: Iterable[Field]) -> Iterator[exp.Expr | Reference]:
    for column in fields:
        yield from (origin for origin in column.origins if isinstance(origin, exp.Expr | Reference))


def computed_parts(context: Context, node: exp.Expr) -> Iterator[exp.Expr | Reference]:
    """Yield what a SELECT computes for each row or group that it returns."""
    yield from origins(context.names.outputs[id(node)])
    for name in ("having", "qualify"):
        if node.args.get(name) is not None:
            yield node.args[name].this
    order = node.args.get("order")
    for item in order.expressions if order is not None else ():
        if id(item.this) not in context.names.ordinals:
            yield item.this


def is_aggregate(context: Context, node: exp.Expr) -> bool:
    call = None if isinstance(node, exp.IgnoreNulls | exp.RespectNulls) else call_of(node)
    function = None if call is None else context.functions.get(call.name)
    return function is not None and function.family == "aggregate"


def aggregates(context: Context, node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the outermost aggregates of a node, not those of subqueries, and of windows only what they compute on."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if is_aggregate(context, one):
            yield one
        elif not isinstance(one, exp.Query):
            waiting += reversed(parts_below(one))


def has_aggregate(context: Context, node: exp.Expr | Reference) -> bool:
    return isinstance(node, exp.Expr) and next(aggregates(context, node), None) is not None


def parts_below(node: exp.Expr) -> list[exp.Expr]:
    """Return the parts of a node; of what goes with a call those of the call: a window's is none of the query's."""
    if not goes_with_call(node):
        return list(node.iter_expressions())
    return [*parts_below(node.this), *(one for one in node.iter_expressions() if one is not node.this)]


def goes_with_call(node: exp.Expr) -> bool:
    if isinstance(node, exp.IgnoreNulls | exp.RespectNulls):
        return isinstance(node.parent, exp.Window)
    return isinstance(node, exp.Window | exp.WithinGroup)


def group_keys(context: Context, node: exp.Expr) -> Iterator[exp.Expr | Reference]:
    clause = node.args.get("group")
    items = [one for name in SETS for one in clause.args.get(name) or ()] if clause is not None else []
    fields = context.names.outputs[id(node)]
    for item in grouping_items(items):
        place = context.names.ordinals.get(id(item))
        yield from (item,) if place is None else origins(fields[place - 1 : place])


def own_columns(context: Context, node: exp.Expr) -> frozenset[int]:
    sources = context.names.sources.get(id(node), ())
    return frozenset(id(column) for source in sources for column in source.fields)


@dataclass(frozen=True)
class Grouping:
    """`passed` is what a SELECT groups by and what has passed, `own` the columns that have one value a row."""

    context: Context
    alike: Likenesses
    passed: set[int]
    own: frozenset[int]

    def check(self, part: exp.Expr | Reference) -> None:
        """Pass what has one value in each group.

        Raises: InvalidSql.
        """
        waiting = [(part, part)]
        while waiting:
            one, place = waiting.pop()
            number = self.alike.of(one)
            if number not in self.passed:
                waiting += self.below(one, place)
                self.passed.add(number)

    def below(
        self, one: exp.Expr | Reference, place: exp.Expr | Reference
    ) -> list[tuple[exp.Expr | Reference, exp.Expr | Reference]]:
        if isinstance(one, Reference):
            self.refuse_own(one, place)
            return []
        meant = self.context.names.columns.get(id(one))
        if meant is not None:
            return self.below(meant, one)
        if is_aggregate(self.context, one):
            self.refuse_nested(one)
            return []
        return [] if isinstance(one, exp.Query) else [(below, below) for below in reversed(parts_below(one))]

    def refuse_nested(self, one: exp.Expr) -> None:
        for part in parts_below(one):
            for inner in aggregates(self.context, bare(part)):
                raise invalid(inner, "aggregate function calls may not be nested", "42803")

    def refuse_own(self, reference: Reference, place: exp.Expr | Reference) -> None:
        for alias, column in reference.bounds:
            if id(column) in self.own:
                raise ungrouped(f"{alias}.{column.name}", place)


def ungrouped(spelt: str, place: exp.Expr | Reference) -> InvalidSql:
    message = f'column "{spelt}" must appear in the GROUP BY clause or be used in an aggregate function'
    return invalid(place if isinstance(place, exp.Expr) else exp.null(), message, "42803")
