"""Date and time functions.

Source: "Date and time functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type, implicit
from spectra_emulator.sql.rewrites.context import Context, Function, bare, failing, is_text_literal, quoted
from spectra_emulator.sql.rewrites.date_parts import (
    CLOCK_PARTS,
    SOURCES,
    date_part,
    moment,
    refused_moment,
    source_type,
)
from spectra_emulator.sql.rewrites.date_range import in_range
from spectra_emulator.sql.rewrites.literal_texts import MOMENT, NOW
from spectra_emulator.sql.type_names import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    INTERVAL,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    TIMETZ,
    VARCHAR,
    SqlType,
)

ADDED: Mapping[str, tuple[str, int]] = {
    "millennium": ("to_months", 12_000),
    "century": ("to_months", 1_200),
    "decade": ("to_months", 120),
    "year": ("to_months", 12),
    "quarter": ("to_months", 3),
    "month": ("to_months", 1),
    "week": ("to_days", 7),
    **dict.fromkeys(("day", "dow", "doy"), ("to_days", 1)),
    "hour": ("to_hours", 1),
    **dict.fromkeys(("minute",), ("to_minutes", 1)),
    **dict.fromkeys(("second", "epoch"), ("to_seconds", 1)),
    "millisecond": ("to_milliseconds", 1),
    "microsecond": ("to_microseconds", 1),
}
YEARS = frozenset({"millennium", "century", "decade", "year"})
SMALL_COUNTS = frozenset({"to_months", "to_days"})
BOUNDARIES = frozenset({"year", "quarter", "month", "day", "hour", "minute", "second", "millisecond", "microsecond"})
LONG_YEARS: Mapping[str, str] = {
    "decade": "date_part('year', {0}) // 10",
    "century": "(date_part('year', {0}) - 1) // 100",
    "millennium": "(date_part('year', {0}) - 1) // 1000",
}
WEEK_DAYS: tuple[tuple[str, ...], ...] = (
    ("su", "sun", "sunday"),
    ("m", "mo", "mon", "monday"),
    ("tu", "tue", "tues", "tuesday"),
    ("w", "we", "wed", "wednesday"),
    ("th", "thu", "thur", "thurs", "thursday"),
    ("f", "fr", "fri", "friday"),
    ("sa", "sat", "saturday"),
)
UTC_TIME = f"CAST({NOW} AS TIME)"


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def whole(context: Context, call: Call, place: int, target: SqlType = INTEGER) -> str:
    """Return an argument that must be a whole number.

    Raises: InvalidSql.
    """
    argument = call.arguments[place]
    if not context.type(argument).is_integer and not is_text_literal(argument):
        raise unsupported(call.node, f"{call.name} with a number that is no integer")
    return as_type(context, argument, target)


def added_type(context: Context, call: Call) -> SqlType:
    found = source_type(context, call, 2)
    if found == INTERVAL:
        raise refused_moment(call, found)
    return found if found in (TIME, TIMETZ) else TIMESTAMP


def dateadd_text(context: Context, call: Call) -> str:
    result = added_type(context, call)
    function, factor = ADDED[clock_part(call, result)] if date_part(call) in ADDED else no_part(call)
    count = whole(context, call, 1, INTEGER if function in SMALL_COUNTS else BIGINT)
    start = as_type(context, call.arguments[2], result)
    later = f"({start} + {function}({count if factor == 1 else f'CAST({count} * {factor} AS INTEGER)'}))"
    return in_range(leap_day(start, later) if date_part(call) in YEARS else later, result)


def no_part(call: Call) -> tuple[str, int]:
    raise invalid(call.node, f'date part "{date_part(call)}" cannot be added', "22023")


def clock_part(call: Call, found: SqlType) -> str:
    """Return the part that a call names, which a time of day must have.

    Raises: InvalidSql.
    """
    part = date_part(call)
    if found in (TIME, TIMETZ) and part not in CLOCK_PARTS:
        raise invalid(call.node, f'{found.name} has no date part "{part}"', "22023")
    return part


def leap_day(start: str, later: str) -> str:
    """Let whole years after 29 February end on 1 March where there is no 29th."""
    lost = f"date_part('day', {start}) = 29 AND date_part('day', {later}) = 28"
    return f"CASE WHEN {lost} THEN {later} + to_days(1) ELSE {later} END"


def compared_type(context: Context, call: Call) -> SqlType:
    """Return the type in which two moments are compared.

    Raises: InvalidSql where one has a date and the other only a time.
    """
    known = [place for place in (1, 2) if not is_text_literal(call.arguments[place])] or [1]
    targets = {SOURCES[source_type(context, call, place).name] for place in known}
    if len(targets) != 1 or INTERVAL in targets:
        spelt = ", ".join(context.type(one).name.lower() for one in call.arguments[1:])
        raise invalid(call.node, f"function {call.name}({spelt}) does not exist", "42883")
    return targets.pop()


def datediff_text(context: Context, call: Call) -> str:
    """Count the boundaries between two moments."""
    target = compared_type(context, call)
    part = clock_part(call, target)
    start, end = (as_type(context, one, target) for one in call.arguments[1:])
    if part == "week":
        return week_difference(start, end)
    if part in LONG_YEARS:
        return f"({LONG_YEARS[part].format(end)} - {LONG_YEARS[part].format(start)})"
    if part not in BOUNDARIES:
        raise unsupported(call.node, f"DATEDIFF in {part}")
    return f"date_diff('{part}', {start}, {end})"


def week_difference(start: str, end: str) -> str:
    """Count weeks where it is the same whether they begin on Sunday or on Monday, which the guide leaves open."""
    monday = weeks_between(start, end)
    sunday = weeks_between(f"({start} + to_days(1))", f"({end} + to_days(1))")
    message = "DATEDIFF in weeks from or to a Sunday is not supported by the emulator"
    return failing(f"{monday} <> {sunday}", message, monday)


def weeks_between(start: str, end: str) -> str:
    """Count the Mondays between two moments; DuckDB counts whole weeks."""
    first, last = (f"CAST(date_trunc('week', {one}) AS DATE)" for one in (start, end))
    return f"(({last} - {first}) // 7)"


def last_day_text(context: Context, call: Call) -> str:
    return f"last_day({moment(context, call, 0)})"


def add_months_text(context: Context, call: Call) -> str:
    """Add months; the last day of a month stays the last day."""
    start = moment(context, call, 0)
    later = f"({start} + to_months({whole(context, call, 1)}))"
    time = f"({start} - date_trunc('day', {start}))"
    last = f"(CAST(last_day({later}) AS TIMESTAMP) + {time})"
    text = f"CASE WHEN CAST({start} AS DATE) = last_day({start}) THEN {last} ELSE {later} END"
    return in_range(text, TIMESTAMP)


def months_between_text(context: Context, call: Call) -> str:
    """Count months, their rest in 31sts; two last days or the same day of the month are whole months apart."""
    first, second = moment(context, call, 0), moment(context, call, 1)
    months = f"date_diff('month', {second}, {first})"
    last = f"(CAST({first} AS DATE) = last_day({first}) AND CAST({second} AS DATE) = last_day({second}))"
    same = f"date_part('day', {first}) = date_part('day', {second})"
    days = " - ".join(
        f"(date_part('day', {one}) + date_part('epoch', CAST({one} AS TIME)) / 86400)" for one in (first, second)
    )
    return f"CASE WHEN {same} OR {last} THEN CAST({months} AS DOUBLE) ELSE {months} + ({days}) / 31 END"


def next_day_text(context: Context, call: Call) -> str:
    """Return the next date of a day of the week, never the given one."""
    start = f"CAST({moment(context, call, 0)} AS DATE)"
    ahead = f"(({day_number(context, call)} - date_part('dow', {start}) + 6) % 7 + 1)"
    return in_range(f"({start} + CAST({ahead} AS INTEGER))", DATE)


def day_number(context: Context, call: Call) -> str:
    """Return the number of a named day, Sunday's being 0.

    Raises: InvalidSql where a literal names none.
    """
    node = call.arguments[1]
    if is_text_literal(node):
        return literal_day(call, bare(node).name)
    name = f"lower(trim({implicit(context, node, VARCHAR)}))"
    branches = " ".join(
        f"WHEN {name} IN ({', '.join(map(quoted, names))}) THEN {number}" for number, names in enumerate(WEEK_DAYS)
    )
    return f"CASE {branches} WHEN {name} IS NOT NULL THEN error('Invalid day of the week') END"


def literal_day(call: Call, name: str) -> str:
    for number, names in enumerate(WEEK_DAYS):
        if name.strip().lower() in names:
            return str(number)
    raise invalid(call.node, f'"{name}" is no day of the week', "22023")


def age_text(context: Context, call: Call) -> str:
    start = moment(context, call, 1) if len(call.arguments) > 1 else f"date_trunc('day', {NOW})"
    first = moment(context, call, 0)
    return f"age({first}, {start})" if len(call.arguments) > 1 else f"age({start}, {first})"


def finite_text(context: Context, call: Call) -> str:
    return f"isfinite({moment(context, call, 0)})"


def day_text(context: Context, call: Call) -> str:
    return f"CAST({moment(context, call, 0)} AS DATE)"


def constant(text: str, result: SqlType) -> Function:
    return Function(fixed(result), lambda _context, _call: text, 0, 0)


DATEADD = Function(added_type, dateadd_text, 3, 3)
DATEDIFF = Function(fixed(BIGINT), datediff_text, 3, 3)
FUNCTIONS: Mapping[str, Function] = {
    "dateadd": DATEADD,
    "date_add": DATEADD,
    "datediff": DATEDIFF,
    "date_diff": DATEDIFF,
    "date": Function(fixed(DATE), day_text),
    "last_day": Function(fixed(DATE), last_day_text),
    "next_day": Function(fixed(DATE), next_day_text, 2, 2),
    "add_months": Function(fixed(TIMESTAMP), add_months_text, 2, 2),
    "months_between": Function(fixed(DOUBLE), months_between_text, 2, 2),
    "age": Function(fixed(INTERVAL), age_text, 1, 2),
    "isfinite": Function(fixed(BOOLEAN), finite_text),
    "getdate": constant(f"date_trunc('second', {NOW})", TIMESTAMP),
    "sysdate": constant(NOW, TIMESTAMP),
    "current_date": constant(f"CAST({NOW} AS DATE)", DATE),
    "current_timestamp": constant(MOMENT, TIMESTAMPTZ),
    "now": constant(MOMENT, TIMESTAMPTZ),
    "current_time": constant(f"CAST({UTC_TIME} AS TIME WITH TIME ZONE)", TIMETZ),
    "localtime": constant(UTC_TIME, TIME),
    "localtimestamp": constant(NOW, TIMESTAMP),
    "timeofday": constant(f"strftime({NOW}, '%a %b %d %H:%M:%S.%f %Y UTC')", VARCHAR),
}
