"""How many joins and subqueries a statement may have."""

from __future__ import annotations

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite.registry import decides


@pytest.mark.parametrize(
    ("count", "runs"), [pytest.param(10, True, id="ten-joins"), pytest.param(11, False, id="eleven-joins")]
)
@decides("SQL-13", writes=True, profile="full")
def test_more_than_ten_joins_are_too_complex(asker: Client, count: int, runs: bool) -> None:
    joins = " ".join(f"JOIN t AS t{place} ON t{place}.a = t.a" for place in range(count))
    answer = asker.query(f"WITH t AS (SELECT 1 AS a) SELECT t.a FROM t {joins}")

    assert answer.code == (None if runs else "INVALID_SQL"), answer.shown
    assert [answer.details.get("limit"), answer.details.get("actual")] == ([None, None] if runs else [10, 11])


@pytest.mark.parametrize(
    ("depth", "runs"), [pytest.param(5, True, id="five-subqueries"), pytest.param(6, False, id="six-subqueries")]
)
@decides("SQL-13", writes=True, profile="full")
def test_more_than_five_subqueries_are_too_complex(asker: Client, depth: int, runs: bool) -> None:
    sql = "SELECT 1 AS a"
    for place in range(depth):
        sql = f"SELECT a FROM ({sql}) AS t{place}"
    answer = asker.query(sql)

    assert answer.code == (None if runs else "INVALID_SQL"), answer.shown
    assert [answer.details.get("limit"), answer.details.get("actual")] == ([None, None] if runs else [5, 6])
