"""Patterns with look-around at their ends, matched by trying each position in turn.

Source: "REGEXP_COUNT" and its kin, parameter `p`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites.context import quoted
from spectra_emulator.sql.rewrites.octets import bound

LOOK = re.compile(r"\(\?(<?)([=!])")


@dataclass(frozen=True)
class Division:
    """A pattern without its look-around: `conditions` stand before it, `behind` or ahead, `wanted` or not.

    `following` must follow the match without being of it.
    """

    conditions: tuple[tuple[bool, bool, str], ...]
    middle: str
    following: str


def has_lookaround(pattern: str) -> bool:
    return LOOK.search(pattern.replace("\\\\", "")) is not None


def tokens(pattern: str) -> Iterator[tuple[int, str]]:
    """Yield the characters outside of classes that are not escaped, with their places."""
    place, in_class = 0, False
    while place < len(pattern):
        letter = pattern[place]
        if letter == "\\":
            place += 2
            continue
        if not in_class:
            yield place, letter
        in_class = (in_class and (letter != "]")) or letter == "["
        place += 1


def group_end(pattern: str, start: int) -> int | None:
    """Return the place after the group that opens at `start`."""
    depth = 0
    for place, letter in tokens(pattern[start:]):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return start + place + 1
    return None


def divided(node: exp.Expr, pattern: str) -> Division:
    """Return the parts of a pattern.

    Raises: InvalidSql where look-around stands elsewhere than at the ends.
    """
    conditions, rest = [], pattern
    while found := LOOK.match(rest):
        end = group_end(rest, 0)
        if end is None:
            break
        conditions.append((found[1] == "<", found[2] == "=", rest[found.end() : end - 1]))
        rest = rest[end:]
    middle, following = without_following(rest)
    parts = (middle, following, *(inner for _, _, inner in conditions))
    if any(has_lookaround(part) for part in parts) or has_alternative(rest):
        raise unsupported(node, "a regular expression with look-around elsewhere than at its ends")
    return Division(tuple(conditions), middle, following)


def without_following(rest: str) -> tuple[str, str]:
    """Divide a pattern from the look-ahead that ends it."""
    for found in LOOK.finditer(rest):
        if found[1] == "" and found[2] == "=" and group_end(rest, found.start()) == len(rest):
            return rest[: found.start()], rest[found.end() : -1]
    return rest, ""


def has_alternative(pattern: str) -> bool:
    depth = 0
    for _, letter in tokens(pattern):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "|" and depth == 0:
            return True
    return False


def holds(condition: tuple[bool, bool, str], prefix: str) -> str:
    """Return whether a condition holds at the place `spot` of `subject`."""
    behind, wanted, inner = condition
    if behind:
        found = f"regexp_matches(left(subject, spot - 1), {quoted(f'{prefix}(?:{inner})$')})"
    else:
        found = f"regexp_matches(substring(subject, spot), {quoted(f'{prefix}^(?:{inner})')})"
    return found if wanted else f"NOT {found}"


def length_at(division: Division, prefix: str) -> str:
    """Return the length of the match at the place `spot`, NULL where there is none."""
    pattern = quoted(f"{prefix}^({division.middle})(?:{division.following})")
    here = [
        f"regexp_matches(substring(subject, spot), {pattern})",
        *(holds(one, prefix) for one in division.conditions),
    ]
    return f"CASE WHEN {' AND '.join(here)} THEN length(regexp_extract(substring(subject, spot), {pattern}, 1)) END"


def marked_by_scan(division: Division, subject: str, prefix: str, marks: tuple[str, str]) -> str:
    """Return the subject with each match between two marks; a match begins where the one before it ended, or later.

    Empty matches are left out.
    """
    length = f"COALESCE({length_at(division, prefix)}, 0)"
    lengths = f"list_transform(range(1, length(subject) + 1), lambda spot: [spot, {length}])"
    step = (
        "CASE WHEN one[2] > 0 AND one[1] >= taken[1] THEN list_concat([one[1] + one[2]], list_concat(taken[2:], one))"
    )
    places = f"list_reduce({lengths}, lambda taken, one: {step} ELSE taken END, [CAST(1 AS BIGINT)])[2:]"
    before = "CASE WHEN i = 1 THEN 1 ELSE places[2 * i - 3] + places[2 * i - 2] END"
    piece = (
        f"substring(subject, {before}, places[2 * i - 1] - {before}) || '{marks[0]}'"
        f" || substring(subject, places[2 * i - 1], places[2 * i]) || '{marks[1]}'"
    )
    pieces = f"array_to_string(list_transform(range(1, len(places) // 2 + 1), lambda i: {piece}), '')"
    rest = "CASE WHEN len(places) = 0 THEN subject ELSE substring(subject, places[-2] + places[-1]) END"
    return bound("subject", subject, bound("places", places, f"{pieces} || {rest}"))
