"""The correlated subqueries that Redshift refuses.

Source: "Correlated subqueries" (correlated subquery patterns that are not supported).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.scopes import Names, grouping_items

REFUSED = "This type of correlated subquery pattern is not supported by Redshift"


def refused(node: exp.Expr, what: str) -> InvalidSql:
    return invalid(node, f"{REFUSED}: {what}", "0A000")


def skips(node: exp.Expr) -> InvalidSql:
    return refused(node, "a reference that skips a query block")


def check(query: exp.Expr, names: Names, correlated: Collection[int]) -> None:
    """Pass a tree whose correlated SELECTs, given by `id()`, are of kinds that Redshift has.

    Raises: InvalidSql.
    """
    for select in query.find_all(exp.Select):
        check_list(select)
        if id(select) in correlated:
            check_correlated(select)
        if correlated:
            check_groups(select, names, correlated)


def check_correlated(select: exp.Select) -> None:
    if any(isinstance(node, exp.Window) for node in own_nodes(select)):
        raise refused(select, "a reference from a subquery with a window function")
    join = select.find_ancestor(exp.Join, exp.Select)
    if isinstance(join, exp.Join) and join.side and join.args.get("on") is not None:
        raise refused(select, "a reference from the ON clause of an outer join")


def check_groups(select: exp.Select, names: Names, correlated: Collection[int]) -> None:
    clause = select.args.get("group")
    for item in grouping_items(clause.expressions) if clause else ():
        ordinal = names.ordinals.get(id(item))
        meant = item if ordinal is None else names.outputs[id(select)][ordinal - 1].origins[0]
        if isinstance(meant, exp.Expr) and any(id(one) in correlated for one in meant.find_all(exp.Select)):
            raise refused(item, "GROUP BY the result of a correlated subquery")


def check_list(select: exp.Select) -> None:
    """Pass what IN looks through, unless it is an aggregate of groups other than MIN or MAX."""
    outer = select.parent
    while isinstance(outer, exp.Subquery):
        outer = outer.parent
    if not isinstance(outer, exp.In) or not select.args.get("group"):
        return
    aggregates = [one for item in select.expressions for one in own_nodes(item) if isinstance(one, exp.AggFunc)]
    if any(not isinstance(one, exp.Min | exp.Max) for one in aggregates):
        what = "IN a subquery with GROUP BY and an aggregate function other than MIN and MAX"
        raise refused(select, what)


def own_nodes(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the nodes below one, save those of queries further in."""
    yield from node.walk(prune=lambda one: isinstance(one, exp.Query) and one is not node)
