"""The server's cap on rows, put on the tree of a query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.dialect import function_name
from spectra_emulator.sql.functions import KNOWN
from spectra_emulator.sql.refusals import located

MAX_DIGITS = 18

_GROUPING_PARTS = ("distinct", "group", "having", "qualify", "limit", "offset")


@dataclass(frozen=True)
class Capped:
    """A query that gives at most one row more than the cap, and the query that counts what was cut.

    `count_query` counts the rows of the query as it was submitted; it is None where the client's own limit keeps the
    answer within the cap.
    """

    query: exp.Query
    count_query: exp.Query | None


def capped(query: exp.Query, cap: int) -> Capped:
    """Return `query` with its outermost limit lowered to `cap` + 1 where it is higher or absent.

    Raises: InvalidSql for a LIMIT, TOP, FETCH or OFFSET that is no whole number.
    """
    limited = _unwrapped(query.copy())
    _check_offset(limited)
    client_limit = _client_limit(limited)
    if (client_limit is not None and client_limit <= cap) or _gives_one_row(limited):
        return Capped(limited, None)
    counted = limited.copy()
    limited.set("limit", exp.Limit(expression=exp.Literal.number(cap + 1)))
    return Capped(limited, _count_query(counted, client_limit))


def _unwrapped(query: exp.Query) -> exp.Query:
    """Return a query without the parentheses around it; what stands behind them goes on a SELECT of its own."""
    while isinstance(query, exp.Subquery) and query.is_wrapper and isinstance(query.this, exp.Query):
        query = query.this
    if not isinstance(query, exp.Subquery):
        return query
    relation = query.this.subquery("submitted", copy=False)
    modifiers = {part: query.args.get(part) for part in ("order", "limit", "offset")}
    return exp.Select(expressions=[exp.Star()], from_=exp.From(this=relation), **modifiers)


def _client_limit(query: exp.Query) -> int | None:
    """Return the client's own limit in rows, or None where there is none."""
    limit = query.args.get("limit")
    if isinstance(limit, exp.Fetch):
        count = limit.args.get("count")
        return 1 if count is None else _row_number(count, "FETCH")
    if limit is None or isinstance(limit.expression, exp.Null) or _is_all(limit.expression):
        return None
    return _row_number(limit.expression, "LIMIT")


def _is_all(expression: exp.Expr) -> bool:
    return isinstance(expression, exp.Var) and expression.name.upper() == "ALL"


def _check_offset(query: exp.Query) -> None:
    if (offset := query.args.get("offset")) is not None:
        _row_number(offset.expression, "OFFSET")


def _row_number(expression: exp.Expr, clause: str) -> int:
    if isinstance(expression, exp.Paren):
        return _row_number(expression.this, clause)
    digits = expression.name if isinstance(expression, exp.Literal) and not expression.is_string else ""
    if digits.isdecimal() and len(digits) <= MAX_DIGITS:
        return int(digits)
    raise InvalidSql(
        f"{clause} takes a whole number of rows of at most {MAX_DIGITS} digits",
        sql_state="42601",
        **located(expression),
    )


def _count_query(counted: exp.Query, client_limit: int | None) -> exp.Query:
    """Turn a query into the one that counts its rows, whose order never changes their number."""
    if client_limit is None:
        counted.set("limit", None)
    if isinstance(counted, exp.Select) and _keeps_every_row(counted):
        counted.set("order", None)
        counted.set("exclude", None)
        counted.set("expressions", [_count()])
        return counted
    if not _aggregates(counted.args.get("order")):
        counted.set("order", None)
    return exp.select(_count(), copy=False).from_(counted.subquery("counted", copy=False), copy=False)


def _count() -> exp.Expr:
    return exp.Count(this=exp.Star(), big_int=True)


def _gives_one_row(query: exp.Query) -> bool:
    """Tell whether a SELECT aggregates all its rows into one."""
    if not isinstance(query, exp.Select) or query.args.get("group") is not None:
        return False
    calls = (call for projection in query.expressions for call in _aggregate_calls(projection))
    return any(not _is_windowed(call) and call.find_ancestor(exp.Select) is query for call in calls)


def _keeps_every_row(select: exp.Select) -> bool:
    """Tell whether a SELECT gives one row for each row of its FROM and WHERE, whatever its select list says."""
    if any(select.args.get(part) for part in _GROUPING_PARTS):
        return False
    makers = (*select.expressions, select.args.get("order"))
    return not any(_aggregates(maker) for maker in makers) and not _uses_alias(select)


def _aggregates(part: exp.Expr | None) -> bool:
    """Tell whether a part of a SELECT makes many rows into one."""
    return part is not None and any(not _is_windowed(node) for node in _aggregate_calls(part))


def _aggregate_calls(part: exp.Expr) -> Iterator[exp.Expr]:
    for node in part.find_all(exp.Func):
        function = KNOWN.get(function_name(node) or "")
        if function is not None and function.family in ("aggregate", "sketch"):
            yield node


def _is_windowed(call: exp.Expr) -> bool:
    parent = call.parent
    while isinstance(parent, exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls) and call.arg_key == "this":
        call, parent = parent, parent.parent
    return isinstance(parent, exp.Window) and call.arg_key == "this"


def _uses_alias(select: exp.Select) -> bool:
    """Tell whether WHERE may name a column that only the select list makes."""
    aliases = {projection.alias.lower() for projection in select.expressions if isinstance(projection, exp.Alias)}
    where = select.args.get("where")
    return where is not None and any(
        not column.table and column.name.lower() in aliases for column in where.find_all(exp.Column)
    )
