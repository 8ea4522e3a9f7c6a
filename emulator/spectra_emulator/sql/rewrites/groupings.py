"""GROUP BY with its sets.

Source: "GROUP BY clause", "Aggregation extensions".
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.sql.rewrites.context import Context
from spectra_emulator.sql.scopes import Reference


def item_or_ordinal(context: Context, item: exp.Expr) -> str:
    ordinal = context.names.ordinals.get(id(item))
    return context.text(item) if ordinal is None else str(ordinal)


def key_or_item(context: Context, item: exp.Expr) -> str:
    """Return an item of GROUP BY, or the key that stands for what it or its number means."""
    meant = meant_by(context, item)
    key = None if context.grouped is None or meant is None else context.grouped(meant)
    return item_or_ordinal(context, item) if key is None else key.text


def meant_by(context: Context, item: exp.Expr) -> exp.Expr | Reference | None:
    """Return an item, or the column of the select list whose number it is, None where that is of neither kind."""
    ordinal = context.names.ordinals.get(id(item))
    if ordinal is None:
        return item
    query = item.find_ancestor(exp.Query)
    origin = context.names.outputs[id(query)][ordinal - 1].origins[0] if isinstance(query, exp.Select) else None
    return origin if isinstance(origin, exp.Expr | Reference) else None


def group_text(context: Context, clause: exp.Expr | None) -> str:
    if clause is None:
        return ""
    return f"GROUP BY {', '.join(group_texts(context, clause))}"


GROUPINGS: Mapping[type[exp.Expr], str] = {exp.GroupingSets: "GROUPING SETS", exp.Rollup: "ROLLUP", exp.Cube: "CUBE"}


def group_texts(context: Context, clause: exp.Expr) -> list[str]:
    """Return the items of a GROUP BY: columns, expressions, and their sets."""
    context.refuse_unknown_arguments(clause, frozenset({"expressions", "grouping_sets", "rollup", "cube"}))
    sets = [one for name in ("grouping_sets", "rollup", "cube") for one in clause.args.get(name) or ()]
    return [grouping_text(context, item) for item in (*clause.expressions, *sets)]


def grouping_text(context: Context, node: exp.Expr) -> str:
    """Return GROUPING SETS, ROLLUP or CUBE, one of their sets, or an item of it."""
    word = GROUPINGS.get(type(node))
    if word is None and not isinstance(node, exp.Tuple):
        return key_or_item(context, node)
    return f"{word or ''}({', '.join(grouping_text(context, one) for one in node.expressions)})"
