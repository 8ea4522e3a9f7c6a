"""Text as dates and timestamps, by a mask.

Source: "TO_DATE function", "TO_TIMESTAMP function", "Datetime format strings".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites import date_range
from spectra_emulator.sql.rewrites.casts import implicit
from spectra_emulator.sql.rewrites.context import Context, Function, bare, failing, quoted
from spectra_emulator.sql.rewrites.formats import Piece, joined, mask_of, pieces
from spectra_emulator.sql.type_names import DATE, TIMESTAMP, TIMESTAMPTZ, VARCHAR, SqlType

WIDTHS: Mapping[str, int] = {
    "YYYY": 4,
    "YYY": 3,
    "YY": 2,
    "Y": 1,
    "MM": 2,
    "DDD": 3,
    "DD": 2,
    "HH24": 2,
    "HH12": 2,
    "HH": 2,
    "MI": 2,
    "SS": 2,
    "MS": 3,
    "US": 6,
    "Q": 1,
    "D": 1,
    "ID": 1,
}
WORDS: Mapping[str, str] = {
    "MONTH": "([A-Za-z]{3,9}) *",
    "MON": "([A-Za-z]{3})",
    "DAY": "([A-Za-z]{6,9}) *",
    "DY": "([A-Za-z]{3})",
    **dict.fromkeys(("AM", "PM"), "([AaPp][Mm])"),
    **dict.fromkeys(("A.M.", "P.M."), r"([AaPp]\.[Mm]\.)"),
}
ALIKE: Mapping[str, str] = {"HH": "HH12", "MONTH": "MON", "PM": "AM", "A.M.": "AM", "P.M.": "AM"}
YEARS: Mapping[str, str] = {
    "YYYY": "CAST({0} AS INTEGER)",
    "YYY": "(CAST({0} AS INTEGER) + CASE WHEN CAST({0} AS INTEGER) < 100 THEN 2000 ELSE 1000 END)",
    "YY": "(CAST({0} AS INTEGER) + CASE WHEN CAST({0} AS INTEGER) < 70 THEN 2000 ELSE 1900 END)",
    "Y": "(CAST({0} AS INTEGER) + 2000)",
}
MONTH_NAMES = "['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']"
LARGEST: Mapping[str, int] = {"MM": 12, "DDD": 366, "HH24": 23, "HH12": 12, "MI": 59, "SS": 59}
Fields = Mapping[str, str]


def group(piece: Piece, following: Piece | None) -> str:
    """Return the pattern of one piece; digits are as many as the mask has where digits follow."""
    name = piece.word.upper()
    if not name:
        return "".join(re.escape(one) if one.isalnum() else "[^A-Za-z0-9]" for one in piece.kept)
    if name in WORDS:
        return WORDS[name]
    adjacent = following is not None and following.word.upper() in WIDTHS
    return rf"(\d{{{WIDTHS[name]}}})" if adjacent else rf"(\d{{1,{WIDTHS[name]}}})"


def read_pieces(call: Call) -> list[Piece]:
    """Return the pieces of a mask whose every word can be read.

    Raises: InvalidSql.
    """
    found = joined(pieces(mask_of(call)))
    for piece in found:
        if piece.word and piece.word.upper() not in {*WIDTHS, *WORDS}:
            raise unsupported(call.node, f'"{piece.word}" in the mask of {call.name.upper()}')
    return found


def pattern(found: Sequence[Piece]) -> str:
    following = (*found[1:], None)
    return r"^\s*" + "".join(group(piece, after) for piece, after in zip(found, following, strict=True))


def fields_of(found: Sequence[Piece]) -> Fields:
    """Return where each field of a mask stands among the groups of its pattern."""
    names = [piece.word.upper() for piece in found if piece.word]
    return {ALIKE.get(name, name): f"m.{group_name(place)}" for place, name in enumerate(names)}


def group_name(place: int) -> str:
    return f"g{place}"


def number(fields: Fields, name: str, otherwise: int) -> str:
    return f"CAST({fields[name]} AS INTEGER)" if name in fields else str(otherwise)


def month(fields: Fields) -> str:
    if "MON" in fields:
        return f"list_position({MONTH_NAMES}, lower(left({fields['MON']}, 3)))"
    return number(fields, "MM", 1)


def hour(fields: Fields) -> str:
    if "HH12" not in fields:
        return number(fields, "HH24", 0)
    half = f"CASE WHEN lower({fields['AM']}) LIKE 'p%' THEN 12 ELSE 0 END" if "AM" in fields else "0"
    return f"({number(fields, 'HH12', 0)} % 12 + {half})"


def moment(call: Call, fields: Fields) -> str:
    """Add up the fields from the start of the year; what is over a field's end runs into the next one.

    Raises: InvalidSql where there is no year.
    """
    years = [name for name in YEARS if name in fields]
    if not years:
        raise unsupported(call.node, f"a mask of {call.name.upper()} without a year")
    start = f"CAST(make_date({YEARS[years[0]].format(fields[years[0]])}, 1, 1) AS TIMESTAMP)"
    days = number(fields, "DDD", 1) if "DDD" in fields else number(fields, "DD", 1)
    parts = [start, f"to_months(CAST({month(fields)} - 1 AS INTEGER))", f"to_days(CAST({days} - 1 AS INTEGER))"]
    parts += [f"to_hours({hour(fields)})"] if fields.keys() & {"HH24", "HH12"} else []
    parts += [f"to_minutes({number(fields, 'MI', 0)})"] if "MI" in fields else []
    parts += [f"to_seconds({number(fields, 'SS', 0)})"] if "SS" in fields else []
    parts += [f"to_microseconds({fraction(fields)})"] if fields.keys() & {"MS", "US"} else []
    return f"({' + '.join(parts)})"


def fraction(fields: Fields) -> str:
    """Return the microseconds that the digits after a point are."""
    name = "US" if "US" in fields else "MS"
    return f"CAST(rpad({fields[name]}, 6, '0') AS BIGINT)"


def in_range(fields: Fields, value: str) -> str:
    tests = [f"{number(fields, name, 0)} <= {largest}" for name, largest in LARGEST.items() if name in fields]
    tests += [f"{month(fields)} >= 1"]
    if "DD" in fields:
        overflow = "0" if "HH24" not in fields else f"{number(fields, 'HH24', 0)} // 24"
        tests.append(f"date_part('day', {value}) = {number(fields, 'DD', 1)} + {overflow}")
    return " AND ".join(tests)


def is_strict(call: Call) -> bool:
    """Tell whether a call wants an error for what is out of range.

    Raises: InvalidSql.
    """
    if len(call.arguments) == 2:  # noqa: PLR2004 - without the flag
        return False
    flag = bare(call.arguments[2])
    if not isinstance(flag, exp.Boolean):
        raise invalid(call.node, f"the third argument of {call.name} must be TRUE or FALSE", "42883")
    return bool(flag.this)


def read_text(context: Context, call: Call) -> str:
    """Return the timestamp that a text is by its mask."""
    found = read_pieces(call)
    fields = fields_of(found)
    value = moment(call, fields)
    if is_strict(call):
        value = failing(f"NOT ({in_range(fields, value)})", "date/time field value out of range", value)
    value = date_range.in_range(value, TIMESTAMP)
    form, text = quoted(pattern(found)), source_text(context, call)
    names = ", ".join(quoted(group_name(place)) for place in range(sum(bool(piece.word) for piece in found)))
    message = f'the text has not the form of the mask "{mask_of(call)}"'
    read = f"list_transform([regexp_extract({text}, {form}, [{names}])], lambda m: {value})[1]"
    return f"CASE WHEN {text} IS NOT NULL THEN {failing(f'NOT regexp_matches({text}, {form})', message, read)} END"


def source_text(context: Context, call: Call) -> str:
    """Return what is read: text, or a timestamp's own."""
    argument = call.arguments[0]
    if context.type(argument).name in {"DATE", "TIMESTAMP"}:
        return f"strftime({context.text(argument)}, '%Y-%m-%d %H:%M:%S.%f')"
    return implicit(context, argument, VARCHAR)


def to_date_text(context: Context, call: Call) -> str:
    return f"CAST({read_text(context, call)} AS DATE)"


def to_timestamp_text(context: Context, call: Call) -> str:
    return f"timezone('UTC', {read_text(context, call)})"


def date_type(_context: Context, _call: Call) -> SqlType:
    return DATE


def timestamptz_type(_context: Context, _call: Call) -> SqlType:
    return TIMESTAMPTZ


FUNCTIONS: Mapping[str, Function] = {
    "to_date": Function(date_type, to_date_text, 2, 3),
    "to_timestamp": Function(timestamptz_type, to_timestamp_text, 2, 3),
}
