"""Intervals, and what is computed with them, with dates and with times.

Source: "Interval data types and literals", "INTERVAL_CMP function", "+ (Concatenation) operator".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.rewrites.casts import as_type, cast_target
from spectra_emulator.sql.rewrites.context import Context, Function, Rule, bare, is_text_literal
from spectra_emulator.sql.rewrites.interval_literals import interval_value
from spectra_emulator.sql.rewrites.literal_texts import timetz_as_written
from spectra_emulator.sql.type_names import (
    DATE,
    DOUBLE,
    INTEGER,
    INTERVAL,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    TIMETZ,
    SqlType,
)

Sides = tuple[str, str]
MOMENTS = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")
LATER: Mapping[str, SqlType] = {
    "DATE": TIMESTAMP,
    "TIMESTAMP": TIMESTAMP,
    "TIMESTAMPTZ": TIMESTAMPTZ,
    "TIME": TIME,
    "TIMETZ": TIMETZ,
    "INTERVAL": INTERVAL,
}
RESULTS: Mapping[tuple[str, str, str], SqlType] = {
    ("DATE", "+", "INTEGER"): DATE,
    ("INTEGER", "+", "DATE"): DATE,
    ("DATE", "-", "INTEGER"): DATE,
    ("DATE", "-", "DATE"): INTEGER,
    ("TIMESTAMP", "+", "INTEGER"): TIMESTAMP,
    ("TIMESTAMP", "-", "INTEGER"): TIMESTAMP,
    ("DATE", "+", "TIME"): TIMESTAMP,
    ("TIME", "+", "DATE"): TIMESTAMP,
    ("DATE", "+", "TIMETZ"): TIMESTAMPTZ,
    ("TIMETZ", "+", "DATE"): TIMESTAMPTZ,
    ("TIME", "-", "TIME"): INTERVAL,
    **{(name, sign, "INTERVAL"): result for name, result in LATER.items() for sign in ("+", "-")},
    **{("INTERVAL", "+", name): result for name, result in LATER.items()},
    **{(left, "-", right): INTERVAL for left in MOMENTS for right in MOMENTS if (left, right) != ("DATE", "DATE")},
    **{("INTERVAL", sign, number): INTERVAL for sign in ("*", "/") for number in ("INTEGER", "DECIMAL", "FLOAT")},
    **{(number, "*", "INTERVAL"): INTERVAL for number in ("INTEGER", "DECIMAL", "FLOAT")},
}
"""The type of a computation with dates, times and intervals, by its operands' families and its operator."""


def family(one: SqlType) -> str:
    if one.is_number:
        return "INTEGER" if one.is_integer else "FLOAT" if one.is_float else one.name
    return one.name


def date_result(left: SqlType, operator: str, right: SqlType) -> SqlType | None:
    return RESULTS.get((family(left), operator, family(right)))


def plain(sign: str) -> Callable[[Sides], str]:
    return lambda sides: f"({sides[0]} {sign} {sides[1]})"


def between_times(sides: Sides) -> str:
    return f"to_microseconds(epoch_us({sides[0]}) - epoch_us({sides[1]}))"


def between_dates(sides: Sides) -> str:
    return f"CAST(({sides[0]} - {sides[1]}) AS INTEGER)"


def written_timetz(node: exp.Expr) -> str | None:
    """Return a TIMETZ literal with its own offset, which tells the day once a date is added."""
    node = bare(node)
    if not isinstance(node, exp.Cast) or not is_text_literal(node.this) or cast_target(node) != TIMETZ:
        return None
    return timetz_as_written(bare(node.this).name)


def days_from(sign: str) -> Callable[[Sides], str]:
    return lambda sides: f"({sides[0]} {sign} to_days({sides[1]}))"


SPECIAL: Mapping[tuple[str, str, str], Callable[[Sides], str]] = {
    ("TIME", "-", "TIME"): between_times,
    ("DATE", "-", "DATE"): between_dates,
    **{("TIMESTAMP", sign, "INTEGER"): days_from(sign) for sign in ("+", "-")},
}


def computed_with(sides: tuple[SqlType, SqlType]) -> tuple[SqlType, SqlType]:
    """Return the types in which a computation takes its operands."""
    if INTERVAL in sides:
        left, right = (DOUBLE if one.is_number else one for one in sides)
        return left, right
    if all(one.name in MOMENTS for one in sides) and sides != (DATE, DATE):
        return TIMESTAMP, TIMESTAMP
    left, right = (INTEGER if one.is_integer else one for one in sides)
    return left, right


def date_computation(
    context: Context, nodes: tuple[exp.Expr, exp.Expr], sign: str, types: tuple[SqlType, SqlType]
) -> str:
    """Return the text of a computation that `date_result` knows."""
    targets = computed_with(types)
    left, right = (operand(context, node, target, types) for node, target in zip(nodes, targets, strict=True))
    make = SPECIAL.get((family(types[0]), sign, family(types[1])), plain(sign))
    return make((left, right))


def operand(context: Context, node: exp.Expr, target: SqlType, types: Sequence[SqlType]) -> str:
    literal = written_timetz(node) if DATE in types else None
    return literal or as_type(context, node, target)


def interval_rule(_: Context, node: exp.Expr) -> str:
    unit = node.args.get("unit")
    return interval_value(node, node.this.name, unit.name if unit is not None else "")


def interval_type(_context: Context, _node: exp.Expr) -> SqlType:
    return INTERVAL


def comparison_type(_context: Context, _call: Call) -> SqlType:
    return INTEGER


def comparison_text(context: Context, call: Call) -> str:
    left, right = (as_type(context, one, INTERVAL) for one in call.arguments)
    return f"CASE WHEN {left} < {right} THEN -1 WHEN {left} > {right} THEN 1 WHEN {left} = {right} THEN 0 END"


FUNCTIONS: Mapping[str, Function] = {"interval_cmp": Function(comparison_type, comparison_text, 2, 2)}
RULES: Mapping[type[exp.Expr], Rule] = {
    exp.Interval: Rule(interval_type, interval_rule, frozenset({"this", "unit"})),
}
