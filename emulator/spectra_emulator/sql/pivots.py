"""PIVOT and UNPIVOT as the queries that they stand for.

Source: "FROM clause", "PIVOT and UNPIVOT examples".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from sqlglot import exp

from spectra_emulator.sql.column_names import redshift_name
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.scopes import Field, folded, unknown

AGGREGATES = (exp.Avg, exp.Count, exp.Max, exp.Min, exp.Sum)
PIVOT = frozenset(
    {"expressions", "fields", "alias", "columns", "unpivot", "include_nulls", "pivot_column_naming"}
)  # the last two of sqlglot's own


def rotated(node: exp.Expr, inner: exp.Expr, fields: Sequence[Field]) -> exp.Subquery:
    """Return the subquery that a relation with PIVOT or UNPIVOT stands for; `inner` is the relation without it.

    Raises: InvalidSql.
    """
    pivot = only_pivot(node)
    query = unpivoted(pivot, inner, fields) if pivot.args.get("unpivot") else pivoted(pivot, inner, fields)
    alias = pivot.args.get("alias") or node.args.get("alias")
    if alias is None and isinstance(node, exp.Table):
        alias = exp.TableAlias(this=node.this.copy())
    return exp.Subquery(this=query, alias=None if alias is None else alias.copy())


def only_pivot(node: exp.Expr) -> exp.Expr:
    """Return the PIVOT or UNPIVOT of a relation.

    Raises: InvalidSql where there are several, or one that Redshift does not have.
    """
    pivots = node.args["pivots"]
    pivot: exp.Expr = pivots[0]
    if len(pivots) > 1:
        raise invalid(node, "PIVOT and UNPIVOT cannot be applied to one another", "42601")
    foreign = [name for name, value in pivot.args.items() if value and name not in PIVOT]
    if foreign or len(pivot.expressions) != 1 or len(pivot.args.get("fields") or ()) != 1:
        raise invalid(node, "PIVOT takes one aggregate, UNPIVOT one column, and both one FOR … IN (…)", "42601")
    field = pivot.args["fields"][0]
    if not isinstance(field, exp.In) or not field.expressions:
        raise invalid(node, "PIVOT and UNPIVOT take a list of values: FOR … IN (…)", "42601")
    return pivot


def named_column(name: str) -> exp.Column:
    return exp.Column(this=exp.to_identifier(name, quoted=True))


def selected(items: list[exp.Expr], inner: exp.Expr, *, where: exp.Expr | None = None, keys: int = 0) -> exp.Select:
    """Return a SELECT that groups by its first `keys` items."""
    group = exp.Group(expressions=[exp.Literal.number(place) for place in range(1, keys + 1)]) if keys else None
    clause = None if where is None else exp.Where(this=where)
    return exp.Select(expressions=items, from_=exp.From(this=inner), where=clause, group=group)


def pivoted(pivot: exp.Expr, inner: exp.Expr, fields: Sequence[Field]) -> exp.Select:
    """Return the aggregation with a column for each value, grouped by the columns that PIVOT does not name."""
    call, suffix = aggregate_of(pivot)
    field = pivot.args["fields"][0]
    used = {folded(column.this) for part in (call, field.this) for column in part.find_all(exp.Column)}
    groups: list[exp.Expr] = [named_column(one.name) for one in fields if one.name not in used]
    values = [
        exp.alias_(filtered(call, field.this, value), f"{name}{suffix}", quoted=True)
        for value, name in map(named_value, field.expressions)
    ]
    return selected(groups + values, inner, keys=len(groups))


def aggregate_of(pivot: exp.Expr) -> tuple[exp.Expr, str]:
    """Return the aggregate's call, and what its alias appends to the names of the columns.

    Raises: InvalidSql.
    """
    written = pivot.expressions[0]
    call = written.this if isinstance(written, exp.Alias) else written
    if not isinstance(call, AGGREGATES):
        raise invalid(written, "PIVOT takes a call of COUNT, SUM, MIN, MAX or AVG", "42601")
    return call, f"_{folded(written.alias)}" if isinstance(written, exp.Alias) else ""


def named_value(item: exp.Expr) -> tuple[exp.Expr, str]:
    """Return a value of the IN list with the name of its column.

    Raises: InvalidSql for a column or a subquery.
    """
    value = item.this if isinstance(item, exp.PivotAlias) else item
    if next(value.find_all(exp.Column, exp.Query), None) is not None:
        raise invalid(value, "The IN list of PIVOT takes neither columns nor subqueries", "42601")
    if isinstance(item, exp.PivotAlias):
        return value, folded(item.args["alias"])
    return value, constant_name(value)


def constant_name(value: exp.Expr) -> str:
    if isinstance(value, exp.Null):
        return "null"
    if isinstance(value, exp.Neg) and isinstance(value.this, exp.Literal):
        return f"-{value.this.name}"
    return folded(value.name) if isinstance(value, exp.Literal) else redshift_name(value)


def filtered(call: exp.Expr, column: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Return the aggregate over the rows in which a column has a value."""
    is_null = isinstance(value, exp.Null)
    meets = (exp.Is if is_null else exp.EQ)(this=column.copy(), expression=value.copy())
    made = call.copy()
    distinct = made.this if isinstance(made.this, exp.Distinct) else None
    argument = distinct.expressions[0] if distinct is not None else made.this
    counted = exp.Literal.number(1) if isinstance(argument, exp.Star) else argument.copy()
    where = exp.Case(ifs=[exp.If(this=meets, true=counted)])
    argument.replace(where)
    return made


def unpivoted(pivot: exp.Expr, inner: exp.Expr, fields: Sequence[Field]) -> exp.Query:
    """Return one SELECT for each column of the IN list, all of them together."""
    field = pivot.args["fields"][0]
    items = [listed_column(one, fields) for one in field.expressions]
    listed = {name for name, _ in items}
    rest = [one.name for one in fields if one.name not in listed]
    names = folded(field.this if isinstance(field.this, exp.Identifier) else field.this.this)
    values = folded(pivot.expressions[0])
    keep_nulls = bool(pivot.args.get("include_nulls"))
    parts: list[exp.Query] = [
        selected(
            [
                *map(named_column, rest),
                exp.alias_(exp.Literal.string(shown), names, quoted=True),
                exp.alias_(named_column(column), values, quoted=True),
            ],
            inner.copy(),
            where=None if keep_nulls else exp.Not(this=exp.Is(this=named_column(column), expression=exp.Null())),
        )
        for column, shown in items
    ]
    return reduce(lambda left, right: exp.Union(this=left, expression=right, distinct=False), parts)


def listed_column(item: exp.Expr, fields: Sequence[Field]) -> tuple[str, str]:
    """Return a column of UNPIVOT's IN list, and what the name column says of it.

    Raises: InvalidSql.
    """
    column = item.this if isinstance(item, exp.PivotAlias) else item
    if not isinstance(column, exp.Column):
        raise invalid(item, "The IN list of UNPIVOT takes columns only", "42601")
    name = folded(column.this)
    if all(one.name != name for one in fields):
        raise unknown("column", name, "42703", column.this, None)
    return name, folded(item.args["alias"]) if isinstance(item, exp.PivotAlias) else name
