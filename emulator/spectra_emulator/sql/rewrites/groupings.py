"""GROUP BY with its sets.

Source: "GROUP BY clause", "Aggregation extensions".
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.sql.rewrites.context import Context


def item_or_ordinal(context: Context, item: exp.Expr) -> str:
    ordinal = context.names.ordinals.get(id(item))
    return context.text(item) if ordinal is None else str(ordinal)


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
        return item_or_ordinal(context, node)
    return f"{word or ''}({', '.join(grouping_text(context, one) for one in node.expressions)})"
