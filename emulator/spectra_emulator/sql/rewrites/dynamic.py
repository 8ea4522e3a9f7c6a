"""Comparisons with SUPER values, whose types are known only as they run.

Values of types that do not compare give NULL.

Source: "Querying semistructured data": "Dynamic typing".
"""

from __future__ import annotations

from sqlglot import exp

from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, reference_text, untyped
from spectra_emulator.sql.rewrites.super_casts import NESTED, NUMBERS, json_kind, plain_text
from spectra_emulator.sql.scopes import Reference
from spectra_emulator.sql.type_names import SUPER, VARCHAR, SqlType

EXACT = SqlType("DECIMAL", 38, 10)
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def is_super(context: Context, node: exp.Expr) -> bool:
    return not untyped(node) and context.type(node) == SUPER


def compared(context: Context, left: exp.Expr, right: exp.Expr, sign: str) -> str:
    """Compare two values of which one at least is a SUPER."""
    if not is_super(context, left):
        left, right, sign = right, left, MIRRORED.get(sign, sign)
    text = context.text(left)
    if is_super(context, right):
        return both(text, context.text(right), sign)
    return f"({with_scalar(context, text, right, sign)})"


def with_scalar(context: Context, text: str, right: exp.Expr, sign: str) -> str:
    kind = VARCHAR if untyped(right) else context.type(right)
    if kind.is_string:
        other = f"rtrim({as_type(context, right, VARCHAR)}, ' ')"
        return f"CASE WHEN {json_kind(text)} = 'VARCHAR' THEN rtrim({plain_text(text)}, ' ') {sign} {other} END"
    if kind.is_number:
        target = kind if kind.is_float or kind.scale > EXACT.scale else EXACT
        number = f"TRY_CAST(CAST({text} AS VARCHAR) AS {target.duckdb})"
        return f"CASE WHEN {json_kind(text)} IN {NUMBERS} THEN {number} {sign} {context.text(right)} END"
    if kind.name == "BOOLEAN":
        truth = f"CAST({plain_text(text)} AS BOOLEAN)"
        return f"CASE WHEN {json_kind(text)} = 'BOOLEAN' THEN {truth} {sign} {context.text(right)} END"
    raise unsupported(right, f"the comparison of SUPER and {kind.text} without a CAST")


def both(left: str, right: str, sign: str) -> str:
    kinds = json_kind(left), json_kind(right)
    numbers = [f"TRY_CAST(CAST({one} AS VARCHAR) AS DOUBLE)" for one in (left, right)]
    nested = f"{kinds[0]} IN {NESTED}" if sign not in {"=", "<>"} else "FALSE"
    return (
        f"(CASE WHEN {kinds[0]} IN {NUMBERS} AND {kinds[1]} IN {NUMBERS} THEN {numbers[0]} {sign} {numbers[1]}"
        f" WHEN {nested} THEN NULL WHEN {kinds[0]} = {kinds[1]}"
        f" THEN CAST({left} AS VARCHAR) {sign} CAST({right} AS VARCHAR) END)"
    )


def super_keys(context: Context, item: exp.Expr) -> tuple[str, ...]:
    """Return what an item of ORDER BY is sorted by, empty where it is no SUPER.

    Numbers sort by value, strings by letters, all else by its JSON.
    """
    query = item.find_ancestor(exp.Select) if id(item) in context.names.ordinals else None
    if query is None:
        known = id(item) not in context.names.ordinals and not untyped(item)
        return sort_keys(context.text(item)) if known and context.type(item) == SUPER else ()
    output = context.names.outputs[id(query)][context.names.ordinals[id(item)] - 1]
    origin = output.origins[0]
    if context.field_type(output) != SUPER:
        return ()
    if isinstance(origin, exp.Expr):
        return sort_keys(context.text(origin))
    return sort_keys(reference_text(origin)) if isinstance(origin, Reference) else ()


def sort_keys(text: str) -> tuple[str, ...]:
    number = f"CASE WHEN {json_kind(text)} IN {NUMBERS} THEN TRY_CAST(CAST({text} AS VARCHAR) AS DOUBLE) END"
    return number, f"coalesce({plain_text(text)}, CAST({text} AS VARCHAR))"
