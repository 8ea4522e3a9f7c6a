"""A query as Redshift gets it: what was guarded, and nothing else."""

from __future__ import annotations

import re

import pytest
from spectra_emulator.domain.catalogue import Column
from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.redshift import redshift_text
from spectra_emulator.sql.warehouse_unloads import reading
from sqlglot import exp

from tests.sql.corpus_cases import families

ANYTHING = SqlRules(
    security_level=SecurityLevel.PERMISSIVE, allow_union=True, max_joins=100, max_subqueries=100, max_length=1_000_000
)


def parsed(sql: str) -> exp.Query | None:
    try:
        return parse_read_only(sql, ANYTHING)
    except SpectraError:
        return None


def sent(sql: str) -> str:
    return redshift_text(parse_read_only(sql, ANYTHING))


# Operators are sent as the functions that they stand for, and a frame, a quantifier and a type in their full words.
OTHER_WORDS = re.compile(r"\^|\|/|UNBOUNDED PRECEDING|= SOME|NCHAR")


def unquoted(tree: exp.Query | None) -> exp.Expr | None:
    """Return the tree with no name in quotes: those that Redshift reserves get some."""
    for name in () if tree is None else tree.find_all(exp.Identifier):
        name.set("quoted", False)
    return tree


def test_what_is_sent_is_read_as_what_was_guarded() -> None:
    queries = {case.sql for family in families() for case in family.cases if case.sql}
    trees = {sql: tree for sql in queries if (tree := parsed(sql)) is not None}
    assert len(trees) > 1500
    changed = {sql for sql, tree in trees.items() if unquoted(parsed(redshift_text(tree))) != unquoted(tree)}
    assert {sql for sql in changed if not OTHER_WORDS.search(sql)} == set()


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        pytest.param("SELECT 'it''s', 'a\\'b', 'a\\\\b'", "SELECT 'it''s', 'a''b', 'a\\\\b'", id="quotes"),
        pytest.param("SELECT 1 -- and a comment", "SELECT 1", id="comment"),
        pytest.param('SELECT "Mixed" FROM "Case"', 'SELECT "Mixed" FROM "Case"', id="quoted names"),
        pytest.param("SELECT INTERVAL '5' DAY", "SELECT INTERVAL '5' DAY", id="interval"),
        pytest.param("SELECT INTERVAL '3-4' YEAR TO MONTH", "SELECT INTERVAL '3-4' YEAR TO MONTH", id="interval range"),
        pytest.param(
            "SELECT INTERVAL '2 3:04:05.6789' DAY TO SECOND(2)",
            "SELECT INTERVAL '2 3:04:05.6789' DAY TO SECOND(2)",
            id="interval precision",
        ),
        pytest.param("SELECT CAST('x' AS TEXT)", "SELECT CAST('x' AS TEXT)", id="text"),
        pytest.param("SELECT t.n FROM s, s.a[0] AS t", "SELECT t.n FROM s, s.a[0] AS t", id="unnested"),
        pytest.param("SELECT getdate(), SYSDATE", "SELECT getdate(), SYSDATE", id="functions"),
        pytest.param(
            "SELECT APPROXIMATE COUNT(DISTINCT x) FROM t", "SELECT APPROXIMATE COUNT(DISTINCT x) FROM t", id="sketch"
        ),
        pytest.param("SELECT (SELECT 1) AS x", "SELECT (SELECT 1) AS x", id="subquery"),
    ],
)
def test_a_query_is_written_in_redshifts_own_words(sql: str, text: str) -> None:
    assert sent(sql) == text


def test_the_tree_stays_as_it_is() -> None:
    tree = parse_read_only("SELECT CAST('x' AS TEXT), INTERVAL '5' DAY", ANYTHING)
    before = tree.copy()
    redshift_text(tree)
    assert tree == before


def test_a_decimal_of_unknown_scale_keeps_what_the_file_has() -> None:
    assert reading(["f"], [Column("x", "DECIMAL"), Column("y", "DECIMAL(5,2)")]) == (
        "SELECT c0, CAST(c1 AS DECIMAL(5,2)) AS c1 FROM read_parquet(['f'])"
    )
