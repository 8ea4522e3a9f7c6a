"""Explicit and implicit conversions.

Source: "CAST and CONVERT functions", "Type compatibility and conversion", "Character types", "Boolean type",
"Date, time, and timestamp literals".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.context import Context, Rule, bare, failing, is_text_literal, quoted, untyped
from spectra_emulator.sql.type_names import SqlType, parsed_type

TRUE_WORDS = ("t", "true", "y", "yes", "1")
FALSE_WORDS = ("f", "false", "n", "no", "0")
DATE_TEXT = r"\d{4}-\d{1,2}-\d{1,2}"
TIME_TEXT = r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
MOMENT_TEXT = rf"{DATE_TEXT}([ T]{TIME_TEXT})?"
ZONE_TEXT = r"( ?(Z|UTC|[+-]\d{1,2}(:?\d{2})?))?"
FORMS: Mapping[str, str] = {
    **dict.fromkeys(("SMALLINT", "INTEGER", "BIGINT"), r"[+-]?\d+"),
    "DECIMAL": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    **dict.fromkeys(("REAL", "DOUBLE PRECISION"), r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"),
    "DATE": MOMENT_TEXT,
    "TIMESTAMP": MOMENT_TEXT,
    "TIMESTAMPTZ": MOMENT_TEXT + ZONE_TEXT,
    "TIME": TIME_TEXT,
}
CAST_DEFAULTS = {exp.DType.TEXT: SqlType("VARCHAR"), exp.DType.BPCHAR: SqlType("CHAR", 256)}
NOT_COVERED = frozenset({"VARBYTE", "SUPER", "TIMETZ", "GEOMETRY", "GEOGRAPHY", "HLLSKETCH"})
DATE_FAMILY = frozenset({"DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME"})


def text_cast(text: str, target: SqlType) -> str:
    """Return the cast of a string to a number or a date, which DuckDB would read more liberally."""
    form = rf"\s*{FORMS[target.name]}\s*"
    message = f"Invalid input syntax for type {target.name}, or a form that the emulator does not read"
    return failing(f"NOT regexp_full_match({text}, {quoted(form)})", message, f"CAST(TRIM({text}) AS {target.duckdb})")


def boolean_from_text(text: str) -> str:
    word = f"LOWER(TRIM({text}))"
    truths, falsehoods = (", ".join(quoted(one) for one in words) for words in (TRUE_WORDS, FALSE_WORDS))
    return (
        f"CASE WHEN {word} IN ({truths}) THEN TRUE WHEN {word} IN ({falsehoods}) THEN FALSE"
        f" WHEN {text} IS NULL THEN NULL ELSE error('Invalid input syntax for type boolean') END"
    )


def float_text(text: str, digits: int) -> str:
    """Write a float with as many significant digits as Redshift does."""
    return (
        f"CASE WHEN isnan({text}) THEN 'NaN' WHEN isinf({text}) THEN CASE WHEN {text} > 0 THEN 'Infinity'"
        f" ELSE '-Infinity' END ELSE printf('%.{digits}g', {text}) END"
    )


def timestamp_text(text: str) -> str:
    """Write a timestamp of whole seconds; how Redshift writes their fractions is not covered."""
    message = "a timestamp with fractions of a second as text is not supported by the emulator; use TO_CHAR"
    return failing(f"{text} <> date_trunc('second', {text})", message, f"CAST({text} AS VARCHAR)")


WRITTEN: Mapping[str, Callable[[str], str]] = {
    "CHAR": lambda text: text,
    "VARCHAR": lambda text: text,
    "REAL": lambda text: float_text(text, 6),
    "DOUBLE PRECISION": lambda text: float_text(text, 15),
    "TIMESTAMP": timestamp_text,
    **dict.fromkeys(
        ("SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "BOOLEAN", "DATE"), lambda text: f"CAST({text} AS VARCHAR)"
    ),
}


def cut(text: str, size: int) -> str:
    """Return the longest prefix of whole characters within `size` bytes."""
    return (
        f"CASE WHEN strlen({text}) <= {size} THEN {text} WHEN strlen({text}) = length({text}) THEN left({text}, {size})"
        f" ELSE left({text}, list_max(list_filter(range({size + 1}), lambda k: strlen(left({text}, k)) <= {size}))) END"
    )


def single_byte(text: str) -> str:
    return failing(f"strlen({text}) <> length({text})", "CHAR values hold single-byte characters only", text)


def string_cast(node: exp.Expr, text: str, source: SqlType, target: SqlType) -> str:
    """Return the cast to CHAR or VARCHAR; a CHAR is kept without its padding."""
    if source.name not in WRITTEN:
        raise unsupported(node, f"CAST of {source.name} to {target.name}")
    written = WRITTEN[source.name](text)
    if target.size is not None and not (source.is_string and source.size is not None and source.size <= target.size):
        written = cut(written, target.size)
    return f"rtrim({single_byte(written)}, ' ')" if target.name == "CHAR" and source.name != "CHAR" else written


def boolean_cast(node: exp.Expr, text: str, source: SqlType) -> str:
    if source.is_string:
        return boolean_from_text(text)
    if source.is_integer:
        return f"({text} <> 0)"
    raise unsupported(node, f"CAST of {source.name} to BOOLEAN")


def to_number(source: SqlType) -> bool:
    return source.is_number


def to_integer(source: SqlType) -> bool:
    return source.is_number or source.name == "BOOLEAN"


def to_moment(source: SqlType) -> bool:
    return source.name in {"DATE", "TIMESTAMP"}


PLAIN_CASTS: Mapping[str, Callable[[SqlType], bool]] = {
    **dict.fromkeys(("SMALLINT", "INTEGER", "BIGINT"), to_integer),
    **dict.fromkeys(("DECIMAL", "REAL", "DOUBLE PRECISION"), to_number),
    **dict.fromkeys(("DATE", "TIMESTAMP"), to_moment),
    "TIME": lambda source: source.name in {"TIME", "TIMESTAMP"},
}


def converted(node: exp.Expr, text: str, source: SqlType, target: SqlType) -> str:
    """Return the text of a value of type `source` as one of type `target`.

    Raises: InvalidSql where the conversion is unknown or not covered.
    """
    if source.duckdb == target.duckdb and not target.is_string:
        return text
    if target.is_string:
        return string_cast(node, text, source, target)
    if target.name == "BOOLEAN":
        return boolean_cast(node, text, source)
    if source.is_string and target.name in FORMS:
        return text_cast(text, target)
    plain = PLAIN_CASTS.get(target.name)
    if plain is None or not plain(source):
        raise unsupported(node, f"CAST of {source.name} to {target.name}")
    return f"CAST({text} AS {target.duckdb})"


def literal_text(node: exp.Expr, target: SqlType) -> str:
    """Return a bare string as a value of another type, read now rather than when it runs."""
    value = bare(node).name
    if target.is_string or target.name not in FORMS:
        text = quoted(value)
        return converted(node, text, SqlType("VARCHAR", len(value.encode())), target)
    if not re.fullmatch(rf"\s*{FORMS[target.name]}\s*", value):
        raise unreadable(node, value, target)
    return f"CAST({quoted(value.strip())} AS {target.duckdb})"


def unreadable(node: exp.Expr, value: str, target: SqlType) -> Exception:
    if target.name in DATE_FAMILY:
        return unsupported(node, f'the {target.name} literal "{value}" (write YYYY-MM-DD HH:MM:SS)')
    return invalid(node, f'invalid input syntax for type {target.name.lower()}: "{value}"', "22P02")


def as_type(context: Context, node: exp.Expr, target: SqlType) -> str:
    """Return a node's text as a value of `target`, cast where its own type is another."""
    if isinstance(bare(node), exp.Null):
        return f"CAST(NULL AS {target.duckdb})"
    if is_text_literal(node):
        return literal_text(node, target)
    return converted(node, context.text(node), context.type(node), target)


def implicit(context: Context, node: exp.Expr, target: SqlType) -> str:
    """Return a node's text as a value of `target` where Redshift converts by itself.

    Raises: InvalidSql where it does not.
    """
    source = context.type(node)
    if source.name in NOT_COVERED:
        raise unsupported(node, f"{source.name} here")
    if not untyped(node) and source.is_string != target.is_string:
        raise invalid(node, f"{source.text} is not converted to {target.text} without a CAST", "42804")
    if target.is_string and not untyped(node):
        return context.text(node)
    return as_type(context, node, target)


def cast_target(node: exp.Expr) -> SqlType:
    """Return the type that a cast names; CHAR alone is CHAR(1), VARCHAR alone has no length here."""
    return CAST_DEFAULTS.get(node.args["to"].this) or with_default(named_type(node.args["to"]))


def named_type(kind: exp.DataType) -> SqlType:
    """Return the type that DDL or a cast spells."""
    return parsed_type(kind.sql("redshift"))


def with_default(target: SqlType) -> SqlType:
    return SqlType("CHAR", 1) if target.name == "CHAR" and target.size is None else target


def cast_type(_: Context, node: exp.Expr) -> SqlType:
    return cast_target(node)


def cast_rule(context: Context, node: exp.Expr) -> str:
    if node.args.get("safe"):
        raise unsupported(node, "TRY_CAST")
    return f"({as_type(context, node.this, cast_target(node))})"


RULES: Mapping[type[exp.Expr], Rule] = {exp.Cast: Rule(cast_type, cast_rule, frozenset({"this", "to", "safe"}))}
