"""The order in which the sorting aggregates of one query take its rows: Redshift sorts once for all of them.

Source: "LISTAGG function", "MEDIAN function", "PERCENTILE_CONT function" (usage notes).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from spectra_emulator.sql.calls import Call, written_name
from spectra_emulator.sql.refusals import invalid

SORTING = frozenset({"listagg", "percentile_cont"})
OTHER_ORDER = "within group ORDER BY clauses for aggregate functions must be the same"


def check(call: Call) -> None:
    """Pass an aggregate that sorts as every other one of its query does.

    Raises: InvalidSql.
    """
    query = call.node.find_ancestor(exp.Select)
    if not call.over and query is not None and len(set(orders(query))) > 1:
        raise invalid(call.node, OTHER_ORDER, "0A000")


def orders(query: exp.Select) -> Iterator[str]:
    """Yield the order of each sorting aggregate of a query, as text; over a window each has its own."""
    for node in query.find_all(exp.WithinGroup, exp.Median):
        if isinstance(node.parent, exp.Window) or node.find_ancestor(exp.Select) is not query:
            continue
        if isinstance(node, exp.Median):
            yield _key(exp.Ordered(this=node.this.copy()))
        elif written_name(node.this) in SORTING:
            yield ", ".join(_key(one) for one in node.expression.expressions)


def _key(one: exp.Expr) -> str:
    """Return what rows are sorted by, with its direction; the names of relations and of cases do not matter."""
    by = one.this.copy() if isinstance(one, exp.Ordered) else one.copy()
    for column in [by] if isinstance(by, exp.Column) else by.find_all(exp.Column):
        column.set("table", None)
    return f"{by.sql().lower()} {bool(one.args.get('desc'))}"
