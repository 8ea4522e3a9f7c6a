"""How the columns of a query are written to a file: what Arrow's own writers cannot tell exactly becomes text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

AS_TEXT = frozenset({"JSON", "INTERVAL", "TIME WITH TIME ZONE", "UUID"})
_WIDE_INTEGERS = frozenset({"HUGEINT", "UHUGEINT"})
_FLOATS = frozenset({"FLOAT", "DOUBLE"})


@dataclass(frozen=True)
class Marks:
    """Texts that stand in no value; they are replaced once the file's text is made.

    CSV tells an empty string from NULL by its quotes, and Arrow's writer sets none.
    """

    empty: str
    end: str


def projected(columns: Sequence[str], types: Sequence[str]) -> str:
    """Return the select list for JSON and Parquet, by position, under the columns' own names."""
    return ", ".join(
        f"{_exact(f'#{number}', kind)} AS {_quoted(name)}"
        for number, (name, kind) in enumerate(zip(columns, types, strict=True), 1)
    )


def projected_for_csv(types: Sequence[str], marks: Marks) -> str:
    """Return the select list for CSV, by position; the last column is the mark of a record's end."""
    items = [f"{_csv_value(f'#{number}', kind, marks)} AS c{number}" for number, kind in enumerate(types, 1)]
    return ", ".join([*items, f"'{marks.end}' AS c0"])


def _exact(place: str, kind: str) -> str:
    if kind in AS_TEXT:
        return f"CAST({place} AS VARCHAR)"
    return f"CAST({place} AS DECIMAL(38,0))" if kind in _WIDE_INTEGERS else place


def _csv_value(place: str, kind: str, marks: Marks) -> str:
    if kind in _FLOATS:
        return _float_text(place)
    exact = _exact(place, kind)
    is_text = kind in AS_TEXT or kind == "VARCHAR"
    return f"CASE WHEN {exact} = '' THEN '{marks.empty}' ELSE {exact} END" if is_text else exact


def _float_text(place: str) -> str:
    """Spell the special values as Redshift does."""
    special = f"CASE WHEN isnan({place}) THEN 'NaN' WHEN {place} > 0 THEN 'Infinity' ELSE '-Infinity' END"
    return f"CASE WHEN isfinite({place}) THEN CAST({place} AS VARCHAR) WHEN {place} IS NOT NULL THEN {special} END"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
