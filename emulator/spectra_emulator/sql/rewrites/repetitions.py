"""Repetitions in a POSIX regular expression, of which the longest match as a whole counts; the engine's are greedy.

A repetition that takes a letter which an optional group after it needs may end in a shorter match. Letters one by one
are no trouble: what the one takes the next need not.

Source: "POSIX operators", "REGEXP_SUBSTR".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites.alternatives import TOKEN, first_letters

QUANTIFIERS = frozenset("*+?{")
MAY_BE_NOTHING = frozenset("*?{")
TRANSPARENT = frozenset("*+?{},(^")
MESSAGE = "a POSIX regular expression with an optional group after a repetition that may take its first letter"


def refuse_shorter(node: exp.Expr, pattern: str) -> None:
    """Pass a pattern whose greedy match is the longest one.

    Raises: InvalidSql where that is not known.
    """
    tokens = TOKEN.findall(pattern)
    if tokens[-1:] == ["$"]:
        return
    for begin, end in optional_groups(tokens):
        inner = tokens[begin + 1 : end]
        first = None if "|" in inner else first_letters(inner)
        if any(meet(first, one) for one in taken_before(tokens, begin)):
            raise unsupported(node, MESSAGE)


def meet(left: frozenset[str] | None, right: frozenset[str] | None) -> bool:
    """Tell whether two sets of letters may have one in common; None is an unknown set."""
    return left is None or right is None or not left.isdisjoint(right)


def optional_groups(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where groups that may match nothing, or match again, begin and end, of more than one letter."""
    opened: list[int] = []
    for place, piece in enumerate(tokens):
        if piece.startswith("(") and not piece.endswith(")"):
            opened.append(place)
        elif piece == ")" and opened:
            begin = opened.pop()
            if following(tokens, place) in QUANTIFIERS and place - begin > 2:  # noqa: PLR2004 - one letter and a bracket
                yield begin, place


def following(tokens: Sequence[str], place: int) -> str:
    return tokens[place + 1] if place + 1 < len(tokens) else ""


def taken_before(tokens: Sequence[str], end: int) -> Iterator[frozenset[str] | None]:
    """Yield what repetitions before a group may take, save those that a letter after them stops at one place."""
    stop: frozenset[str] | None = None
    for place in range(end - 1, -1, -1):
        if tokens[place] in TRANSPARENT or tokens[place].isdigit():
            continue
        letters, quantifier = first_letters(tokens[place : place + 1]), following(tokens, place)
        if quantifier in QUANTIFIERS and meet(letters, stop):
            yield letters
        if quantifier not in MAY_BE_NOTHING and tokens[place] != ")":
            stop = letters
