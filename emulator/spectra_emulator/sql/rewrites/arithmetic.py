"""Computations: integer division, DECIMAL results, division by zero, dates and intervals.

Source: "Computations with numeric values", "Date and time data types", "Interval literals".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import (
    Context,
    Rule,
    bare,
    failing,
    integer_literal,
    is_text_literal,
    quoted,
    untyped,
)
from spectra_emulator.sql.type_names import DATE, DOUBLE, INTEGER, INTERVAL, TIMESTAMP, SqlType
from spectra_emulator.sql.types import computed, decimal, digits, number_literal

DIVISION_BY_ZERO = "division by zero"
INT64_DIGITS = 18
OPERATORS: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
DATE_RESULTS: Mapping[tuple[str, str, str], SqlType] = {
    ("DATE", "+", "INTEGER"): DATE,
    ("INTEGER", "+", "DATE"): DATE,
    ("DATE", "-", "INTEGER"): DATE,
    ("DATE", "-", "DATE"): INTEGER,
    ("DATE", "+", "INTERVAL"): TIMESTAMP,
    ("INTERVAL", "+", "DATE"): TIMESTAMP,
    ("DATE", "-", "INTERVAL"): TIMESTAMP,
    ("TIMESTAMP", "+", "INTERVAL"): TIMESTAMP,
    ("INTERVAL", "+", "TIMESTAMP"): TIMESTAMP,
    ("TIMESTAMP", "-", "INTERVAL"): TIMESTAMP,
    ("DATE", "+", "TIME"): TIMESTAMP,
    ("INTERVAL", "*", "INTEGER"): INTERVAL,
    ("INTEGER", "*", "INTERVAL"): INTERVAL,
    ("INTERVAL", "+", "INTERVAL"): INTERVAL,
}
INTERVAL_UNITS: Mapping[str, tuple[str, int]] = {
    **dict.fromkeys(("year", "years", "y", "yr", "yrs"), ("to_years", 1)),
    **dict.fromkeys(("quarter", "quarters", "qtr", "qtrs"), ("to_months", 3)),
    **dict.fromkeys(("month", "months", "mon", "mons"), ("to_months", 1)),
    **dict.fromkeys(("week", "weeks", "w"), ("to_days", 7)),
    **dict.fromkeys(("day", "days", "d"), ("to_days", 1)),
    **dict.fromkeys(("hour", "hours", "h", "hr", "hrs"), ("to_hours", 1)),
    **dict.fromkeys(("minute", "minutes", "m", "min", "mins"), ("to_minutes", 1)),
    **dict.fromkeys(("second", "seconds", "s", "sec", "secs"), ("to_seconds", 1)),
    **dict.fromkeys(("millisecond", "milliseconds", "ms", "msec", "msecs"), ("to_milliseconds", 1)),
    **dict.fromkeys(("microsecond", "microseconds", "us", "usec", "usecs"), ("to_microseconds", 1)),
}


def operand_types(context: Context, node: exp.Expr) -> tuple[SqlType, SqlType]:
    """Return both sides' types; a bare string or NULL takes the other's."""
    left, right = (None if untyped(side) else context.type(side) for side in (node.this, node.expression))
    return left or right or DOUBLE, right or left or DOUBLE


def arithmetic_type(context: Context, node: exp.Expr) -> SqlType:
    left, right = operand_types(context, node)
    operator = OPERATORS[type(node)]
    result = computed(operator, left, right) or DATE_RESULTS.get((family(left), operator, family(right)))
    if result is None:
        raise invalid(node, f"operator does not exist: {left.text} {operator} {right.text}", "42883")
    return result


def family(one: SqlType) -> str:
    return "INTEGER" if one.is_integer else one.name


def arithmetic_rule(context: Context, node: exp.Expr) -> str:
    result = context.type(node)
    left, right = operand_types(context, node)
    operator = OPERATORS[type(node)]
    if not (left.is_number and right.is_number):
        return date_arithmetic(context, node, result)
    if operator in {"/", "%"}:
        return division(context, node, result)
    if result.name == "DECIMAL":
        return decimal_arithmetic(context, node, result)
    sides = (as_type(context, side, result) for side in (node.this, node.expression))
    return f"({f' {operator} '.join(sides)})"


def exact_side(context: Context, node: exp.Expr, own: SqlType) -> str:
    """Return an operand of a DECIMAL computation in the DECIMAL that it takes the form of."""
    return as_type(context, node, own.as_decimal)


def decimal_arithmetic(context: Context, node: exp.Expr, result: SqlType) -> str:
    left, right = operand_types(context, node)
    operator = OPERATORS[type(node)]
    text = f"({exact_side(context, node.this, left)} {operator} {exact_side(context, node.expression, right)})"
    (p1, s1), (p2, s2) = digits(left), digits(right)
    if operator == "*" and s1 + s2 > result.scale:
        raise unsupported(node, "a product of more than 38 decimal digits")
    natural = decimal(p1 + p2, s1 + s2) if operator == "*" else result
    return text if natural == result else f"CAST({text} AS {result.duckdb})"


def division(context: Context, node: exp.Expr, result: SqlType) -> str:
    """Divide with Redshift's result type; the answer is cut, not rounded, at the result's scale."""
    left, right = operand_types(context, node)
    if result.name == "DECIMAL":
        text = decimal_quotient(context, node, result)
    else:
        sign = {exp.Mod: "%"}.get(type(node), "/" if result.is_float else "//")
        text = f"({as_type(context, node.this, result)} {sign} {as_type(context, node.expression, result)})"
    if is_other_than_zero(node.expression):
        return text
    divisor = as_type(context, node.expression, right)
    return failing(f"{divisor} = 0", DIVISION_BY_ZERO, text)


def is_other_than_zero(node: exp.Expr) -> bool:
    node = bare(node)
    return isinstance(node, exp.Literal) and not node.args.get("is_string") and float(node.name) != 0


def decimal_quotient(context: Context, node: exp.Expr, result: SqlType) -> str:
    left, right = operand_types(context, node)
    sides = exact_side(context, node.this, left), exact_side(context, node.expression, right)
    if isinstance(node, exp.Mod):
        text = f"({sides[0]} % {sides[1]})"
        return f"CAST({text} AS {result.duckdb})"
    (p1, s1), (p2, s2) = digits(left), digits(right)
    shift = result.scale + s2 - s1
    width = max(p1 + max(shift, 0), p2 + max(-shift, 0))
    whole = "BIGINT" if width <= INT64_DIGITS else "HUGEINT"
    dividend = scaled(unscaled(sides[0], p1, s1, whole), shift, whole)
    divisor = scaled(unscaled(sides[1], p2, s2, whole), -shift, whole)
    return rescaled(f"({dividend} // {divisor})", result)


def unscaled(text: str, precision: int, scale: int, whole: str) -> str:
    """Return the digits of a DECIMAL as a whole number."""
    widened = f"CAST({text} AS {decimal(precision + scale, scale).duckdb}) * {10**scale}"
    return f"CAST({widened} AS {whole})" if scale else f"CAST({text} AS {whole})"


def scaled(text: str, shift: int, whole: str) -> str:
    return f"({text} * CAST({10**shift} AS {whole}))" if shift > 0 else text


def rescaled(text: str, result: SqlType) -> str:
    """Return a whole number as the DECIMAL of the same digits."""
    if not result.scale:
        return f"CAST({text} AS {result.duckdb})"
    unit = f"CAST({quoted('0.' + '1'.zfill(result.scale))} AS {decimal(result.scale, result.scale).duckdb})"
    return f"CAST(CAST({text} AS DECIMAL(38,0)) * {unit} AS {result.duckdb})"


def date_arithmetic(context: Context, node: exp.Expr, result: SqlType) -> str:
    left, right = operand_types(context, node)
    sides = (as_type(context, node.this, date_side(left)), as_type(context, node.expression, date_side(right)))
    text = f"({sides[0]} {OPERATORS[type(node)]} {sides[1]})"
    natural_is_result = result.name in {"TIMESTAMP", "INTERVAL", "DATE"}
    return text if natural_is_result else f"CAST({text} AS {result.duckdb})"


def date_side(one: SqlType) -> SqlType:
    return INTEGER if one.is_integer else one


def negation_rule(context: Context, node: exp.Expr) -> str:
    if not context.type(node.this).is_number:
        raise invalid(node, f"operator does not exist: - {context.type(node.this).text}", "42883")
    return f"(- {context.text(node.this)})"


def inner_type(context: Context, node: exp.Expr) -> SqlType:
    return context.type(node.this)


def paren_rule(context: Context, node: exp.Expr) -> str:
    return f"({context.text(node.this)})"


def literal_type(_: Context, node: exp.Expr) -> SqlType:
    if is_text_literal(node):
        return SqlType("VARCHAR", len(node.name.encode()))
    return number_literal(node.name)


def literal_rule(context: Context, node: exp.Expr) -> str:
    if is_text_literal(node):
        return quoted(node.name)
    return f"CAST({quoted(node.name)} AS {context.type(node).duckdb})" if needs_cast(context, node) else str(node.name)


def needs_cast(context: Context, node: exp.Expr) -> bool:
    return context.type(node).name == "DECIMAL" and len(node.name) > INT64_DIGITS


def interval_parts(node: exp.Expr) -> list[tuple[int, str]]:
    """Return the amounts of an interval literal with DuckDB's function for each unit."""
    unit = node.args.get("unit")
    text = node.this.name if isinstance(node.this, exp.Literal) else ""
    found = re.findall(r"([+-]?\d+)\s*([a-zA-Z]+)", f"{text} {unit.name if unit else ''}")
    spelt = re.sub(r"\s", "", f"{text}{unit.name if unit else ''}")
    if not found or "".join(amount + word for amount, word in found) != spelt:
        raise unsupported(node, "this form of INTERVAL literal")
    units = [(int(amount), INTERVAL_UNITS.get(word.lower())) for amount, word in found]
    if any(known is None for _, known in units):
        raise unsupported(node, "this unit of an INTERVAL literal")
    return [(amount * known[1], known[0]) for amount, known in units if known]


def interval_rule(_: Context, node: exp.Expr) -> str:
    return "(" + " + ".join(f"{function}({amount})" for amount, function in interval_parts(node)) + ")"


def interval_type(_context: Context, _node: exp.Expr) -> SqlType:
    return INTERVAL


ARITHMETIC = frozenset({"this", "expression", "typed", "safe"})
RuleText = Callable[[Context, exp.Expr], str]
RULES: Mapping[type[exp.Expr], Rule] = {
    **{operator: Rule(arithmetic_type, arithmetic_rule, ARITHMETIC) for operator in OPERATORS},
    exp.Neg: Rule(inner_type, negation_rule),
    exp.Paren: Rule(inner_type, paren_rule),
    exp.Literal: Rule(literal_type, literal_rule, frozenset({"this", "is_string"})),
    exp.Interval: Rule(interval_type, interval_rule, frozenset({"this", "unit"})),
}
