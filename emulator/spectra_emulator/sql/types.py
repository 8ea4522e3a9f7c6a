"""Redshift's rules for the types of results.

Source: Amazon Redshift Database Developer Guide, "Computations with numeric values" and "Type compatibility and
conversion".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce

from spectra_emulator.sql.type_names import (
    BIGINT,
    DOUBLE,
    INTEGER,
    INTEGERS,
    MAX_PRECISION,
    SqlType,
)

INT64_PRECISION = 19
MIN_QUOTIENT_SCALE = 4
TIMES = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")


def decimal(precision: int, scale: int) -> SqlType:
    """Return a DECIMAL of at most 38 digits, all its fraction kept."""
    return SqlType("DECIMAL", min(precision, MAX_PRECISION), min(scale, MAX_PRECISION))


def digits(number: SqlType) -> tuple[int, int]:
    """Return the precision and the scale that a number computes with."""
    exact = number.as_decimal
    return exact.size or MAX_PRECISION, exact.scale


def sum_of_decimals(left: SqlType, right: SqlType) -> SqlType:
    (p1, s1), (p2, s2) = digits(left), digits(right)
    scale = max(s1, s2)
    return decimal(max(p1 - s1, p2 - s2) + 1 + scale, scale)


def product_of_decimals(left: SqlType, right: SqlType) -> SqlType:
    (p1, s1), (p2, s2) = digits(left), digits(right)
    return decimal(p1 + p2 + 1, s1 + s2)


def quotient_of_decimals(left: SqlType, right: SqlType) -> SqlType:
    (p1, s1), (p2, s2) = digits(left), digits(right)
    scale = max(MIN_QUOTIENT_SCALE, s1 + p2 - s2 + 1)
    precision = p1 - s1 + s2 + scale
    if precision > MAX_PRECISION:
        scale = max(MAX_PRECISION + scale - precision, MIN_QUOTIENT_SCALE)
    return decimal(precision, scale)


def remainder_of_decimals(left: SqlType, right: SqlType) -> SqlType:
    (p1, s1), (p2, s2) = digits(left), digits(right)
    scale = max(s1, s2)
    return decimal(max(p1 - s1, p2 - s2) + scale, scale)


DECIMAL_RESULTS: Mapping[str, Callable[[SqlType, SqlType], SqlType]] = {
    "+": sum_of_decimals,
    "-": sum_of_decimals,
    "*": product_of_decimals,
    "/": quotient_of_decimals,
    "%": remainder_of_decimals,
}


def computed(operator: str, left: SqlType, right: SqlType) -> SqlType | None:
    """Return the type of a computation with two numbers, or None where one is no number."""
    if not (left.is_number and right.is_number):
        return None
    if left.is_float or right.is_float:
        return left if left.name == right.name else DOUBLE
    if left.is_integer and right.is_integer:
        return wider_integer(left, right)
    return DECIMAL_RESULTS[operator](left, right)


def wider_integer(left: SqlType, right: SqlType) -> SqlType:
    return max(left, right, key=lambda one: INTEGERS.index(one.name))


def unified(types: Iterable[SqlType]) -> SqlType | None:
    """Return the type that CASE, COALESCE or UNION gives to values of `types`, or None where there is none."""
    return reduce(lambda left, right: left and right and unified_pair(left, right), types)  # type: ignore[arg-type, return-value]  # None absorbs


def unified_pair(left: SqlType, right: SqlType) -> SqlType | None:
    if left == right:
        return left
    if left.is_number and right.is_number:
        return unified_numbers(left, right)
    if left.is_string and right.is_string:
        name = "CHAR" if left.name == right.name == "CHAR" else "VARCHAR"
        return SqlType(name, None if None in {left.size, right.size} else max(left.size or 0, right.size or 0))
    if left.name in TIMES and right.name in TIMES:
        return max(left, right, key=lambda one: TIMES.index(one.name))
    return left if left.name == right.name else None


def unified_numbers(left: SqlType, right: SqlType) -> SqlType:
    if left.is_float or right.is_float:
        return left if left.name == right.name else DOUBLE
    if left.is_integer and right.is_integer:
        return wider_integer(left, right)
    (p1, s1), (p2, s2) = digits(left), digits(right)
    scale = max(s1, s2)
    ceiling = INT64_PRECISION if max(p1, p2) <= INT64_PRECISION else MAX_PRECISION
    return decimal(min(max(p1 - s1, p2 - s2) + scale, ceiling), scale)


def number_literal(text: str) -> SqlType:
    """Return the type of a number as it is written."""
    if "e" in text.lower():
        return DOUBLE
    whole, _, fraction = text.partition(".")
    if fraction or "." in text:
        return decimal(len(whole) + len(fraction), len(fraction))
    value = int(whole)
    if value < 2**31:
        return INTEGER
    return BIGINT if value < 2**63 else decimal(len(whole), 0)


def sum_type(argument: SqlType) -> SqlType:
    if argument.is_float:
        return DOUBLE
    if argument.name in {"SMALLINT", "INTEGER"}:
        return BIGINT
    return decimal(MAX_PRECISION, argument.scale)


def average_type(argument: SqlType) -> SqlType:
    if argument.is_float:
        return DOUBLE
    return BIGINT if argument.is_integer else decimal(MAX_PRECISION, argument.scale)
