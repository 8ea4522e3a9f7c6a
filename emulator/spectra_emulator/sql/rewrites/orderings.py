"""ORDER BY: the place of NULLs, numbers of columns, and strings whose trailing blanks do not count.

Source: "ORDER BY clause", "Window function syntax summary".
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from spectra_emulator.sql.rewrites.context import Context, quoted_name
from spectra_emulator.sql.rewrites.dynamic import super_keys
from spectra_emulator.sql.rewrites.groupings import item_or_ordinal, meant_by
from spectra_emulator.sql.rewrites.keys import has_blanks, key_text, without_blanks
from spectra_emulator.sql.scopes import Field


def keys_of(context: Context, item: exp.Expr) -> tuple[str, ...]:
    return super_keys(context, item) or (item_or_ordinal(context, item),)


def ties_of(context: Context, item: exp.Expr) -> tuple[str, ...]:
    """Return the sort keys of an item whose equal values others tell apart."""
    meant = meant_by(context, item)
    column = None if meant is not None else output_of(context, item)
    if column is not None and context.field_type(column).name == "VARCHAR":
        return (without_blanks(quoted_name(column.key), context.field_type(column)),)
    return (key_text(context, meant),) if meant is not None and has_blanks(context, meant) else keys_of(context, item)


def output_of(context: Context, item: exp.Expr) -> Field | None:
    """Return the column of a set operation that an item of its ORDER BY names."""
    query = item.find_ancestor(exp.Query)
    ordinal = context.names.ordinals.get(id(item))
    if ordinal is None or isinstance(query, exp.Select):
        return None
    return context.names.outputs[id(query)][ordinal - 1]


def ordered_texts(context: Context, items: Iterable[exp.Expr], *, tied: bool = False) -> list[str]:
    """Return sort keys with the place of NULLs spelt out: last ascending, first descending.

    With `tied` it counts which values are equal; without, only where another key follows.
    """
    texts = []
    items = list(items)
    for item in items:
        context.refuse_unknown_arguments(item, frozenset({"this", "desc", "nulls_first"}))
        direction = "DESC" if item.args.get("desc") else "ASC"
        nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
        keys = ties_of if tied or item is not items[-1] else keys_of
        texts += [f"{key} {direction} NULLS {nulls}" for key in keys(context, item.this)]
    return texts


def order_text(context: Context, clause: exp.Expr | None) -> str:
    if clause is None:
        return ""
    context.refuse_unknown_arguments(clause, frozenset({"expressions"}))
    return "ORDER BY " + ", ".join(ordered_texts(context, clause.expressions))
