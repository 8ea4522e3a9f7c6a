"""Alternatives in a POSIX regular expression, of which the longest match counts; the engine takes the first one.

Where no two of them can match at the same place there is no difference, and words at a pattern's end are sorted.

Source: "POSIX operators", "REGEXP_SUBSTR".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from sqlglot import exp

from spectra_emulator.sql.refusals import unsupported

TOKEN = re.compile(r"\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\((?:\?(?:P?<\w+>|[:=!]|<[=!]|\w+[:)]))?|.", re.DOTALL)
POSIX_CLASSES: Mapping[str, str] = {
    "[:alpha:]": "a-zA-Z",
    "[:digit:]": "0-9",
    "[:alnum:]": "a-zA-Z0-9",
    "[:upper:]": "A-Z",
    "[:lower:]": "a-z",
    "[:space:]": r"\s",
    "[:blank:]": r" \t",
    "[:xdigit:]": "0-9A-Fa-f",
    "[:word:]": r"\w",
    "[:punct:]": r"!-/:-@\[-`{-~",
}
ASCII = tuple(map(chr, range(128)))
SPECIAL = frozenset(".^$*+?{}()|")
OPTIONAL = frozenset("*?{")
MESSAGE = "a POSIX regular expression with alternatives that begin alike, unless they are words at its end,"


@dataclass(frozen=True)
class Alternation:
    """Alternatives as tokens; `begin` and `end` are the places of the first token and after the last."""

    begin: int
    end: int
    alternatives: tuple[tuple[str, ...], ...]


def longest_first(node: exp.Expr, pattern: str) -> str:
    """Return a pattern whose first match is the longest.

    Raises: InvalidSql where that is not known.
    """
    if "|" not in pattern:
        return pattern
    tokens = TOKEN.findall(pattern)
    for one in alternations(tokens):
        if not are_apart(one.alternatives):
            tokens = with_longest_first(node, tokens, one)
    return "".join(tokens)


def alternations(tokens: Sequence[str]) -> Iterator[Alternation]:
    """Yield what stands between bars, the innermost group first."""
    begins, bars = [0], [list[int]()]
    for place, piece in enumerate([*tokens, ")"]):
        if piece == "|":
            bars[-1].append(place)
        elif piece.startswith("(") and not piece.endswith(")"):
            begins.append(place + 1)
            bars.append([])
        elif piece == ")" and begins:
            edges = [begins.pop() - 1, *bars.pop(), place]
            if len(edges) > 2:  # noqa: PLR2004 - a bar between both ends
                parts = tuple(tuple(tokens[left + 1 : right]) for left, right in pairwise(edges))
                yield Alternation(edges[0] + 1, place, parts)


def are_apart(alternatives: Sequence[tuple[str, ...]]) -> bool:
    """Tell whether no two alternatives match at the same place."""
    if all(is_word(one) for one in alternatives):
        words = ["".join(one).lower() for one in alternatives]
        return not any(left.startswith(right) or right.startswith(left) for left, right in combinations(words, 2))
    firsts = [first_letters(one) for one in alternatives]
    return None not in firsts and not any(set(left or ()) & set(right or ()) for left, right in combinations(firsts, 2))


def is_word(tokens: Sequence[str]) -> bool:
    return all(len(one) == 1 and one not in SPECIAL for one in tokens)


def first_letters(tokens: Sequence[str]) -> frozenset[str] | None:
    """Return the ASCII letters that an alternative begins with, None where that is not plain to see."""
    visible = [one for one in tokens if one != "^"]
    if not visible or visible[0].startswith("(") or (len(visible) > 1 and visible[1] in OPTIONAL):
        return None
    token = visible[0]
    for name, letters in POSIX_CLASSES.items():
        token = token.replace(name, letters)
    try:
        first = re.compile(token, re.IGNORECASE | re.DOTALL)
    except re.error:
        return None
    return frozenset(letter for letter in ASCII if first.fullmatch(letter))


def with_longest_first(node: exp.Expr, tokens: list[str], one: Alternation) -> list[str]:
    is_last = set(tokens[one.end :]) <= {")"}
    if not is_last or not all(is_word(words) for words in one.alternatives):
        raise unsupported(node, MESSAGE)
    words = sorted(one.alternatives, key=len, reverse=True)
    joined = [token for word in words for token in ("|", *word)][1:]
    return [*tokens[: one.begin], *joined, *tokens[one.end :]]
