from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.emulator import Emulator
from tests.requirements import requirement

JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
LONGEST = 100_000
COLUMNS = "SELECT region AS area, quantity, amount FROM sales WHERE id <= 2 ORDER BY id"
NO_ROWS = "SELECT id, region FROM sales WHERE id < 0"


def statement_of(length: int) -> str:
    """Return a statement of exactly so many characters."""
    return f"SELECT{' ' * (length - len('SELECT1 AS v'))}1 AS v"


def asked(server: Emulator, body: object) -> tuple[int, str, object]:
    """Return status, code and named field of a refusal."""
    answer = server.call("POST", "/queries", body)
    return answer.status, answer.code, answer.details.get("field")


def metadata(server: Emulator, sql: str, **parameters: int) -> dict[str, Any]:
    found: dict[str, Any] = server.query(sql, **parameters).json["metadata"]
    return found


@requirement("QRY-01", "QRY-20", "GEN-01", "GEN-02")
def test_a_query_answers_its_rows_at_once(server: Emulator) -> None:
    answer = server.query("SELECT 1 AS a, 'x' AS b")

    assert (answer.status, answer.json["data"]) == (200, [{"a": 1, "b": "x"}])


@requirement("QRY-20", "QRY-21")
def test_the_keys_of_a_row_stand_in_the_order_of_the_columns(server: Emulator) -> None:
    answer = server.query(COLUMNS).json

    assert answer["metadata"]["columns"] == ["area", "quantity", "amount"]
    assert [list(row) for row in answer["data"]] == [["area", "quantity", "amount"]] * 2


@requirement("QRY-22", "TYP-01")
def test_every_column_has_its_type(server: Emulator) -> None:
    assert metadata(server, COLUMNS)["column_types"] == ["VARCHAR", "INTEGER", "DECIMAL"]


@requirement("QRY-20", "QRY-21", "QRY-22", "QRY-23", "QRY-24")
def test_an_empty_result_still_has_columns_and_types(server: Emulator) -> None:
    answer = server.query(NO_ROWS).json
    facts = {name: answer["metadata"][name] for name in ("columns", "column_types", "row_count", "total_rows")}

    assert answer["data"] == []
    assert facts == {
        "columns": ["id", "region"],
        "column_types": ["BIGINT", "VARCHAR"],
        "row_count": 0,
        "total_rows": 0,
    }


@requirement("QRY-23", "QRY-24", "QRY-25", "QRY-28")
def test_a_whole_result_is_not_truncated_and_gives_no_advice(server: Emulator) -> None:
    found = metadata(server, COLUMNS)

    assert (found["row_count"], found["total_rows"], found["truncated"]) == (2, 2, False)
    assert "message" not in found


@requirement("QRY-25", "QRY-28", "QRY-30")
def test_a_truncated_result_keeps_every_member_and_advises_the_bulk_api(server: Emulator) -> None:
    whole, cut = metadata(server, COLUMNS), metadata(server, COLUMNS, limit=1)

    assert whole.keys() <= cut.keys()
    assert (cut["truncated"], "Bulk API" in cut["message"]) == (True, True)


@requirement("QRY-26")
def test_the_time_a_query_took_is_whole_milliseconds(server: Emulator) -> None:
    found = metadata(server, "SELECT 1 AS a")["execution_time_ms"]

    assert isinstance(found, int)
    assert 0 <= found < 60_000


@requirement("QRY-27", "QRY-29", "GEN-11", "JOB-10")
@pytest.mark.parametrize("name", ["query_id", "job_id"])
def test_the_ids_of_a_query_find_its_job(server: Emulator, name: str) -> None:
    found = metadata(server, "SELECT 1 AS a")[name]

    assert JOB_ID.fullmatch(found)
    assert server.call("GET", f"/jobs/{found}").status == 200


def test_two_queries_have_different_ids(server: Emulator) -> None:
    assert metadata(server, "SELECT 1 AS a")["query_id"] != metadata(server, "SELECT 1 AS a")["query_id"]


@requirement("QRY-02", "QRY-03", "QRY-04")
@pytest.mark.parametrize(
    "parameters",
    [
        None,
        {},
        {"limit": 1},
        {"limit": 10_000},
        {"timeout_seconds": 1},
        {"timeout_seconds": 300},
        {"limit": 1000, "timeout_seconds": 60},
    ],
    ids=str,
)
def test_parameters_may_be_absent_or_at_their_bounds(server: Emulator, parameters: object) -> None:
    assert server.call("POST", "/queries", {"sql": "SELECT 1 AS a", "parameters": parameters}).status == 200


@requirement("QRY-02", "QRY-05", "GEN-08", "ERR-10")
@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ([], "parameters"),
        ("x", "parameters"),
        ({"limit": 0}, "parameters.limit"),
        ({"limit": -1}, "parameters.limit"),
        ({"limit": 10_001}, "parameters.limit"),
        ({"limit": 10**30}, "parameters.limit"),
        ({"limit": "5"}, "parameters.limit"),
        ({"limit": 1.5}, "parameters.limit"),
        ({"limit": True}, "parameters.limit"),
        ({"limit": None}, "parameters.limit"),
        ({"timeout_seconds": 0}, "parameters.timeout_seconds"),
        ({"timeout_seconds": 301}, "parameters.timeout_seconds"),
        ({"timeout_seconds": "60"}, "parameters.timeout_seconds"),
        ({"timeout_seconds": False}, "parameters.timeout_seconds"),
    ],
    ids=str,
)
def test_a_wrong_parameter_is_refused_by_its_dotted_path(server: Emulator, parameters: object, field: str) -> None:
    body = {"sql": "SELECT 1 AS a", "parameters": parameters}

    assert asked(server, body) == (400, "INVALID_REQUEST", field)


@requirement("QRY-06")
@pytest.mark.parametrize(
    "body", [{}, {"sql": None}, {"sql": 5}, {"sql": ["SELECT 1"]}, {"sql": ""}, {"sql": " \n\t"}], ids=str
)
def test_a_request_without_sql_is_refused(server: Emulator, body: object) -> None:
    assert asked(server, body) == (400, "INVALID_REQUEST", "sql")


@requirement("QRY-01", "QRY-07", "LIM-06")
def test_the_longest_statement_runs(server: Emulator) -> None:
    assert server.query(statement_of(LONGEST)).status == 200


@requirement("QRY-07", "LIM-06", "SQL-13", "SQL-17")
def test_a_longer_statement_is_refused_with_both_lengths(server: Emulator) -> None:
    answer = server.query(statement_of(LONGEST + 1))

    assert (answer.status, answer.code) == (400, "INVALID_SQL")
    assert answer.details["length"] == LONGEST + 1
    assert answer.details["max_length"] == LONGEST


@requirement("QRY-09", "SQL-05")
@pytest.mark.parametrize("ending", [";", " ; ", ";;", "\n;\n;\n"], ids=repr)
def test_semicolons_at_the_end_are_dropped(server: Emulator, ending: str) -> None:
    assert server.query(f"SELECT 1 AS a{ending}").json["data"] == [{"a": 1}]


@requirement("GEN-06", "QRY-10")
def test_unknown_members_are_ignored(server: Emulator) -> None:
    body = {"sql": "SELECT 1 AS a", "timeout_seconds": "x", "metadata": [], "parameters": {"limit": 1, "other": []}}

    assert server.call("POST", "/queries", body).status == 200


@requirement("QRY-11")
def test_a_named_parameter_of_sql_is_no_part_of_the_api(server: Emulator) -> None:
    assert server.query("SELECT * FROM sales WHERE region = :region").status == 400


@requirement("TYP-15")
def test_of_two_columns_of_one_name_the_row_keeps_the_last(server: Emulator) -> None:
    answer = server.query("SELECT 1 AS a, 2 AS a, 3 AS b").json

    assert answer["metadata"]["columns"] == ["a", "a", "b"]
    assert answer["data"] == [{"a": 2, "b": 3}]


@requirement("TYP-16")
def test_an_unnamed_expression_is_named_as_redshift_names_it(server: Emulator) -> None:
    assert metadata(server, "SELECT COUNT(*), 1 + 1 FROM sales")["columns"] == ["count", "?column?"]


def test_a_name_that_is_not_ascii_comes_back_as_it_went(server: Emulator) -> None:
    assert server.query("""SELECT '雪' AS "größe" """).json["data"] == [{"größe": "雪"}]


def test_the_demo_counts_the_orders_of_today(server: Emulator) -> None:
    today = datetime.now(UTC).date().isoformat()
    found = server.query("SELECT COUNT(*) AS n FROM orders WHERE date = CURRENT_DATE").json["data"][0]["n"]
    by_name = server.query(f"SELECT COUNT(*) AS n FROM orders WHERE date = '{today}'").json["data"][0]["n"]

    assert found == by_name > 0


@requirement("QRY-48")
def test_an_answer_larger_than_the_platform_allows_is_served(server: Emulator) -> None:
    answer = server.query("SELECT REPEAT('x', 1000) AS v FROM sales")

    assert answer.status == 200
    assert len(answer.content) > 10_000_000
