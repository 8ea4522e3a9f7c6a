"""Medians and percentiles, exact where Redshift may approximate.

Source: "MEDIAN", "PERCENTILE_CONT", "PERCENTILE_DISC", "APPROXIMATE PERCENTILE_DISC" and their window functions.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites import sort_orders
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, bare, untyped
from spectra_emulator.sql.type_names import DOUBLE, MAX_PRECISION, SqlType
from spectra_emulator.sql.types import decimal, digits

GUARD_DIGITS = 6
MOMENTS = frozenset({"DATE", "TIMESTAMP", "TIMESTAMPTZ"})
MEDIAN = "0.5"


def sorted_value(call: Call) -> exp.Expr:
    """Return what a percentile sorts.

    Raises: InvalidSql.
    """
    if call.name == "median" or isinstance(call.node, exp.ApproxQuantile):
        return call.arguments[-1]
    if call.order is None or len(call.order.expressions) != 1:
        raise invalid(call.node, f"{call.name} needs WITHIN GROUP (ORDER BY one expression)", "42601")
    found = call.order.expressions[0].this
    if not isinstance(found, exp.Expr):
        raise unsupported(call.node, "this form of ORDER BY")
    return found


def percentile(call: Call) -> str:
    """Return the number between 0 and 1 that a call names.

    Raises: InvalidSql.
    """
    if call.name == "median":
        return MEDIAN
    node = bare(call.arguments[0])
    if not isinstance(node, exp.Literal):
        raise unsupported(call.node, f"{call.name} of what is no literal")
    if not 0 <= float(node.name) <= 1:
        raise invalid(call.node, "percentile value must be between 0 and 1", "22003")
    return str(node.name)


def value_type(context: Context, call: Call) -> SqlType:
    node = sorted_value(call)
    found = context.type(node)
    if untyped(node) or not (found.is_number or found.name in MOMENTS):
        raise invalid(call.node, f"function {call.name}({found.name.lower()}) does not exist", "42883")
    return found


def continuous_type(context: Context, call: Call) -> SqlType:
    """Return the type of an interpolated value: a DECIMAL with the digits that the interpolation adds."""
    found = value_type(context, call)
    if found.is_float:
        return DOUBLE
    if not found.is_number:
        return found
    precision, scale = digits(found)
    added = len(percentile(call).partition(".")[2].rstrip("0"))
    return decimal(precision + added, scale + added) if precision + added <= MAX_PRECISION else found


def continuous_text(context: Context, call: Call) -> str:
    """Interpolate with some digits more than the answer has, since DuckDB does so in floating point."""
    sort_orders.check(call)
    node, result = sorted_value(call), continuous_type(context, call)
    if result.name != "DECIMAL":
        value = as_type(context, node, result)
        return f"CAST({ordered(call, 'quantile_cont', value)} AS {result.duckdb})"
    room = min(GUARD_DIGITS, MAX_PRECISION - (result.size or MAX_PRECISION))
    wide = decimal((result.size or MAX_PRECISION) + room, result.scale + room)
    return f"CAST({ordered(call, 'quantile_cont', as_type(context, node, wide))} AS {result.duckdb})"


def discrete_text(context: Context, call: Call) -> str:
    node = sorted_value(call)
    return ordered(call, "quantile_disc", as_type(context, node, value_type(context, call)))


def ordered(call: Call, duckdb_name: str, value: str) -> str:
    """Return the call, from the largest value down where that is the order."""
    fraction = percentile(call)
    if call.order is not None and call.order.expressions[0].args.get("desc"):
        if duckdb_name == "quantile_disc":
            raise unsupported(call.node, f"{call.name} in descending order")
        fraction = f"1 - {fraction}"
    return f"{duckdb_name}({value}, {fraction}){call.over}"


CONTINUOUS = Function(continuous_type, continuous_text, family="aggregate")
DISCRETE = Function(value_type, discrete_text, 1, 2, "aggregate")
FUNCTIONS: Mapping[str, Function] = {
    "median": CONTINUOUS,
    "percentile_cont": CONTINUOUS,
    "percentile_disc": DISCRETE,
}
