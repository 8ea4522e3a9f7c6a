"""American Soundex, quoting and numbers in other bases.

Source: "SOUNDEX", "DIFFERENCE", "QUOTE_IDENT", "QUOTE_LITERAL", "STRTOL".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot.generators.redshift import RedshiftGenerator

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, failing, integer_literal, quoted
from spectra_emulator.sql.rewrites.octets import bound
from spectra_emulator.sql.type_names import BIGINT, INTEGER, VARCHAR, SqlType

CODES = {"BFPV": "1", "CGJKQSXZ": "2", "DT": "3", "L": "4", "MN": "5", "R": "6", "AEIOUY": "0"}
LETTERS = "".join(CODES)
DIGITS = "".join(digit * len(letters) for letters, digit in CODES.items())
ALL_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MAX_BASE = 36
SAME_CODE = 4


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def soundex(text: str) -> str:
    """Return the code of the letters in a text; H and W do not part two letters of one code."""
    letters = f"regexp_replace(upper({text}), '[^A-Z]', '', 'g')"
    parted = "left(letters, 1) || regexp_replace(substring(letters, 2), '[HW]', '', 'g')"
    coded = f"translate({parted}, '{LETTERS}', '{DIGITS}')"
    for digit in "123456":
        coded = f"regexp_replace({coded}, '{digit}+', '{digit}', 'g')"
    code = f"left(left(letters, 1) || replace(substring({coded}, 2), '0', '') || '000', 4)"
    return bound("letters", letters, f"CASE WHEN letters = '' THEN '' ELSE {code} END")


def soundex_text(context: Context, call: Call) -> str:
    return soundex(as_type(context, call.arguments[0], VARCHAR))


def difference_text(context: Context, call: Call) -> str:
    """Count the places at which both codes agree."""
    codes = [soundex(as_type(context, one, VARCHAR)) for one in call.arguments]
    agree = " + ".join(
        f"CAST(substring(p, {place}, 1) = substring(q, {place}, 1) AND p <> '' AS INTEGER)"
        for place in range(1, SAME_CODE + 1)
    )
    return bound("p", codes[0], bound("q", codes[1], f"({agree})"))


def identifier_text(context: Context, call: Call) -> str:
    """Quote a name that Redshift would not read as it stands."""
    text = as_type(context, call.arguments[0], VARCHAR)
    reserved = ", ".join(quoted(word.lower()) for word in sorted(RedshiftGenerator.RESERVED_KEYWORDS))
    plain = f"regexp_full_match({text}, '[a-z_][a-z0-9_$]*') AND {text} NOT IN ({reserved})"
    return f"CASE WHEN {plain} THEN {text} ELSE '\"' || replace({text}, '\"', '\"\"') || '\"' END"


def literal_text(context: Context, call: Call) -> str:
    text = as_type(context, call.arguments[0], VARCHAR)
    return f"'''' || replace(replace({text}, '\\', '\\\\'), '''', '''''') || ''''"


def strtol_text(context: Context, call: Call) -> str:
    """Read a whole number in a base from 2 to 36.

    Raises: InvalidSql for another base.
    """
    base = integer_literal(call.arguments[1])
    if base is None:
        raise unsupported(call.node, "STRTOL with a base that is no literal")
    if not 1 < base <= MAX_BASE:
        raise invalid(call.node, "the base of STRTOL must be between 2 and 36", "22023")
    text = f"lower(trim({as_type(context, call.arguments[0], VARCHAR)}))"
    prefix = "(0x)?" if base == 16 else ""  # noqa: PLR2004 - C's own prefix of base 16
    form = f"[+-]?{prefix}[{ALL_DIGITS[:base]}]+"
    digits = f"regexp_extract_all(regexp_replace(number, '^[+-]?{prefix}', ''), '.')"
    step = f"lambda total, digit: total * {base} + digit"
    places = f"list_transform({digits}, lambda digit: CAST(strpos('{ALL_DIGITS}', digit) - 1 AS HUGEINT))"
    value = f"CAST(CASE WHEN starts_with(number, '-') THEN -1 ELSE 1 END * list_reduce({places}, {step}) AS BIGINT)"
    message = f"The input of STRTOL is not valid to be converted to base {base}"
    return bound("number", text, failing(f"NOT regexp_full_match(number, '{form}')", message, value))


FUNCTIONS: Mapping[str, Function] = {
    "soundex": Function(fixed(VARCHAR), soundex_text),
    "difference": Function(fixed(INTEGER), difference_text, 2, 2),
    "quote_ident": Function(fixed(VARCHAR), identifier_text),
    "quote_literal": Function(fixed(VARCHAR), literal_text),
    "strtol": Function(fixed(BIGINT), strtol_text, 2, 2),
}
