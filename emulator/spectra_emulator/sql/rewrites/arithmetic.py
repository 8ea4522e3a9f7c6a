"""Computations: integer division, DECIMAL results, division by zero, dates and intervals.

Source: "Computations with numeric values", "Date and time data types", "Interval literals".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
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
SOMETIMES = frozenset({"TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ", "INTERVAL", "VARBYTE", "SUPER"})
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


@dataclass(frozen=True)
class Operation:
    """A computation with two operands; `node` is where it stands."""

    operator: str
    left: exp.Expr
    right: exp.Expr
    node: exp.Expr

    @property
    def sides(self) -> tuple[exp.Expr, exp.Expr]:
        return self.left, self.right


def operation_of(node: exp.Expr) -> Operation:
    return Operation(OPERATORS[type(node)], node.this, node.expression, node)


def operand_types(context: Context, operation: Operation) -> tuple[SqlType, SqlType]:
    """Return both sides' types; a bare string or NULL takes the other's."""
    left, right = (None if untyped(side) else context.type(side) for side in operation.sides)
    return left or right or DOUBLE, right or left or DOUBLE


def arithmetic_type(context: Context, node: exp.Expr) -> SqlType:
    return result_type(context, operation_of(node))


def arithmetic_rule(context: Context, node: exp.Expr) -> str:
    return computation(context, operation_of(node))


def result_type(context: Context, operation: Operation) -> SqlType:
    left, right = operand_types(context, operation)
    operator = operation.operator
    result = computed(operator, left, right) or DATE_RESULTS.get((family(left), operator, family(right)))
    if result is None:
        raise no_operator(operation, left, right)
    return result


def no_operator(operation: Operation, left: SqlType, right: SqlType) -> InvalidSql:
    spelt = f"{left.text} {operation.operator} {right.text}"
    if {left.name, right.name} & SOMETIMES:
        return unsupported(operation.node, spelt)
    return invalid(operation.node, f"operator does not exist: {spelt}", "42883")


def family(one: SqlType) -> str:
    return "INTEGER" if one.is_integer else one.name


def computation(context: Context, operation: Operation) -> str:
    """Return a computation with Redshift's result type."""
    result = result_type(context, operation)
    if not all(one.is_number for one in operand_types(context, operation)):
        return date_arithmetic(context, operation, result)
    if operation.operator in {"/", "%"}:
        return division(context, operation, result)
    if result.name == "DECIMAL":
        return decimal_arithmetic(context, operation, result)
    sides = (as_type(context, side, result) for side in operation.sides)
    return f"({f' {operation.operator} '.join(sides)})"


def exact_sides(context: Context, operation: Operation) -> tuple[str, str]:
    """Return the operands of a DECIMAL computation, integers in the DECIMAL that they take the form of."""
    left, right = operand_types(context, operation)
    return as_type(context, operation.left, left.as_decimal), as_type(context, operation.right, right.as_decimal)


def decimal_arithmetic(context: Context, operation: Operation, result: SqlType) -> str:
    text = f"({f' {operation.operator} '.join(exact_sides(context, operation))})"
    if operation.operator != "*":
        return text
    (p1, s1), (p2, s2) = (digits(one) for one in operand_types(context, operation))
    if s1 + s2 > result.scale:
        raise unsupported(operation.node, "a product of more than 38 decimal digits")
    return text if decimal(p1 + p2, s1 + s2) == result else f"CAST({text} AS {result.duckdb})"


def division(context: Context, operation: Operation, result: SqlType) -> str:
    """Divide with Redshift's result type; an exact answer is cut, not rounded, at the result's scale."""
    if result.name == "DECIMAL":
        text = decimal_division(context, operation, result)
    else:
        sign = "//" if operation.operator == "/" and not result.is_float else operation.operator
        text = f"({f' {sign} '.join(as_type(context, side, result) for side in operation.sides)})"
    return text if is_other_than_zero(operation.right) else guarded(context, operation, text)


def guarded(context: Context, operation: Operation, text: str) -> str:
    """Return a division that raises for a zero, but not where there is nothing to divide."""
    left, right = operand_types(context, operation)
    condition = f"{as_type(context, operation.right, right)} = 0"
    if integer_literal(operation.left) is None:
        condition += f" AND {as_type(context, operation.left, left)} IS NOT NULL"
    return failing(condition, DIVISION_BY_ZERO, text)


def is_other_than_zero(node: exp.Expr) -> bool:
    node = bare(node)
    return isinstance(node, exp.Literal) and not node.args.get("is_string") and float(node.name) != 0


def decimal_division(context: Context, operation: Operation, result: SqlType) -> str:
    sides = exact_sides(context, operation)
    if operation.operator == "%":
        return f"CAST(({sides[0]} % {sides[1]}) AS {result.duckdb})"
    (p1, s1), (p2, s2) = (digits(one) for one in operand_types(context, operation))
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


def date_arithmetic(context: Context, operation: Operation, result: SqlType) -> str:
    types = operand_types(context, operation)
    sides = (as_type(context, side, date_side(one)) for side, one in zip(operation.sides, types, strict=True))
    text = f"({f' {operation.operator} '.join(sides)})"
    return f"CAST({text} AS INTEGER)" if result.is_integer else text


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
    """Tell whether DuckDB would give a number another type than DECIMAL."""
    return context.type(node).name == "DECIMAL" and (len(node.name) > INT64_DIGITS or node.name.endswith("."))


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
RULES: Mapping[type[exp.Expr], Rule] = {
    **{operator: Rule(arithmetic_type, arithmetic_rule, ARITHMETIC) for operator in OPERATORS},
    exp.Neg: Rule(inner_type, negation_rule),
    exp.Paren: Rule(inner_type, paren_rule),
    exp.Literal: Rule(literal_type, literal_rule, frozenset({"this", "is_string"})),
    exp.Interval: Rule(interval_type, interval_rule, frozenset({"this", "unit"})),
}
