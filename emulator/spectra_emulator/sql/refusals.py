"""The errors for what Redshift has and the emulator does not."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.parsing import position_of
from spectra_emulator.sql.type_names import NUMBERS

MOMENTS = frozenset({"DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ"})

SPELT: Mapping[type[exp.Expr], str] = {
    exp.RegexpLike: "the operator ~",
    exp.RegexpILike: "the operator ~*",
    exp.SimilarTo: "SIMILAR TO",
    exp.AtTimeZone: "AT TIME ZONE",
    exp.TryCast: "TRY_CAST",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
    exp.Bracket: "navigation into a SUPER value",
    exp.Dot: "navigation into a SUPER value",
    exp.TruncateTable: "TRUNCATE",
    exp.ByteString: "a string of the form E'…'",
}


def construct(node: exp.Expr) -> str:
    """Return what a client would call a kind of node."""
    return SPELT.get(type(node), type(node).__name__.upper())


def located(node: exp.Expr) -> dict[str, object]:
    """Return `position` where the node, or the first below it that knows, stands in the client's text."""
    for one in node.walk():
        position = position_of(one)
        if position is not None:
            return {"position": position}
    return {}


def unsupported(node: exp.Expr, what: str) -> InvalidSql:
    return InvalidSql(
        f"{what} is not supported by the emulator, though Redshift has it", sql_state="0A000", **located(node)
    )


def invalid(node: exp.Expr, message: str, sql_state: str) -> InvalidSql:
    return InvalidSql(message, sql_state=sql_state, **located(node))


def no_cast(node: exp.Expr, source: str, target: str) -> InvalidSql:
    """Return the error for a cast that Redshift lacks, between a moment and a number, or that the emulator lacks."""
    kinds = {source, target}
    if kinds & MOMENTS and kinds & (NUMBERS | {"BOOLEAN"}):
        return invalid(node, f"cannot cast type {source.lower()} to {target.lower()}", "42846")
    return unsupported(node, f"CAST of {source} to {target}")
