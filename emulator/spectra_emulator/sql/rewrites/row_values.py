"""Comparisons of rows of values, and with all or any rows of a subquery.

Source: "Comparison condition", "IN condition", "Subquery examples".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.comparisons import (
    SIGNS,
    boolean_type,
    compared,
    comparison_rule,
    in_rule,
    parenthesised,
)
from spectra_emulator.sql.rewrites.context import Context, Rule, bare
from spectra_emulator.sql.scopes import Field, Reference

MEMBERS = "members"
FILTERS = (exp.Where, exp.Join, exp.Having, exp.Qualify)
QUANTIFIED = (exp.All, exp.Any)


def parts(node: exp.Expr) -> list[exp.Expr]:
    """Return the values of a row, or the one value that a node is."""
    return list(node.expressions) if isinstance(node, exp.Tuple) else [bare(node)]


def sign_rule(context: Context, node: exp.Expr) -> str:
    left, right = node.this, node.expression
    if isinstance(left, QUANTIFIED):
        raise invalid(left, "syntax error: ANY and ALL stand on the right of a comparison", "42601")
    if isinstance(right, QUANTIFIED):
        return quantified(context, node)
    if isinstance(left, exp.Tuple) or isinstance(right, exp.Tuple):
        return rows_text(context, node)
    return comparison_rule(context, node)


def rows_text(context: Context, node: exp.Expr) -> str:
    """Compare two rows for equality.

    Raises: InvalidSql for rows of different lengths, and for an order of rows.
    """
    if not isinstance(node, exp.EQ | exp.NEQ):
        raise unsupported(node, f"the comparison of rows with {SIGNS[type(node)]}")
    equal = equal_rows(context, node, parts(node.this), parts(node.expression))
    return equal if isinstance(node, exp.EQ) else f"(NOT {equal})"


def equal_rows(context: Context, node: exp.Expr, left: Sequence[exp.Expr], right: Sequence[exp.Expr]) -> str:
    if len(left) != len(right):
        raise invalid(node, "unequal number of entries in row expression", "42601")
    pairs = zip(left, right, strict=True)
    return "(" + " AND ".join(compared(context, pair, "=") for pair in pairs) + ")"


def membership_rule(context: Context, node: exp.Expr) -> str:
    query = node.args.get("query")
    members = node.expressions
    if query is not None:
        is_row = isinstance(node.this, exp.Tuple) or len(context.names.outputs[id(query)]) != 1
        return row_in_query(context, node, query) if is_row else in_rule(context, node)
    if not any(isinstance(one, exp.Tuple) for one in (node.this, *members)):
        return in_rule(context, node)
    left = parts(node.this)
    return "(" + " OR ".join(equal_rows(context, node, left, parts(one)) for one in members) + ")"


def row_in_query(context: Context, node: exp.Expr, query: exp.Expr) -> str:
    """Tell whether a row is among those of a subquery; unknown where a NULL leaves it open."""
    fields = context.names.outputs[id(query)]
    left = parts(node.this)
    if len(left) != len(fields):
        raise invalid(node, f"subquery has {len(fields)} columns where {len(left)} are compared", "42601")
    equal = equal_rows(context, node, left, [member(context, one) for one in fields])
    rows = f'SELECT 1 FROM {parenthesised(context.text(query))} AS "{MEMBERS}" WHERE'  # noqa: S608 - our own text
    found = f"EXISTS ({rows} {equal})"
    if only_filters(node):
        return f"({found})"
    return f"(CASE WHEN {found} THEN TRUE WHEN EXISTS ({rows} {equal} IS NULL) THEN NULL ELSE FALSE END)"


def only_filters(node: exp.Expr) -> bool:
    """Tell whether a condition decides over rows by being true, so that false and unknown are the same."""
    above = node.parent
    while isinstance(above, exp.And | exp.Or | exp.Paren):
        above = above.parent
    return isinstance(above, FILTERS)


def member(context: Context, column: Field) -> exp.Column:
    """Return a node that stands for a column of the subquery's rows."""
    node = exp.Column(this=exp.to_identifier(column.name, quoted=True))
    context.names.replaced[id(node)] = node
    context.names.columns[id(node)] = Reference(((MEMBERS, column),))
    return node


def quantified(context: Context, node: exp.Expr) -> str:
    """Compare a value with any or all of those of a subquery."""
    quantifier = node.expression
    query = quantifier.this
    while isinstance(query, exp.Paren):
        query = query.this
    if not isinstance(query, exp.Query):
        raise unsupported(quantifier, f"{type(quantifier).__name__.upper()} over anything but a subquery")
    fields = context.names.outputs[id(query)]
    if len(fields) != 1 or isinstance(node.this, exp.Tuple):
        raise invalid(node, "subquery must return only one column", "42601")
    holds = compared(context, (node.this, member(context, fields[0])), SIGNS[type(node)])
    rows = f'SELECT {holds} AS "holds" FROM {parenthesised(context.text(query))} AS "{MEMBERS}"'  # noqa: S608 - our own text
    return f"(TRUE = ANY ({rows}))" if isinstance(quantifier, exp.Any) else f"(TRUE = ALL ({rows}))"


RULES: Mapping[type[exp.Expr], Rule] = {
    **{sign: Rule(boolean_type, sign_rule) for sign in SIGNS},
    exp.In: Rule(boolean_type, membership_rule, frozenset({"this", "expressions", "query"})),
}
