from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.credentials import query_as
from tests.emulator import DEMO_FIXTURES, Emulator, Emulators
from tests.requirements import requirement

OWN_TENANT = "types"
TABLE = """
CREATE TABLE kinds (
  a_smallint SMALLINT, a_integer INTEGER, a_bigint BIGINT, a_decimal DECIMAL(12,2), a_wide_decimal DECIMAL(38,10),
  a_real REAL, a_double DOUBLE PRECISION, a_boolean BOOLEAN, a_char CHAR(8), a_varchar VARCHAR(64),
  a_date DATE, a_timestamp TIMESTAMP, a_timestamptz TIMESTAMPTZ, a_time TIME, a_super SUPER
);
INSERT INTO kinds VALUES (
  -32768, 2147483647, 9223372036854775807, 2500000.00, 1234567890123456789012345678.0123456789,
  1.5, 0.1, TRUE, 'abc', 'it''s "quoted" \\\\ and 雪',
  '2024-01-15', '2024-01-15 10:00:00', '2024-01-15 10:00:00+02', '10:11:12', JSON_PARSE('{"a":[1,null,"x"]}')
);
INSERT INTO kinds (a_smallint) VALUES (NULL);
"""
TYPES = {
    "a_smallint": "SMALLINT",
    "a_integer": "INTEGER",
    "a_bigint": "BIGINT",
    "a_decimal": "DECIMAL",
    "a_wide_decimal": "DECIMAL",
    "a_real": "REAL",
    "a_double": "DOUBLE PRECISION",
    "a_boolean": "BOOLEAN",
    "a_char": "CHAR",
    "a_varchar": "VARCHAR",
    "a_date": "DATE",
    "a_timestamp": "TIMESTAMP",
    "a_timestamptz": "TIMESTAMPTZ",
    "a_time": "TIME",
    "a_super": "SUPER",
}
VALUES = {
    "a_smallint": "-32768",
    "a_integer": "2147483647",
    "a_bigint": "9223372036854775807",
    "a_decimal": "2500000.00",
    "a_wide_decimal": "1234567890123456789012345678.0123456789",
    "a_real": "1.5",
    "a_double": "0.1",
    "a_boolean": "true",
    "a_char": '"abc"',
    "a_varchar": '"it\'s \\"quoted\\" \\\\ and 雪"',
    "a_date": '"2024-01-15"',
    "a_timestamp": '"2024-01-15T10:00:00"',
    "a_timestamptz": '"2024-01-15T08:00:00Z"',
    "a_time": '"10:11:12"',
    "a_super": '{"a":[1,null,"x"]}',
}


class Digits(str):
    """A JSON number as it was written."""

    __slots__ = ()


@pytest.fixture(scope="module")
def kinds(server: Emulator) -> Emulator:
    """Give a tenant a table with a column of every type: one row of values, one of NULLs."""
    assert server.sql(TABLE, OWN_TENANT).status == 200
    return server


def read(text: str | bytes) -> Any:
    """Parse JSON with every digit of its numbers."""
    return json.loads(text, parse_float=Digits, parse_int=Digits)


def column(server: Emulator, name: str) -> tuple[str, list[Any]]:
    """Return the column's type, its value in the row of values and its value in the row of NULLs."""
    answer = query_as(server, OWN_TENANT, f"SELECT {name} AS v FROM kinds ORDER BY a_integer IS NULL")
    found = read(answer.content)
    return found["metadata"]["column_types"][0], [row["v"] for row in found["data"]]


def value(server: Emulator, sql: str) -> Any:
    """Return the value of the one column, `v`, of the one row."""
    return read(server.query(sql).content)["data"][0]["v"]


@requirement(
    "TYP-01", "TYP-02", "TYP-03", "TYP-04", "TYP-05", "TYP-06", "TYP-07", "TYP-08", "TYP-09", "TYP-10", "TYP-11"
)
@pytest.mark.parametrize("name", TYPES)
def test_a_column_reports_redshifts_type_and_keeps_its_value(kinds: Emulator, name: str) -> None:
    found_type, (found, _) = column(kinds, name)

    assert found_type == TYPES[name]
    assert found == read(VALUES[name])
    assert type(found) is type(read(VALUES[name]))


@requirement("TYP-13")
@pytest.mark.parametrize("name", TYPES)
def test_null_is_null_under_its_key(kinds: Emulator, name: str) -> None:
    _, (_, absent) = column(kinds, name)

    assert absent is None


@requirement("TYP-03")
@pytest.mark.parametrize(
    ("sql", "digits"),
    [
        ("SELECT SUM(amount) AS v FROM sales WHERE region = 'APAC'", "1500000.00"),
        ("SELECT 99.99 AS v", "99.99"),
        ("SELECT CAST(0.1 AS DECIMAL(3,1)) + CAST(0.2 AS DECIMAL(3,1)) AS v", "0.3"),
        ("SELECT CAST('-0.05' AS DECIMAL(4,2)) AS v", "-0.05"),
        ("SELECT CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)) AS v", "9" * 38),
    ],
)
def test_a_decimal_is_a_number_with_all_its_digits(server: Emulator, sql: str, digits: str) -> None:
    found = value(server, sql)

    assert (type(found), found) == (Digits, digits)


@requirement("TYP-02")
def test_a_whole_number_beyond_the_doubles_is_exact(server: Emulator) -> None:
    assert value(server, "SELECT CAST(9007199254740993 AS BIGINT) AS v") == "9007199254740993"


@requirement("TYP-04")
def test_a_float_that_json_cannot_write_is_null(emulators: Emulators, tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    values = "SELECT UNNEST(['NaN', 'Infinity', '-Infinity', '1.5'])::DOUBLE AS v"
    duckdb.sql(f"COPY ({values}) TO '{tmp_path}/all/floats.parquet'")
    shutil.copy(DEMO_FIXTURES / "tenants.toml", tmp_path)
    own = emulators.start("--fixtures", str(tmp_path))
    rows = own.query("SELECT v FROM floats WHERE v IS NOT NULL").json["data"]
    own.stop()

    assert sorted(rows, key=str) == [{"v": 1.5}, {"v": None}, {"v": None}, {"v": None}]


@requirement("TYP-06", "TYP-14")
def test_the_empty_string_is_not_null(server: Emulator) -> None:
    assert value(server, "SELECT '' AS v") == ""


@requirement("TYP-06")
def test_the_padding_of_char_is_trimmed(server: Emulator) -> None:
    assert value(server, "SELECT CAST('ab  ' AS CHAR(8)) AS v") == "ab"


@requirement("TYP-08")
def test_fractions_of_a_second_are_kept(server: Emulator) -> None:
    sql = "SELECT CAST('2024-01-15 10:00:00.123456' AS TIMESTAMP) AS v"

    assert value(server, sql) == "2024-01-15T10:00:00.123456"


@requirement("TYP-11")
@pytest.mark.parametrize("text", ['{"a":{"b":[1.25,true,null]}}', "[]", "12", '"x"', "null"])
def test_super_is_the_json_value_itself(server: Emulator, text: str) -> None:
    assert value(server, f"SELECT JSON_PARSE('{text}') AS v") == read(text)


@requirement("QRY-22", "TYP-01")
@pytest.mark.parametrize(
    ("expression", "column_type"),
    [
        ("COUNT(*)", "BIGINT"),
        ("SUM(quantity)", "BIGINT"),
        ("SUM(amount)", "DECIMAL"),
        ("AVG(amount)", "DECIMAL"),
        ("MIN(sale_date)", "DATE"),
        ("MAX(region)", "VARCHAR"),
        ("SUM(CAST(quantity AS DOUBLE PRECISION))", "DOUBLE PRECISION"),
        ("COUNT(*) > 1", "BOOLEAN"),
    ],
)
def test_an_expression_has_redshifts_type(server: Emulator, expression: str, column_type: str) -> None:
    answer = server.query(f"SELECT {expression} AS v FROM sales").json

    assert answer["metadata"]["column_types"] == [column_type]
