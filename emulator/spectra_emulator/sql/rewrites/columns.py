"""Columns, and the attributes of a SUPER that a column's name goes on with.

Source: "Querying semistructured data": "Navigation".
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.context import Context, Rule, reference_text
from spectra_emulator.sql.rewrites.navigation import attribute_path
from spectra_emulator.sql.scopes import Reference
from spectra_emulator.sql.type_names import SUPER, SqlType

MAX_ALIAS_TEXT = 20_000
"""In characters of what an alias of the same SELECT stands for."""


def column_type(context: Context, node: exp.Expr) -> SqlType:
    """Return a column's type.

    Raises: InvalidSql where its name goes on into what is no SUPER.
    """
    target = context.names.columns[id(node)]
    kind = context.reference_type(target) if isinstance(target, Reference) else context.type(target)
    if id(node) in context.names.paths and kind != SUPER:
        raise invalid(node, f"navigation into a column of type {kind.text.lower()}, which is no SUPER", "42809")
    return kind


def column_rule(context: Context, node: exp.Expr) -> str:
    target = context.names.columns[id(node)]
    text = reference_text(target) if isinstance(target, Reference) else alias_text(context, node, target)
    path = context.names.paths.get(id(node))
    if path is None:
        return text
    context.type(node)
    return attribute_path(text, path)


def alias_text(context: Context, node: exp.Expr, target: exp.Expr) -> str:
    """Return what an alias beside it stands for.

    Raises: InvalidSql where aliases of aliases make more of it than the engine reads in reasonable time.
    """
    text = context.text(target)
    if len(text) > MAX_ALIAS_TEXT:
        raise invalid(node, f'The expression behind "{node.name}" is too complex: divide it into subqueries', "54001")
    return f"({text})"


def prior_type(context: Context, node: exp.Expr) -> SqlType:
    return context.type(node.this)


def prior_rule(context: Context, node: exp.Expr) -> str:
    """Return an expression whose columns are the parent's already."""
    return context.text(node.this)


RULES: Mapping[type[exp.Expr], Rule] = {
    exp.Column: Rule(column_type, column_rule, frozenset({"this", "table", "db", "catalog", "join_mark"})),
    exp.Prior: Rule(prior_type, prior_rule),
}
