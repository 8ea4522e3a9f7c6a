"""A function call as it was written: its name and its arguments in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.sql.dialect import function_name

DATEPART_FIRST = frozenset({"dateadd", "date_add", "datediff", "date_diff", "date_part", "pgdate_part", "date_trunc"})
TRIMS = {"LEADING": "ltrim", "TRAILING": "rtrim"}


@dataclass(frozen=True)
class Call:
    """`order` is WITHIN GROUP's; `nulls` is IGNORE NULLS or nothing; `over` is DuckDB's text of the window."""

    name: str
    arguments: tuple[exp.Expr, ...]
    node: exp.Expr
    distinct: bool = False
    order: exp.Order | None = None
    nulls: str = ""
    over: str = ""


def written_name(node: exp.Expr) -> str | None:
    """Return the name of the function that a node calls, in lower case, or None where it is no call."""
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower()
    if not isinstance(node, exp.Func) or isinstance(node, NOT_CALLS):
        return None
    return function_name(node) or node.sql_names()[0].lower()


NOT_CALLS = (
    exp.Case,
    exp.Cast,
    exp.And,
    exp.Or,
    exp.Exists,
    exp.Any,
    exp.All,
    exp.If,
    exp.Array,
    exp.RegexpLike,
    exp.RegexpILike,
)


def present(*arguments: exp.Expr | None) -> tuple[exp.Expr, ...]:
    return tuple(argument for argument in arguments if argument is not None)


def arguments_in_order(node: exp.Expr) -> tuple[exp.Expr, ...]:
    values = [value for key in node.arg_types for value in listed(node.args.get(key))]
    return tuple(value for value in values if isinstance(value, exp.Expr))


def listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def trim_call(node: exp.Expr) -> tuple[str, tuple[exp.Expr, ...]]:
    position = str(node.args.get("position") or "")
    return TRIMS.get(position, "btrim"), present(node.this, node.args.get("expression"))


def position_call(node: exp.Expr) -> tuple[str, tuple[exp.Expr, ...]]:
    return "strpos", present(node.this, node.args.get("substr"))


def addition_call(node: exp.Expr) -> tuple[str, tuple[exp.Expr, ...]]:
    if written_name(node) == "add_months":
        return "add_months", (node.this, node.expression)
    return "dateadd", (node.args["unit"], node.expression, node.this)


def difference_call(node: exp.Expr) -> tuple[str, tuple[exp.Expr, ...]]:
    return "datediff", (node.args["unit"], node.expression, node.this)


def truncation_call(node: exp.Expr) -> tuple[str, tuple[exp.Expr, ...]]:
    return "date_trunc", (node.args["unit"], node.this)


def pad_call(node: exp.Expr) -> tuple[str, tuple[exp.Expr, ...]]:
    name = "lpad" if node.args.get("is_left") else "rpad"
    return name, present(node.this, node.expression, node.args.get("fill_pattern"))


def log_call(node: exp.Expr) -> tuple[str, tuple[exp.Expr, ...]]:
    return written_name(node) or "log", present(node.this, node.args.get("expression"))


def approximate_count_call(node: exp.Expr) -> tuple[str, tuple[exp.Expr, ...]]:
    return "approximate", (node.this,)


def approximate_percentile_call(node: exp.Expr) -> tuple[str, tuple[exp.Expr, ...]]:
    """Return the exact call, what it sorts as its second argument."""
    return "percentile_disc", (node.args["quantile"], node.this)


SPECIAL: Mapping[type[exp.Expr], Callable[[exp.Expr], tuple[str, tuple[exp.Expr, ...]]]] = {
    exp.Trim: trim_call,
    exp.StrPosition: position_call,
    exp.TsOrDsAdd: addition_call,
    exp.TsOrDsDiff: difference_call,
    exp.TimestampTrunc: truncation_call,
    exp.DateTrunc: truncation_call,
    exp.Pad: pad_call,
    exp.ApproxDistinct: approximate_count_call,
    exp.ApproxQuantile: approximate_percentile_call,
    exp.Log: log_call,
}


def call_of(node: exp.Expr, over: str = "") -> Call | None:
    """Return the call that a node stands for, with its WITHIN GROUP and IGNORE NULLS unwrapped."""
    if isinstance(node, exp.WithinGroup):
        return modified(call_of(node.this, over), order=node.expression)
    if isinstance(node, exp.IgnoreNulls | exp.RespectNulls):
        return modified(call_of(node.this, over), nulls=" IGNORE NULLS" if isinstance(node, exp.IgnoreNulls) else "")
    name = written_name(node)
    if name is None:
        return None
    special = SPECIAL.get(type(node))
    name, arguments = special(node) if special else (name, arguments_in_order(node))
    return unwrapped(Call(name, arguments, node, over=over))


def unwrapped(call: Call) -> Call:
    """Lift DISTINCT and IGNORE NULLS out of the first argument."""
    first = call.arguments[0] if call.arguments else None
    if isinstance(first, exp.Distinct):
        arguments = (*first.expressions, *call.arguments[1:])
        return Call(call.name, arguments, call.node, distinct=True, over=call.over)
    if isinstance(first, exp.IgnoreNulls | exp.RespectNulls):
        nulls = " IGNORE NULLS" if isinstance(first, exp.IgnoreNulls) else ""
        return Call(call.name, (first.this, *call.arguments[1:]), call.node, nulls=nulls, over=call.over)
    return call


def modified(call: Call | None, order: exp.Order | None = None, nulls: str | None = None) -> Call | None:
    if call is None:
        return None
    return Call(
        call.name,
        call.arguments,
        call.node,
        call.distinct,
        order if order is not None else call.order,
        call.nulls if nulls is None else nulls,
        call.over,
    )
