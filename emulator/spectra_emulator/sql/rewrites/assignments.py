"""Values that are stored in a column.

Source: "Character types" (significance of trailing blanks), "Implicit conversion types".
"""

from __future__ import annotations

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type, converted, single_byte
from spectra_emulator.sql.rewrites.context import Context, bare, is_text_literal, quoted, untyped
from spectra_emulator.sql.rewrites.decimal_range import held
from spectra_emulator.sql.rewrites.super_casts import refuse_moment
from spectra_emulator.sql.type_names import SqlType

MAX_STRING_BYTES = 65535


def assigned(context: Context, node: exp.Expr, target: SqlType) -> str:
    """Return an expression as a value for a column of type `target`.

    Raises: InvalidSql where a string is too long for it.
    """
    if is_text_literal(node) and target.is_string:
        return stored_literal(node, target)
    if untyped(node):
        return held(as_type(context, node, target), SqlType("VARCHAR"), target)
    return stored(node, context.text(node), context.type(node), target)


def stored(node: exp.Expr, text: str, source: SqlType, target: SqlType) -> str:
    """Return a value of type `source` for a column of type `target`; a string is never cut, but for blanks."""
    if target.name == "VARBYTE":
        if source.is_number:
            raise unsupported(node, f"{source.name} for a column of VARBYTE without a CAST")
        return converted(node, text, source, SqlType("VARBYTE"))
    if target.name == "SUPER":
        refuse_moment(node, source)
    if not target.is_string:
        return held(converted(node, text, source, target), source, target)
    written = converted(node, text, source, SqlType("VARCHAR"))
    if target.name == "CHAR":
        return f"rtrim({single_byte(written)}, ' ')"
    if target.size is None or (source.is_string and source.size is not None and source.size <= target.size):
        return written
    blanks = f"repeat(' ', greatest({target.size} - strlen(rtrim({written}, ' ')), 0))"
    return f"CASE WHEN strlen({written}) > {target.size} THEN rtrim({written}, ' ') || {blanks} ELSE {written} END"


def stored_literal(node: exp.Expr, target: SqlType) -> str:
    value = bare(node).name
    kept = value.rstrip(" ") if target.name == "CHAR" else value
    if target.size is not None and len(kept.encode()) > target.size:
        kept = kept.rstrip(" ").ljust(target.size - len(kept.encode()) + len(kept))
    if target.size is not None and len(kept.encode()) > target.size:
        raise invalid(node, f"Value too long for character type: {target.text}", "22001")
    if target.name == "CHAR" and not kept.isascii():
        raise invalid(node, "CHAR values hold single-byte characters only", "22021")
    return quoted(kept)


def length_check(name: str, kind: SqlType) -> str:
    """Return the constraint that keeps a column's values within their bytes, or nothing where none is needed."""
    if kind.name == "VARBYTE" and kind.size is not None:
        return f"CHECK (octet_length({name}) <= {kind.size})"
    if not kind.is_string or kind.size is None or kind.size >= MAX_STRING_BYTES:
        return ""
    return f"CHECK (strlen({name}) <= {kind.size})"
