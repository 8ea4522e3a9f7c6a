"""String functions.

Source: "String functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites import varbyte
from spectra_emulator.sql.rewrites.casts import as_type, implicit
from spectra_emulator.sql.rewrites.context import (
    Context,
    Function,
    Rule,
    bare,
    failing,
    integer_literal,
    is_text_literal,
    quoted,
    untyped,
)
from spectra_emulator.sql.rewrites.varbyte import either, is_varbyte
from spectra_emulator.sql.type_names import INTEGER, VARBYTE, VARCHAR, SqlType

UNEVEN_CASE = "the upper or lower case of a letter such as ß, of another length, is not supported by the emulator"
WORDS = r"[\p{L}\p{N}]+|[^\p{L}\p{N}]+"
SENSITIVE = frozenset({"replace", "split_part", "translate", "bpcharcmp", "bttext_pattern_cmp", "octetindex"})
TRIMMING = frozenset({"trim", "btrim", "ltrim", "rtrim"})
MOMENTS = frozenset({"DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ"})
Text = Callable[[Context, Call], str]


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def string(context: Context, call: Call, place: int) -> str:
    """Return an argument that must be a string, or a number or a date, which turn into one."""
    argument = call.arguments[place]
    kind = context.type(argument)
    if kind.insensitive and looks_for_letters(call):
        raise unsupported(call.node, f"{call.name} of a case-insensitive string")
    if (kind.is_number or kind.name in MOMENTS) and not untyped(argument):
        return as_type(context, argument, VARCHAR)
    return implicit(context, argument, VARCHAR)


def looks_for_letters(call: Call) -> bool:
    """Tell whether the engine's function compares letters, which it does with regard to case."""
    return call.name in SENSITIVE or (call.name in TRIMMING and len(call.arguments) > 1)


def whole(context: Context, call: Call, place: int) -> str:
    """Return an argument that must be a whole number.

    Raises: InvalidSql where it is none.
    """
    argument = call.arguments[place]
    if not context.type(argument).is_integer and not is_text_literal(argument):
        raise invalid(call.node, f"argument {place + 1} of {call.name} must be an INTEGER", "42883")
    return as_type(context, argument, INTEGER)


def on_strings(duckdb_name: str) -> Text:
    """Return the rewrite of a function whose arguments are all strings."""

    def text(context: Context, call: Call) -> str:
        return f"{duckdb_name}({', '.join(string(context, call, place) for place in range(len(call.arguments)))})"

    return text


def counted(duckdb_name: str) -> Text:
    """Return the rewrite of a function of strings whose BIGINT answer is INTEGER in Redshift."""
    plain = on_strings(duckdb_name)
    return lambda context, call: f"CAST({plain(context, call)} AS INTEGER)"


def swapped_position(context: Context, call: Call) -> str:
    return f"CAST(strpos({string(context, call, 1)}, {string(context, call, 0)}) AS INTEGER)"


def substring_text(context: Context, call: Call) -> str:
    """Count positions before the first as characters that are not there, where DuckDB counts from the end."""
    text, start = string(context, call, 0), whole(context, call, 1)
    known = integer_literal(call.arguments[1])
    if len(call.arguments) == 2:  # noqa: PLR2004 - without a length
        return f"substring({text}, {start if known and known > 0 else floored(start, 1)})"
    return substring_of_length(context, call, (text, start), known)


def floored(number: str, floor: int) -> str:
    return f"CASE WHEN {number} < {floor} THEN {floor} ELSE {number} END"


def substring_of_length(context: Context, call: Call, operands: tuple[str, str], known: int | None) -> str:
    text, start = operands
    length = not_negative(context, call, 2, "negative substring length not allowed")
    if known is not None and known > 0:
        return f"substring({text}, {start}, {length})"
    shortened = floored(f"{start} + {length} - 1", 0)
    return f"CASE WHEN {start} < 1 THEN substring({text}, 1, {shortened}) ELSE substring({text}, {start}, {length}) END"


def not_negative(context: Context, call: Call, place: int, message: str) -> str:
    """Return a whole number that raises where it is negative."""
    number, known = whole(context, call, place), integer_literal(call.arguments[place])
    if known is not None and known < 0:
        raise invalid(call.node, message, "22011")
    return number if known is not None else failing(f"{number} < 0", message, number)


def side_text(context: Context, call: Call) -> str:
    count = not_negative(context, call, 1, f"{call.name} needs a length that is not negative")
    return f"{call.name}({string(context, call, 0)}, {count})"


def pad_text(context: Context, call: Call) -> str:
    """Pad or cut to a length; one below 1 gives an empty string, and an empty fill cuts alone."""
    text, count = string(context, call, 0), f"greatest({whole(context, call, 1)}, 0)"
    if len(call.arguments) == 2:  # noqa: PLR2004 - without a fill
        return f"{call.name}({text}, {count}, ' ')"
    fill = string(context, call, 2)
    cut = f"left({text}, {count})"
    padded = f"{call.name}({text}, CASE WHEN {fill} = '' THEN 0 ELSE {count} END, {fill})"
    return f"CASE WHEN {fill} = '' THEN {cut} ELSE {padded} END"


def repeat_text(context: Context, call: Call) -> str:
    count = not_negative(context, call, 1, "repeat needs a count that is not negative")
    return f"repeat({string(context, call, 0)}, {count})"


def split_text(context: Context, call: Call) -> str:
    if is_text_literal(call.arguments[1]) and not bare(call.arguments[1]).name:
        raise unsupported(call.node, "SPLIT_PART with an empty delimiter")
    part = whole(context, call, 2)
    text = part_of(string(context, call, 0), string(context, call, 1), part)
    known = integer_literal(call.arguments[2])
    message = "field position must be greater than zero"
    if known is not None and known < 1:
        raise invalid(call.node, message, "22023")
    return text if known is not None else failing(f"{part} < 1", message, text)


def part_of(text: str, delimiter: str, part: str) -> str:
    """Return what DuckDB's macro split_part stands for, whose nested calls take it long to bind."""
    known = " AND ".join(f"{one} IS NOT NULL" for one in (text, delimiter, part))
    return f"CASE WHEN {known} THEN coalesce(string_split({text}, {delimiter})[{part}], '') END"


def recased(duckdb_name: str) -> Text:
    """Return the rewrite of UPPER or LOWER, which stop at the few letters whose other form has another length."""

    def text(context: Context, call: Call) -> str:
        before = string(context, call, 0)
        return of_one_length(before, f"{duckdb_name}({before})")

    return text


def of_one_length(before: str, after: str) -> str:
    return failing(f"strlen({after}) <> strlen({before})", UNEVEN_CASE, after)


def reverse_text(context: Context, call: Call) -> str:
    """Reverse characters, where DuckDB would reverse graphemes."""
    letters = f"regexp_extract_all({string(context, call, 0)}, '(?s).')"
    return f"array_to_string(list_reverse({letters}), '')"


def initcap_text(context: Context, call: Call) -> str:
    """Capitalise each run of letters and digits."""
    words = f"regexp_extract_all({string(context, call, 0)}, {quoted(WORDS)})"
    capitalised = f"list_transform({words}, lambda word: upper(left(word, 1)) || lower(substring(word, 2)))"
    return of_one_length(string(context, call, 0), f"array_to_string({capitalised}, '')")


def octets(context: Context, call: Call) -> str:
    """Count bytes, a CHAR's trailing blanks among them."""
    kind, text = context.type(call.arguments[0]), string(context, call, 0)
    if kind.name != "CHAR":
        return f"CAST(strlen({text}) AS INTEGER)"
    if kind.size is None:
        raise unsupported(call.node, "OCTET_LENGTH of a CHAR of unknown length")
    return f"CASE WHEN {text} IS NOT NULL THEN {kind.size} END"


def octet_position(context: Context, call: Call) -> str:
    """Return the place of the first byte of a string in another, counted from 1."""
    needle, text = string(context, call, 0), string(context, call, 1)
    found = f"strpos({text}, {needle})"
    return f"CASE WHEN {found} = 0 THEN 0 ELSE CAST(strlen(left({text}, {found} - 1)) + 1 AS INTEGER) END"


def compared_text(context: Context, call: Call) -> str:
    """Compare without trailing blanks: -1, 0 or 1."""
    left, right = (f"rtrim({string(context, call, place)}, ' ')" for place in (0, 1))
    return f"CASE WHEN {left} < {right} THEN -1 WHEN {left} > {right} THEN 1 WHEN {left} = {right} THEN 0 END"


def chr_text(context: Context, call: Call) -> str:
    return f"chr({whole(context, call, 0)})"


def joined(context: Context, sides: tuple[exp.Expr, ...]) -> str:
    """Concatenate; NULL with anything is NULL, and a value of another type becomes text."""
    return "(" + " || ".join(as_type(context, side, VARCHAR) for side in sides) + ")"


def concat_text(context: Context, call: Call) -> str:
    return joined(context, call.arguments)


def pipe_rule(context: Context, node: exp.Expr) -> str:
    sides = tuple(node.flatten(unnest=False))
    if any(is_varbyte(context, side) for side in sides):
        return varbyte.joined(context, sides)
    if not any(context.type(side).is_string or context.type(side).name == "SUPER" for side in sides[:2]):
        raise unsupported(node, "|| without a string on one side")
    return joined(context, sides)


def pipe_type(context: Context, node: exp.Expr) -> SqlType:
    return VARBYTE if any(is_varbyte(context, side) for side in node.flatten(unnest=False)) else VARCHAR


AS_VARCHAR = fixed(VARCHAR)
AS_INTEGER = fixed(INTEGER)
LENGTH = either(Function(AS_INTEGER, counted("length")), varbyte.LENGTH)
SUBSTRING = either(Function(AS_VARCHAR, substring_text, 2, 3), varbyte.SUBSTRING)
COMPARISON = Function(AS_INTEGER, compared_text, 2, 2)
FUNCTIONS: Mapping[str, Function] = {
    "upper": Function(AS_VARCHAR, recased("upper")),
    "lower": Function(AS_VARCHAR, recased("lower")),
    **dict.fromkeys(("length", "len", "char_length", "character_length", "textlen"), LENGTH),
    "octet_length": either(Function(AS_INTEGER, octets), varbyte.LENGTH),
    "octetindex": either(Function(AS_INTEGER, octet_position, 2, 2), varbyte.CHARINDEX),
    **dict.fromkeys(("bpcharcmp", "bttext_pattern_cmp"), COMPARISON),
    "btrim": Function(AS_VARCHAR, on_strings("trim"), 1, 2),
    "trim": Function(AS_VARCHAR, on_strings("trim"), 1, 2),
    "ltrim": Function(AS_VARCHAR, on_strings("ltrim"), 1, 2),
    "rtrim": Function(AS_VARCHAR, on_strings("rtrim"), 1, 2),
    "substring": SUBSTRING,
    "substr": SUBSTRING,
    "left": Function(AS_VARCHAR, side_text, 2, 2),
    "right": Function(AS_VARCHAR, side_text, 2, 2),
    "replace": Function(AS_VARCHAR, on_strings("replace"), 3, 3),
    "translate": Function(AS_VARCHAR, on_strings("translate"), 3, 3),
    "concat": either(Function(AS_VARCHAR, concat_text, 2, 2), varbyte.CONCAT),
    "lpad": Function(AS_VARCHAR, pad_text, 2, 3),
    "rpad": Function(AS_VARCHAR, pad_text, 2, 3),
    "repeat": Function(AS_VARCHAR, repeat_text, 2, 2),
    "replicate": Function(AS_VARCHAR, repeat_text, 2, 2),
    "strpos": either(Function(AS_INTEGER, counted("strpos"), 2, 2), varbyte.STRPOS),
    "charindex": either(Function(AS_INTEGER, swapped_position, 2, 2), varbyte.CHARINDEX),
    "position": either(Function(AS_INTEGER, swapped_position, 2, 2), varbyte.CHARINDEX),
    "initcap": Function(AS_VARCHAR, initcap_text),
    "reverse": either(Function(AS_VARCHAR, reverse_text), varbyte.REVERSE),
    "split_part": Function(AS_VARCHAR, split_text, 3, 3),
    "ascii": Function(AS_INTEGER, on_strings("ascii")),
    "chr": Function(AS_VARCHAR, chr_text),
}
RULES: Mapping[type[exp.Expr], Rule] = {
    exp.DPipe: Rule(pipe_type, pipe_rule, frozenset({"this", "expression", "safe"}))
}
