"""String functions.

Source: "String functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
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
)
from spectra_emulator.sql.type_names import INTEGER, VARCHAR, SqlType

WORDS = r"[\p{L}\p{N}]+|[^\p{L}\p{N}]+"
Text = Callable[[Context, Call], str]


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def string(context: Context, call: Call, place: int) -> str:
    """Return an argument that must be a string."""
    return implicit(context, call.arguments[place], VARCHAR)


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
    count = not_negative(context, call, 1, f"{call.name} needs a length that is not negative")
    fill = string(context, call, 2) if len(call.arguments) > 2 else "' '"  # noqa: PLR2004 - the fill is the third
    return f"{call.name}({string(context, call, 0)}, {count}, {fill})"


def repeat_text(context: Context, call: Call) -> str:
    count = not_negative(context, call, 1, "repeat needs a count that is not negative")
    return f"repeat({string(context, call, 0)}, {count})"


def split_text(context: Context, call: Call) -> str:
    if is_text_literal(call.arguments[1]) and not bare(call.arguments[1]).name:
        raise unsupported(call.node, "SPLIT_PART with an empty delimiter")
    part = whole(context, call, 2)
    text = f"split_part({string(context, call, 0)}, {string(context, call, 1)}, {part})"
    known = integer_literal(call.arguments[2])
    message = "field position must be greater than zero"
    if known is not None and known < 1:
        raise invalid(call.node, message, "22023")
    return text if known is not None else failing(f"{part} < 1", message, text)


def reverse_text(context: Context, call: Call) -> str:
    """Reverse characters; DuckDB reverses graphemes, so that text of several bytes a character is refused."""
    text = string(context, call, 0)
    message = "REVERSE of multibyte text is not supported by the emulator"
    return failing(f"strlen({text}) <> length({text})", message, f"reverse({text})")


def initcap_text(context: Context, call: Call) -> str:
    """Capitalise each run of letters and digits."""
    words = f"regexp_extract_all({string(context, call, 0)}, {quoted(WORDS)})"
    capitalised = f"list_transform({words}, lambda word: upper(left(word, 1)) || lower(substring(word, 2)))"
    return f"array_to_string({capitalised}, '')"


def octets(context: Context, call: Call) -> str:
    if context.type(call.arguments[0]).name == "CHAR":
        raise unsupported(call.node, "OCTET_LENGTH of CHAR")
    return f"CAST(strlen({string(context, call, 0)}) AS INTEGER)"


def chr_text(context: Context, call: Call) -> str:
    return f"chr({whole(context, call, 0)})"


def joined(context: Context, sides: tuple[exp.Expr, ...]) -> str:
    """Concatenate; NULL with anything is NULL, and a value of another type becomes text."""
    return "(" + " || ".join(as_type(context, side, VARCHAR) for side in sides) + ")"


def concat_text(context: Context, call: Call) -> str:
    return joined(context, call.arguments)


def pipe_rule(context: Context, node: exp.Expr) -> str:
    sides = tuple(node.flatten(unnest=False))
    if not any(context.type(side).is_string for side in sides[:2]):
        raise unsupported(node, "|| without a string on one side")
    return joined(context, sides)


def varchar_type(_context: Context, _node: exp.Expr) -> SqlType:
    return VARCHAR


AS_VARCHAR = fixed(VARCHAR)
AS_INTEGER = fixed(INTEGER)
LENGTH = Function(AS_INTEGER, counted("length"))
SUBSTRING = Function(AS_VARCHAR, substring_text, 2, 3)
FUNCTIONS: Mapping[str, Function] = {
    "upper": Function(AS_VARCHAR, on_strings("upper")),
    "lower": Function(AS_VARCHAR, on_strings("lower")),
    **dict.fromkeys(("length", "len", "char_length", "character_length", "textlen"), LENGTH),
    "octet_length": Function(AS_INTEGER, octets),
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
    "concat": Function(AS_VARCHAR, concat_text, 2, 2),
    "lpad": Function(AS_VARCHAR, pad_text, 2, 3),
    "rpad": Function(AS_VARCHAR, pad_text, 2, 3),
    "repeat": Function(AS_VARCHAR, repeat_text, 2, 2),
    "replicate": Function(AS_VARCHAR, repeat_text, 2, 2),
    "strpos": Function(AS_INTEGER, counted("strpos"), 2, 2),
    "charindex": Function(AS_INTEGER, swapped_position, 2, 2),
    "position": Function(AS_INTEGER, swapped_position, 2, 2),
    "initcap": Function(AS_VARCHAR, initcap_text),
    "reverse": Function(AS_VARCHAR, reverse_text),
    "split_part": Function(AS_VARCHAR, split_text, 3, 3),
    "ascii": Function(AS_INTEGER, on_strings("ascii")),
    "chr": Function(AS_VARCHAR, chr_text),
    "md5": Function(AS_VARCHAR, on_strings("md5")),
    **dict.fromkeys(("sha", "sha1", "func_sha1"), Function(AS_VARCHAR, on_strings("sha1"))),
}
RULES: Mapping[type[exp.Expr], Rule] = {
    exp.DPipe: Rule(varchar_type, pipe_rule, frozenset({"this", "expression", "safe"}))
}
