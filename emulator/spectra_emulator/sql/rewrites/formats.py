"""Dates as text and text as dates, by a mask.

Source: "TO_CHAR", "TO_DATE function", "Datetime format strings".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites.casts import as_type, implicit
from spectra_emulator.sql.rewrites.context import Context, Function, bare, failing, is_text_literal, quoted
from spectra_emulator.sql.type_names import DATE, TIMESTAMP, VARCHAR, SqlType

NAME_WIDTH = 9
DIGITS: Mapping[str, str] = {
    "YYYY": "strftime({0}, '%Y')",
    "YY": "strftime({0}, '%y')",
    "Q": "CAST(date_part('quarter', {0}) AS VARCHAR)",
    "MM": "strftime({0}, '%m')",
    "IW": "lpad(CAST(date_part('week', {0}) AS VARCHAR), 2, '0')",
    "DDD": "strftime({0}, '%j')",
    "DD": "strftime({0}, '%d')",
    "ID": "CAST(date_part('isodow', {0}) AS VARCHAR)",
    "D": "CAST(date_part('dow', {0}) + 1 AS VARCHAR)",
    "HH24": "strftime({0}, '%H')",
    "HH12": "strftime({0}, '%I')",
    "HH": "strftime({0}, '%I')",
    "MI": "strftime({0}, '%M')",
    "SS": "strftime({0}, '%S')",
    "MS": "strftime({0}, '%g')",
    "US": "strftime({0}, '%f')",
}
NAMES: Mapping[str, str] = {
    "MONTH": f"rpad(upper(strftime({{0}}, '%B')), {NAME_WIDTH}, ' ')",
    "Month": f"rpad(strftime({{0}}, '%B'), {NAME_WIDTH}, ' ')",
    "month": f"rpad(lower(strftime({{0}}, '%B')), {NAME_WIDTH}, ' ')",
    "MON": "upper(strftime({0}, '%b'))",
    "Mon": "strftime({0}, '%b')",
    "mon": "lower(strftime({0}, '%b'))",
    "DAY": f"rpad(upper(strftime({{0}}, '%A')), {NAME_WIDTH}, ' ')",
    "Day": f"rpad(strftime({{0}}, '%A'), {NAME_WIDTH}, ' ')",
    "day": f"rpad(lower(strftime({{0}}, '%A')), {NAME_WIDTH}, ' ')",
    "DY": "upper(strftime({0}, '%a'))",
    "Dy": "strftime({0}, '%a')",
    "dy": "lower(strftime({0}, '%a'))",
    **dict.fromkeys(("AM", "PM"), "strftime({0}, '%p')"),
    **dict.fromkeys(("am", "pm"), "lower(strftime({0}, '%p'))"),
}
READ: Mapping[str, tuple[str, str]] = {
    "YYYY": ("%Y", r"\d{4}"),
    "MM": ("%m", r"\d{2}"),
    "DD": ("%d", r"\d{2}"),
    "MON": ("%b", "[A-Za-z]{3}"),
    "DDD": ("%j", r"\d{3}"),
}
WORD = re.compile(r"month|mon|day|dy|yyyy|yy|q|mm|iw|ddd|dd|id|d|hh24|hh12|hh|mi|ss|ms|us|am|pm|[a-z]+", re.IGNORECASE)
PART = re.compile(rf'"([^"]*)"|({WORD.pattern})|([^A-Za-z"]+)', re.IGNORECASE)


def mask_of(call: Call) -> str:
    if not is_text_literal(call.arguments[1]):
        raise unsupported(call.node, f"{call.name.upper()} with a mask that is no literal")
    return bare(call.arguments[1]).name


def parts(call: Call) -> Iterator[tuple[str, str]]:
    """Return the pieces of a mask: each a word of it and nothing, or nothing and a text to keep.

    Raises: InvalidSql.
    """
    mask, place = mask_of(call), 0
    for match in PART.finditer(mask):
        if match.start() != place:
            break
        place = match.end()
        yield (match[2] or "", match[1] or match[3] or "")
    if place != len(mask):
        raise unsupported(call.node, f'the mask "{mask}"')


def written(call: Call, word: str, text: str) -> str:
    template = NAMES.get(word) or DIGITS.get(word.upper())
    if template is None:
        raise unsupported(call.node, f'"{word}" in the mask "{mask_of(call)}"')
    return template.format(text)


def to_char_text(context: Context, call: Call) -> str:
    argument = call.arguments[0]
    found = context.type(argument)
    if found.name not in {"DATE", "TIMESTAMP"} or is_text_literal(argument):
        raise unsupported(call.node, f"TO_CHAR of {found.name}")
    text = as_type(context, argument, TIMESTAMP)
    pieces = [written(call, word, text) if word else quoted(kept) for word, kept in parts(call)]
    if not any(word for word, _ in parts(call)):
        raise unsupported(call.node, "TO_CHAR with a mask of no date parts")
    return f"({' || '.join(pieces)})"


def to_date_text(context: Context, call: Call) -> str:
    """Read a date that has exactly the form of its mask."""
    directives, forms = "", ""
    for word, kept in parts(call):
        directive, form = read_part(call, word) if word else (kept.replace("%", "%%"), re.escape(kept))
        directives, forms = directives + directive, forms + form
    text = implicit(context, call.arguments[0], VARCHAR)
    message = f'the text has not the form of the mask "{mask_of(call)}", or one that the emulator does not read'
    value = f"CAST(strptime({text}, {quoted(directives)}) AS DATE)"
    return failing(f"NOT regexp_full_match({text}, {quoted(forms)})", message, value)


def read_part(call: Call, word: str) -> tuple[str, str]:
    if word.upper() not in READ:
        raise unsupported(call.node, f'"{word}" in the mask of TO_DATE')
    return READ[word.upper()]


def varchar_type(_context: Context, _call: Call) -> SqlType:
    return VARCHAR


def date_type(_context: Context, _call: Call) -> SqlType:
    return DATE


FUNCTIONS: Mapping[str, Function] = {
    "to_char": Function(varchar_type, to_char_text, 2, 2),
    "to_date": Function(date_type, to_date_text, 2, 2),
}
