"""TRY_CAST: NULL for a value that does not convert; a type that never converts to the other is refused as by CAST.

Source: "TRY_CAST function".
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.casts import FORMS, as_type, cast_target, converted, string_cast
from spectra_emulator.sql.rewrites.context import Context, Rule, bare, failing, is_text_literal, quoted
from spectra_emulator.sql.rewrites.moment_texts import DAYS, ISO_FORMS, OTHER_MOMENT, iso_value, other_moment
from spectra_emulator.sql.rewrites.octets import bound
from spectra_emulator.sql.type_names import VARCHAR, SqlType

VALUE = "value"
UNREAD_MOMENT = "TRY_CAST of a string in a form that is not read here to a date or time"
LACKING = "is not supported by the emulator"
SHORT_FLOAT = r"\s*[+-]?(nan|inf)\s*"
LONG_FLOAT = r"\s*(nan|[+-]?infinity)\s*"


def tried_type(_: Context, node: exp.Expr) -> SqlType:
    return cast_target(node)


def tried_rule(context: Context, node: exp.Expr) -> str:
    target = cast_target(node)
    if isinstance(bare(node.this), exp.Null):
        return f"({as_type(context, node.this, target)})"
    if is_text_literal(node.this) and target.name in ISO_FORMS:
        return f"({moment_or_null(context, node, target)})"
    source = VARCHAR if is_text_literal(node.this) else context.type(node.this)
    return bound(VALUE, context.text(node.this), tried(node, source, target))


def moment_or_null(context: Context, node: exp.Expr, target: SqlType) -> str:
    """Read a bare string now."""
    try:
        return as_type(context, node.this, target)
    except InvalidSql:
        return f"CAST(NULL AS {target.duckdb})"


def tried(node: exp.Expr, source: SqlType, target: SqlType) -> str:
    """Return `value` converted, or NULL.

    Raises: InvalidSql for types that do not convert.
    """
    if source.is_string and target.name in FORMS:
        return number_or_null(target)
    if source.is_string and target.name in ISO_FORMS:
        return read_or_null(target)
    if source.is_string and target.name == "CHAR":
        return single_bytes_or_null(node, source, target)
    if source.is_string and target.name == "BOOLEAN":
        raise invalid(node, f"TRY_CAST does not convert {source.name.lower()} to boolean", "42846")
    text = converted(node, VALUE, source, target)
    return f"TRY({text})" if source.is_number and target.is_number and text != VALUE else text


def number_or_null(target: SqlType) -> str:
    form = rf"\s*{FORMS[target.name]}\s*"
    number = (
        f"CASE WHEN regexp_full_match({VALUE}, {quoted(form)}) THEN TRY(CAST(trim({VALUE}) AS {target.duckdb})) END"
    )
    if not target.is_float:
        return number
    special = f"regexp_full_match(lower({VALUE}), {quoted(LONG_FLOAT)})"
    held = f"CASE WHEN NOT isinf({number}) OR {special} THEN {number} END"
    message = f"TRY_CAST of a float in the form of inf or +NaN {LACKING}"
    doubtful = f"regexp_full_match(lower({VALUE}), {quoted(SHORT_FLOAT)}) AND NOT {special}"
    return failing(doubtful, message, held)


def read_or_null(target: SqlType) -> str:
    """Read the forms that leave no doubt; what has no digit is of no form."""
    iso = f"WHEN regexp_full_match(trim({VALUE}), {quoted(ISO_FORMS[target.name])}) THEN TRY({iso_read(target)})"
    moment = f"TRY(CAST({other_moment(f'trim({VALUE})')} AS {target.duckdb}))"
    other = f" WHEN regexp_full_match(trim({VALUE}), {quoted(OTHER_MOMENT)}) THEN {moment}"
    unread = f"error({quoted(f'{UNREAD_MOMENT} {LACKING}')})"
    rest = f"WHEN regexp_matches({VALUE}, '[0-9]') THEN {unread}"
    return f"CASE {iso}{other if target.name in DAYS else ''} {rest} END"


def iso_read(target: SqlType) -> str:
    """Four digits of a year leave no moment out of range."""
    if target.name == "TIMETZ":
        return iso_value(f"trim({VALUE})", target)
    return f"CAST(trim({VALUE}) AS {target.duckdb})"


def single_bytes_or_null(node: exp.Expr, source: SqlType, target: SqlType) -> str:
    written = string_cast(node, VALUE, source, SqlType("VARCHAR", target.size))
    return f"CASE WHEN strlen({VALUE}) = length({VALUE}) THEN rtrim({written}, ' ') END"


RULES: Mapping[type[exp.Expr], Rule] = {
    exp.TryCast: Rule(tried_type, tried_rule, frozenset({"this", "to", "safe", "requires_string"}))
}
