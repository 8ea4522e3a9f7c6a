"""Parts of dates and times: EXTRACT, DATE_PART, DATE_TRUNC.

Source: "Date parts for date or timestamp functions", "EXTRACT function", "DATE_PART function", "DATE_TRUNC function".
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type, cast_target
from spectra_emulator.sql.rewrites.context import Context, Function, bare, is_text_literal, quoted
from spectra_emulator.sql.rewrites.date_literals import Reading, UnreadableError
from spectra_emulator.sql.rewrites.literal_texts import literal_reading, time_text
from spectra_emulator.sql.type_names import BIGINT, DOUBLE, INTEGER, TIME, TIMESTAMP, TIMETZ, SqlType

PARTS: Mapping[str, str] = {
    **dict.fromkeys(("millennium", "millennia", "mil", "mils"), "millennium"),
    **dict.fromkeys(("century", "centuries", "c", "cent", "cents"), "century"),
    **dict.fromkeys(("decade", "decades", "dec", "decs"), "decade"),
    "epoch": "epoch",
    **dict.fromkeys(("year", "years", "y", "yr", "yrs"), "year"),
    **dict.fromkeys(("quarter", "quarters", "qtr", "qtrs"), "quarter"),
    **dict.fromkeys(("month", "months", "mon", "mons"), "month"),
    **dict.fromkeys(("week", "weeks", "w"), "week"),
    **dict.fromkeys(("dayofweek", "dow", "dw", "weekday"), "dow"),
    **dict.fromkeys(("dayofyear", "doy", "dy", "yearday"), "doy"),
    **dict.fromkeys(("day", "days", "d"), "day"),
    **dict.fromkeys(("hour", "hours", "h", "hr", "hrs"), "hour"),
    **dict.fromkeys(("minute", "minutes", "m", "min", "mins"), "minute"),
    **dict.fromkeys(("second", "seconds", "s", "sec", "secs"), "second"),
    **dict.fromkeys(("millisecond", "milliseconds", "ms", "msec", "msecs", "msecond", "mseconds"), "millisecond"),
    **dict.fromkeys(
        ("microsecond", "microseconds", "us", "usec", "usecs", "usecond", "useconds", "microsecs", "microsec"),
        "microsecond",
    ),
    **{name: name for name in ("timezone", "timezone_hour", "timezone_minute")},
}
CLOCK_PARTS = frozenset({"hour", "minute", "second", "millisecond", "microsecond", "epoch"})
ZONE_PARTS = frozenset({"timezone", "timezone_hour", "timezone_minute"})
INTERVAL_PARTS = CLOCK_PARTS | {"year", "month", "day", "quarter", "decade", "century", "millennium"}
KNOWN_PARTS: Mapping[str, frozenset[str]] = {
    "TIME": CLOCK_PARTS,
    "TIMETZ": CLOCK_PARTS | ZONE_PARTS,
    "INTERVAL": INTERVAL_PARTS,
    **dict.fromkeys(("DATE", "TIMESTAMP"), frozenset(PARTS.values()) - ZONE_PARTS),
    "TIMESTAMPTZ": frozenset(PARTS.values()),
}
SOURCES: Mapping[str, SqlType] = {
    **dict.fromkeys(("DATE", "TIMESTAMP", "TIMESTAMPTZ"), TIMESTAMP),
    **dict.fromkeys(("TIME", "TIMETZ"), TIME),
    "INTERVAL": SqlType("INTERVAL"),
}
ALONE: Mapping[str, str] = {
    "second": "date_part('microsecond', {0}) // 1000000",
    "millisecond": "date_part('microsecond', {0}) // 1000 % 1000",
    "microsecond": "date_part('microsecond', {0}) % 1000",
    "decade": "date_part('year', {0}) // 10 + 1",
    "epoch": "floor(date_part('epoch', {0}))",
    **dict.fromkeys(ZONE_PARTS, "0 * date_part('microsecond', {0})"),
}
WHOLE_SECONDS: Mapping[str, str] = {
    **ALONE,
    "second": "date_part('microsecond', {0}) / 1000000",
    "millisecond": "date_part('microsecond', {0}) / 1000",
    "microsecond": "date_part('microsecond', {0})",
    "epoch": "date_part('epoch', {0})",
}
YEARS: Mapping[str, str] = {
    "decade": "date_part('year', {0}) // 10 * 10",
    "century": "(date_part('year', {0}) - 1) // 100 * 100 + 1",
    "millennium": "(date_part('year', {0}) - 1) // 1000 * 1000 + 1",
}
TRUNCATED = frozenset({"year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond"})


def date_part(call: Call) -> str:
    """Return the date part that a call names first, in full.

    Raises: InvalidSql.
    """
    spelt = call.arguments[0].name.lower()
    part = PARTS.get(spelt)
    if part is None:
        raise invalid(call.arguments[0], f'date part "{spelt}" is not known', "22023")
    return part


def source_type(context: Context, call: Call, place: int) -> SqlType:
    """Return the type of a date, a time or an interval; a bare string is a timestamp.

    Raises: InvalidSql where it is none, or has not the part that the call names.
    """
    argument = call.arguments[place]
    found = TIMESTAMP if is_text_literal(argument) else context.type(argument)
    if found.name not in SOURCES:
        raise refused_moment(call, found)
    return found


def refused_moment(call: Call, found: SqlType) -> InvalidSql:
    if found.is_string:
        return unsupported(call.node, f"{call.name} of {found.name}")
    return invalid(call.node, f"function {call.name}({found.name.lower()}) does not exist", "42883")


def part_of(context: Context, call: Call, place: int) -> str:
    """Return the part that a call names, where its argument has it.

    Raises: InvalidSql.
    """
    part, found = date_part(call), source_type(context, call, place)
    if part not in KNOWN_PARTS[found.name]:
        raise invalid(call.node, f'{found.name} units "{part}" not recognized', "22023")
    return part


def source_text(context: Context, call: Call, place: int) -> str:
    """Return the argument as a TIMESTAMP in UTC, a TIME or an INTERVAL."""
    return as_type(context, call.arguments[place], SOURCES[source_type(context, call, place).name])


def literal_timetz(node: exp.Expr) -> Reading | None:
    """Return what a TIMETZ literal says before it is brought to UTC, or None where the node is none."""
    node = bare(node)
    if not isinstance(node, exp.Cast) or not is_text_literal(node.this) or cast_target(node) != TIMETZ:
        return None
    try:
        reading = literal_reading(bare(node.this).name, TIMETZ.name)
    except UnreadableError:
        return None
    return reading if reading.special is None and reading.zone is None else None


def zone_part(reading: Reading, part: str) -> int:
    seconds = int(reading.offset.total_seconds()) if reading.offset is not None else 0
    sign = -1 if seconds < 0 else 1
    parts = {"timezone": seconds, "timezone_hour": sign * (abs(seconds) // 3600)}
    return parts.get(part, sign * (abs(seconds) // 60 % 60))


def literal_part(reading: Reading, part: str) -> str:
    if part in ZONE_PARTS:
        return str(zone_part(reading, part))
    return form_of(ALONE, part).format(time_text(reading))


def form_of(forms: Mapping[str, str], part: str) -> str:
    return forms.get(part) or f"date_part({quoted(part)}, {{0}})"


def extract_text(context: Context, call: Call) -> str:
    """Read one part alone: milliseconds without the seconds above them."""
    part, literal = part_of(context, call, 1), literal_timetz(call.arguments[1])
    if literal is not None:
        return f"CAST({literal_part(literal, part)} AS INTEGER)"
    value = form_of(ALONE, part).format(source_text(context, call, 1))
    return f"CAST({value} AS {extract_type(context, call).duckdb})"


def extract_type(context: Context, call: Call) -> SqlType:
    if source_type(context, call, 1).name == "TIMESTAMPTZ":
        return DOUBLE
    return BIGINT if date_part(call) == "epoch" else INTEGER


def date_part_text(context: Context, call: Call) -> str:
    """Read one part, seconds with their fractions."""
    part = part_of(context, call, 1)
    return f"CAST({form_of(WHOLE_SECONDS, part).format(source_text(context, call, 1))} AS DOUBLE)"


def date_part_type(_context: Context, _call: Call) -> SqlType:
    return DOUBLE


def year_text(context: Context, call: Call) -> str:
    return f"CAST(date_part('year', {moment(context, call, 0)}) AS INTEGER)"


def year_type(_context: Context, _call: Call) -> SqlType:
    return INTEGER


def moment(context: Context, call: Call, place: int) -> str:
    """Return an argument as a timestamp.

    Raises: InvalidSql where it has no date.
    """
    found = source_type(context, call, place)
    if SOURCES[found.name] != TIMESTAMP:
        raise refused_moment(call, found)
    return source_text(context, call, place)


def date_trunc_text(context: Context, call: Call) -> str:
    part, text = date_part(call), moment(context, call, 1)
    if part in YEARS:
        return f"CAST(make_date({YEARS[part].format(text)}, 1, 1) AS TIMESTAMP)"
    if part == "microsecond":
        return text
    if part not in TRUNCATED:
        raise invalid(call.node, f'timestamp units "{part}" not supported', "22023")
    return f"CAST(date_trunc('{part}', {text}) AS TIMESTAMP)"


def date_trunc_type(_context: Context, _call: Call) -> SqlType:
    return TIMESTAMP


DATE_PART = Function(date_part_type, date_part_text, 2, 2)
FUNCTIONS: Mapping[str, Function] = {
    "extract": Function(extract_type, extract_text, 2, 2),
    "date_part": DATE_PART,
    "pgdate_part": DATE_PART,
    "date_part_year": Function(year_type, year_text),
    "date_trunc": Function(date_trunc_type, date_trunc_text, 2, 2),
}
