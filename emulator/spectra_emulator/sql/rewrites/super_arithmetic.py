"""Arithmetic with SUPER values, whose types are known only as they run; what does not compute is NULL.

Whole numbers stay whole and decimals exact, with the scale that DECIMALs have: they are computed as whole numbers
without their point. A number with an exponent is a float.

Source: "Querying semistructured data": "Operators and functions", "Dynamic typing".
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, failing
from spectra_emulator.sql.rewrites.octets import bound
from spectra_emulator.sql.rewrites.super_casts import NUMBERS, float_json, json_kind, plain_text
from spectra_emulator.sql.type_names import SUPER

DIVISION_BY_ZERO = "division by zero"
OVERFLOW = "value out of range: overflow"
UNKNOWN_SCALE = (
    "a division of SUPER decimals of so many digits is not supported by the emulator,"
    " as the scale of its result is not known; CAST them"
)
WHOLE = "('UBIGINT', 'BIGINT')"
QUOTIENT_SCALE = 4
COMMON_SCALE = "greatest(scale_of_l, scale_of_r)"
LARGEST_DIGITS = 38
TOO_LONG = f"length(ltrim(CAST(digits AS VARCHAR), '-')) > {LARGEST_DIGITS}"


def computed(context: Context, left: exp.Expr, right: exp.Expr, operator: str) -> str:
    """Compute with two values of which one at least is a SUPER."""
    return over_json(as_type(context, left, SUPER), as_type(context, right, SUPER), operator)


def over_json(left: str, right: str, operator: str) -> str:
    kinds = f"{json_kind('l')} IN {NUMBERS} AND {json_kind('r')} IN {NUMBERS}"
    floating = "contains(lower(CAST(l AS VARCHAR)), 'e') OR contains(lower(CAST(r AS VARCHAR)), 'e')"
    whole = f"{json_kind('l')} IN {WHOLE} AND {json_kind('r')} IN {WHOLE}"
    strings = f"{json_kind('l')} = 'VARCHAR' AND {json_kind('r')} = 'VARCHAR'"
    joined = f" WHEN {strings} THEN to_json({plain_text('l')} || {plain_text('r')})" if operator == "+" else ""
    body = (
        f"CASE WHEN {kinds} THEN CASE WHEN {floating} THEN {of_floats(operator)} WHEN {whole} THEN"
        f" {of_integers(operator)} ELSE {of_decimals(operator)} END{joined} END"
    )
    return bound("l", left, bound("r", right, body))


def divisible(operator: str, divisor: str, text: str) -> str:
    return failing(f"{divisor} = 0", DIVISION_BY_ZERO, text) if operator in {"/", "%"} else text


def of_floats(operator: str) -> str:
    left, right = (f"CAST(CAST({one} AS VARCHAR) AS DOUBLE)" for one in "lr")
    result = f"{left} {operator} {right}"
    written = float_json(f"CAST({result} AS VARCHAR)")
    return divisible(operator, right, failing(f"isinf({result})", OVERFLOW, written))


def of_integers(operator: str) -> str:
    """Compute in 64 bits, where an overflow is an error."""
    left, right = (f"CAST(CAST({one} AS VARCHAR) AS BIGINT)" for one in "lr")
    sign = "//" if operator == "/" else operator
    return divisible(operator, right, f"CAST(({left} {sign} {right}) AS JSON)")


def of_decimals(operator: str) -> str:
    scale, digits = (str(QUOTIENT_SCALE), quotient()) if operator == "/" else plain_result(operator)
    made = bound("digits", digits, bound("scale", scale, failing(TOO_LONG, OVERFLOW, pointed())))
    return bound("scale_of_l", scale_of("l"), bound("scale_of_r", scale_of("r"), made))


def plain_result(operator: str) -> tuple[str, str]:
    """Return the scale of a result and its digits without the point."""
    if operator == "*":
        return "(scale_of_l + scale_of_r)", f"({unscaled('l')} * {unscaled('r')})"
    left, right = (f"({unscaled(one)} * {power_of_ten(f'{COMMON_SCALE} - scale_of_{one}')})" for one in "lr")
    return COMMON_SCALE, divisible(operator, right, f"({left} {operator} {right})")


def quotient() -> str:
    """Return a quotient's digits, cut at the least scale of one; what may have a larger scale is refused."""
    divisor = unscaled("r")
    larger = f"scale_of_l + length(ltrim(CAST({divisor} AS VARCHAR), '-')) - scale_of_r >= {QUOTIENT_SCALE}"
    digits = f"({unscaled('l')} * {power_of_ten(f'{QUOTIENT_SCALE} - scale_of_l + scale_of_r')} // {divisor})"
    return divisible("/", divisor, failing(larger, UNKNOWN_SCALE, digits))


def scale_of(one: str) -> str:
    return f"length(split_part(CAST({one} AS VARCHAR), '.', 2))"


def unscaled(one: str) -> str:
    return f"CAST(replace(CAST({one} AS VARCHAR), '.', '') AS HUGEINT)"


def power_of_ten(count: str) -> str:
    return f"CAST('1' || repeat('0', {count}) AS HUGEINT)"


def pointed() -> str:
    """Return `digits` as JSON with `scale` of them behind the point."""
    plain = "ltrim(CAST(digits AS VARCHAR), '-')"
    padded = f"lpad({plain}, greatest(length({plain}), scale + 1)::INTEGER, '0')"
    number = f"left({padded}, length({padded}) - scale) || '.' || right({padded}, scale)"
    return f"CAST(CASE WHEN digits < 0 THEN '-' ELSE '' END || {number} AS JSON)"


def negated(text: str) -> str:
    """Return a number with the other sign; NULL for what is no number."""
    return over_json("CAST('0' AS JSON)", text, "-")


ROUNDED: Mapping[str, str] = {
    "floor": "(digits - (digits % unit + unit) % unit) // unit",
    "ceil": "-((-digits - (-digits % unit + unit) % unit) // unit)",
    "round": "(CASE WHEN digits < 0 THEN -1 ELSE 1 END) * ((abs(digits) + unit // 2) // unit)",
}
"""A DECIMAL as a whole number, from its digits without the point and the unit that they count."""


def rounded(operation: str, text: str) -> str:
    """Return a number as a whole one, a float as a float; NULL for what is no number."""
    floating = "contains(lower(CAST(l AS VARCHAR)), 'e')"
    of_float = float_json(f"CAST({operation}(CAST(CAST(l AS VARCHAR) AS DOUBLE)) AS VARCHAR)")
    whole = f"CAST(CAST({ROUNDED[operation]} AS VARCHAR) AS JSON)"
    exact = bound("digits", unscaled("l"), bound("unit", power_of_ten(scale_of("l")), whole))
    number = f"CASE WHEN {floating} THEN {of_float} ELSE {exact} END"
    return bound("l", text, f"CASE WHEN {json_kind('l')} IN {NUMBERS} THEN {number} END")


def absolute(text: str) -> str:
    """Return a number without its sign; NULL for what is no number."""
    positive = "CAST(ltrim(CAST(l AS VARCHAR), '-') AS JSON)"
    return bound("l", text, f"CASE WHEN {json_kind('l')} IN {NUMBERS} THEN {positive} END")
