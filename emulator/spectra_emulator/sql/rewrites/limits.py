"""LIMIT, FETCH and OFFSET.

Source: "ORDER BY clause".
"""

from __future__ import annotations

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.context import integer_literal


def limit_text(limit: exp.Expr | None) -> str:
    if limit is None:
        return ""
    count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression
    options = limit.args.get("limit_options")
    if options is not None and any(options.args.get(one) for one in ("percent", "with_ties")):
        raise unsupported(limit, "FETCH with PERCENT or TIES")
    if isinstance(count, exp.Var | exp.Null) or (isinstance(count, exp.Column) and count.name.upper() == "ALL"):
        return ""
    return f"LIMIT {whole_number(limit, count)}"


def offset_text(offset: exp.Expr | None) -> str:
    return "" if offset is None else f"OFFSET {whole_number(offset, offset.expression)}"


def whole_number(clause: exp.Expr, count: exp.Expr | None) -> int:
    value = integer_literal(count) if count is not None else None
    if value is None or value < 0:
        raise invalid(clause, f"{clause.key.upper()} must be a whole number, not negative", "42601")
    return value
