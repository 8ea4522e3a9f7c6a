"""What one answer of a query promises about itself. Each returns what is wrong, None where nothing is."""

from __future__ import annotations

from spectra_conformance.contract_layer.exchange import Exchange
from spectra_conformance.contract_layer.known_queries import known_queries

CAP = 10_000


def row_count_is_the_number_of_rows(exchange: Exchange) -> str | None:
    if "download_url" in exchange.body:
        return None
    told, there = exchange.metadata.get("row_count"), len(exchange.rows)
    return None if told == there else f"row_count is {told} for {there} rows"


def rows_have_the_columns_in_order(exchange: Exchange) -> str | None:
    columns = exchange.metadata.get("columns")
    wrong = next((row for row in exchange.rows if not isinstance(row, dict) or list(row) != columns), None)
    return None if wrong is None else f"columns are {columns}, a row is {wrong}"


def every_column_has_a_type(exchange: Exchange) -> str | None:
    columns, types = exchange.metadata.get("columns", []), exchange.metadata.get("column_types", [])
    if len(columns) != len(types):
        return f"{len(types)} types for {len(columns)} columns"
    wrong = next((one for one in types if not isinstance(one, str) or one != one.upper() or "(" in one), None)
    return None if wrong is None else f"the type {wrong!r} is not in upper case without length"


def rows_are_within_the_limit(exchange: Exchange) -> str | None:
    parameters = exchange.sent.get("parameters")
    limit = parameters.get("limit", CAP) if isinstance(parameters, dict) else CAP
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        return None
    there = len(exchange.rows)
    return None if there <= min(limit, CAP) else f"{there} rows for a limit of {limit}"


def truncated_says_whether_rows_were_cut(exchange: Exchange) -> str | None:
    told = exchange.metadata
    if "total_rows" not in told:
        return None  # the shape of the answer says so
    total, count, truncated = told.get("total_rows"), told.get("row_count"), told.get("truncated")
    if not isinstance(total, int) or not isinstance(count, int):
        return f"total_rows is {total!r} and row_count {count!r}: expected whole numbers"
    if total < count:
        return f"total_rows is {total}, less than the row_count {count}"
    return None if truncated is (total > count) else f"truncated is {truncated} for {count} of {total} rows"


def known_rows_come_back(exchange: Exchange) -> str | None:
    known = known_queries().get(str(exchange.sent.get("sql")))
    if known is None:
        return None
    expected = [dict(row) for row in known.rows]
    if _exactly(exchange.rows) != _exactly(expected):
        return f"[{' '.join(known.promises)}] {known.sql} gave {exchange.rows}: expected {expected}"
    types = tuple(exchange.metadata.get("column_types", ()))
    if known.types and types != known.types:
        return f"[QRY-22] {known.sql} gave the types {types}: expected {known.types}"
    return None


def _exactly(rows: object) -> str:
    """Tell numbers, texts and booleans apart, and a time with a space from none."""
    return repr(rows).replace("2026-01-29 10:00:00", "2026-01-29T10:00:00")
