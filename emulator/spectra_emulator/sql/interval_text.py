"""Intervals as text, in DuckDB's SQL; engine workers import this without a parser."""

from __future__ import annotations

from collections.abc import Mapping

TIME_PART = (
    "date_part('day', i) * 86400000000 + date_part('hour', i) * 3600000000 + date_part('minute', i) * 60000000"
    " + date_part('microsecond', i)"
)
FIELDS: Mapping[str, str] = {
    "year": "date_part('year', i)",
    "mon": "date_part('month', i)",
    "day": f"({TIME_PART}) // 86400000000",
}


def interval_text(text: str) -> str:
    """Write an interval as text, hours in days where there are enough of them."""
    fields = ", ".join(
        f"CASE WHEN {value} <> 0 THEN CAST({value} AS VARCHAR) || CASE WHEN {value} = 1 THEN ' {unit}'"
        f" ELSE ' {unit}s' END END"
        for unit, value in FIELDS.items()
    )
    rest = f"({TIME_PART}) % 86400000000"
    nothing = " AND ".join(f"{value} = 0" for value in FIELDS.values())
    clock_text = f"CASE WHEN {rest} <> 0 OR ({nothing}) THEN CAST(to_microseconds({rest}) AS VARCHAR) END"
    written = f"CASE WHEN i IS NOT NULL THEN concat_ws(' ', {fields}, {clock_text}) END"
    return f"list_transform([{text}], lambda i: {written})[1]"
