"""Dates and timestamps as text, by a mask.

Source: "TO_CHAR", "Datetime format strings".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites import numeric_formats
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, bare, is_text_literal, quoted
from spectra_emulator.sql.type_names import TIMESTAMP, VARCHAR, SqlType

NAME_WIDTH = 9
ROMAN_WIDTH = 4
MOMENTS = frozenset({"DATE", "TIMESTAMP", "TIMESTAMPTZ"})
JULIAN_EPOCH = 2_440_588
NUMBERS: Mapping[str, tuple[str, int]] = {
    "CC": ("date_part('century', {0})", 2),
    "YYYY": ("date_part('year', {0})", 4),
    "YYY": ("date_part('year', {0}) % 1000", 3),
    "YY": ("date_part('year', {0}) % 100", 2),
    "Y": ("date_part('year', {0}) % 10", 1),
    "IYYY": ("date_part('isoyear', {0})", 4),
    "IYY": ("date_part('isoyear', {0}) % 1000", 3),
    "IY": ("date_part('isoyear', {0}) % 100", 2),
    "I": ("date_part('isoyear', {0}) % 10", 1),
    "Q": ("date_part('quarter', {0})", 1),
    "MM": ("date_part('month', {0})", 2),
    "WW": ("((date_part('doy', {0}) - 1) // 7 + 1)", 2),
    "W": ("((date_part('day', {0}) - 1) // 7 + 1)", 1),
    "IW": ("date_part('week', {0})", 2),
    "IDDD": ("((date_part('week', {0}) - 1) * 7 + date_part('isodow', {0}))", 3),
    "DDD": ("date_part('doy', {0})", 3),
    "DD": ("date_part('day', {0})", 2),
    "ID": ("date_part('isodow', {0})", 1),
    "D": ("(date_part('dow', {0}) + 1)", 1),
    "J": (f"(date_diff('day', TIMESTAMP '1970-01-01', {{0}}) + {JULIAN_EPOCH})", 1),
    "HH24": ("date_part('hour', {0})", 2),
    "HH12": ("((date_part('hour', {0}) + 11) % 12 + 1)", 2),
    "HH": ("((date_part('hour', {0}) + 11) % 12 + 1)", 2),
    "MI": ("date_part('minute', {0})", 2),
    "SSSS": ("(date_part('hour', {0}) * 3600 + date_part('minute', {0}) * 60 + date_part('second', {0}))", 1),
    "SS": ("date_part('second', {0})", 2),
    "MS": ("(date_part('microsecond', {0}) // 1000 % 1000)", 3),
    "US": ("(date_part('microsecond', {0}) % 1000000)", 6),
}
LETTERS: Mapping[str, tuple[str, int]] = {
    "MONTH": ("strftime({0}, '%B')", NAME_WIDTH),
    "MON": ("strftime({0}, '%b')", 0),
    "DAY": ("strftime({0}, '%A')", NAME_WIDTH),
    "DY": ("strftime({0}, '%a')", 0),
    "RM": (
        "['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'][date_part('month', {0})]",
        ROMAN_WIDTH,
    ),
    **dict.fromkeys(("AM", "PM"), ("strftime({0}, '%p')", 0)),
    **dict.fromkeys(("A.M.", "P.M."), ("replace(replace(strftime({0}, '%p'), 'AM', 'A.M.'), 'PM', 'P.M.')", 0)),
    **dict.fromkeys(("BC", "AD"), ("CASE WHEN date_part('year', {0}) > 0 THEN 'AD' ELSE 'BC' END", 0)),
    **dict.fromkeys(("B.C.", "A.D."), ("CASE WHEN date_part('year', {0}) > 0 THEN 'A.D.' ELSE 'B.C.' END", 0)),
    "TZ": ("CASE WHEN {0} IS NOT NULL THEN 'UTC' END", 0),
    "OF": ("CASE WHEN {0} IS NOT NULL THEN '+00' END", 0),
}
GROUPED_YEAR = "Y,YYY"
WORDS = "|".join(re.escape(word) for word in sorted((*NUMBERS, *LETTERS, GROUPED_YEAR), key=len, reverse=True))
PART = re.compile(rf'"([^"]*)"|(FM)?({WORDS})(TH|th)?|(FM)|(.)', re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A word of a mask with its modifiers, or where there is none the text to keep."""

    word: str = ""
    kept: str = ""
    unpadded: bool = False
    ordinal: str = ""


def mask_of(call: Call) -> str:
    if not is_text_literal(call.arguments[1]):
        raise unsupported(call.node, f"{call.name.upper()} with a mask that is no literal")
    return bare(call.arguments[1]).name


def pieces(mask: str) -> Iterator[Piece]:
    """Yield the parts of a mask; what is no word of it stays as it is."""
    for match in PART.finditer(mask):
        verbatim, unpadded, word, ordinal, _, character = match.groups()
        if word:
            yield Piece(word, "", bool(unpadded), ordinal or "")
        elif verbatim or character:
            yield Piece(kept=verbatim or character)


def written(piece: Piece, text: str) -> str:
    if not piece.word:
        return quoted(piece.kept)
    name = piece.word.upper()
    if name == GROUPED_YEAR:
        return f"printf('%d,%03d', date_part('year', {text}) // 1000, date_part('year', {text}) % 1000)"
    return number_text(piece, name, text) if name in NUMBERS else letters_text(piece, name, text)


def number_text(piece: Piece, name: str, text: str) -> str:
    template, width = NUMBERS[name]
    number = template.format(text)
    spelt = f"CAST({number} AS VARCHAR)"
    if not piece.unpadded and width > 1:
        spelt = f"lpad({spelt}, {width}, '0')"
    return f"{spelt} || {ordinal_suffix(number, piece.ordinal)}" if piece.ordinal else spelt


def ordinal_suffix(number: str, spelt: str) -> str:
    """Return a number's English ending, in capitals where the mask has it so."""
    suffix = (
        f"CASE WHEN {number} % 100 BETWEEN 11 AND 13 THEN 'th' WHEN {number} % 10 = 1 THEN 'st'"
        f" WHEN {number} % 10 = 2 THEN 'nd' WHEN {number} % 10 = 3 THEN 'rd' ELSE 'th' END"
    )
    return f"upper({suffix})" if spelt.isupper() else suffix


def letters_text(piece: Piece, name: str, text: str) -> str:
    template, width = LETTERS[name]
    spelt = cased(template.format(text), piece.word)
    return f"rpad({spelt}, {width}, ' ')" if width and not piece.unpadded else spelt


def cased(text: str, word: str) -> str:
    """Return a name in the case of its word in the mask."""
    letters = word.replace(".", "")
    if letters[:2].isupper():
        return f"upper({text})"
    return f"lower({text})" if letters[0].islower() else text


def to_char_text(context: Context, call: Call) -> str:
    argument = call.arguments[0]
    found = context.type(argument)
    if found.is_number:
        return numeric_formats.to_char_text(context, call, mask_of(call))
    if found.name not in MOMENTS or is_text_literal(argument):
        raise unsupported(call.node, f"TO_CHAR of {found.name}")
    text = as_type(context, argument, TIMESTAMP)
    texts = [written(piece, text) for piece in joined(pieces(mask_of(call)))]
    if len(texts) == 1 and texts[0].startswith("'"):
        return f"CASE WHEN {text} IS NOT NULL THEN {texts[0]} END"
    return f"({' || '.join(texts) or quoted('')})"


def joined(parts: Iterator[Piece]) -> list[Piece]:
    """Return the pieces with neighbouring texts made one."""
    result: list[Piece] = []
    for piece in parts:
        if result and not piece.word and not result[-1].word:
            result[-1] = Piece(kept=result[-1].kept + piece.kept)
        else:
            result.append(piece)
    return result


def varchar_type(_context: Context, _call: Call) -> SqlType:
    return VARCHAR


FUNCTIONS: Mapping[str, Function] = {"to_char": Function(varchar_type, to_char_text, 2, 2)}
