"""Comparisons of strings whose trailing blanks do not count, cheap where there are none.

Source: "Character types" (significance of trailing blanks).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from spectra_emulator.sql.rewrites.context import quoted

AFTER_BLANK = "!"
"""The character after a blank: a literal with blanks after it stands before the literal with this."""

MIRRORED: Mapping[str, str] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


COLUMN = re.compile(r'"(?:[^"]|"")+"\."(?:[^"]|"")+"')


def is_cheap(text: str) -> bool:
    """Tell whether a text costs nothing to stand in a query more than once."""
    return COLUMN.fullmatch(text) is not None


def trimmed(text: str) -> str:
    """Return a string without its trailing blanks; few have any, and to look is cheaper than to trim."""
    if not is_cheap(text):
        return f"rtrim({text}, ' ')"
    return f"CASE WHEN suffix({text}, ' ') THEN rtrim({text}, ' ') ELSE {text} END"


def equal(text: str, literal: str) -> str:
    """Compare within bounds that the engine can hold against a block's smallest and largest value."""
    value, after = quoted(literal), quoted(literal + AFTER_BLANK)
    return f"({text} >= {value} AND {text} < {after} AND ({text} = {value} OR rtrim({text}, ' ') = {value}))"


def unequal(text: str, literal: str) -> str:
    value = quoted(literal)
    return (
        f"({text} <> {value} AND (NOT starts_with({text}, {quoted(literal + ' ')}) OR rtrim({text}, ' ') <> {value}))"
    )


def below(text: str, literal: str) -> str:
    """Need no trimming: blanks come before every other character that may follow."""
    return f"({text} < {quoted(literal)})"


def not_below(text: str, literal: str) -> str:
    return f"({text} >= {quoted(literal)})"


def not_above(text: str, literal: str) -> str:
    value, after = quoted(literal), quoted(literal + AFTER_BLANK)
    return f"({text} < {after} AND ({text} <= {value} OR rtrim({text}, ' ') = {value}))"


def above(text: str, literal: str) -> str:
    value, after = quoted(literal), quoted(literal + AFTER_BLANK)
    return f"({text} > {value} AND ({text} >= {after} OR rtrim({text}, ' ') <> {value}))"


FORMS: Mapping[str, Callable[[str, str], str]] = {
    "=": equal,
    "<>": unequal,
    "<": below,
    ">=": not_below,
    "<=": not_above,
    ">": above,
}


def with_literal(text: str, sign: str, literal: str) -> str:
    """Compare a string with a literal that has neither trailing blanks nor control characters."""
    if not is_cheap(text):
        return f"(rtrim({text}, ' ') {sign} {quoted(literal)})"
    return FORMS[sign](text, literal)


def among(text: str, literals: Sequence[str]) -> str:
    values = ", ".join(quoted(literal) for literal in literals)
    if not is_cheap(text):
        return f"(rtrim({text}, ' ') IN ({values}))"
    return f"({text} IN ({values}) OR (suffix({text}, ' ') AND rtrim({text}, ' ') IN ({values})))"
