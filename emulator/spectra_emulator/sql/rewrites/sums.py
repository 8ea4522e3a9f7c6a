"""Sums of DECIMALs: computed in 64 bits where they hold every value, in 128 where they do not.

Source: "SUM function", "Computations with numeric values".
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.rewrites.casts import INT64_DIGITS
from spectra_emulator.sql.rewrites.comparisons import SIGNS
from spectra_emulator.sql.rewrites.conditionals import case_results
from spectra_emulator.sql.rewrites.context import Context, bare
from spectra_emulator.sql.type_names import SqlType
from spectra_emulator.sql.types import digits


def aggregated(call: Call, name: str, argument: str) -> str:
    return f"{name}({'DISTINCT ' if call.distinct else ''}{argument}){call.over}"


PLAIN = (exp.Column, exp.Literal, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Paren, exp.Case, exp.If, exp.Identifier)


def total(context: Context, call: Call) -> str:
    """Add up in 64 bits, and once more in 128 what they do not hold."""
    argument = call.arguments[0]
    wide = context.text(argument)
    if call.distinct or call.over or not is_long_product(context, argument):
        return aggregated(call, "sum", wide)
    narrow = replace(context, narrow=True)
    value = f"TRY({narrow.text(argument)})"
    fits = fitting(context, narrow, argument) or f"{value} IS NOT NULL"
    parts = f"sum(CASE WHEN {fits} THEN {value} END)", f"sum(CASE WHEN NOT ({fits}) THEN {wide} END)"
    return f"coalesce({parts[0]} + {parts[1]}, {parts[0]}, {parts[1]})"


def fitting(context: Context, narrow: Context, node: exp.Expr) -> str | None:
    """Return the condition under which every branch of a CASE fits, None where its branches do not tell.

    The branches are cheaper to compute once more than the CASE, whose conditions may compare strings.
    """
    if not isinstance(node, exp.Case):
        return None
    results = [bare(one) for one in case_results(node)]
    computed = [one for one in results if not isinstance(one, exp.Literal)]
    if not computed or not all(tells(context, one, context.type(node)) for one in results):
        return None
    return " AND ".join(f"TRY({narrow.text(one)}) IS NOT NULL" for one in computed)


def tells(context: Context, node: exp.Expr, common: SqlType) -> bool:
    """Tell whether a result fits in 64 bits as the common type whenever it does so as its own."""
    precision, scale = digits(context.type(node))
    return scale == common.scale or precision - scale + common.scale <= INT64_DIGITS


def is_long_product(context: Context, node: exp.Expr) -> bool:
    """Tell whether a DECIMAL is computed, of more digits than 64 bits hold, from what cannot fail otherwise.

    A condition must not compute: a NULL in it would choose another branch.
    """
    kind = context.type(node)
    if kind.name != "DECIMAL" or (kind.size or 0) <= INT64_DIGITS or node.find(exp.Mul) is None:
        return False
    if any(branch.this.find(exp.Mul, exp.Add, exp.Sub) for branch in node.find_all(exp.If)):
        return False
    return all(isinstance(one, (*PLAIN, *SIGNS, exp.And, exp.Or, exp.Not)) for one in node.walk())
