"""Teradata-style conversions of text to numbers.

Source: "TEXT_TO_INT_ALT", "TEXT_TO_NUMERIC_ALT", "Teradata-style formatting characters for numeric data".
"""

from __future__ import annotations

from collections.abc import Mapping

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import implicit
from spectra_emulator.sql.rewrites.context import Context, Function, failing, integer_literal, is_text_literal
from spectra_emulator.sql.type_names import INTEGER, MAX_PRECISION, VARCHAR, SqlType
from spectra_emulator.sql.types import decimal

FORM = r"'[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[+-]?'"
IGNORED = "'[/,:%]'"


def refuse_format(call: Call) -> None:
    if any(is_text_literal(one) for one in call.arguments[1:]):
        raise unsupported(call.node, f"{call.name.upper()} with a format phrase")


def number_text(context: Context, call: Call) -> str:
    """Return a text as one that starts with its sign; a blank one is zero."""
    text = f"regexp_replace(trim({implicit(context, call.arguments[0], VARCHAR)}), {IGNORED}, '', 'g')"
    trailing = f"regexp_replace({text}, '^[+]?(.*?)([+-]?)$', '\\2\\1')"
    sound = failing(
        f"NOT regexp_full_match({text}, {FORM})", f"Invalid input for {call.name}", f"ltrim({trailing}, '+')"
    )
    return f"CASE WHEN {text} = '' THEN '0' ELSE {sound} END"


def integer_type(_context: Context, _call: Call) -> SqlType:
    return INTEGER


def integer_text(context: Context, call: Call) -> str:
    """Cut the fraction."""
    refuse_format(call)
    return f"CAST(trunc(CAST({number_text(context, call)} AS DECIMAL({MAX_PRECISION},10))) AS INTEGER)"


def numeric_type(_context: Context, call: Call) -> SqlType:
    """Return the DECIMAL that a call names, of 38 digits and no fraction where it names none.

    Raises: InvalidSql.
    """
    refuse_format(call)
    sizes = [integer_literal(one) for one in call.arguments[1:]]
    if len(sizes) not in {0, 2} or None in sizes:
        raise invalid(call.node, f"{call.name} takes a precision and a scale", "42883")
    precision, scale = (MAX_PRECISION, 0) if not sizes else (sizes[0] or 0, sizes[1] or 0)
    if not 0 < precision <= MAX_PRECISION or not 0 <= scale <= precision:
        raise invalid(call.node, f"DECIMAL({precision},{scale}) is no type", "22023")
    return decimal(precision, scale)


def numeric_text(context: Context, call: Call) -> str:
    """Round to the nearest, and to an even digit from halfway between two."""
    result = numeric_type(context, call)
    digits = rf"\.\d{{{result.scale}}}50*$"
    kept = rf"(\.\d{{{result.scale}}})5.*$"
    even = r"[02468]\.?$"
    cut = f"regexp_replace(t, '{kept}', '\\1')"
    tie = f"regexp_matches(t, '{digits}') AND regexp_matches({cut}, '{even}')"
    value = f"CASE WHEN {tie} THEN CAST(rtrim({cut}, '.') AS {result.duckdb}) ELSE CAST(t AS {result.duckdb}) END"
    return f"list_transform([{number_text(context, call)}], lambda t: {value})[1]"


FUNCTIONS: Mapping[str, Function] = {
    "text_to_int_alt": Function(integer_type, integer_text, 1, 2),
    "text_to_numeric_alt": Function(numeric_type, numeric_text, 1, 4),
}
