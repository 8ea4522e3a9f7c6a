"""SUPER: arrays and objects of given values, and what is known of a value's type.

Source: "ARRAY function", "SUPER type information functions", "Object functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, bare, failing, quoted
from spectra_emulator.sql.rewrites.json import super_value
from spectra_emulator.sql.rewrites.super_casts import NESTED, NUMBERS, json_kind, refuse_moment
from spectra_emulator.sql.type_names import BOOLEAN, INTEGER, SUPER, VARCHAR, SqlType

Text = Callable[[Context, Call], str]
WHOLE = ("UBIGINT", "BIGINT")


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def member(context: Context, node: exp.Expr) -> str:
    """Return a value as the JSON text that it has inside of an array or object."""
    return f"COALESCE(CAST({as_type(context, node, SUPER)} AS VARCHAR), 'null')"


def array_text(context: Context, call: Call) -> str:
    members = " || ',' || ".join(member(context, one) for one in call.arguments)
    return f"CAST('[' || {members} || ']' AS JSON)" if members else "CAST('[]' AS JSON)"


def object_text(context: Context, call: Call) -> str:
    """Build an object of keys and values in turn.

    Raises: InvalidSql for a key without a value, or one that is no string.
    """
    keys, values = call.arguments[::2], call.arguments[1::2]
    if len(keys) != len(values):
        raise invalid(call.node, "object needs a value for each key", "42883")
    for value in values:
        refuse_moment(value, context.type(value))
    pairs = " || ',' || ".join(
        f"{key_text(context, call, key)} || ':' || {member(context, value)}"
        for key, value in zip(keys, values, strict=True)
    )
    return f"CAST('{{' || {pairs} || '}}' AS JSON)" if pairs else "CAST('{}' AS JSON)"


def key_text(context: Context, call: Call, key: exp.Expr) -> str:
    if not context.type(key).is_string or isinstance(bare(key), exp.Null):
        raise invalid(call.node, "the keys of object must be strings", "42804")
    text = as_type(context, key, VARCHAR)
    message = "a key of OBJECT must not be NULL"
    return f"CAST(to_json({failing(f'{text} IS NULL', message, text)}) AS VARCHAR)"


def kind_is(*kinds: str) -> Text:
    """Return the rewrite of a test for DuckDB's kinds of JSON; NULL is of none."""
    listed = ", ".join(quoted(kind) for kind in kinds)
    return lambda context, call: f"COALESCE({json_kind(super_value(context, call))} IN ({listed}), FALSE)"


def is_whole(bits: int) -> Text:
    def text(context: Context, call: Call) -> str:
        value = super_value(context, call)
        number = f"CAST(CAST({value} AS VARCHAR) AS HUGEINT)"
        fits = f"{number} BETWEEN {-(2 ** (bits - 1))} AND {2 ** (bits - 1) - 1}"
        return f"COALESCE(CASE WHEN {json_kind(value)} IN {WHOLE} THEN {fits} END, FALSE)"

    return text


def is_floating(context: Context, call: Call) -> str:
    value = super_value(context, call)
    return f"COALESCE({json_kind(value)} = 'DOUBLE' AND contains(lower(CAST({value} AS VARCHAR)), 'e'), FALSE)"


def is_decimal(context: Context, call: Call) -> str:
    value = super_value(context, call)
    exact = f"NOT contains(lower(CAST({value} AS VARCHAR)), 'e')"
    return f"COALESCE({json_kind(value)} IN {NUMBERS} AND {exact}, FALSE)"


def is_ascii_text(context: Context, call: Call) -> str:
    value = super_value(context, call)
    plain = f"json_extract_string({value}, '$')"
    return f"COALESCE({json_kind(value)} = 'VARCHAR' AND strlen({plain}) = length({plain}), FALSE)"


def is_scalar(context: Context, call: Call) -> str:
    return f"COALESCE({json_kind(super_value(context, call))} NOT IN {NESTED}, TRUE)"


def digits_text(digits: str) -> Text:
    """Return the rewrite that counts the digits of a number without an exponent."""

    def text(context: Context, call: Call) -> str:
        value = super_value(context, call)
        spelt = f"CAST({value} AS VARCHAR)"
        exact = f"{json_kind(value)} IN {NUMBERS} AND NOT contains(lower({spelt}), 'e')"
        return f"CASE WHEN {exact} THEN CAST(length({digits.format(spelt)}) AS INTEGER) END"

    return text


def number_attributes(context: Context, call: Call) -> str:
    value = super_value(context, call)
    return f"CASE WHEN {json_kind(value)} = 'OBJECT' THEN CAST(len(json_keys({value})) AS INTEGER) END"


AS_SUPER, AS_BOOLEAN = fixed(SUPER), fixed(BOOLEAN)
FUNCTIONS: Mapping[str, Function] = {
    "array": Function(AS_SUPER, array_text, 0, None),
    "object": Function(AS_SUPER, object_text, 0, None),
    "get_number_attributes": Function(fixed(INTEGER), number_attributes),
    "is_array": Function(AS_BOOLEAN, kind_is("ARRAY")),
    "is_object": Function(AS_BOOLEAN, kind_is("OBJECT")),
    "is_boolean": Function(AS_BOOLEAN, kind_is("BOOLEAN")),
    "is_varchar": Function(AS_BOOLEAN, kind_is("VARCHAR")),
    "is_char": Function(AS_BOOLEAN, is_ascii_text),
    "is_scalar": Function(AS_BOOLEAN, is_scalar),
    "is_smallint": Function(AS_BOOLEAN, is_whole(16)),
    "is_integer": Function(AS_BOOLEAN, is_whole(32)),
    "is_bigint": Function(AS_BOOLEAN, is_whole(64)),
    "is_decimal": Function(AS_BOOLEAN, is_decimal),
    "is_float": Function(AS_BOOLEAN, is_floating),
    "decimal_precision": Function(fixed(INTEGER), digits_text("regexp_replace({}, '[^0-9]', '', 'g')")),
    "decimal_scale": Function(fixed(INTEGER), digits_text("split_part({}, '.', 2)")),
}
