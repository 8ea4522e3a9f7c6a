"""Numbers as text and text as numbers, by a mask.

Source: "TO_CHAR", "TO_NUMBER", "Numeric format strings".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites.casts import as_type, implicit
from spectra_emulator.sql.rewrites.context import Context, Function, bare, failing, is_text_literal, quoted
from spectra_emulator.sql.type_names import MAX_PRECISION, VARCHAR, SqlType
from spectra_emulator.sql.types import decimal

MARK = r"FM|MI|PL|SG|PR|TH|S|L|\$|[ +-]"
MARKS = re.compile(MARK, re.IGNORECASE)
SHAPE = re.compile(
    rf"(?P<before>(?:{MARK})*)(?P<whole>[09,G]*)(?:(?P<point>[.D])(?P<fraction>[09]*))?(?P<after>(?:{MARK})*)",
    re.IGNORECASE,
)
ROMAN = re.compile(r"(FM)?(RN)", re.IGNORECASE)
ROMAN_WIDTH, MAX_ROMAN = 15, 3999
ROMANS: tuple[tuple[int, str, str, str], ...] = ((100, "C", "D", "M"), (10, "X", "L", "C"), (1, "I", "V", "X"))


@dataclass(frozen=True)
class Mask:
    """The digits of a number's mask, and the marks before and after them."""

    before: tuple[str, ...]
    whole: str
    fraction: str | None
    after: tuple[str, ...]
    text: str

    @property
    def marks(self) -> frozenset[str]:
        return frozenset(one.upper() for one in (*self.before, *self.after))

    @property
    def whole_digits(self) -> int:
        return sum(one in "09" for one in self.whole)

    @property
    def scale(self) -> int:
        return len(self.fraction or "")

    @property
    def zeros(self) -> int:
        """Return how many digits of the whole part are always written."""
        digits = "".join(one for one in self.whole if one in "09")
        return len(digits) - digits.index("0") if "0" in digits else 0

    @property
    def unpadded(self) -> bool:
        return "FM" in self.marks


def mask_of(call: Call, text: str) -> Mask:
    """Return the parts of a number's mask.

    Raises: InvalidSql.
    """
    match = SHAPE.fullmatch(text)
    if match is None or not (match["whole"] or match["fraction"]):
        raise unsupported(call.node, f'the mask "{text}" for a number')
    before, after = (tuple(MARKS.findall(match[part])) for part in ("before", "after"))
    fraction = match["fraction"] if match["point"] else None
    return Mask(before, match["whole"].upper(), fraction, after, text)


def to_char_text(context: Context, call: Call, text: str) -> str:
    argument = call.arguments[0]
    roman = ROMAN.fullmatch(text)
    if roman:
        return roman_text(as_type(context, argument, decimal(MAX_PRECISION, 0)), roman)
    mask = mask_of(call, text)
    return written(mask, as_type(context, argument, decimal(MAX_PRECISION, mask.scale)))


def written(mask: Mask, number: str) -> str:
    """Return the text of a number that is rounded to the mask's digits."""
    body = f"CASE WHEN abs(n) >= {10**mask.whole_digits} THEN {quoted(overflow(mask))} ELSE {digits_text(mask)} END"
    pieces = [mark_text(mark, mask, leading=True) for mark in mask.before if mark.upper() not in ANCHORED]
    pieces.append(anchored(mask, "b"))
    pieces += [mark_text(mark, mask, leading=False) for mark in mask.after]
    whole = " || ".join(piece for piece in pieces if piece)
    inner = f"list_transform([{body}], lambda b: {whole})[1]"
    return f"CASE WHEN {number} IS NOT NULL THEN list_transform([{number}], lambda n: {inner})[1] END"


NEGATIVE_PLUS = "PL in the mask of a negative number is not supported by the emulator"
ANCHORED = frozenset({"S", "PR", "FM", "TH"})
OWN_SIGN = frozenset({"S", "MI", "PL", "SG", "PR"})


def overflow(mask: Mask) -> str:
    whole = re.sub("[09]", "#", mask.whole).replace("G", ",")
    return whole + ("" if mask.fraction is None else "." + "#" * mask.scale)


def digits_text(mask: Mask) -> str:
    """Return the digits with blanks before them, and commas where there are digits to part."""
    spelt = "split_part(CAST(abs(n) AS VARCHAR), '.', 1)"
    if mask.fraction is not None and not mask.zeros:
        spelt = f"CASE WHEN abs(n) < 1 THEN '' ELSE {spelt} END"
    whole = (
        f"lpad(lpad({spelt}, CAST(greatest({mask.zeros}, length({spelt})) AS INTEGER), '0'), {mask.whole_digits}, ' ')"
    )
    return f"{grouped(mask, whole)}{fraction_text(mask)}"


def grouped(mask: Mask, whole: str) -> str:
    if not set(mask.whole) & set(",G"):
        return whole
    parts, place = [], 0
    for one in mask.whole:
        if one in ",G":
            parts.append(f"CASE WHEN trim(left(d, {place})) = '' THEN ' ' ELSE ',' END")
        else:
            place += 1
            parts.append(f"substring(d, {place}, 1)")
    return f"list_transform([{whole}], lambda d: {' || '.join(parts)})[1]"


def fraction_text(mask: Mask) -> str:
    if mask.fraction is None:
        return ""
    if not mask.scale:
        return " || '.'"
    digits = "split_part(CAST(abs(n) AS VARCHAR), '.', 2)"
    if mask.unpadded:
        kept = mask.fraction.rfind("0") + 1
        digits = f"left({digits}, {kept}) || rtrim(substring({digits}, {kept + 1}), '0')"
    return f" || '.' || {digits}"


def anchored(mask: Mask, body: str) -> str:
    """Put the sign right before the first digit, unless the mask has a place of its own for it."""
    blanks, digits = f"repeat(' ', length({body}) - length(ltrim({body})))", f"ltrim({body})"
    if mask.unpadded:
        blanks = "''"
    return f"{blanks} || {sign_text(mask)} || {digits}" if sign_text(mask) else f"{blanks} || {digits}"


def sign_text(mask: Mask) -> str:
    positive = "''" if mask.unpadded else "' '"
    if "PR" in mask.marks:
        return f"CASE WHEN n < 0 THEN '<' ELSE {positive} END"
    if any(mark.upper() == "S" for mark in mask.before):
        return "CASE WHEN n < 0 THEN '-' ELSE '+' END"
    return "" if mask.marks & OWN_SIGN else f"CASE WHEN n < 0 THEN '-' ELSE {positive} END"


def mark_text(mark: str, mask: Mask, *, leading: bool) -> str:
    """Return what a mark other than a leading sign stands for."""
    nothing = "''" if mask.unpadded else "' '"
    forms: Mapping[str, str] = {
        "L": "'$'",
        "FM": "",
        "MI": f"CASE WHEN n < 0 THEN '-' ELSE {nothing} END",
        "PL": f"CASE WHEN n > 0 THEN '+' WHEN n < 0 THEN error({quoted(NEGATIVE_PLUS)}) ELSE {nothing} END",
        "SG": "CASE WHEN n < 0 THEN '-' ELSE '+' END",
        "S": "" if leading else "CASE WHEN n < 0 THEN '-' ELSE '+' END",
        "PR": f"CASE WHEN n < 0 THEN '>' ELSE {nothing} END",
        "TH": ordinal(mark, mask),
    }
    return forms.get(mark.upper(), quoted(mark))


def ordinal(mark: str, mask: Mask) -> str:
    """Return the ending of a whole number that is not negative; others have none."""
    if mask.scale:
        return ""
    last, two = "CAST(n % 10 AS INTEGER)", "CAST(n % 100 AS INTEGER)"
    suffix = (
        f"CASE WHEN n < 0 THEN '' WHEN {two} BETWEEN 11 AND 13 THEN 'th' WHEN {last} = 1 THEN 'st'"
        f" WHEN {last} = 2 THEN 'nd' WHEN {last} = 3 THEN 'rd' ELSE 'th' END"
    )
    return f"upper({suffix})" if mark.isupper() else suffix


def roman_text(number: str, match: re.Match[str]) -> str:
    """Write a number from 1 to 3999 in Roman numerals, blank-padded to 15 characters."""
    parts = " || ".join(("repeat('M', CAST(n // 1000 AS INTEGER))", *(roman_digit(*one) for one in ROMANS)))
    spelt = f"lower({parts})" if match[2].islower() else parts
    padded = spelt if match[1] else f"lpad({spelt}, {ROMAN_WIDTH}, ' ')"
    outside = quoted("#" * ROMAN_WIDTH)
    whole = f"CASE WHEN n BETWEEN 1 AND {MAX_ROMAN} THEN {padded} WHEN n IS NOT NULL THEN {outside} END"
    return f"list_transform([CAST({number} AS HUGEINT)], lambda n: {whole})[1]"


def roman_digit(unit: int, one: str, five: str, ten: str) -> str:
    """Return a decimal digit in Roman letters."""
    spelt = [one * count for count in range(4)] + [one + five]
    spelt += [five + one * count for count in range(4)] + [one + ten]
    return f"[{', '.join(map(quoted, spelt))}][CAST(n // {unit} % 10 AS INTEGER) + 1]"


def number_type(_context: Context, call: Call) -> SqlType:
    if not is_text_literal(call.arguments[1]):
        raise unsupported(call.node, "TO_NUMBER with a mask that is no literal")
    mask = mask_of(call, bare(call.arguments[1]).name)
    return decimal(mask.whole_digits + mask.scale, mask.scale)


def to_number_text(context: Context, call: Call) -> str:
    """Read the digits of a text that has no more of them than the mask, whatever marks stand around them."""
    result = number_type(context, call)
    mask = mask_of(call, bare(call.arguments[1]).name)
    text = implicit(context, call.arguments[0], VARCHAR)
    digits = rf"\d{{0,{mask.whole_digits}}}" + ("" if mask.fraction is None else rf"(\.\d{{0,{mask.scale}}})?")
    bare_digits = f"regexp_replace({text}, '[^0-9.]', '', 'g')"
    form = f"NOT regexp_full_match({bare_digits}, {quoted(digits)}) OR NOT regexp_matches({text}, '[0-9]')"
    form += f" OR NOT regexp_full_match({text}, '[-+<> $,.0-9]*')"
    negative = f"CASE WHEN regexp_matches({text}, '[-<]') THEN -1 ELSE 1 END"
    value = f"CAST(CAST('0' || {bare_digits} AS DECIMAL({MAX_PRECISION},{mask.scale})) * {negative} AS {result.duckdb})"
    return failing(form, f'the text has not the form of the mask "{mask.text}"', value)


FUNCTIONS: Mapping[str, Function] = {"to_number": Function(number_type, to_number_text, 2, 2)}
