"""Whose fault an error of Redshift is, by its state and its words: one table for both ways to it."""

from __future__ import annotations

import re
from collections.abc import Mapping

CANCELLED = "57014"
_OF_THE_WAREHOUSE = ("08", "25", "40", "53", "54", "55", "57", "58", "F0")
"""Classes of states that are not the statement's fault; many of them pass, so that another attempt may do."""
_INTERNAL = "XX"
"""The class of failures inside the warehouse, of which some are a statement's after all: their words tell."""
_WORDS_OF_THE_WAREHOUSE = re.compile(
    r"serializable isolation|deadlock detected|disk full|out of memory|internal error|assertion"
    r"|could not connect|too many connections|connection (?:was )?(?:closed|reset|refused|lost)"
    r"|password authentication failed|is (?:paused|resuming|not available)",
    re.IGNORECASE,
)
"""Failures without a state that the statement is not to blame for."""
_STATES: Mapping[str, re.Pattern[str]] = {
    "42601": re.compile(r"syntax error"),
    "42P01": re.compile(r"relation .* does not exist|missing FROM-clause"),
    "42703": re.compile(r"column .* does not exist|no such column"),
    "42883": re.compile(r"(?:function|operator|procedure) .* does not exist"),
    "3F000": re.compile(r"schema .* does not exist"),
    "42702": re.compile(r"is ambiguous"),
    "42803": re.compile(r"must appear in the GROUP BY|aggregates? not allowed|nested aggregate"),
    "42501": re.compile(r"permission denied|must be owner"),
    "42804": re.compile(r"is of type .* but expression is of type|cannot be matched"),
    "22012": re.compile(r"division by zero|divide by zero", re.IGNORECASE),
    "22P02": re.compile(r"invalid input syntax|invalid digit", re.IGNORECASE),
    "22007": re.compile(r"invalid .*(?:date|time)", re.IGNORECASE),
    "22008": re.compile(r"(?:date|time|timestamp).* out of range", re.IGNORECASE),
    "22003": re.compile(r"out of range|overflow", re.IGNORECASE),
    "22001": re.compile(r"value too long"),
    "23502": re.compile(r"cannot insert a NULL value|null value in column", re.IGNORECASE),
    "0A000": re.compile(r"not supported", re.IGNORECASE),
}
"""States by the words of the messages that have them, the first that fits; the API tells no state.

Source: PostgreSQL, "Error Codes"; Redshift's leader node words its errors alike.
"""
_QUOTED = re.compile(r"\"(?:[^\"]|\"\")*\"|(?<!\w)'(?:[^']|'')*'")
_NAMED = re.compile(r"\b(column|function|operator|procedure|relation|schema) .* does not exist")
"""Where the client's own words are in a message."""


def is_of_the_warehouse(state: str, words: str) -> bool:
    """Tell whether the statement is not to blame; `state` is empty where none is told, `words` are from `words_of`."""
    if state.startswith(_INTERNAL):
        return not likely_state(words)
    return state.startswith(_OF_THE_WAREHOUSE) if state else _WORDS_OF_THE_WAREHOUSE.search(words) is not None


def likely_state(words: str) -> str:
    """Return the state that such words go with, empty where none is known."""
    return next((state for state, pattern in _STATES.items() if pattern.search(words)), "")


def words_of(message: str) -> str:
    """Return the warehouse's own words: not what it quotes of the client, nor names that it found nowhere."""
    return _NAMED.sub(r'\1 "" does not exist', _QUOTED.sub('""', message))
