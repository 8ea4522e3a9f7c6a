"""Date and time functions.

Source: "Date and time functions", "Date parts for date or timestamp functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.arithmetic import INTERVAL_UNITS
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, failing, is_text_literal
from spectra_emulator.sql.type_names import BIGINT, DATE, DOUBLE, INTEGER, TIMESTAMP, TIMESTAMPTZ, SqlType

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
}
BOUNDARIES = frozenset({"year", "quarter", "month", "day", "hour", "minute", "second"})
TRUNCATED = BOUNDARIES | {"week"}
NOW = "CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)"


def date_part(call: Call) -> str:
    """Return the date part that a call names first, in full.

    Raises: InvalidSql.
    """
    spelt = call.arguments[0].name.lower()
    part = PARTS.get(spelt)
    if part is None:
        raise invalid(call.arguments[0], f'date part "{spelt}" is not known', "22023")
    return part


def moment_type(context: Context, call: Call, place: int) -> SqlType:
    """Return the type of a date or a timestamp; a bare string is a timestamp.

    Raises: InvalidSql where it is neither.
    """
    argument = call.arguments[place]
    if is_text_literal(argument):
        return TIMESTAMP
    found = context.type(argument)
    if found.name not in {"DATE", "TIMESTAMP"}:
        raise refused_moment(call, found)
    return found


def refused_moment(call: Call, found: SqlType) -> InvalidSql:
    if found.name in {"TIMESTAMPTZ", "TIME", "TIMETZ", "INTERVAL"} or found.is_string:
        return unsupported(call.node, f"{call.name} of {found.name}")
    return invalid(call.node, f"function {call.name}({found.name.lower()}) does not exist", "42883")


def moment(context: Context, call: Call, place: int) -> str:
    """Return an argument as a timestamp."""
    moment_type(context, call, place)
    return as_type(context, call.arguments[place], TIMESTAMP)


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def whole(context: Context, call: Call, place: int) -> str:
    if not context.type(call.arguments[place]).is_integer:
        raise unsupported(call.node, f"{call.name} with a number that is no integer")
    return as_type(context, call.arguments[place], INTEGER)


def dateadd_text(context: Context, call: Call) -> str:
    part = date_part(call)
    if part not in INTERVAL_UNITS:
        raise unsupported(call.node, f"DATEADD of {part}")
    function, factor = INTERVAL_UNITS[part]
    count = whole(context, call, 1)
    return f"({moment(context, call, 2)} + {function}({count if factor == 1 else f'{count} * {factor}'}))"


def datediff_text(context: Context, call: Call) -> str:
    """Count the boundaries between two moments."""
    part, start, end = date_part(call), moment(context, call, 1), moment(context, call, 2)
    if part == "week":
        return week_difference(start, end)
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


def extract_text(context: Context, call: Call) -> str:
    """Read one part alone: milliseconds without the seconds above them."""
    part, text = date_part(call), moment(context, call, 1)
    forms = {
        "millisecond": f"date_part('microsecond', {text}) // 1000 % 1000",
        "microsecond": f"date_part('microsecond', {text}) % 1000",
        "decade": f"date_part('year', {text}) // 10 + 1",
        "epoch": f"floor(date_part('epoch', {text}))",
    }
    form = forms.get(part) or f"date_part('{part}', {text})"
    return f"CAST({form} AS {extract_type(context, call).duckdb})"


def extract_type(_context: Context, call: Call) -> SqlType:
    return BIGINT if date_part(call) == "epoch" else INTEGER


def date_part_text(context: Context, call: Call) -> str:
    part = date_part(call)
    if part in {"millisecond", "microsecond"}:
        raise unsupported(call.node, f"DATE_PART of {part}")
    text = moment(context, call, 1)
    if part == "decade":
        return f"CAST(date_part('year', {text}) // 10 + 1 AS DOUBLE)"
    if part == "second":
        return f"(date_part('microsecond', {text}) / 1000000)"
    return f"CAST(date_part('{part}', {text}) AS DOUBLE)"


def date_trunc_text(context: Context, call: Call) -> str:
    part = date_part(call)
    if part not in TRUNCATED:
        raise unsupported(call.node, f"DATE_TRUNC to {part}")
    return f"CAST(date_trunc('{part}', {moment(context, call, 1)}) AS TIMESTAMP)"


def last_day_text(context: Context, call: Call) -> str:
    return f"last_day({moment(context, call, 0)})"


def add_months_text(context: Context, call: Call) -> str:
    """Add months; the last day of a month stays the last day."""
    start = moment(context, call, 0)
    later = f"({start} + to_months({whole(context, call, 1)}))"
    time = f"({start} - date_trunc('day', {start}))"
    last = f"(CAST(last_day({later}) AS TIMESTAMP) + {time})"
    return f"CASE WHEN CAST({start} AS DATE) = last_day({start}) THEN {last} ELSE {later} END"


def constant(text: str, result: SqlType) -> Function:
    return Function(fixed(result), lambda _context, _call: text, 0, 0)


DATEADD = Function(fixed(TIMESTAMP), dateadd_text, 3, 3)
DATEDIFF = Function(fixed(BIGINT), datediff_text, 3, 3)
FUNCTIONS: Mapping[str, Function] = {
    "dateadd": DATEADD,
    "date_add": DATEADD,
    "datediff": DATEDIFF,
    "date_diff": DATEDIFF,
    "extract": Function(extract_type, extract_text, 2, 2),
    "date_part": Function(fixed(DOUBLE), date_part_text, 2, 2),
    "date_trunc": Function(fixed(TIMESTAMP), date_trunc_text, 2, 2),
    "last_day": Function(fixed(DATE), last_day_text),
    "add_months": Function(fixed(TIMESTAMP), add_months_text, 2, 2),
    "getdate": constant(f"date_trunc('second', {NOW})", TIMESTAMP),
    "sysdate": constant(NOW, TIMESTAMP),
    "current_date": constant("CAST(now() AT TIME ZONE 'UTC' AS DATE)", DATE),
    "current_timestamp": constant("now()", TIMESTAMPTZ),
    "now": constant("now()", TIMESTAMPTZ),
}
