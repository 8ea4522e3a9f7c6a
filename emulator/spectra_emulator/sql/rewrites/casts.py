"""Explicit and implicit conversions.

Source: "CAST and CONVERT functions", "Type compatibility and conversion", "Character types", "Boolean type",
"Date, time, and timestamp literals".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.interval_text import interval_text
from spectra_emulator.sql.refusals import invalid, no_cast, unsupported
from spectra_emulator.sql.rewrites import moment_texts
from spectra_emulator.sql.rewrites.context import Context, Rule, bare, failing, is_text_literal, quoted, untyped
from spectra_emulator.sql.rewrites.date_literals import UnreadableError
from spectra_emulator.sql.rewrites.decimal_range import held
from spectra_emulator.sql.rewrites.float_texts import finite_or_spelt, float_text, is_beyond
from spectra_emulator.sql.rewrites.interval_literals import interval_value
from spectra_emulator.sql.rewrites.literal_texts import moment_literal
from spectra_emulator.sql.rewrites.moment_texts import ISO_FORMS, read_text
from spectra_emulator.sql.rewrites.spatial_casts import spatial_cast
from spectra_emulator.sql.rewrites.super_casts import from_super, refuse_moment, scalar_text, to_super
from spectra_emulator.sql.rewrites.varbyte_casts import from_varbyte, to_varbyte
from spectra_emulator.sql.type_names import INTERVAL, SqlType, parsed_type

TRUE_WORDS = ("t", "true", "y", "yes", "1")
FALSE_WORDS = ("f", "false", "n", "no", "0")
FINITE_FLOAT = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
FORMS: Mapping[str, str] = {
    **dict.fromkeys(("SMALLINT", "INTEGER", "BIGINT"), r"[+-]?\d+"),
    "DECIMAL": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    **dict.fromkeys(("REAL", "DOUBLE PRECISION"), rf"({FINITE_FLOAT}|(?i:nan|[+-]?infinity))"),
}
CAST_DEFAULTS = {exp.DType.TEXT: SqlType("VARCHAR"), exp.DType.BPCHAR: SqlType("CHAR", 256)}
INT64_DIGITS = 18
MAX_LENGTHS: Mapping[str, int] = {"CHAR": 4096, "VARCHAR": 65535, "DECIMAL": 38}
"""In bytes; DECIMAL's in digits."""
NOT_COVERED = frozenset({"VARBYTE", "SUPER", "GEOMETRY", "GEOGRAPHY", "HLLSKETCH"})


def text_cast(text: str, target: SqlType) -> str:
    """Return the cast of a string to a number, which DuckDB would read more liberally."""
    form = rf"\s*{FORMS[target.name]}\s*"
    message = f"Invalid input syntax for type {target.name}, or a form that the emulator does not read"
    value = f"CAST(TRIM({text}) AS {target.duckdb})"
    if target.is_float:
        value = finite_or_spelt(value, text)
    return failing(f"NOT regexp_full_match({text}, {quoted(form)})", message, value)


def boolean_from_text(text: str) -> str:
    word = f"LOWER(TRIM({text}))"
    truths, falsehoods = (", ".join(quoted(one) for one in words) for words in (TRUE_WORDS, FALSE_WORDS))
    return (
        f"CASE WHEN {word} IN ({truths}) THEN TRUE WHEN {word} IN ({falsehoods}) THEN FALSE"
        f" WHEN {text} IS NULL THEN NULL ELSE error('Invalid input syntax for type boolean') END"
    )


WRITTEN: Mapping[str, Callable[[str], str]] = {
    "CHAR": lambda text: text,
    "VARCHAR": lambda text: text,
    "REAL": lambda text: float_text(text, 6),
    "DOUBLE PRECISION": lambda text: float_text(text, 15),
    **moment_texts.WRITTEN,
    "INTERVAL": interval_text,
    **dict.fromkeys(("SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "BOOLEAN"), lambda text: f"CAST({text} AS VARCHAR)"),
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
        raise no_cast(node, source.name, target.name)
    written = WRITTEN[source.name](text)
    if target.size is not None and not (source.is_string and source.size is not None and source.size <= target.size):
        written = cut(written, target.size)
    return f"rtrim({single_byte(written)}, ' ')" if target.name == "CHAR" and source.name != "CHAR" else written


def boolean_cast(node: exp.Expr, text: str, source: SqlType) -> str:
    if source.is_string:
        return boolean_from_text(text)
    if source.is_integer:
        return f"({text} <> 0)"
    if source.is_number:
        raise invalid(node, f"cannot cast type {source.name.lower()} to boolean", "42846")
    raise no_cast(node, source.name, "BOOLEAN")


def to_number(source: SqlType) -> bool:
    return source.is_number


def to_integer(source: SqlType) -> bool:
    return source.is_number or source.name == "BOOLEAN"


def from_types(*names: str) -> Callable[[SqlType], bool]:
    return lambda source: source.name in names


PLAIN_CASTS: Mapping[str, Callable[[SqlType], bool]] = {
    **dict.fromkeys(("SMALLINT", "INTEGER", "BIGINT"), to_integer),
    **dict.fromkeys(("DECIMAL", "REAL", "DOUBLE PRECISION"), to_number),
    **dict.fromkeys(("DATE", "TIMESTAMP", "TIMESTAMPTZ"), from_types("DATE", "TIMESTAMP", "TIMESTAMPTZ")),
    "TIME": from_types("TIME", "TIMETZ", "TIMESTAMP", "TIMESTAMPTZ"),
    "TIMETZ": from_types("TIME", "TIMETZ", "TIMESTAMPTZ"),
}


def super_cast(node: exp.Expr, text: str, source: SqlType, target: SqlType) -> str:
    if target.name == "SUPER":
        written = string_cast(node, text, source, SqlType("VARCHAR")) if source.name in WRITTEN else text
        return text if source.name == "SUPER" else to_super(node, written, source)
    if target.is_string:
        return string_cast(node, scalar_text(text), SqlType("VARCHAR"), target)
    return from_super(node, text, target)


def varbyte_cast(node: exp.Expr, text: str, source: SqlType, target: SqlType) -> str:
    if target.name == "VARBYTE":
        return to_varbyte(node, text, source, target)
    return string_cast(node, from_varbyte(node, text, target), SqlType("VARCHAR"), target)


OWN_CASTS: Mapping[str, Callable[[exp.Expr, str, SqlType, SqlType], str]] = {
    "GEOMETRY": spatial_cast,
    "GEOGRAPHY": spatial_cast,
    "SUPER": super_cast,
    "VARBYTE": varbyte_cast,
}
"""The conversions from and to types that have rules of their own; the first of both types decides."""


def converted(node: exp.Expr, text: str, source: SqlType, target: SqlType) -> str:
    """Return the text of a value of type `source` as one of type `target`.

    Raises: InvalidSql where the conversion is unknown or not covered.
    """
    cast = next((OWN_CASTS[name] for name in OWN_CASTS if name in {source.name, target.name}), plain_cast)
    return cast(node, text, source, target)


def plain_cast(node: exp.Expr, text: str, source: SqlType, target: SqlType) -> str:
    if source.duckdb == target.duckdb and not target.is_string:
        return text
    if target.is_string:
        return string_cast(node, text, source, target)
    if target.name == "BOOLEAN":
        return boolean_cast(node, text, source)
    if source.is_string and target.name in FORMS:
        return text_cast(text, target)
    if source.is_string and target.name in ISO_FORMS:
        return read_text(text, target)
    plain = PLAIN_CASTS.get(target.name)
    if plain is None or not plain(source):
        raise no_cast(node, source.name, target.name)
    return f"CAST({text} AS {target.duckdb})"


def literal_text(node: exp.Expr, target: SqlType) -> str:
    """Return a bare string as a value of another type, read now rather than when it runs."""
    value = bare(node).name
    if target.name in ISO_FORMS:
        return moment_value(node, value, target)
    if target.name == "INTERVAL":
        return interval_value(node, value)
    if target.is_string or target.name not in FORMS:
        text = quoted(value)
        return converted(node, text, SqlType("VARCHAR", len(value.encode())), target)
    if not re.fullmatch(rf"\s*{FORMS[target.name]}\s*", value):
        raise unreadable(node, value, target)
    if target.is_float and is_beyond(value, target):
        raise invalid(node, f'"{value}" is out of range for type {target.name.lower()}', "22003")
    return f"CAST({quoted(value.strip())} AS {target.duckdb})"


BEYOND_EMULATOR = re.compile(r"\b\d{5,6}-\d|\bBC\b|\b24:00(:00)?\b", re.IGNORECASE)
"""Dates and times of Redshift that the emulator does not hold."""


def unreadable(node: exp.Expr, value: str, target: SqlType) -> InvalidSql:
    return invalid(node, f'invalid input syntax for type {target.name.lower()}: "{value}"', "22P02")


def moment_value(node: exp.Expr, value: str, target: SqlType) -> str:
    try:
        return moment_literal(value, target.name, target.duckdb)
    except UnreadableError as error:
        if BEYOND_EMULATOR.search(value):
            raise unsupported(node, f'{target.name} "{value}" (a year other than 1 to 9999, or 24:00:00)') from error
        message = f'invalid input syntax for type {target.name.lower()}, or a value out of range: "{value}"'
        raise invalid(node, message, "22007") from error


def as_type(context: Context, node: exp.Expr, target: SqlType) -> str:
    """Return a node's text as a value of `target`, cast where its own type is another."""
    target = narrowed(target) if context.narrow else target
    if isinstance(bare(node), exp.Null):
        return f"CAST(NULL AS {target.duckdb})"
    if is_text_literal(node):
        return literal_text(node, target)
    return converted(node, context.text(node), context.type(node), target)


def narrowed(target: SqlType) -> SqlType:
    """Return a DECIMAL that 64 bits hold, of the same scale."""
    if target.name != "DECIMAL" or (target.size or 0) <= INT64_DIGITS or target.scale >= INT64_DIGITS:
        return target
    return SqlType("DECIMAL", INT64_DIGITS, target.scale)


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
    return default_type(node.args["to"].this) or with_default(named_type(node.args["to"]))


def default_type(kind: object) -> SqlType | None:
    return CAST_DEFAULTS.get(kind) if isinstance(kind, exp.DType) else None


def named_type(kind: exp.DataType) -> SqlType:
    """Return the type that DDL or a cast spells."""
    if isinstance(kind.this, exp.Interval):
        return INTERVAL
    found = parsed_type(kind.sql("redshift"))
    refuse_length(kind, found)
    if found.name == "DECIMAL" and found.scale > (found.size or 0):
        raise invalid(kind, f"DECIMAL scale {found.scale} must be between 0 and precision {found.size}", "22023")
    return found


def refuse_length(node: exp.Expr, kind: SqlType) -> None:
    """Pass a string or DECIMAL of a length that Redshift has.

    Raises: InvalidSql.
    """
    longest = MAX_LENGTHS.get(kind.name)
    if longest is not None and kind.size is not None and not 1 <= kind.size <= longest:
        measure = "precision" if kind.name == "DECIMAL" else "length"
        message = f"{measure} for type {kind.name.lower()} must be between 1 and {longest}, not {kind.size}"
        raise invalid(node, message, "22023")


def interval_cast(context: Context, node: exp.Expr, qualifier: exp.Expr | None) -> str:
    """Return the cast to an INTERVAL with a qualifier, which drops what is smaller."""
    if isinstance(bare(node.this), exp.Null) or qualifier is None:
        return as_type(context, node.this, INTERVAL)
    if not is_text_literal(node.this):
        raise unsupported(node, "CAST to an INTERVAL with a qualifier of what is no literal")
    words = " TO ".join(one.name for one in qualifier.find_all(exp.Var))
    return interval_value(node, bare(node.this).name, words)


def with_default(target: SqlType) -> SqlType:
    return SqlType("CHAR", 1) if target.name == "CHAR" and target.size is None else target


def cast_type(_: Context, node: exp.Expr) -> SqlType:
    return cast_target(node)


def cast_rule(context: Context, node: exp.Expr) -> str:
    kind = node.args["to"].this
    if isinstance(kind, exp.Interval):
        return f"({interval_cast(context, node, kind.args.get('unit'))})"
    target = cast_target(node)
    if target.name == "SUPER":
        refuse_moment(node, context.type(node.this))
    source = SqlType("VARCHAR") if untyped(node.this) else context.type(node.this)
    return f"({held(as_type(context, node.this, target), source, target)})"


RULES: Mapping[type[exp.Expr], Rule] = {exp.Cast: Rule(cast_type, cast_rule, frozenset({"this", "to"}))}
