"""Interval literals, read before the query runs, and intervals as text.

Source: "Interval data types and literals", "Examples of interval literals without qualifier syntax".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import trunc

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid

MICROSECOND, MILLISECOND, SECOND, MINUTE, HOUR = 1, 1_000, 1_000_000, 60_000_000, 3_600_000_000
DAY, WEEK = 24 * HOUR, 7 * 24 * HOUR
MONTHS_IN_YEAR, DAYS_IN_MONTH = 12, 30
MONTH_UNITS: Mapping[str, int] = {
    **dict.fromkeys(("millennium", "millennia", "mil", "mils"), 12_000),
    **dict.fromkeys(("century", "centuries", "c", "cent", "cents"), 1_200),
    **dict.fromkeys(("decade", "decades", "dec", "decs"), 120),
    **dict.fromkeys(("year", "years", "y", "yr", "yrs"), MONTHS_IN_YEAR),
    **dict.fromkeys(("quarter", "quarters", "qtr", "qtrs"), 3),
    **dict.fromkeys(("month", "months", "mon", "mons"), 1),
}
TIME_UNITS: Mapping[str, int] = {
    **dict.fromkeys(("week", "weeks", "w"), WEEK),
    **dict.fromkeys(("day", "days", "d"), DAY),
    **dict.fromkeys(("hour", "hours", "h", "hr", "hrs"), HOUR),
    **dict.fromkeys(("minute", "minutes", "m", "min", "mins"), MINUTE),
    **dict.fromkeys(("second", "seconds", "s", "sec", "secs"), SECOND),
    **dict.fromkeys(("millisecond", "milliseconds", "ms", "msec", "msecs", "msecond", "mseconds"), MILLISECOND),
    **dict.fromkeys(
        ("microsecond", "microseconds", "us", "usec", "usecs", "usecond", "useconds", "microsec", "microsecs"),
        MICROSECOND,
    ),
}
YEAR_MONTH = re.compile(r"([+-]?)(\d+)-(\d{1,2})")
CLOCK = re.compile(r"([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?")
AMOUNT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
PART = re.compile(
    rf"\s*,?\s*(?:({YEAR_MONTH.pattern})(?![\d.:])|({CLOCK.pattern})|({AMOUNT.pattern})\s*([a-z]+)?)\s*", re.IGNORECASE
)
QUALIFIER = re.compile(r"(?:(\w+) TO )?(\w+)(?: (\d))?")
CLOCK_PLACE = 5


@dataclass(frozen=True)
class Interval:
    """A length of time; months have no fixed length."""

    months: int = 0
    microseconds: int = 0

    @property
    def text(self) -> str:
        days, microseconds = divmod(abs(self.microseconds), DAY)
        sign = -1 if self.microseconds < 0 else 1
        parts = (
            f"to_months({self.months})" if self.months else "",
            f"to_days({sign * days})" if days else "",
            f"to_microseconds({sign * microseconds})" if microseconds else "",
        )
        return f"({' + '.join(part for part in parts if part) or 'to_days(0)'})"


class UnreadableIntervalError(ValueError):
    """The text is no interval."""


def read_interval(text: str, qualifier: str = "") -> Interval:
    """Return the interval that a text is; `qualifier` is its last field, or both as `DAY TO SECOND`, and a precision.

    Raises: UnreadableIntervalError.
    """
    spelt = text.strip().lower()
    ago = spelt.endswith(" ago")
    match = QUALIFIER.fullmatch(qualifier)
    first, last, precision = match.groups() if match else (None, "", None)
    amounts = list(parts(spelt.removesuffix(" ago"), (first or "").lower(), last.lower()))
    months = sum((amount for amount, _ in amounts), Fraction())
    rest = (months - trunc(months)) * DAYS_IN_MONTH * DAY + sum((amount for _, amount in amounts), Fraction())
    sign = -1 if ago else 1
    return cut(Interval(sign * trunc(months), sign * round(rest)), last.upper(), precision)


def parts(spelt: str, first: str, last: str) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield the months and the microseconds of each part of an interval's text."""
    place = 0
    while place < len(spelt):
        match = PART.match(spelt, place)
        if match is None or match.end() == place:
            raise UnreadableIntervalError(spelt)
        place = match.end()
        if match[1]:
            yield year_month(match), Fraction()
        elif match[CLOCK_PLACE]:
            yield Fraction(), clock(match, (first, last) == ("minute", "second"))
        else:
            unit = match[11] or ("day" if CLOCK.match(spelt, place) else last or "second")
            yield quantity(Fraction(match[10]), unit)
    if not place:
        raise UnreadableIntervalError(spelt)


def year_month(match: re.Match[str]) -> Fraction:
    months = int(match[3]) * MONTHS_IN_YEAR + int(match[4])
    return Fraction(-months if match[2] == "-" else months)


def clock(match: re.Match[str], short: bool) -> Fraction:
    """Return the microseconds of `h:mm:ss`, or of `m:ss` where that is what a short one is."""
    hours, minutes, seconds = int(match[7]), int(match[8]), Fraction(match[9] or 0)
    if short and match[9] is None:
        hours, minutes, seconds = 0, hours, Fraction(minutes)
    total = hours * HOUR + minutes * MINUTE + seconds * SECOND
    return -total if match[6] == "-" else Fraction(total)


def quantity(amount: Fraction, unit: str) -> tuple[Fraction, Fraction]:
    if unit in MONTH_UNITS:
        return amount * MONTH_UNITS[unit], Fraction()
    if unit in TIME_UNITS:
        return Fraction(), amount * TIME_UNITS[unit]
    raise UnreadableIntervalError(unit)


def cut(interval: Interval, last: str, precision: str | None) -> Interval:
    """Drop what is smaller than the last field that a qualifier names."""
    if last in {"YEAR", "MONTH"}:
        unit = MONTH_UNITS[last.lower()]
        return Interval(trunc(Fraction(interval.months, unit)) * unit)
    if not last:
        return interval
    if last.lower() not in TIME_UNITS or interval.months:
        raise UnreadableIntervalError(last)
    unit = 10 ** (6 - int(precision)) if precision else TIME_UNITS[last.lower()]
    unit = MICROSECOND if last == "SECOND" and not precision else unit
    return Interval(0, trunc(Fraction(interval.microseconds, unit)) * unit)


def interval_value(node: exp.Expr, value: str, qualifier: str = "") -> str:
    """Return DuckDB's text of an interval literal.

    Raises: InvalidSql.
    """
    try:
        return read_interval(value, qualifier).text
    except (UnreadableIntervalError, ArithmeticError) as error:
        raise invalid(node, f'invalid input syntax for type interval: "{value}"', "22007") from error
