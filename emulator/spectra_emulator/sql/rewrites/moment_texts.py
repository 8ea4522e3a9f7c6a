"""Text columns read as dates and times, and dates and times written as text.

Source: "Date, time, and timestamp literals", "Type compatibility and conversion".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spectra_emulator.sql.rewrites.context import failing, quoted
from spectra_emulator.sql.rewrites.date_range import in_range
from spectra_emulator.sql.type_names import SqlType

ISO_DATE = r"\d{4}-\d{1,2}-\d{1,2}"
CLOCK = r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
ISO_MOMENT = rf"{ISO_DATE}([ T]{CLOCK})?"
ZONE = r"( ?(Z|UTC|[+-]\d{1,2}(:?\d{2})?))?"
OTHER_DATE = (
    r"\d{8}|\d{1,2}[-/]\d{1,2}[-/]\d{4}|[A-Za-z]{3,9} \d{1,2},? \d{4}|[A-Za-z]{3}-\d{1,2}-\d{4}"
    r"|\d{1,2}[- ][A-Za-z]{3}[- ]\d{4}|\d{4}-[A-Za-z]{3}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}"
)
OTHER_MOMENT = rf"({OTHER_DATE})([ T]+{CLOCK})?"
OTHER_FORMATS = "['%Y%m%d', '%m-%d-%Y', '%B-%d-%Y', '%b-%d-%Y', '%d-%b-%Y', '%Y-%b-%d', '%Y-%m-%d']"
ISO_FORMS: Mapping[str, str] = {
    "DATE": ISO_MOMENT,
    "TIMESTAMP": ISO_MOMENT,
    "TIMESTAMPTZ": ISO_MOMENT + ZONE,
    "TIME": CLOCK,
    "TIMETZ": CLOCK + ZONE,
}
DAYS = frozenset({"DATE", "TIMESTAMP"})
FRACTION = "with fractions of a second as text is not supported by the emulator; use TO_CHAR"


def read_text(text: str, target: SqlType) -> str:
    """Return the cast of a string to a date or a time, in the forms that leave no doubt."""
    trimmed = f"trim({text})"
    iso = f"regexp_full_match({trimmed}, {quoted(ISO_FORMS[target.name])})"
    message = f"Invalid input syntax for type {target.name}, or a form that the emulator does not read"
    if target.name not in DAYS:
        return failing(f"NOT {iso}", message, iso_value(trimmed, target))
    other = f"regexp_full_match({trimmed}, {quoted(OTHER_MOMENT)})"
    return (
        f"CASE WHEN {iso} THEN CAST({trimmed} AS {target.duckdb}) WHEN {other} THEN"
        f" CAST({other_moment(trimmed)} AS {target.duckdb}) WHEN {text} IS NOT NULL THEN error({quoted(message)}) END"
    )


def iso_value(text: str, target: SqlType) -> str:
    if target.name != "TIMETZ":
        return in_range(f"CAST({text} AS {target.duckdb})", target)
    moment = f"CAST('2000-01-01 ' || {text} AS TIMESTAMP WITH TIME ZONE)"
    return f"CAST(CAST(timezone('UTC', {moment}) AS TIME) AS TIME WITH TIME ZONE)"


def other_moment(text: str) -> str:
    day = f"regexp_extract({text}, {quoted(f'^({OTHER_DATE})')}, 1)"
    clock = f"nullif(regexp_extract({text}, {quoted(f'{CLOCK}$')}), '')"
    start = f"strptime(regexp_replace({day}, '[-/, ]+', '-', 'g'), {OTHER_FORMATS})"
    return f"({start} + to_microseconds(coalesce(epoch_us(CAST({clock} AS TIME)), 0)))"


def whole_seconds(kind: str) -> Callable[[str], str]:
    """Write a value of whole seconds; how Redshift writes their fractions is not covered."""

    def write(text: str) -> str:
        fraction = f"date_part('microsecond', {text}) % 1000000 <> 0"
        return failing(fraction, f"a {kind} {FRACTION}", f"CAST({text} AS VARCHAR)")

    return write


WRITTEN: Mapping[str, Callable[[str], str]] = {
    "DATE": lambda text: f"CAST({text} AS VARCHAR)",
    **{kind.upper(): whole_seconds(kind) for kind in ("timestamp", "timestamptz", "time", "timetz")},
}
