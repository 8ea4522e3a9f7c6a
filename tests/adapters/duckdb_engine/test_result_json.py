"""Rows as JSON."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import msgspec
import pytest
from spectra_emulator.adapters.duckdb_engine.result_json import Fetched, fetched

from tests.requirements import requirement


@pytest.fixture
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"default_null_order": "nulls_last"}) as database:
        database.execute("SET TimeZone = 'UTC'")
        yield database


def one_value(cursor: duckdb.DuckDBPyConnection, expression: str) -> str:
    """Return the JSON text of one value."""
    answer = fetched(cursor, f"SELECT {expression} AS c1", ["v"], cap=10)
    return answer.rows_json.decode().removeprefix('[{"v":').removesuffix("}]")


def numbered(cursor: duckdb.DuckDBPyConnection, count: int, cap: int) -> Fetched:
    return fetched(cursor, f"SELECT range AS n FROM range({count}) ORDER BY range", ["n"], cap)


@pytest.mark.parametrize(
    "expression", ["DATE 'infinity'", "TIME '24:00:00'", "TIMESTAMP '290000-01-01'", "TIMESTAMPTZ '-infinity'"]
)
def test_a_moment_that_has_no_text_is_an_error(cursor: duckdb.DuckDBPyConnection, expression: str) -> None:
    with pytest.raises(duckdb.OutOfRangeException, match="out of range"):
        one_value(cursor, expression)


def test_a_text_that_looks_like_such_an_error_is_a_text(cursor: duckdb.DuckDBPyConnection) -> None:
    assert one_value(cursor, "'ERROR: Cast error: '") == '"ERROR: Cast error: "'


@requirement("TYP-02", "TYP-03", "TYP-04", "TYP-05", "TYP-06", "TYP-07", "TYP-08", "TYP-09", "TYP-10", "TYP-13")
@pytest.mark.parametrize(
    ("expression", "json"),
    [
        pytest.param("9223372036854775807", "9223372036854775807", id="bigint beyond 2^53"),
        pytest.param("CAST('2500000.00' AS DECIMAL(12,2))", "2500000.00", id="decimal keeps its zeros"),
        pytest.param(
            "CAST('12345678901234567890123456.123456789012' AS DECIMAL(38,12))",
            "12345678901234567890123456.123456789012",
            id="decimal of 38 digits",
        ),
        pytest.param("CAST('-0.05' AS DECIMAL(4,2))", "-0.05", id="small negative decimal"),
        pytest.param("CAST('NaN' AS DOUBLE)", "null", id="not a number"),
        pytest.param("CAST('-Infinity' AS DOUBLE)", "null", id="infinity"),
        pytest.param("0.1::DOUBLE", "0.1", id="double"),
        pytest.param("true", "true", id="boolean"),
        pytest.param("'ä\"\\\n'", '"ä\\"\\\\\\n"', id="text"),
        pytest.param("''", '""', id="empty text"),
        pytest.param("NULL::VARCHAR", "null", id="null"),
        pytest.param("DATE '2024-01-15'", '"2024-01-15"', id="date"),
        pytest.param("TIMESTAMP '2024-01-15 10:00:00'", '"2024-01-15T10:00:00"', id="timestamp"),
        pytest.param("TIMESTAMPTZ '2024-01-15 12:00:00+02'", '"2024-01-15T10:00:00Z"', id="timestamptz"),
        pytest.param("TIME '10:00:00'", '"10:00:00"', id="time"),
        pytest.param("INTERVAL '2' DAY", '"2 days"', id="interval"),
        pytest.param("'\\xAB\\x01'::BLOB", '"ab01"', id="varbyte"),
    ],
)
def test_a_value_is_written_as(cursor: duckdb.DuckDBPyConnection, expression: str, json: str) -> None:
    assert one_value(cursor, expression) == json


@requirement("TYP-11")
@pytest.mark.parametrize(
    "value",
    ['{"a":[1,null,"ä"]}', "[]", "1.50", '"text"', "true", "null", "12345678901234567890123"],
)
def test_a_super_value_is_the_json_itself(cursor: duckdb.DuckDBPyConnection, value: str) -> None:
    assert one_value(cursor, f"CAST('{value}' AS JSON)") == value


@requirement("TYP-11", "TYP-13")
def test_a_missing_super_value_is_null(cursor: duckdb.DuckDBPyConnection) -> None:
    assert one_value(cursor, "CAST(NULL AS JSON)") == "null"


@requirement("QRY-20", "QRY-21")
def test_an_answer_without_rows_is_an_empty_array(cursor: duckdb.DuckDBPyConnection) -> None:
    answer = numbered(cursor, 0, cap=10)

    assert (answer.rows_json, answer.types, answer.row_count, answer.overflowed) == (b"[]", ["BIGINT"], 0, False)


@requirement("QRY-20")
def test_keys_stand_in_the_order_of_the_columns(cursor: duckdb.DuckDBPyConnection) -> None:
    answer = fetched(cursor, "SELECT 1 AS c1, 2 AS c2, 3 AS c3", ["z", "a", "m"], cap=10)

    assert answer.rows_json == b'[{"z":1,"a":2,"m":3}]'


@requirement("TYP-15")
def test_of_two_columns_of_one_name_the_row_keeps_the_last(cursor: duckdb.DuckDBPyConnection) -> None:
    answer = fetched(cursor, "SELECT 1 AS c1, 2 AS c2, 3 AS c3", ["n", "m", "n"], cap=10)

    assert (msgspec.json.decode(answer.rows_json), answer.types) == ([{"m": 2, "n": 3}], ["INTEGER"] * 3)


@requirement("TYP-11", "TYP-15")
def test_of_two_columns_of_one_name_the_kind_of_the_last_counts(cursor: duckdb.DuckDBPyConnection) -> None:
    answer = fetched(cursor, "SELECT CAST('{}' AS JSON) AS c1, 'x' AS c2", ["n", "n"], cap=10)

    assert answer.rows_json == b'[{"n":"x"}]'


@requirement("QRY-43")
@pytest.mark.parametrize(
    ("count", "cap", "row_count", "overflowed"),
    [
        pytest.param(9, 10, 9, False, id="below"),
        pytest.param(10, 10, 10, False, id="at the cap"),
        pytest.param(11, 10, 10, True, id="above"),
        pytest.param(5001, 5000, 5000, True, id="above, written in one piece"),
    ],
)
def test_the_cap_keeps_the_first_rows(
    cursor: duckdb.DuckDBPyConnection, count: int, cap: int, row_count: int, overflowed: bool
) -> None:
    answer = numbered(cursor, count, cap)

    assert (answer.row_count, answer.overflowed) == (row_count, overflowed)
    assert msgspec.json.decode(answer.rows_json) == [{"n": number} for number in range(row_count)]


@pytest.mark.parametrize("count", [1, 1999, 2000, 2001, 10_000])
def test_large_answers_are_written_whole_and_in_order(cursor: duckdb.DuckDBPyConnection, count: int) -> None:
    rows = msgspec.json.decode(numbered(cursor, count, cap=10_000).rows_json)

    assert rows == [{"n": number} for number in range(count)]
