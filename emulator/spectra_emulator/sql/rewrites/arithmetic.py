"""Computations: integer division, DECIMAL results, division by zero, dates and intervals.

Source: "Computations with numeric values", "Date and time data types", "Interval literals".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isinf

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites import super_arithmetic
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
from spectra_emulator.sql.rewrites.date_range import in_range
from spectra_emulator.sql.rewrites.exact_division import quotient
from spectra_emulator.sql.rewrites.float_texts import FLOAT_OVERFLOW
from spectra_emulator.sql.rewrites.intervals import date_computation, date_result
from spectra_emulator.sql.type_names import DOUBLE, INTERVAL, SUPER, SqlType
from spectra_emulator.sql.types import computed, decimal, digits, number_literal

DIVISION_BY_ZERO = "division by zero"
MAX_PLAIN_DIGITS = 18
QUICK_DIGITS = 7
"""Of a quotient's fraction, that a shortcut works out at a time: it fails for a divisor of more than 11 digits."""
OPERATORS: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
NOT_IN_SUPER = frozenset({"INTERVAL", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ", "VARBYTE"})
SOMETIMES = frozenset({"TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ", "INTERVAL", "VARBYTE", "SUPER"})


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
    text = computation(context, operation_of(node))
    kind = context.type(node)
    if is_operand(node) or kind == SUPER:
        return text
    return finite(context, node, text) if kind.is_float else in_range(text, kind)


def finite(context: Context, node: exp.Expr, text: str) -> str:
    """Raise where a computation is infinite though nothing that goes into it is."""
    doubtful = (as_type(context, one, DOUBLE) for one in operands(node) if may_be_infinite(context, one))
    condition = " AND NOT ".join(f"isinf({one})" for one in (text, *doubtful))
    return failing(condition, FLOAT_OVERFLOW, text)


def operands(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what a computation of computations begins with."""
    if isinstance(node, exp.Paren | exp.Neg):
        yield from operands(node.this)
    elif type(node) in OPERATORS:
        yield from (*operands(node.this), *operands(node.expression))
    else:
        yield node


def may_be_infinite(context: Context, node: exp.Expr) -> bool:
    return is_text_literal(node) or (not isinstance(node, exp.Literal | exp.Null) and context.type(node).is_float)


def is_operand(node: exp.Expr) -> bool:
    """Tell whether a computation is part of a larger one, which then tells of an overflow."""
    parent = node.parent
    while isinstance(parent, exp.Paren | exp.Neg):
        parent = parent.parent
    return type(parent) in OPERATORS


def result_type(context: Context, operation: Operation) -> SqlType:
    left, right = operand_types(context, operation)
    if SUPER in {left, right} and not {left.name, right.name} & NOT_IN_SUPER:
        return SUPER
    operator = operation.operator
    result = computed(operator, left, right) or date_result(left, operator, right)
    if result is None:
        raise no_operator(operation, left, right)
    return result


def no_operator(operation: Operation, left: SqlType, right: SqlType) -> InvalidSql:
    spelt = f"{left.text} {operation.operator} {right.text}"
    if {left.name, right.name} & SOMETIMES:
        return unsupported(operation.node, spelt)
    return invalid(operation.node, f"operator does not exist: {spelt}", "42883")


def computation(context: Context, operation: Operation) -> str:
    """Return a computation with Redshift's result type."""
    result = result_type(context, operation)
    types = operand_types(context, operation)
    if result == SUPER:
        return super_arithmetic.computed(context, *operation.sides, operation.operator)
    if not all(one.is_number for one in types):
        return date_computation(context, operation.sides, operation.operator, types)
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
    """Compute in as many bits as the result's digits need: DuckDB keeps to 64 where both sides have them.

    A narrow computation is NULL where it does not fit, or fails. Each has a TRY of its own: DuckDB computes what two
    expressions share once, and outside of a TRY that is around only one of them.
    """
    left, right = exact_sides(context, operation)
    (p1, s1), (p2, s2) = (digits(one) for one in operand_types(context, operation))
    if operation.operator == "*" and s1 + s2 > result.scale:
        raise unsupported(operation.node, "a product of more than 38 decimal digits")
    if (result.size or 0) > MAX_PLAIN_DIGITS >= max(p1, p2) and not context.narrow:
        left = f"CAST({left} AS {decimal(MAX_PLAIN_DIGITS + 1, s1).duckdb})"
    text = f"({left} {operation.operator} {right})"
    if context.narrow:
        return f"TRY{text}" if (result.size or 0) > MAX_PLAIN_DIGITS and not context.quick else text
    if operation.operator != "*" or decimal(p1 + p2, s1 + s2) == result:
        return text
    return f"CAST({text} AS {result.duckdb})"


def division(context: Context, operation: Operation, result: SqlType) -> str:
    """Divide with Redshift's result type; an exact answer is cut, not rounded, at the result's scale."""
    if result.name == "DECIMAL":
        text = decimal_division(context, operation, result)
    else:
        sign = "//" if operation.operator == "/" and not result.is_float else operation.operator
        text = f"({f' {sign} '.join(as_type(context, side, result) for side in operation.sides)})"
    return text if is_other_than_zero(operation.right) else guarded(context, operation, text, result)


def guarded(context: Context, operation: Operation, text: str, result: SqlType) -> str:
    """Return a division that raises for a zero, but not where there is nothing to divide.

    An exact one is NULL for a zero; outside of a CASE the engine computes once what it repeats.
    """
    left, right = operand_types(context, operation)
    condition = f"{as_type(context, operation.right, right)} = 0"
    if integer_literal(operation.left) is None:
        condition += f" AND {as_type(context, operation.left, left)} IS NOT NULL"
    if result.is_float:
        return failing(condition, DIVISION_BY_ZERO, text)
    return f"coalesce({text}, {failing(condition, DIVISION_BY_ZERO, 'NULL')})"


def is_other_than_zero(node: exp.Expr) -> bool:
    node = bare(node)
    return isinstance(node, exp.Literal) and not node.args.get("is_string") and float(node.name) != 0


def decimal_division(context: Context, operation: Operation, result: SqlType) -> str:
    sides = exact_sides(context, operation)
    if operation.operator == "%":
        return f"CAST(({sides[0]} % {sides[1]}) AS {result.duckdb})"
    types = operand_types(context, operation)
    room = QUICK_DIGITS if context.shortcut("quotient") else 0
    return quotient((sides[0], types[0].as_decimal), (sides[1], types[1].as_decimal), result, room)


def negation_rule(context: Context, node: exp.Expr) -> str:
    if context.type(node.this) == SUPER:
        return super_arithmetic.negated(context.text(node.this))
    if not context.type(node.this).is_number and context.type(node.this) != INTERVAL:
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
    if isinf(float(node.name)):
        raise invalid(node, f'"{node.name}" is out of range for type double precision', "22003")
    return f"CAST({quoted(node.name)} AS {context.type(node).duckdb})" if needs_cast(context, node) else str(node.name)


def needs_cast(context: Context, node: exp.Expr) -> bool:
    """Tell whether DuckDB would give a number another type than DECIMAL."""
    return context.type(node).name == "DECIMAL" and (len(node.name) > MAX_PLAIN_DIGITS or node.name.endswith("."))


ARITHMETIC = frozenset({"this", "expression", "typed", "safe"})
RULES: Mapping[type[exp.Expr], Rule] = {
    **{operator: Rule(arithmetic_type, arithmetic_rule, ARITHMETIC) for operator in OPERATORS},
    exp.Neg: Rule(inner_type, negation_rule),
    exp.Paren: Rule(inner_type, paren_rule),
    exp.Literal: Rule(literal_type, literal_rule, frozenset({"this", "is_string"})),
}
