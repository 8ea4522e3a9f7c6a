"""Ask for rows, with SQL that needs no table."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from spectra_conformance.answer import Answer, Members
from spectra_conformance.client import Client

NOWHERE = "spectra_conformance_nowhere"
"""A table that cannot exist: what a broken deployment does to it harms nobody."""

OK = 200
_LETTERS = "abcdefghij"


def result(client: Client, sql: str, **parameters: object) -> dict[str, Any]:
    """Return the body of a query's answer, with exact decimals.

    Raises: AssertionError where the query does not succeed.
    """
    return exact(client.query(sql, **parameters))


def exact(answer: Answer) -> dict[str, Any]:
    """Return a successful answer's body with exact decimals.

    Raises: AssertionError where the answer is a refusal.
    """
    assert answer.status == OK, answer.shown
    body: dict[str, Any] = json.loads(answer.body, parse_float=Decimal, object_hook=Members)
    return body


def numbers(digits: int) -> str:
    """Return the WITH clause that makes `numbers`, whose column n runs from 0 to 10 ** `digits` - 1."""
    letters = _LETTERS[:digits]
    places = " + ".join(f"{letter}::BIGINT * {10**place}" for place, letter in enumerate(reversed(letters)))
    sources = ", ".join(f"t.listed AS {letter}" for letter in letters)
    return (
        "WITH digits AS (SELECT ARRAY(0, 1, 2, 3, 4, 5, 6, 7, 8, 9) AS listed), "
        f"numbers AS (SELECT {places} AS n FROM digits AS t, {sources})"
    )


def slow_count(digits: int = 9) -> str:
    """Return a query that counts 10 ** `digits` combinations one by one and takes seconds."""
    letters = _LETTERS[:digits]
    sources = ", ".join(f"t.listed AS {letter}" for letter in letters)
    return (
        "WITH digits AS (SELECT ARRAY(0, 1, 2, 3, 4, 5, 6, 7, 8, 9) AS listed) "
        f"SELECT COUNT(*) AS n FROM digits AS t, {sources}"
    )
