"""The dates and times that literals are, as DuckDB's values.

Source: "Date, time, and timestamp literals" (special datetime values), "Datetime types".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone

from spectra_emulator.sql.rewrites.context import quoted
from spectra_emulator.sql.rewrites.date_literals import Reading, UnreadableError, packed_clock, read

MOMENT = "coalesce(CAST(getvariable('spectra_now') AS TIMESTAMPTZ), now())"
"""The time with its zone: the server's, where it differs from the machine's, else the transaction's."""

NOW = f"CAST({MOMENT} AT TIME ZONE 'UTC' AS TIMESTAMP)"
SPECIAL_MOMENTS: Mapping[str, str] = {
    "now": NOW,
    "today": f"date_trunc('day', {NOW})",
    "tomorrow": f"(date_trunc('day', {NOW}) + to_days(1))",
    "yesterday": f"(date_trunc('day', {NOW}) - to_days(1))",
    "epoch": "TIMESTAMP '1970-01-01'",
}
ANY_DAY = date(2000, 1, 1)


def date_text(reading: Reading) -> str:
    return f"CAST({quoted(str(reading.moment.date()))} AS DATE)"


def timestamp_text(reading: Reading) -> str:
    return f"CAST({quoted(str(reading.moment))} AS TIMESTAMP)"


def timestamptz_text(reading: Reading) -> str:
    if reading.zone is not None:
        return f"timezone({quoted(reading.zone)}, {timestamp_text(reading)})"
    try:
        moment = (reading.moment - (reading.offset or timedelta())).replace(tzinfo=UTC)
    except OverflowError as error:
        raise UnreadableError from error
    return f"CAST({quoted(str(moment))} AS TIMESTAMP WITH TIME ZONE)"


def time_text(reading: Reading) -> str:
    return f"CAST({quoted(str(clock_of(reading)))} AS TIME)"


def timetz_text(reading: Reading) -> str:
    """Return a time of day in UTC, as a table holds it."""
    if reading.zone is not None:
        raise UnreadableError
    moment = datetime.combine(ANY_DAY, clock_of(reading), tzinfo=timezone(reading.offset or timedelta()))
    return f"CAST({quoted(f'{moment.astimezone(UTC).time()}+00')} AS TIME WITH TIME ZONE)"


def timetz_as_written(value: str) -> str | None:
    """Return a TIMETZ literal with the offset that it names, or None where it names none."""
    try:
        reading = literal_reading(value, "TIMETZ")
    except UnreadableError:
        return None
    if reading.offset is None or reading.clock is None:
        return None
    moment = reading.clock.replace(tzinfo=timezone(reading.offset))
    return f"CAST({quoted(str(moment))} AS TIME WITH TIME ZONE)"


def clock_of(reading: Reading) -> time:
    """Return the time of day; a date alone is its midnight.

    Raises: UnreadableError where the text says neither.
    """
    if reading.clock is None and reading.day is None:
        raise UnreadableError
    return reading.clock or time()


WRITTEN: Mapping[str, Callable[[Reading], str]] = {
    "DATE": date_text,
    "TIMESTAMP": timestamp_text,
    "TIMESTAMPTZ": timestamptz_text,
    "TIME": time_text,
    "TIMETZ": timetz_text,
}


def literal_reading(value: str, type_name: str) -> Reading:
    """Return what a literal of a type says; six digits alone are a time where one is asked for.

    Raises: UnreadableError.
    """
    clock = packed_clock(value) if type_name in {"TIME", "TIMETZ"} else None
    return read(value) if clock is None else Reading(clock=clock)


def moment_literal(value: str, type_name: str, duckdb_type: str) -> str:
    """Return a literal as DuckDB's value of a date or time type.

    Raises: UnreadableError.
    """
    reading = literal_reading(value, type_name)
    if reading.special is None:
        return WRITTEN[type_name](reading)
    moment = SPECIAL_MOMENTS[reading.special]
    if type_name in {"TIMESTAMPTZ", "TIMETZ"}:
        moment = f"timezone('UTC', {moment})"
    return f"CAST({moment} AS {duckdb_type})"
