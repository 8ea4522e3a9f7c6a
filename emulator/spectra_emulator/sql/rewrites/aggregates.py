"""Aggregates, with Redshift's result types.

Source: "Aggregate functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites import sort_orders
from spectra_emulator.sql.rewrites.casts import as_type, implicit
from spectra_emulator.sql.rewrites.comparisons import condition
from spectra_emulator.sql.rewrites.context import Context, Function, failing, untyped
from spectra_emulator.sql.rewrites.distinct_lists import distinct_list
from spectra_emulator.sql.rewrites.exact_division import average, quick_average
from spectra_emulator.sql.rewrites.keys import key_text
from spectra_emulator.sql.rewrites.orderings import ordered_texts
from spectra_emulator.sql.rewrites.sums import aggregated, finite, total
from spectra_emulator.sql.type_names import BIGINT, BOOLEAN, DOUBLE, INTEGER, SPATIAL, SUPER, VARCHAR, SqlType
from spectra_emulator.sql.types import average_type, sum_type

MAX_LIST_BYTES = 65535
WITHOUT_ORDER = SPATIAL | {"BOOLEAN"}
Typing = Callable[[Context, Call], SqlType]


def number_type(context: Context, call: Call) -> SqlType:
    """Return the type of the number that is aggregated.

    Raises: InvalidSql where it is no number.
    """
    argument = call.arguments[0]
    found = context.type(argument)
    if found == SUPER:
        raise unsupported(call.node, f"{call.name} of SUPER values")
    if not found.is_number or untyped(argument):
        raise invalid(call.node, f"function {call.name}({found.name.lower()}) does not exist", "42883")
    return found


def is_insensitive(context: Context, argument: exp.Expr) -> bool:
    """Tell whether strings compare without regard to case, which DuckDB forgets within DISTINCT aggregates."""
    return not (untyped(argument) or isinstance(argument, exp.Star)) and context.type(argument).insensitive


def count_text(context: Context, call: Call) -> str:
    if len(call.arguments) > 1 and call.distinct:
        raise unsupported(call.node, "COUNT(DISTINCT) of more than one expression")
    if len(call.arguments) > 1:
        raise invalid(call.node, f"function count does not take {len(call.arguments)} arguments", "42883")
    argument = call.arguments[0]
    if call.distinct:
        key = key_text(context, argument)
        return aggregated(call, "count", f"lower({key})" if is_insensitive(context, argument) else key)
    return aggregated(call, "count", "*" if isinstance(argument, exp.Star) else context.text(argument))


def sum_result(context: Context, call: Call) -> SqlType:
    return sum_type(number_type(context, call))


def sum_text(context: Context, call: Call) -> str:
    result = sum_result(context, call)
    if result.is_float:
        return finite(aggregated(call, "sum", context.text(call.arguments[0])))
    return f"CAST({total(context, call)} AS {result.duckdb})"


def average_result(context: Context, call: Call) -> SqlType:
    return average_type(number_type(context, call))


def average_text(context: Context, call: Call) -> str:
    """Divide the sum by the count; what is exact is cut, not rounded, at the result's scale."""
    argument, number = context.text(call.arguments[0]), number_type(context, call)
    if number.is_float:
        return finite(aggregated(call, "avg", f"CAST({argument} AS DOUBLE)"))
    parts = total(context, call), aggregated(call, "count", argument), average_result(context, call)
    quick = quick_average(*parts)
    return quick if quick is not None and context.shortcut("average") else average(*parts)


def extreme_type(context: Context, call: Call) -> SqlType:
    found = context.type(call.arguments[0])
    if found == SUPER:
        raise unsupported(call.node, f"{call.name} of SUPER values")
    if found.name in WITHOUT_ORDER:
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
    """Join strings in order; NULLs and empty strings are left out, and a list over 64 KB is an error."""
    sort_orders.check(call)
    separator = implicit(context, call.arguments[1], VARCHAR) if len(call.arguments) > 1 else "''"
    argument = as_type(context, call.arguments[0], VARCHAR)
    if context.type(call.arguments[0]).is_string:
        argument = f"nullif({argument}, '')"
    order = ordered_texts(context, call.order.expressions) if call.order else []
    if not call.distinct:
        listed = f" ORDER BY {', '.join(order)}" if order else ""
        return bounded(aggregated(call, "string_agg", f"{argument}, {separator}{listed}"))
    if is_insensitive(context, call.arguments[0]):
        raise unsupported(call.node, "LISTAGG(DISTINCT) of a case-insensitive string")
    return f"list_transform([{distinct_list(argument, separator, order, call.over)}], lambda t: {bounded('t')})[1]"


def bounded(text: str) -> str:
    return failing(f"strlen({text}) > {MAX_LIST_BYTES}", "Result size exceeds LISTAGG limit", text)


def fixed(result: SqlType) -> Typing:
    return lambda _context, _call: result


def bits_type(context: Context, call: Call) -> SqlType:
    found = context.type(call.arguments[0])
    if not found.is_integer:
        raise invalid(call.node, f"function {call.name}({found.name.lower()}) does not exist", "42883")
    return found


def bits_text(context: Context, call: Call) -> str:
    bits_type(context, call)
    return aggregated(call, call.name, context.text(call.arguments[0]))


def grouping_text(context: Context, call: Call) -> str:
    arguments = ", ".join(key_text(context, one) for one in call.arguments)
    return f"CAST(grouping({arguments}) AS INTEGER)"


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
    **{name: Function(bits_type, bits_text, family="aggregate") for name in ("bit_and", "bit_or")},
    **{name: Function(fixed(INTEGER), grouping_text, 1, None, "aggregate") for name in ("grouping", "grouping_id")},
    "any_value": Function(any_type, any_text, family="aggregate"),
    "listagg": Function(fixed(SqlType("VARCHAR", MAX_LIST_BYTES)), listagg_text, 1, 2, "aggregate"),
}
