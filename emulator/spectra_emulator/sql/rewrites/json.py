"""JSON functions over strings, and those between strings and SUPER.

Source: "JSON functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, bare, failing
from spectra_emulator.sql.rewrites.super_casts import as_null, json_kind
from spectra_emulator.sql.type_names import BOOLEAN, INTEGER, SUPER, VARBYTE, VARCHAR, SqlType

STRINGS = r'"(\\.|[^"\\])*"'
LENIENT = r",\s*[\]}]|NaN|nan|NAN|[Ii]nf|INF"
"""What the engine reads though JSON has it not: a comma before the end, and numbers that are none."""


LARGEST = str(2**63 - 1)
LARGER = [
    rf"{LARGEST[:place]}[{int(digit) + 1}-9]\d{{{len(LARGEST) - place - 1}}}"
    for place, digit in enumerate(LARGEST)
    if digit != "9"
]
DIGITS_OF_FLOATS = 16
FINER = [rf"\d{{{whole}}}\.\d{{{DIGITS_OF_FLOATS + 1 - whole}}}" for whole in range(1, DIGITS_OF_FLOATS + 1)]
LONG_NUMBER = "|".join([rf"\d{{{len(LARGEST) + 1}}}", *LARGER, *FINER])
"""A whole number that 64 bits do not hold, or one of more digits than every float keeps."""
NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
REWRITTEN = rf"\.\d*0(?:[^\d]|$)|\d[eE]|-0(?:[^.\d]|$)|{LONG_NUMBER}"
"""A number that the engine writes otherwise: with zeros at its end, an exponent, a sign of zero, or too many digits."""
WHOLE_STRINGS = STRINGS.replace("(", "(?:")
MARK, END_MARK = "\ufdd2", "\ufdd3"
"""Characters that no text holds, by Unicode's rule."""
MAX_LEVELS = 1_000
LEVELS_BASE = 10_000_000
LONG_NUMBERS = "JSON_PARSE of a number of more than 64 bits is not supported by the emulator"


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def json_string(context: Context, call: Call, place: int = 0) -> str:
    """Return an argument that must be a string, or the bytes of one."""
    argument = call.arguments[place]
    kind = context.type(argument)
    if not (kind.is_string or kind.name == "VARBYTE"):
        raise invalid(call.node, f"function {call.name}({kind.name.lower()}) does not exist", "42883")
    return as_type(context, argument, VARCHAR)


def super_value(context: Context, call: Call, place: int = 0) -> str:
    """Return an argument that must be a SUPER.

    Raises: InvalidSql.
    """
    argument = call.arguments[place]
    kind = context.type(argument)
    if kind != SUPER and not isinstance(bare(argument), exp.Null):
        raise invalid(call.node, f"function {call.name}({kind.name.lower()}) does not exist", "42883")
    return as_type(context, argument, SUPER)


def bare_json(text: str) -> str:
    """Return JSON with all its strings empty."""
    return f"regexp_replace({text}, '{STRINGS}', '\"\"', 'g')"


def is_valid(text: str) -> str:
    lenient = f"regexp_matches({bare_json(text)}, '{LENIENT}')"
    return f"(json_valid({text}) AND NOT {lenient})"


def begins(text: str, bracket: str) -> str:
    return f"starts_with(ltrim({text}, ' \t\n\r'), '{bracket}')"


def parse_text(context: Context, call: Call) -> str:
    text = json_string(context, call)
    parsed = failing(f"regexp_matches({bare_json(text)}, '{LONG_NUMBER}')", LONG_NUMBERS, as_null(f"json({text})"))
    shallow = failing(too_deep(text), f"JSON_PARSE takes JSON of at most {MAX_LEVELS} levels", parsed)
    return failing(f"NOT {is_valid(text)}", "the input of JSON_PARSE is not valid JSON", shallow)


def too_deep(text: str) -> str:
    """Tell whether JSON has more levels than a SUPER; the state of the count is its maximum and where it is now."""
    brackets = f"regexp_extract_all({bare_json(text)}, '[\\[\\]{{}}]')"
    steps = f"list_transform({brackets}, lambda token: CASE WHEN token IN ('[', '{{') THEN 1::BIGINT ELSE -1 END)"
    now = f"(state % {LEVELS_BASE} + step)"
    deepest = (
        f"list_reduce({steps}, lambda state, step: greatest(state // {LEVELS_BASE}, {now}) * {LEVELS_BASE} + {now}, 0)"
    )
    opened = f"len(regexp_extract_all({bare_json(text)}, '[\\[{{]')) > {MAX_LEVELS}"
    return f"(strlen({text}) > {2 * MAX_LEVELS} AND {opened} AND {deepest} // {LEVELS_BASE} > {MAX_LEVELS})"


def can_parse_text(context: Context, call: Call) -> str:
    return is_valid(json_string(context, call))


def valid_object(context: Context, call: Call) -> str:
    text = json_string(context, call)
    return f"({is_valid(text)} AND {begins(text, '{')})"


def valid_array(context: Context, call: Call) -> str:
    text = json_string(context, call)
    return f"({is_valid(text)} AND {begins(text, '[')})"


def serialize_text(context: Context, call: Call) -> str:
    return f"CAST({super_value(context, call)} AS VARCHAR)"


def serialize_octets(context: Context, call: Call) -> str:
    return f"encode({serialize_text(context, call)})"


def size_text(context: Context, call: Call) -> str:
    return f"CAST(strlen({serialize_text(context, call)}) AS INTEGER)"


def null_if_invalid(call: Call) -> tuple[Call, bool]:
    """Divide a call from its last argument where that one is a BOOLEAN."""
    last = bare(call.arguments[-1])
    if not isinstance(last, exp.Boolean):
        return call, False
    return Call(call.name, call.arguments[:-1], call.node), bool(last.this)


def guarded(call: Call, valid: str, message: str, quiet: bool, text: str) -> str:
    """Return a text where the input is valid; else NULL, or an error."""
    if quiet:
        return f"CASE WHEN {valid} THEN {text} END"
    return failing(f"NOT {valid}", f"{call.name}: {message}", text)


def extracted(text: str, path: str) -> str:
    """Return what a path leads to as text, its numbers as they were written.

    The engine writes numbers anew: those that it would change are strings between two marks while it extracts.
    """
    between = f"regexp_replace({text}, '({WHOLE_STRINGS})|({NUMBER})', '\\1{MARK}\\2{END_MARK}', 'g')"
    marked = f"replace(replace(replace({between}, '{MARK}{END_MARK}', ''), '{MARK}', '\"{MARK}'), '{END_MARK}', '\"')"
    unmarked = f"regexp_replace(json_extract_string({marked}, {path}), '\"?{MARK}({NUMBER})\"?', '\\1', 'g')"
    rewritten = f"regexp_matches({bare_json(text)}, '{REWRITTEN}')"
    return f"CASE WHEN {rewritten} THEN {unmarked} ELSE json_extract_string({text}, {path}) END"


def path_text(context: Context, call: Call) -> str:
    """Return the value at the end of a path of keys; NULL where there is none."""
    call, quiet = null_if_invalid(call)
    text = json_string(context, call)
    if len(call.arguments) < 2:  # noqa: PLR2004 - the first key is the second
        raise invalid(call.node, "json_extract_path_text needs a key", "42883")
    path = "'$' || " + " || ".join(key_text(context, call, place) for place in range(1, len(call.arguments)))
    whole = f"CASE WHEN {text} IS NOT NULL THEN {extracted(text, path)} END"
    return guarded(call, is_valid(text), "invalid json object", quiet, whole)


def key_text(context: Context, call: Call, place: int) -> str:
    escaped = f"replace(replace({json_string(context, call, place)}, '\\', '\\\\'), '\"', '\\\"')"
    return f"'.\"' || {escaped} || '\"'"


def element_text(context: Context, call: Call) -> str:
    """Return the array's element at a place from 0 on; an empty string where there is none, NULL for a null."""
    call, quiet = null_if_invalid(call)
    if len(call.arguments) < 2:  # noqa: PLR2004 - the place is the second
        raise invalid(call.node, "json_extract_array_element_text needs a place in the array", "42883")
    text = json_string(context, call)
    place = as_type(context, call.arguments[1], INTEGER)
    inside = f"{place} >= 0 AND {place} < json_array_length({text})"
    element = extracted(text, f"'$[' || {place} || ']'")
    found = f"CASE WHEN {inside} THEN {element} ELSE '' END"
    whole = f"CASE WHEN {text} IS NOT NULL THEN {found} END"
    return guarded(call, f"({is_valid(text)} AND {begins(text, '[')})", "invalid json array", quiet, whole)


def array_length_text(context: Context, call: Call) -> str:
    call, quiet = null_if_invalid(call)
    text = json_string(context, call)
    valid = f"({is_valid(text)} AND {begins(text, '[')})"
    return guarded(call, valid, "invalid json array", quiet, f"CAST(json_array_length({text}) AS INTEGER)")


TYPE_WORDS = (
    "CASE {kind} WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string'"
    " WHEN 'BOOLEAN' THEN 'boolean' WHEN 'UBIGINT' THEN 'number' WHEN 'BIGINT' THEN 'number'"
    " WHEN 'DOUBLE' THEN 'number' ELSE 'null' END"
)


def typeof_text(context: Context, call: Call) -> str:
    return TYPE_WORDS.format(kind=json_kind(super_value(context, call)))


def recased(change: str) -> Callable[[Context, Call], str]:
    """Return the rewrite that changes the letters of all keys, and of nothing else."""

    def text(context: Context, call: Call) -> str:
        tokens = f"regexp_extract_all(CAST({super_value(context, call)} AS VARCHAR), '{STRINGS}:?|[^\"]+')"
        is_key = "starts_with(token, '\"') AND token[-1] = ':'"
        return (
            f"CAST(array_to_string(list_transform({tokens},"
            f" lambda token: CASE WHEN {is_key} THEN {change}(token) ELSE token END), '') AS JSON)"
        )

    return text


FUNCTIONS: Mapping[str, Function] = {
    "json_parse": Function(fixed(SUPER), parse_text),
    "can_json_parse": Function(fixed(BOOLEAN), can_parse_text),
    "json_serialize": Function(fixed(VARCHAR), serialize_text),
    "json_serialize_to_varbyte": Function(fixed(VARBYTE), serialize_octets),
    "json_size": Function(fixed(INTEGER), size_text),
    "json_typeof": Function(fixed(VARCHAR), typeof_text),
    "json_extract_path_text": Function(fixed(VARCHAR), path_text, 2, 7),
    "json_extract_array_element_text": Function(fixed(VARCHAR), element_text, 2, 3),
    "json_array_length": Function(fixed(INTEGER), array_length_text, 1, 2),
    "is_valid_json": Function(fixed(BOOLEAN), valid_object),
    "is_valid_json_array": Function(fixed(BOOLEAN), valid_array),
    "lower_attribute_names": Function(fixed(SUPER), recased("lower")),
    "upper_attribute_names": Function(fixed(SUPER), recased("upper")),
}
