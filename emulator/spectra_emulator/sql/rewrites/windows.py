"""Window functions and aggregates over windows.

Source: "Window functions", "Window function syntax summary".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.calls import Call, written_name
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.arithmetic import DIVISION_BY_ZERO
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, Rule, failing, integer_literal
from spectra_emulator.sql.rewrites.keys import key_text
from spectra_emulator.sql.rewrites.orderings import ordered_texts
from spectra_emulator.sql.rewrites.queries import spaced
from spectra_emulator.sql.type_names import BIGINT, DOUBLE, INTEGER, SqlType

NEEDS_ORDER = frozenset({"row_number", "rank", "dense_rank", "ntile", "lag", "lead", "percent_rank", "cume_dist"})
NEEDS_FRAME = frozenset(
    {"sum", "avg", "count", "min", "max", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"}
    | {"first_value", "last_value", "nth_value", "bool_and", "bool_or"}
)


TIED = frozenset({"rank", "dense_rank", "percent_rank", "cume_dist"})
"""The functions that give equal values the same answer."""
PARTITIONS_ONLY = frozenset({"median", "percentile_cont", "percentile_disc", "listagg", "ratio_to_report"})


def window_call(context: Context, node: exp.Expr) -> Call:
    return context.call(node.this, over_text(context, node))


def window_type(context: Context, node: exp.Expr) -> SqlType:
    call = context.call(node.this, " OVER ()")
    return context.function(call).type(context, call)


def window_rule(context: Context, node: exp.Expr) -> str:
    call = window_call(context, node)
    function = context.function(call)
    if function.family == "scalar":
        raise invalid(node, f"{call.name} is no aggregate or window function", "42809")
    refuse_missing_frame(node, call)
    return function.text(context, call)


def refuse_missing_frame(node: exp.Expr, call: Call) -> None:
    ordered, framed = bool(node.args.get("order")), bool(node.args.get("spec"))
    if call.name in PARTITIONS_ONLY and (ordered or framed):
        raise invalid(node, f"{call.name} takes no ORDER BY and no frame clause in OVER", "42601")
    if call.name in NEEDS_FRAME and ordered and not framed:
        message = "Aggregate window functions with an ORDER BY clause require a frame clause"
        raise invalid(node, message, "42601")
    if call.distinct and call.name in NEEDS_FRAME:
        raise invalid(node, f"{call.name} takes no DISTINCT over a window", "0A000")
    if call.name in NEEDS_ORDER and framed:
        raise invalid(node, f"{call.name} takes no frame clause", "42601")
    if framed and not ordered:
        raise invalid(node, "a frame clause requires an ORDER BY clause", "42601")


def over_text(context: Context, node: exp.Expr) -> str:
    partitions = ", ".join(key_text(context, one) for one in node.args.get("partition_by") or ())
    order, tied = node.args.get("order"), written_name(node.this) in TIED
    inner = spaced(
        f"PARTITION BY {partitions}" if partitions else "",
        f"ORDER BY {', '.join(ordered_texts(context, order.expressions, tied=tied))}" if order is not None else "",
        frame_text(node.args.get("spec")),
    )
    return f" OVER ({inner})"


BOUNDS = ("UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING")
"""What a frame may begin and end with, from the first row on."""


def frame_text(spec: exp.Expr | None) -> str:
    if spec is None:
        return ""
    kind = str(spec.args.get("kind")).upper()
    if kind != "ROWS":
        raise invalid(spec, f"a window frame of {kind} is not supported: Redshift documents frames of ROWS", "0A000")
    start = bound_text(spec.args.get("start"), spec.args.get("start_side"))
    end = bound_text(spec.args.get("end") or "CURRENT ROW", spec.args.get("end_side"))
    first, last = (BOUNDS.index(re.sub(r"^\d+ ", "", one)) for one in (start, end))
    if first > last or first == len(BOUNDS) - 1 or last == 0:
        raise invalid(spec, f"a window frame cannot begin at {start} and end at {end}", "42P20")
    return f"ROWS BETWEEN {start} AND {end}"


def bound_text(bound: object, side: object) -> str:
    if isinstance(bound, exp.Expr):
        if not (isinstance(bound, exp.Literal) and bound.name.isdigit()):
            raise unsupported(bound, "a frame bound that is no whole number")
        return f"{bound.name} {str(side).upper()}"
    return spaced(str(bound).upper(), str(side or "").upper())


def numbering(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def bare_window(_context: Context, call: Call) -> str:
    return f"{call.name}(){call.over}"


def ntile_text(context: Context, call: Call) -> str:
    return f"ntile({as_type(context, call.arguments[0], INTEGER)}){call.over}"


def first_type(context: Context, call: Call) -> SqlType:
    return context.type(call.arguments[0])


def offset_text(context: Context, call: Call) -> str:
    refuse_offset(call)
    arguments = ", ".join(context.text(one) for one in call.arguments)
    return f"{call.name}({arguments}{call.nulls}){call.over}"


def refuse_offset(call: Call) -> None:
    """Pass a LAG, LEAD or NTH_VALUE whose offset is one that Redshift has.

    Raises: InvalidSql.
    """
    offset = integer_literal(call.arguments[1]) if len(call.arguments) > 1 else None
    least = 1 if call.name == "nth_value" else 0
    if offset is not None and offset < least:
        raise invalid(call.node, f"the offset of {call.name} must be {least} or more", "22016")


def ratio_type(context: Context, call: Call) -> SqlType:
    if not context.type(call.arguments[0]).is_number:
        raise invalid(call.node, f"{call.name} needs a number", "42883")
    return DOUBLE


def ratio_text(context: Context, call: Call) -> str:
    value = as_type(context, call.arguments[0], DOUBLE)
    total = f"sum({value}){call.over}"
    return failing(f"{total} = 0 AND {value} IS NOT NULL", DIVISION_BY_ZERO, f"({value} / {total})")


FUNCTIONS: Mapping[str, Function] = {
    **{name: Function(numbering(BIGINT), bare_window, 0, 0, "window") for name in ("row_number", "rank", "dense_rank")},
    **{name: Function(numbering(DOUBLE), bare_window, 0, 0, "window") for name in ("percent_rank", "cume_dist")},
    "ratio_to_report": Function(ratio_type, ratio_text, family="window"),
    "ntile": Function(numbering(BIGINT), ntile_text, family="window"),
    **{name: Function(first_type, offset_text, 1, 2, "window") for name in ("lag", "lead")},
    **{name: Function(first_type, offset_text, family="window") for name in ("first_value", "last_value")},
    "nth_value": Function(first_type, offset_text, 2, 2, "window"),
}
RULES: Mapping[type[exp.Expr], Rule] = {
    exp.Window: Rule(window_type, window_rule, frozenset({"this", "partition_by", "order", "spec", "over"}))
}
