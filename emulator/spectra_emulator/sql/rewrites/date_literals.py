"""Dates and times as a client writes them, read before the query runs.

Source: "Date, time, and timestamp literals", "Datetime types" (time zones, TIMESTAMPTZ input).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from spectra_emulator.sql.rewrites.zone_names import ABBREVIATIONS

SPECIAL = frozenset({"now", "today", "tomorrow", "yesterday", "epoch"})
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
DAY_NAMES = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)\b"
)
CLOCK = re.compile(
    r"(?:(?<=^)|(?<=[\sT])|(?<=\dt))(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?\s*((?:am|pm)\b)?"
    r"(?:\s*([+-]\d{1,2}(?::?\d{2})?)(?![\d/.-]))?"
)
PACKED_CLOCK = re.compile(r"(?:(?<=\s)|(?<=^))(\d{2})(\d{2})(\d{2})(?:\.(\d+))?$")
MICROSECOND_DIGITS = 6
HALF_DAY = 12
FIRST_YEAR_OF_1900S = 70
MONTHS_IN_YEAR = 12
DAYS_IN_MONTH = 31


class UnreadableError(ValueError):
    """The text is no date or time, or one outside the calendar."""


@dataclass(frozen=True)
class Reading:
    """What a text says; `offset` is east of UTC, `zone` names a calendar that only the engine knows."""

    day: date | None = None
    clock: time | None = None
    offset: timedelta | None = None
    zone: str | None = None
    special: str | None = None

    @property
    def moment(self) -> datetime:
        """Return the local date and time.

        Raises: UnreadableError where there is no date.
        """
        if self.day is None:
            raise UnreadableError
        return datetime.combine(self.day, self.clock or time())


def read(text: str) -> Reading:
    """Return what a text says about a date, a time and a zone.

    Raises: UnreadableError.
    """
    rest = text.strip().lower()
    if rest in SPECIAL:
        return Reading(special=rest)
    try:
        return read_parts(rest, text.strip())
    except (ValueError, OverflowError) as error:
        raise UnreadableError(text) from error


def read_parts(rest: str, spelt: str) -> Reading:
    match = CLOCK.search(rest)
    if match is None:
        return packed(rest)
    clock = clock_of(match)
    before = rest[: match.start()].removesuffix("t")
    zone, days = zone_and_days(f"{before} {rest[match.end() :]}", spelt)
    if match[6]:
        zone = Reading(offset=offset_of(match[6]))
    return replace(zone, clock=clock, day=day_of(days) if days else None)


def packed(rest: str) -> Reading:
    """Read a date without a time, or with one of six digits."""
    match = PACKED_CLOCK.search(rest)
    if match is not None and rest[: match.start()].strip():
        clock = time(int(match[1]), int(match[2]), int(match[3]), microseconds(match[4]))
        return Reading(day=day_of(rest[: match.start()].strip()), clock=clock)
    return Reading(day=day_of(rest))


def packed_clock(text: str) -> time | None:
    """Return the time that six digits alone are, where a time is what is asked for."""
    match = PACKED_CLOCK.fullmatch(text.strip())
    try:
        return time(int(match[1]), int(match[2]), int(match[3]), microseconds(match[4])) if match else None
    except ValueError:
        return None


def clock_of(match: re.Match[str]) -> time:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[5]:
        if not 0 < hour <= HALF_DAY:
            raise UnreadableError
        hour = hour % HALF_DAY + (HALF_DAY if match[5] == "pm" else 0)
    return time(hour, minute, second, microseconds(match[4]))


def microseconds(digits: str | None) -> int:
    return int((digits or "")[:MICROSECOND_DIGITS].ljust(MICROSECOND_DIGITS, "0"))


def offset_of(text: str) -> timedelta:
    digits = text[1:].replace(":", "")
    minutes = int(digits[:-2]) * 60 + int(digits[-2:]) if len(digits) > 2 else int(digits) * 60  # noqa: PLR2004 - hours alone have two digits at most
    return timedelta(minutes=-minutes if text[0] == "-" else minutes)


def zone_and_days(rest: str, spelt: str) -> tuple[Reading, str]:
    """Take the zone's word out of the text around a time."""
    kept, reading = [], Reading()
    for word in rest.replace(",", " ").split():
        if word.upper() in ABBREVIATIONS:
            reading = Reading(offset=timedelta(minutes=ABBREVIATIONS[word.upper()]))
        elif re.fullmatch(r"[a-z_]+/[a-z_/]+", word):
            start = spelt.lower().index(word)
            reading = Reading(zone=spelt[start : start + len(word)])
        else:
            kept.append(word)
    return reading, " ".join(kept)


def day_of(text: str) -> date:
    """Return the date that a text is, the month before the day where only the order tells.

    Raises: ValueError.
    """
    spelt = " ".join(DAY_NAMES.sub(" ", text).replace(",", " ").split())
    for pattern, make in FORMS:
        match = pattern.fullmatch(spelt)
        if match is not None:
            return make(*match.groups())
    raise UnreadableError


def year_of(text: str) -> int:
    value = int(text)
    if len(text) > 2:  # noqa: PLR2004 - a year of two digits lacks its century
        return value
    return value + (2000 if value < FIRST_YEAR_OF_1900S else 1900)


def month_of(word: str) -> int:
    if word in MONTH_NAMES:
        return MONTH_NAMES.index(word) + 1
    return MONTHS.index("sep" if word == "sept" else word) + 1


def year_first(year: str, month: str, day: str) -> date:
    return date(int(year), int(month), int(day))


def month_first(month: str, day: str, year: str) -> date:
    return date(year_of(year), int(month), int(day))


def dotted(first: str, second: str, year: str) -> date:
    """Read dots with the month first, or second where the first is no month."""
    month, day = (first, second) if int(first) <= MONTHS_IN_YEAR else (second, first)
    return date(year_of(year), int(month), int(day))


def day_of_year(year: str, day: str) -> date:
    found = date(int(year), 1, 1) + timedelta(days=int(day) - 1)
    if found.year != int(year):
        raise UnreadableError
    return found


def two_digit_year(year: str, month: str, day: str) -> date:
    return date(year_of(year), int(month), int(day))


def word_first(word: str, day: str, year: str) -> date:
    return date(year_of(year), month_of(word), int(day))


def word_second(first: str, word: str, last: str) -> date:
    """Read a month's name between two numbers, the first of them the year where it can be no day."""
    if len(first) > 2 or int(first) > DAYS_IN_MONTH:  # noqa: PLR2004 - no day has three digits
        return date(year_of(first), month_of(word), int(last))
    return date(year_of(last), month_of(word), int(first))


def word_last(year: str, day: str, word: str) -> date:
    return date(int(year), month_of(word), int(day))


SEPARATOR = r"[-/. ]"
FORMS: tuple[tuple[re.Pattern[str], Callable[..., date]], ...] = (
    (re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"), year_first),
    (re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})"), month_first),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})"), dotted),
    (re.compile(r"(\d{4})\.?(\d{3})"), day_of_year),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), year_first),
    (re.compile(r"(\d{2})(\d{2})(\d{2})"), two_digit_year),
    (re.compile(rf"([a-z]+){SEPARATOR}(\d{{1,2}}){SEPARATOR}(\d{{4}}|\d{{2}})"), word_first),
    (re.compile(rf"(\d{{1,4}}){SEPARATOR}([a-z]+){SEPARATOR}(\d{{1,4}})"), word_second),
    (re.compile(r"(\d{4}) (\d{1,2}) ([a-z]+)"), word_last),
)
