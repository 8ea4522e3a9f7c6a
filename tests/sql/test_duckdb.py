"""A translated query as a whole: its text, its columns and its refusals."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.duckdb import translated
from spectra_emulator.sql.duckdb_functions import TRANSLATED
from spectra_emulator.sql.functions import KNOWN
from spectra_emulator.sql.parsing import parse_one

from tests.requirements import requirement
from tests.sql.warehouse import sales


def test_a_table_is_written_with_its_schema_and_its_columns_by_name() -> None:
    assert sales().translation("SELECT id FROM sales WHERE qty = 3").sql == (
        'SELECT "sales"."id" AS "id" FROM "public"."sales" AS "sales" WHERE ("sales"."qty" = 3)'
    )


def test_the_tree_is_left_as_it_was() -> None:
    tree = parse_one("SELECT *, amount / qty AS price, price * 2 FROM sales ORDER BY 1 DESC")
    before = repr(tree)
    translated(tree, sales().catalogue())
    assert repr(tree) == before


def test_the_same_query_translates_alike_twice() -> None:
    sql = "SELECT region, AVG(amount) FROM sales GROUP BY 1"
    assert sales().translation(sql) == sales().translation(sql)


def test_columns_of_one_name_are_kept_apart_for_the_engine() -> None:
    translation = sales().translation("SELECT s.id, o.id FROM sales s, orders o")
    assert [column.name for column in translation.columns] == ["id", "id"]
    assert 'AS "id:2"' in translation.sql


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT region FROM sales WHERE region ILIKE 'É%'", "ILIKE"),
        ("SELECT COUNT(DISTINCT id, qty) FROM sales", "COUNT(DISTINCT) of more than one expression"),
        ("SELECT id FROM sales WHERE region = 5", "comparison of VARCHAR(20) and INTEGER"),
    ],
)
def test_what_is_not_covered_is_refused_by_name(sql: str, named: str) -> None:
    with pytest.raises(InvalidSql) as caught:
        sales().translation(sql)
    assert named in caught.value.message
    assert caught.value.message.endswith("is not supported by the emulator, though Redshift has it")


@pytest.mark.parametrize("name", ["levenshtein", "read_csv", "list_transform", "getenv", "hash"])
def test_a_function_of_duckdb_alone_does_not_exist(name: str) -> None:
    with pytest.raises(InvalidSql, match=f"function {name} does not exist"):
        sales().translation(f"SELECT {name}('a')")


def test_every_covered_function_is_one_of_redshifts() -> None:
    assert set(TRANSLATED) - set(KNOWN) == set()


@requirement("QRY-46")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT TOP 2 id FROM sales ORDER BY id",
        "SELECT id FROM sales ORDER BY id LIMIT 2",
        "SELECT id FROM sales ORDER BY id FETCH FIRST 2 ROWS ONLY",
        "SELECT id FROM (SELECT id FROM sales LIMIT ALL) t WHERE id < 3 ORDER BY 1",
    ],
)
def test_a_limit_counts_in_every_spelling(sql: str) -> None:
    assert sales().rows(sql) == [(1,), (2,)]


def test_an_expression_that_doubles_with_every_level_is_stopped() -> None:
    nested = "id"
    for _ in range(30):
        nested = f"id / ({nested})"
    with pytest.raises(InvalidSql, match="too complex"):
        sales().translation(f"SELECT {nested} FROM sales")


def test_a_thousand_alternatives_are_no_depth() -> None:
    condition = " OR ".join(f"id = {number}" for number in range(1000))
    assert sales().rows(f"SELECT COUNT(*) FROM sales WHERE {condition}") == [(3,)]


DOUBLED = ", ".join(["1 AS a0", *(f"a{place} + a{place} AS a{place + 1}" for place in range(30))])


def test_aliases_that_double_with_every_use_are_stopped() -> None:
    with pytest.raises(InvalidSql, match="too complex"):
        sales().translation(f"SELECT {DOUBLED}")


def test_an_alias_that_stands_for_a_long_expression_is_no_part_of_another() -> None:
    doubled = ", ".join(f"a{place} + a{place} AS a{place + 1}" for place in range(14))
    with pytest.raises(InvalidSql, match=r'The expression behind "a1\d" is too complex'):
        sales().translation(f"SELECT 1 AS a0, {doubled}")


@pytest.mark.parametrize("word", ["CURRENT_USER", "SESSION_USER", "USER"])
def test_a_function_without_parentheses_is_refused_at_its_place(word: str) -> None:
    with pytest.raises(InvalidSql) as refusal:
        sales().translation(f"SELECT id, {word} FROM sales")
    assert refusal.value.details["position"] == len("SELECT id, ") + 1


@pytest.mark.parametrize(
    ("before", "after", "innermost"),
    [
        pytest.param("INITCAP(", ")", "region", id="initcap"),
        pytest.param("UPPER(", ")", "region", id="upper"),
        pytest.param("SPLIT_PART(", ", 'z', 1)", "region", id="split_part"),
        pytest.param("NULLIF(", ", 'z')", "region", id="nullif"),
        pytest.param("LPAD(", ", 3, 'z')", "region", id="lpad"),
        pytest.param("REGEXP_SUBSTR(", ", '[a-z]+')", "region", id="regexp_substr"),
        pytest.param("DATEADD(month, 1, ", ")", "day", id="dateadd"),
    ],
)
def test_nested_calls_grow_no_faster_than_what_was_written(before: str, after: str, innermost: str) -> None:
    short, long = (f"SELECT {before * depth}{innermost}{after * depth} AS v FROM sales" for depth in (10, 20))
    growth = len(sales().translation(long).sql) / len(sales().translation(short).sql)
    assert growth < 3
    assert len(sales().rows(long)) == 3
