"""The longest of a POSIX pattern's alternatives."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.rewrites.alternatives import longest_first
from sqlglot import exp


@pytest.mark.parametrize(
    ("pattern", "sorted_pattern"),
    [
        ("a|ab", "ab|a"),
        ("x(foo|foobar)", "x(foobar|foo)"),
        ("((a|ab))", "((ab|a))"),
        ("(com|org)[.]", "(com|org)[.]"),
        ("[0-9]+|[a-z]+", "[0-9]+|[a-z]+"),
        ("[[:digit:]]x|[[:alpha:]]y", "[[:digit:]]x|[[:alpha:]]y"),
        ("[a|b]c", "[a|b]c"),
        (r"a\|ab", r"a\|ab"),
        ("(cat|dog)s?", "(cat|dog)s?"),
    ],
)
def test_words_are_sorted_where_their_order_counts(pattern: str, sorted_pattern: str) -> None:
    assert longest_first(exp.null(), pattern) == sorted_pattern


@pytest.mark.parametrize("pattern", [r"\d+|\w+", "(a|ab)c", "a*|b", "(|a)b", "ab?|abc", "(x)|xy", "(a|ab)+"])
def test_alternatives_that_begin_alike_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidSql, match="alternatives that begin alike"):
        longest_first(exp.null(), pattern)
