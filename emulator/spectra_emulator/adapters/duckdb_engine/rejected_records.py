"""Records of a CSV file that could not even be divided into fields; worker side."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from spectra_emulator.domain.errors import InvalidRequest

_REASONS: Mapping[str, str] = {
    "MISSING COLUMNS": "too few fields: the header has {columns}",
    "TOO MANY COLUMNS": "too many fields: the header has {columns}",
    "UNQUOTED VALUE": "a quote stands inside a quoted value without being doubled",
    "LINE SIZE OVER MAXIMUM": "the record is too long",
    "INVALID ENCODING": "the record is not UTF-8",
}
_KEPT = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'reject_errors'"
_REJECTED = "SELECT first(error_type), first(csv_line), line FROM reject_errors GROUP BY line ORDER BY line"


@dataclass(frozen=True)
class RejectedRecord:
    """`reason` ends in the record as it came, since its fields are not all there is of it."""

    fields: tuple[str, ...]
    reason: str


def rejected(reader: duckdb.DuckDBPyConnection, columns: int, delimiter: str) -> list[RejectedRecord]:
    """Return what the instance's reads left out.

    Raises: InvalidRequest where that shows that the file as a whole is broken.
    """
    if reader.execute(_KEPT).fetchall() == [(0,)]:
        return []
    found = reader.execute(_REJECTED).fetchall()
    for kind, text, line in found:
        if kind == "UNQUOTED VALUE" and text.count('"') % 2:
            raise InvalidRequest(f"The file is no valid CSV: a quote opened on line {line} is never closed")
    return [RejectedRecord(_fields(text, delimiter), f"{_reason(kind, columns)}: {text}") for kind, text, _ in found]


def _fields(text: str, delimiter: str) -> tuple[str, ...]:
    return tuple(next(csv.reader([text], delimiter=delimiter), []))


def _reason(kind: str, columns: int) -> str:
    return _REASONS.get(kind, "the record cannot be read").format(columns=columns)
