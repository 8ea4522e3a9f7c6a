"""VARBYTE functions and operators.

Source: "VARBYTE type", "VARBYTE operators", "FROM_HEX", "FROM_VARBYTE", "GETBIT", "TO_HEX", "TO_VARBYTE".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import (
    Context,
    Function,
    bare,
    failing,
    integer_literal,
    is_text_literal,
    quoted,
    untyped,
)
from spectra_emulator.sql.type_names import BIGINT, INTEGER, VARBYTE, VARCHAR, SqlType

Text = Callable[[Context, Call], str]
INTEGER_DIGITS = {"SMALLINT": 8, "INTEGER": 8, "BIGINT": 16}
HEX_FORM = "([0-9A-Fa-f]{2})*"
BINARY_FORM = "[01]*"


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def is_varbyte(context: Context, node: exp.Expr) -> bool:
    return context.type(node).name == "VARBYTE"


def either(strings: Function, octets: Function) -> Function:
    """Return the function that is `octets` where an argument is VARBYTE, and else `strings`."""

    def chosen(context: Context, call: Call) -> Function:
        return octets if any(is_varbyte(context, one) for one in call.arguments) else strings

    return Function(
        lambda context, call: chosen(context, call).type(context, call),
        lambda context, call: chosen(context, call).text(context, call),
        strings.least,
        strings.most,
    )


def octets(context: Context, call: Call, place: int) -> str:
    return operand(context, call.arguments[place])


def from_hex(text: str) -> str:
    message = "the input is not a string of hexadecimal digits, two a byte"
    return failing(f"NOT regexp_full_match({text}, '{HEX_FORM}')", message, f"unhex({text})")


def from_binary(text: str) -> str:
    message = "the input is not a string of binary digits, eight a byte"
    padded = f"lpad({text}, CAST((length({text}) + 7) // 8 * 8 AS INTEGER), '0')"
    converted = f"CASE WHEN {text} = '' THEN ''::BLOB ELSE CAST(CAST({padded} AS BIT) AS BLOB) END"
    return failing(f"NOT regexp_full_match({text}, '{BINARY_FORM}')", message, converted)


def to_hex(text: str) -> str:
    return f"lower(hex({text}))"


def to_binary(text: str) -> str:
    return f"CASE WHEN octet_length({text}) = 0 THEN '' ELSE CAST(CAST({text} AS BIT) AS VARCHAR) END"


READERS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("hex", "hexadecimal"), from_hex),
    "binary": from_binary,
    **dict.fromkeys(("utf8", "utf-8", "utf_8"), lambda text: f"encode({text})"),
    "base64": lambda text: f"from_base64({text})",
}
WRITERS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("hex", "hexadecimal"), to_hex),
    "binary": to_binary,
    **dict.fromkeys(("utf8", "utf-8", "utf_8"), lambda text: f"decode({text})"),
    "base64": lambda text: f"base64({text})",
}


def format_of(call: Call, known: Mapping[str, Callable[[str], str]]) -> Callable[[str], str]:
    """Return the conversion that the second argument names.

    Raises: InvalidSql where it names none.
    """
    if not is_text_literal(call.arguments[1]):
        raise unsupported(call.node, f"{call.name} with a format that is no literal")
    name = bare(call.arguments[1]).name
    if name.lower() not in known:
        raise invalid(call.node, f'{call.name} knows no format "{name}": write hex, binary, base64 or utf8', "22023")
    return known[name.lower()]


def to_varbyte_text(context: Context, call: Call) -> str:
    convert = format_of(call, READERS)
    return convert(as_type(context, call.arguments[0], VARCHAR))


def from_varbyte_text(context: Context, call: Call) -> str:
    return format_of(call, WRITERS)(octets(context, call, 0))


def from_hex_text(context: Context, call: Call) -> str:
    return from_hex(as_type(context, call.arguments[0], VARCHAR))


def to_hex_text(context: Context, call: Call) -> str:
    """Write bytes, or a whole number's digits, as hexadecimal digits."""
    kind = context.type(call.arguments[0])
    if kind.is_integer:
        digits = INTEGER_DIGITS[kind.name]
        return f"lower(right(hex(CAST({context.text(call.arguments[0])} AS BIGINT)), {digits}))"
    if not (kind.is_string or kind.name == "VARBYTE"):
        raise invalid(call.node, f"function to_hex({kind.name.lower()}) does not exist", "42883")
    return to_hex(octets(context, call, 0))


def getbit_text(context: Context, call: Call) -> str:
    """Return the bit at a place, counted from the last bit of the last byte."""
    bits = to_binary(octets(context, call, 0))
    place = as_type(context, call.arguments[1], BIGINT)
    message = "the index of GETBIT is outside of the value"
    found = f"CAST(substring({bits}, length({bits}) - {place}, 1) AS INTEGER)"
    return failing(f"{place} < 0 OR {place} >= length({bits})", message, found)


def length_text(context: Context, call: Call) -> str:
    return f"CAST(octet_length({octets(context, call, 0)}) AS INTEGER)"


def substring_text(context: Context, call: Call) -> str:
    """Cut out bytes; a start before the first byte counts as the first."""
    value, start = octets(context, call, 0), as_type(context, call.arguments[1], INTEGER)
    first = f"greatest({start}, 1)"
    if len(call.arguments) == 2:  # noqa: PLR2004 - without a length
        return f"array_slice({value}, {first}, octet_length({value}))"
    length, known = as_type(context, call.arguments[2], INTEGER), integer_literal(call.arguments[2])
    if known is not None and known < 0:
        raise invalid(call.node, "negative substring length not allowed", "22011")
    cut = f"array_slice({value}, {first}, {start} + {length} - 1)"
    empty = f"CASE WHEN {start} + {length} - 1 < 1 OR {length} = 0 THEN ''::BLOB ELSE {cut} END"
    return failing(f"{length} < 0", "negative substring length not allowed", empty)


def joined(context: Context, sides: Sequence[exp.Expr]) -> str:
    return "(" + " || ".join(operand(context, side) for side in sides) + ")"


def operand(context: Context, node: exp.Expr) -> str:
    """Return the bytes of an operand; a number becomes none without a CAST."""
    if not untyped(node) and context.type(node).is_number:
        raise unsupported(node, f"{context.type(node).name} beside VARBYTE without a CAST")
    return as_type(context, node, VARBYTE)


def concat_text(context: Context, call: Call) -> str:
    return joined(context, call.arguments)


def position_text(needle: int, text: int) -> Text:
    """Return the rewrite that finds bytes in bytes, from the places of both arguments."""

    def rewrite(context: Context, call: Call) -> str:
        spread = [
            f"regexp_replace(hex({octets(context, call, place)}), '(..)', '\\1,', 'g')" for place in (text, needle)
        ]
        found = f"strpos({spread[0]}, {spread[1]})"
        return f"CAST(({found} + 2) // 3 AS INTEGER)"

    return rewrite


def reversed_text(context: Context, call: Call) -> str:
    pairs = f"regexp_extract_all(hex({octets(context, call, 0)}), '..')"
    return f"unhex(array_to_string(list_reverse({pairs}), ''))"


def bits_text(context: Context, node: exp.Expr, sign: str) -> str:
    """Combine two values of the same length bit by bit."""
    left, right = (operand(context, side) for side in (node.this, node.expression))
    text = f"CAST(CAST({left} AS BIT) {sign} CAST({right} AS BIT) AS BLOB)"
    same = f"octet_length({left}) <> octet_length({right})"
    return f"({failing(same, 'the operands of a bitwise operator must have the same length', text)})"


def inverted_text(context: Context, node: exp.Expr) -> str:
    return f"CAST(~ CAST({context.text(node.this)} AS BIT) AS BLOB)"


def literal_octets(node: exp.Expr) -> str:
    """Return the bytes of a literal X'…'.

    Raises: InvalidSql where its digits make no bytes.
    """
    digits = str(node.this)
    if len(digits) % 2:
        raise invalid(node, "a hexadecimal literal has two digits a byte", "22023")
    return f"unhex({quoted(digits)})"


OCTETS = fixed(VARBYTE)
FUNCTIONS: Mapping[str, Function] = {
    "to_varbyte": Function(OCTETS, to_varbyte_text, 2, 2),
    "from_varbyte": Function(fixed(VARCHAR), from_varbyte_text, 2, 2),
    "from_hex": Function(OCTETS, from_hex_text),
    "to_hex": Function(fixed(VARCHAR), to_hex_text),
    "getbit": Function(fixed(INTEGER), getbit_text, 2, 2),
}
LENGTH = Function(fixed(INTEGER), length_text)
SUBSTRING = Function(OCTETS, substring_text, 2, 3)
CONCAT = Function(OCTETS, concat_text, 2, 2)
REVERSE = Function(OCTETS, reversed_text)
STRPOS = Function(fixed(INTEGER), position_text(1, 0), 2, 2)
CHARINDEX = Function(fixed(INTEGER), position_text(0, 1), 2, 2)
