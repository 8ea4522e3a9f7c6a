"""Conversions to and from SUPER, which give NULL where a value does not fit.

A SUPER is JSON; JSON's null counts as NULL. A floating-point number keeps an exponent, which tells it from a DECIMAL.

Source: "SUPER type", "Querying semistructured data" (lax semantics), "Limitations" of SUPER.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.refusals import MOMENTS as NO_SUPER
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.context import failing, quoted
from spectra_emulator.sql.type_names import SqlType

NUMBERS = "('UBIGINT', 'BIGINT', 'DOUBLE')"
NESTED = "('ARRAY', 'OBJECT')"
NUMBER_TEXT = r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*"
TRUTHS = "('t', 'true', 'y', 'yes', '1')"
FALSEHOODS = "('f', 'false', 'n', 'no', '0')"
NO_NUMBER = "NaN or Infinity as SUPER is not supported by the emulator"
MOMENTS = frozenset({"DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME"})


def json_kind(text: str) -> str:
    return f"json_type({text})"


def plain_text(text: str) -> str:
    """Return a scalar as text without quotes; JSON's null is NULL."""
    return f"json_extract_string({text}, '$')"


def as_null(text: str) -> str:
    """Return JSON with NULL for JSON's null."""
    return f"nullif({text}, 'null'::JSON)"


def scalar_text(text: str) -> str:
    """Return a scalar as VARCHAR; arrays and objects are NULL."""
    floating = f"{json_kind(text)} = 'DOUBLE' AND CAST({text} AS VARCHAR) LIKE '%e0'"
    return (
        f"CASE WHEN {json_kind(text)} IN {NESTED} THEN NULL WHEN {floating}"
        f" THEN left(CAST({text} AS VARCHAR), -2) WHEN {json_kind(text)} IN {NUMBERS} THEN CAST({text} AS VARCHAR)"
        f" ELSE {plain_text(text)} END"
    )


def boolean_of(text: str) -> str:
    word = f"lower(trim({plain_text(text)}))"
    whole = f"TRY_CAST(CAST({text} AS VARCHAR) AS BIGINT) <> 0"
    worded = f"CASE WHEN {word} IN {TRUTHS} THEN TRUE WHEN {word} IN {FALSEHOODS} THEN FALSE END"
    return (
        f"CASE WHEN {json_kind(text)} = 'BOOLEAN' THEN CAST({plain_text(text)} AS BOOLEAN)"
        f" WHEN {json_kind(text)} IN ('UBIGINT', 'BIGINT') THEN {whole}"
        f" WHEN {json_kind(text)} = 'VARCHAR' THEN {worded} END"
    )


def number_of(text: str, target: SqlType) -> str:
    """Return a number, or a string that spells one, as a number."""
    spelt = f"{json_kind(text)} = 'VARCHAR' AND regexp_full_match({plain_text(text)}, {quoted(NUMBER_TEXT)})"
    return (
        f"CASE WHEN {json_kind(text)} IN {NUMBERS} THEN TRY_CAST(CAST({text} AS VARCHAR) AS {target.duckdb})"
        f" WHEN {spelt} THEN TRY_CAST(trim({plain_text(text)}) AS {target.duckdb}) END"
    )


def moment_of(text: str, target: SqlType) -> str:
    return f"CASE WHEN {json_kind(text)} = 'VARCHAR' THEN TRY_CAST({plain_text(text)} AS {target.duckdb}) END"


def from_super(node: exp.Expr, text: str, target: SqlType) -> str:
    """Return a SUPER as a value of a type other than a string's.

    Raises: InvalidSql where there is no such conversion.
    """
    if target.name == "BOOLEAN":
        return boolean_of(text)
    if target.is_number:
        return number_of(text, target)
    if target.name in MOMENTS:
        return moment_of(text, target)
    raise unsupported(node, f"CAST of SUPER to {target.name}")


def float_json(text: str) -> str:
    number = f"CAST(CASE WHEN {text} LIKE '%e%' THEN {text} ELSE {text} || 'e0' END AS JSON)"
    return failing(f"{text} IN ('NaN', 'Infinity', '-Infinity')", NO_NUMBER, number)


TO_JSON: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "BOOLEAN"), lambda text: f"CAST({text} AS JSON)"),
    **dict.fromkeys(("REAL", "DOUBLE PRECISION"), float_json),
    **dict.fromkeys(("CHAR", "VARCHAR", *MOMENTS), lambda text: f"to_json({text})"),
}
"""How a value's text becomes JSON, by its type."""


def to_super(node: exp.Expr, written: str, source: SqlType) -> str:
    """Return a value, given as text, as a SUPER.

    Raises: InvalidSql where SUPER holds no such value.
    """
    wrap = TO_JSON.get(source.name)
    if wrap is None:
        raise unsupported(node, f"CAST of {source.name} to SUPER")
    return wrap(written)


def refuse_moment(node: exp.Expr, source: SqlType) -> None:
    """Pass a type that has values which are a SUPER.

    Raises: InvalidSql for a date or time, which becomes one in an array alone.
    """
    if source.name in NO_SUPER:
        raise invalid(node, f"cannot cast type {source.name.lower()} to super", "42846")
