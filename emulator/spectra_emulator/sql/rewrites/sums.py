"""Sums: of DECIMALs in 64 bits where they hold every value, in 128 where they do not, and none beyond its type.

Source: "SUM function", "Computations with numeric values".
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.rewrites.casts import INT64_DIGITS
from spectra_emulator.sql.rewrites.comparisons import SIGNS
from spectra_emulator.sql.rewrites.conditionals import case_results
from spectra_emulator.sql.rewrites.context import Context, bare, failing, quoted
from spectra_emulator.sql.rewrites.named_values import named, with_values
from spectra_emulator.sql.type_names import MAX_PRECISION, SqlType
from spectra_emulator.sql.types import digits


def aggregated(call: Call, name: str, argument: str) -> str:
    return f"{name}({'DISTINCT ' if call.distinct else ''}{argument}){call.over}"


SUM_OVERFLOW = "value out of range: overflow"
SAFE_DIGITS = 26
"""Of values with so many digits, no number of rows that a table here can have adds up to more than 38."""
NEAR_OVERFLOW = 1.3
"""In units of 10**38: what a sum of floats below it tells of is exact in 128 bits, which hold 1.7 of them."""

PLAIN = (exp.Column, exp.Literal, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Paren, exp.Case, exp.If, exp.Identifier)
CONDITIONS = (exp.And, exp.Or, exp.Not, exp.Like, exp.ILike, exp.In, exp.Between, exp.Is, exp.Null, exp.Boolean)


def total(context: Context, call: Call) -> str:
    """Add up in 64 bits, and once more in 128 what they do not hold."""
    argument = call.arguments[0]
    wide = context.text(argument)
    if call.distinct or call.over or not is_long_product(context, argument):
        return bounded_sum(call, wide, context.type(argument))
    narrow = replace(context, narrow=True)
    if context.shortcut("product"):
        return f"sum({narrow.text(argument)})"
    value = tried(narrow.text(argument))
    fits = fitting(context, narrow, argument)
    rest = bounded_sum(call, f"CASE WHEN {unfit(fits, value)} THEN {wide} END", context.type(argument))
    part = f"sum({value})" if fits is None else f"sum(CASE WHEN {fits} THEN {value} END)"
    both = f"coalesce({named('part')} + {named('rest')}, {named('part')}, {named('rest')})"
    return with_values({"part": part, "rest": rest}, both)


def in_64_bits(context: Context, node: exp.Expr) -> str | None:
    """Return a computed DECIMAL of more digits than 64 bits hold in these, NULL or an error where it does not fit."""
    if not is_long_product(context, node):
        return None
    text = replace(context, narrow=True).text(node)
    return text if context.shortcut("product") else tried(text)


def tried(text: str) -> str:
    return text if text.startswith("TRY(") and "'" not in text and closes_last(text) else f"TRY({text})"


def closes_last(text: str) -> bool:
    """Tell whether the first parenthesis of a text is closed by its last character."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and letter == ")":
            return place == len(text) - 1
    return False


def unfit(fits: str | None, value: str) -> str:
    return f"{value} IS NULL" if fits is None else f"NOT ({fits})"


def bounded_sum(call: Call, argument: str, kind: SqlType) -> str:
    """Add up exact numbers, and raise where the sum needs more than 38 digits: DuckDB's wraps around."""
    exact = aggregated(call, "sum", argument)
    if kind.name != "DECIMAL" or (kind.size or MAX_PRECISION) <= SAFE_DIGITS:
        return exact
    largest = f"CAST({quoted(largest_decimal(kind.scale))} AS DECIMAL({MAX_PRECISION},{kind.scale}))"
    total, near = named("total"), f"abs({named('about')}) >= {NEAR_OVERFLOW}e{MAX_PRECISION - kind.scale}"
    beyond = f"{near} OR {total} > {largest} OR {total} < -{largest}"
    values = {"total": exact, "about": magnitude(call, argument)}
    return with_values(values, failing(beyond, SUM_OVERFLOW, total))


def largest_decimal(scale: int) -> str:
    return f"{'9' * (MAX_PRECISION - scale)}.{'9' * scale}".rstrip(".")


def magnitude(call: Call, argument: str) -> str:
    """Return about what a sum is, or where floats could not tell different values apart, a bound of it."""
    if not call.distinct:
        return aggregated(call, "sum", f"CAST({argument} AS DOUBLE)")
    count, least, most = (aggregated(call, name, argument) for name in ("count", "min", "max"))
    return f"({count} * greatest(abs(CAST({least} AS DOUBLE)), abs(CAST({most} AS DOUBLE))))"


def finite(text: str) -> str:
    """Raise where a sum or a mean of floats is beyond them."""
    return failing(f"isinf({text})", SUM_OVERFLOW, text)


def fitting(context: Context, narrow: Context, node: exp.Expr) -> str | None:
    """Return the condition under which every branch of a CASE fits, None where its branches do not tell.

    The branches are cheaper to compute once more than the CASE, whose conditions may compare strings.
    """
    if not isinstance(node, exp.Case):
        return None
    results = [bare(one) for one in case_results(node)]
    computed = [one for one in results if not isinstance(one, exp.Literal | exp.Null)]
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
    if any(branch.this.find(exp.Mul, exp.Add, exp.Sub, exp.Query) for branch in node.find_all(exp.If)):
        return False
    return all(isinstance(one, (*PLAIN, *SIGNS, *CONDITIONS)) for one in node.walk())
