"""A client's text becomes a tree that knows where its parts stood, or an error that says where it went wrong."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.dialect import function_name
from spectra_emulator.sql.nearest import nearest
from spectra_emulator.sql.parsing import parse_one, parse_script, position_of
from sqlglot import exp

from tests.requirements import requirement

MISSPELT = [
    ("SELECT region, SUM(amount) as total FORM sales GROUP BY region", "FORM"),
    ("SELECT region FORM sales", "FORM"),
    ("SELECT * FORM sales", "FORM"),
    ("SELCT 1", "SELCT"),
    ("SELECT a FROM t WHER a = 1", "WHER"),
    ("SELECT a FROM t GRUOP BY a", "GRUOP"),
    ("SELECT 'FORM', a FORM t", "FORM t"),
    ("SELECT a FROM t order", "order"),
]
MISPLACED = [
    pytest.param("SELECT a,, b FROM t", ", b", id="empty item"),
    pytest.param("SELECT a, FROM t", "FROM", id="trailing comma"),
    pytest.param("SELECT a,", ",", id="unfinished list"),
    pytest.param("SELECT FROM t", "FROM", id="no select list"),
    pytest.param("SELECT a)", ")", id="bracket closed but not open"),
    pytest.param("SELECT (a, (b)", "(a", id="bracket open but not closed"),
    pytest.param("SELECT CAST(a AS INT", "(a", id="cast not closed"),
    pytest.param("SELECT 'abc", "'abc", id="string not closed"),
    pytest.param("SELECT 1 -- it's\n, 'abc", "'abc", id="string not closed after a comment"),
    pytest.param('SELECT "abc', '"abc', id="name not closed"),
    pytest.param("SELECT 1 /* abc", "/* abc", id="comment not closed"),
    pytest.param("SELECT 1 {# a #}", "{#", id="template comment"),
    pytest.param("SELECT {fn now()}", "{fn", id="escape of another protocol"),
    pytest.param("SELECT a\x00b", "\x00b", id="NUL"),
    pytest.param("SELECT a \x1b[0m", "\x1b", id="control character"),
    pytest.param("SELECT 1 LIMIT 5, 10", "5, 10", id="limit of two numbers"),
    pytest.param("SELECT !true", "true", id="exclamation mark"),
    pytest.param("SELECT INTERVAL '1 day; x'", "'1 day; x'", id="interval of no sense"),
    pytest.param("SELECT a::json FROM t", "json", id="unknown type"),
    pytest.param("SELECT a -> 1 FROM t", "> 1", id="unknown operator"),
    pytest.param("SELECT (FROM t SELECT a)", "FROM", id="clauses in another dialect's order"),
    pytest.param("SELECT * FROM 'sales.csv'", "'sales.csv'", id="string for a table"),
]


def failure(sql: str) -> InvalidSql:
    with pytest.raises(InvalidSql) as raised:
        parse_one(sql)
    return raised.value


@requirement("QRY-60", "ERR-22")
@pytest.mark.parametrize(("sql", "word"), MISSPELT)
def test_a_misspelt_keyword_is_found_in_the_clients_own_text(sql: str, word: str) -> None:
    error = failure(sql)

    assert error.message == "SQL syntax error"
    assert error.details["position"] == sql.index(word) + 1
    assert error.details["hint"] == f"Check for missing keyword near '{word.partition(' ')[0]}'"


@requirement("QRY-60")
@pytest.mark.parametrize(("sql", "rest"), MISPLACED)
def test_a_syntax_error_says_where_it_is(sql: str, rest: str) -> None:
    error = failure(sql)

    assert error.message == "SQL syntax error"
    assert error.details["position"] == sql.index(rest) + 1
    assert error.details["hint"]


@requirement("QRY-60")
@pytest.mark.parametrize("sql", ["SELECT 1 +", "SELECT a FROM t WHERE", "WITH x AS (SELECT 1)", "SELECT a FROM"])
def test_a_statement_that_ends_too_early_has_a_position_inside_it(sql: str) -> None:
    position = failure(sql).details["position"]

    assert isinstance(position, int)
    assert 1 <= position <= len(sql)


def test_positions_count_characters_of_the_untrimmed_text() -> None:
    sql = "\n  SELECT 'ü€😀' FROM  a . b"

    table = parse_one(sql).find(exp.Table)

    assert table is not None
    assert position_of(table.this) == sql.index("b", 20) + 1
    assert position_of(table) == sql.index("a .") + 1


def test_functions_know_their_place_and_their_written_name() -> None:
    sql = "SELECT NVL(a, 1), Sum(b), my_own(c), CAST(d AS INT), SYSDATE, TRIM(e) FROM t"

    calls = [node for node in parse_one(sql).find_all(exp.Func) if function_name(node)]

    assert {function_name(call): position_of(call) for call in calls} == {
        name.lower(): sql.index(name) + 1 for name in ("NVL", "Sum", "my_own", "CAST", "SYSDATE", "TRIM")
    }


def test_a_call_keeps_its_arguments_as_they_were_written() -> None:
    call = parse_one("SELECT TO_CHAR(a, 'YYYY-MM-DD', extra)").find(exp.Anonymous)

    assert call is not None
    assert [argument.sql() for argument in call.expressions] == ["a", "'YYYY-MM-DD'", "extra"]


@requirement("QRY-09")
@pytest.mark.parametrize("sql", ["SELECT 1;", "SELECT 1 ; ; \n", "  SELECT 1", ";SELECT 1", "SELECT 1 -- end;"])
def test_semicolons_and_blanks_around_a_statement_are_dropped(sql: str) -> None:
    assert parse_one(sql).sql() == "SELECT 1"


@pytest.mark.parametrize("sql", ["", "  ", ";", "-- nothing", "SELECT 1; SELECT 2"])
def test_one_statement_is_exactly_one(sql: str) -> None:
    assert "Exactly one" in failure(sql).message


def test_a_script_gives_its_statements_in_order() -> None:
    script = "CREATE TABLE t (a INT, b SUPER); INSERT INTO t (a) VALUES (1), (2); -- done\nVACUUM t;\nSELECT 'a;b'"

    assert [type(tree) for tree in parse_script(script)] == [exp.Create, exp.Insert, exp.Command, exp.Select]


def test_no_comment_reaches_the_tree() -> None:
    tree = parse_one("SELECT /*+ hint */ SUM(/* sqlglot.anonymous */ a) /* sqlglot.anonymous */ -- b\n FROM t")

    assert [node.comments for node in tree.walk() if node.comments] == []
    assert tree.find(exp.Sum) is not None


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT " + "(" * 300 + "1" + ")" * 300, id="parentheses"),
        pytest.param("SELECT " + "(" * 70 + "1" + ")" * 70, id="parentheses below the bracket limit"),
        pytest.param("SELECT " + "(SELECT " * 90 + "1" + ")" * 90, id="subqueries"),
        pytest.param("SELECT " + "CASE WHEN true THEN " * 200 + "1" + " END" * 200, id="case"),
        pytest.param("SELECT " + "NOT " * 500 + "true", id="not"),
        pytest.param("SELECT " + "- " * 500 + "1", id="minus"),
        pytest.param("SELECT a" + "::int" * 1000, id="casts"),
        pytest.param("SELECT 1" + " + 1" * 1000, id="sums"),
        pytest.param("SELECT a AT TIME ZONE " + "'UTC' AT TIME ZONE " * 1000 + "'UTC'", id="time zones"),
        pytest.param("SELECT " + "abs(" * 90 + "1" + ")" * 90, id="calls"),
    ],
)
def test_deep_nesting_is_refused_without_harm(sql: str) -> None:
    assert failure(sql).message == "SQL statement is nested too deeply"


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT 1 IN (" + "1," * 40_000 + "1)", id="many tokens"),
        pytest.param("SELECT 1 FROM t " + "OFFSET (SELECT 1 FROM t " * 40 + ")" * 40, id="parser goes back and forth"),
        pytest.param("SELECT a::" + "varchar(" * 40 + "1" + ")" * 40, id="types in types"),
    ],
)
def test_work_for_the_parser_is_bounded(sql: str) -> None:
    assert failure(sql).message == "SQL statement is too complex"


@requirement("QRY-07")
def test_a_text_over_the_limit_is_refused_before_any_reading() -> None:
    error = failure("'" * 100_001)

    assert (error.details["length"], error.details["max_length"]) == (100_001, 100_000)


@pytest.mark.parametrize("word", ["AND", "OR"])
def test_a_chain_of_thousand_conditions_is_shallow_and_keeps_its_order(word: str) -> None:
    conditions = f" {word} ".join(f"id = {number}" for number in range(1000))

    tree = parse_one(f"SELECT * FROM t WHERE {conditions}")

    assert tree.sql() == f"SELECT * FROM t WHERE {conditions}"
    assert max(node.depth for node in tree.walk()) < 20


@pytest.mark.parametrize(
    "name", ["anti", "asof", "semi", "pragma", "unnest", "lateral", "json", "uuid", "list", "map", "window", "format"]
)
def test_words_that_mean_nothing_to_redshift_are_plain_names(name: str) -> None:
    tree = parse_one(f"SELECT {name} FROM {name} AS {name}")

    assert [column.name for column in tree.find_all(exp.Column)] == [name]


@pytest.mark.parametrize(
    ("word", "meant"), [("amout", "Amount"), ("REGION", "region"), ("regoin", "region"), ("xyz", None)]
)
def test_the_nearest_name_keeps_its_own_spelling(word: str, meant: str | None) -> None:
    assert nearest(word, ["Amount", "region", "id"]) == meant


@requirement("QRY-60")
@pytest.mark.parametrize("sql", ["SELECT 1 FROM a JOIN b", "SELECT 1 FROM a INNER JOIN b JOIN c ON true"])
def test_a_join_without_its_condition_is_a_syntax_error(sql: str) -> None:
    assert failure(sql).message == "SQL syntax error"


@pytest.mark.parametrize(
    ("sql", "printed"),
    [
        ("SELECT date '2024-01-05'::timestamp", "SELECT CAST(CAST('2024-01-05' AS DATE) AS TIMESTAMP)"),
        ("SELECT '2024-01-05'::date", "SELECT CAST('2024-01-05' AS DATE)"),
    ],
)
def test_a_cast_behind_a_typed_literal_applies_to_its_value(sql: str, printed: str) -> None:
    assert parse_one(sql).sql("redshift") == printed
