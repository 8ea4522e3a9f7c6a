"""Aggregates, with Redshift's result types.

Source: "Aggregate functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.arithmetic import rescaled, unscaled
from spectra_emulator.sql.rewrites.casts import as_type, implicit
from spectra_emulator.sql.rewrites.comparisons import condition
from spectra_emulator.sql.rewrites.context import Context, Function, failing, untyped
from spectra_emulator.sql.rewrites.queries import ordered_texts
from spectra_emulator.sql.type_names import BIGINT, BOOLEAN, DOUBLE, VARCHAR, SqlType
from spectra_emulator.sql.types import average_type, sum_type

MAX_LIST_BYTES = 65535
Typing = Callable[[Context, Call], SqlType]


def aggregated(call: Call, name: str, argument: str) -> str:
    return f"{name}({'DISTINCT ' if call.distinct else ''}{argument}){call.over}"


def number_type(context: Context, call: Call) -> SqlType:
    """Return the type of the number that is aggregated.

    Raises: InvalidSql where it is no number.
    """
    argument = call.arguments[0]
    found = context.type(argument)
    if not found.is_number or untyped(argument):
        raise invalid(call.node, f"function {call.name}({found.name.lower()}) does not exist", "42883")
    return found


def count_text(context: Context, call: Call) -> str:
    if len(call.arguments) > 1 and call.distinct:
        raise unsupported(call.node, "COUNT(DISTINCT) of more than one expression")
    argument = call.arguments[0]
    return aggregated(call, "count", "*" if isinstance(argument, exp.Star) else context.text(argument))


def sum_result(context: Context, call: Call) -> SqlType:
    return sum_type(number_type(context, call))


def sum_text(context: Context, call: Call) -> str:
    result = sum_result(context, call)
    text = aggregated(call, "sum", context.text(call.arguments[0]))
    return text if result.is_float else f"CAST({text} AS {result.duckdb})"


def average_result(context: Context, call: Call) -> SqlType:
    return average_type(number_type(context, call))


def average_text(context: Context, call: Call) -> str:
    """Divide the sum by the count; what is exact is cut, not rounded, at the result's scale."""
    argument, number = context.text(call.arguments[0]), number_type(context, call)
    if number.is_float:
        return aggregated(call, "avg", f"CAST({argument} AS DOUBLE)")
    total, count = (aggregated(call, name, argument) for name in ("sum", "count"))
    whole = unscaled(total, 38 - number.scale, number.scale, "HUGEINT")
    return rescaled(f"({whole} // nullif({count}, 0))", average_result(context, call))


def extreme_type(context: Context, call: Call) -> SqlType:
    found = context.type(call.arguments[0])
    if found.name in {"BOOLEAN", "SUPER"}:
        raise invalid(call.node, f"function {call.name}({found.name.lower()}) does not exist", "42883")
    return found


def extreme_text(context: Context, call: Call) -> str:
    return aggregated(call, call.name, as_type(context, call.arguments[0], extreme_type(context, call)))


def spread_type(context: Context, call: Call) -> SqlType:
    number_type(context, call)
    return DOUBLE


SPREADS = {"stddev": "stddev_samp", "variance": "var_samp"}


def spread_text(context: Context, call: Call) -> str:
    return aggregated(call, SPREADS.get(call.name, call.name), as_type(context, call.arguments[0], DOUBLE))


def truth_text(context: Context, call: Call) -> str:
    return aggregated(call, call.name, condition(context, call.arguments[0]))


def any_text(context: Context, call: Call) -> str:
    return aggregated(call, "any_value", context.text(call.arguments[0]))


def any_type(context: Context, call: Call) -> SqlType:
    return context.type(call.arguments[0])


def listagg_text(context: Context, call: Call) -> str:
    """Join strings in order; NULLs are left out and a list over 64 KB is an error."""
    separator = implicit(context, call.arguments[1], VARCHAR) if len(call.arguments) > 1 else "''"
    if call.distinct and call.order and context.type(call.arguments[0]).is_integer:
        return bounded_list(distinct_numbers(context, call, separator))
    argument = as_type(context, call.arguments[0], VARCHAR)
    order = f" ORDER BY {', '.join(ordered_texts(context, call.order.expressions))}" if call.order else ""
    return bounded_list(aggregated(call, "string_agg", f"{argument}, {separator}{order}"))


def distinct_numbers(context: Context, call: Call, separator: str) -> str:
    """Join numbers that are sorted as numbers, not as their text."""
    if call.order is None or call.over:
        raise unsupported(call.node, "LISTAGG(DISTINCT) of numbers over a window")
    number, order = context.text(call.arguments[0]), ", ".join(ordered_texts(context, call.order.expressions))
    members = f"list(DISTINCT {number} ORDER BY {order}) FILTER (WHERE {number} IS NOT NULL)"
    return f"array_to_string({members}, {separator})"


def bounded_list(text: str) -> str:
    return failing(f"strlen({text}) > {MAX_LIST_BYTES}", "Result size exceeds LISTAGG limit", text)


def fixed(result: SqlType) -> Typing:
    return lambda _context, _call: result


FUNCTIONS: Mapping[str, Function] = {
    "count": Function(fixed(BIGINT), count_text, 1, None, "aggregate"),
    "sum": Function(sum_result, sum_text, family="aggregate"),
    "avg": Function(average_result, average_text, family="aggregate"),
    "min": Function(extreme_type, extreme_text, family="aggregate"),
    "max": Function(extreme_type, extreme_text, family="aggregate"),
    **{
        name: Function(spread_type, spread_text, family="aggregate")
        for name in ("stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop")
    },
    **{name: Function(fixed(BOOLEAN), truth_text, family="aggregate") for name in ("bool_and", "bool_or")},
    "any_value": Function(any_type, any_text, family="aggregate"),
    "listagg": Function(fixed(SqlType("VARCHAR", MAX_LIST_BYTES)), listagg_text, 1, 2, "aggregate"),
}
