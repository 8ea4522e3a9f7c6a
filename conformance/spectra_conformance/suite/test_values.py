"""The JSON that each type of Redshift becomes."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite.asides import note, warn_unless
from spectra_conformance.suite.asking import exact, result
from spectra_conformance.suite.registry import decides

MOMENT = re.compile(r"2024-02-29[T ]13:14:15(\.0+)?")
UTC_MOMENT = re.compile(r"2024-02-29[T ]11:14:15(\.0+)?(Z|\+00(:?00)?)")

LONG_TEXT = 20_000
"""With a quarter of it in letters of two bytes it stays within the 64 kB of a row of Redshift's Data API."""
MANY_COLUMNS = 120


def one_row(client: Client, *columns: str) -> tuple[list[object], list[str]]:
    """Return the values and the types of a row of expressions."""
    names = [f"c{place}" for place in range(len(columns))]
    listed = ", ".join(f"{column} AS {name}" for column, name in zip(columns, names, strict=True))
    body = result(client, f"SELECT {listed}")
    assert body["metadata"]["columns"] == names
    assert [list(row) for row in body["data"]] == [names]
    return [body["data"][0][name] for name in names], body["metadata"]["column_types"]


@decides("TYP-01", "TYP-02", "TYP-14", "QRY-22", "QRY-20", profile="smoke")
def test_integers_are_exact_numbers_of_their_type(asker: Client) -> None:
    values, types = one_row(
        asker,
        "CAST(-32768 AS SMALLINT)",
        "CAST(32767 AS SMALLINT)",
        "CAST('-2147483648' AS INTEGER)",
        "CAST(2147483647 AS INTEGER)",
        "CAST(9007199254740993 AS BIGINT)",
        "CAST(9223372036854775807 AS BIGINT)",
        "CAST('-9223372036854775808' AS BIGINT)",
        "CAST(0 AS INTEGER)",
    )

    assert types == ["SMALLINT", "SMALLINT", "INTEGER", "INTEGER", "BIGINT", "BIGINT", "BIGINT", "INTEGER"]
    assert values[:4] == [-32768, 32767, -2147483648, 2147483647]
    assert values[4:] == [9007199254740993, 9223372036854775807, -9223372036854775808, 0]
    assert {type(value) for value in values} == {int}


@decides("TYP-01", "TYP-03", "TYP-14", "QRY-22")
def test_decimals_keep_all_their_digits(asker: Client) -> None:
    values, types = one_row(
        asker,
        "CAST('99.99' AS DECIMAL(12,2))",
        "CAST('2500000.00' AS DECIMAL(12,2))",
        "CAST('12345678901234567890.1234567890' AS DECIMAL(38,10))",
        "CAST('-0.1' AS DECIMAL(4,1))",
        "CAST('1500000' AS DECIMAL(18,0))",
        "CAST('-99999999999999999999999999999999999999' AS DECIMAL(38,0))",
        "CAST('0' AS DECIMAL(5,2))",
    )

    assert types == ["DECIMAL"] * 7
    warn_unless("TYP-03", any(isinstance(value, str) for value in values), False, "decimals are text")
    assert [Decimal(str(value)) for value in values] == [
        Decimal("99.99"),
        Decimal("2500000.00"),
        Decimal("12345678901234567890.1234567890"),
        Decimal("-0.1"),
        Decimal(1500000),
        Decimal(-99999999999999999999999999999999999999),
        Decimal(0),
    ]


@decides("TYP-01", "TYP-04", "QRY-22")
def test_floats_are_numbers(asker: Client) -> None:
    values, types = one_row(
        asker,
        "CAST(1.5 AS REAL)",
        "CAST(0.1 AS DOUBLE PRECISION)",
        "CAST(-1e300 AS DOUBLE PRECISION)",
        "CAST(2 AS DOUBLE PRECISION)",
        "CAST(1e-300 AS DOUBLE PRECISION)",
    )

    assert types == ["REAL", *["DOUBLE PRECISION"] * 4]
    assert [float(str(value)) for value in values] == [1.5, 0.1, -1e300, 2.0, 1e-300]
    assert not any(isinstance(value, str) for value in values)


@decides("TYP-04")
def test_floats_keep_their_digits(asker: Client) -> None:
    (third, small), _ = one_row(
        asker, "CAST('0.123456789012345' AS DOUBLE PRECISION)", "CAST('1.23456789012345e-7' AS DOUBLE PRECISION)"
    )

    assert float(str(third)) == pytest.approx(0.123456789012345, rel=1e-14)
    assert float(str(small)) == pytest.approx(1.23456789012345e-7, rel=1e-14)


@decides("TYP-04", "GEN-04")
def test_what_is_no_number_is_null(asker: Client) -> None:
    values, types = one_row(
        asker,
        "CAST('NaN' AS DOUBLE PRECISION)",
        "CAST('Infinity' AS DOUBLE PRECISION)",
        "CAST('-Infinity' AS DOUBLE PRECISION)",
        "CAST(0.5 AS DOUBLE PRECISION)",
    )

    assert (values, types) == ([None, None, None, Decimal("0.5")], ["DOUBLE PRECISION"] * 4)


@decides("TYP-14", "QRY-20", "QRY-48")
def test_long_text_is_whole(asker: Client) -> None:
    body = result(asker, f"SELECT REPEAT('x', {LONG_TEXT}) AS x, REPEAT('é', {LONG_TEXT // 4}) AS e")

    assert body["data"] == [{"x": "x" * LONG_TEXT, "e": "é" * (LONG_TEXT // 4)}]


@decides("QRY-20", "QRY-21", "QRY-22")
def test_a_row_may_have_many_columns(asker: Client) -> None:
    values, types = one_row(asker, *(f"{place}" for place in range(MANY_COLUMNS)))

    assert (values, types) == ([*range(MANY_COLUMNS)], ["INTEGER"] * MANY_COLUMNS)


@decides("TYP-05", "TYP-01", "TYP-14", "QRY-22")
def test_booleans_are_true_and_false(asker: Client) -> None:
    values, types = one_row(asker, "CAST(1 AS BOOLEAN)", "1 = 2", "CAST('t' AS BOOLEAN)")

    assert (values, types) == ([True, False, True], ["BOOLEAN"] * 3)


@decides("TYP-06", "TYP-14", "TYP-01", "QRY-22")
def test_text_is_text_and_an_empty_string_stays_one(asker: Client) -> None:
    values, types = one_row(
        asker,
        "CAST('ab' AS VARCHAR(9))",
        "CAST('' AS VARCHAR(9))",
        "CAST('5' AS VARCHAR(9))",
        "CAST('null' AS VARCHAR(9))",
        "CAST(' x ' AS VARCHAR(9))",
    )

    assert types == ["VARCHAR"] * 5
    assert values == ["ab", "", "5", "null", " x "]


@decides("TYP-06")
def test_a_char_comes_without_its_padding(asker: Client) -> None:
    values, types = one_row(asker, "CAST('ab' AS CHAR(5))", "CAST('x' AS CHAR(1))")

    assert (values, types) == (["ab", "x"], ["CHAR", "CHAR"])


@decides("TYP-07", "TYP-08", "TYP-01", "QRY-22")
def test_dates_and_timestamps_are_iso_8601(asker: Client) -> None:
    (date, first, stamp, midnight), types = one_row(
        asker,
        "CAST('2024-02-29' AS DATE)",
        "CAST('1999-12-31' AS DATE)",
        "CAST('2024-02-29 13:14:15' AS TIMESTAMP)",
        "CAST('2024-12-31 00:00:00' AS TIMESTAMP)",
    )

    assert types == ["DATE", "DATE", "TIMESTAMP", "TIMESTAMP"]
    assert str(midnight).replace(" ", "T").removesuffix(".000000") == "2024-12-31T00:00:00"
    assert (date, first) == ("2024-02-29", "1999-12-31")
    assert MOMENT.fullmatch(str(stamp)), f"{stamp!r} is not 2024-02-29T13:14:15"
    warn_unless("TYP-08", str(stamp)[10], "T", "between date and time")


@decides("TYP-09")
def test_a_timestamp_with_a_zone_is_in_utc(asker: Client) -> None:
    values, types = one_row(asker, "CAST('2024-02-29 13:14:15+02' AS TIMESTAMPTZ)")

    assert types == ["TIMESTAMPTZ"]
    assert UTC_MOMENT.fullmatch(str(values[0])), f"{values[0]!r} is not 2024-02-29T11:14:15Z"


@decides("TYP-08", profile="full")
def test_the_fraction_of_a_timestamp_is_kept(asker: Client) -> None:
    values, _ = one_row(asker, "CAST('2024-02-29 13:14:15.123456' AS TIMESTAMP)")

    assert str(values[0]).replace(" ", "T") == "2024-02-29T13:14:15.123456"


@decides("TYP-10", profile="full")
def test_a_time_is_text(asker: Client) -> None:
    values, types = one_row(asker, "CAST('13:14:15' AS TIME)", "CAST('13:14:15+00' AS TIMETZ)")

    assert types == ["TIME", "TIMETZ"]
    assert [str(value)[:8] for value in values] == ["13:14:15", "13:14:15"]


@decides("TYP-11", profile="full")
def test_a_super_is_its_json_value(asker: Client) -> None:
    answer = asker.query("""SELECT JSON_PARSE('{"a": [1, null, "x"], "b": {"c": true}}') AS s""")
    value = exact(answer)["data"][0]["s"]

    if isinstance(value, str):
        note("SUPER is given as its text")
        value = json.loads(value)
    assert value == {"a": [1, None, "x"], "b": {"c": True}}
    assert exact(answer)["metadata"]["column_types"] == ["SUPER"]


@decides("TYP-12", profile="full")
def test_a_varbyte_is_hexadecimal_text(asker: Client) -> None:
    values, types = one_row(asker, "CAST('abc' AS VARBYTE)")

    assert types == ["VARBYTE"]
    assert str(values[0]).lower() == "616263"


@pytest.mark.parametrize(
    "type_name",
    ["SMALLINT", "INTEGER", "BIGINT", "DECIMAL(12,2)", "REAL", "BOOLEAN", "VARCHAR(9)", "DATE", "TIMESTAMP"],
)
@decides("TYP-13", "TYP-14", "QRY-20", profile="full")
def test_null_is_null_and_its_key_is_there(asker: Client, type_name: str) -> None:
    body = result(asker, f"SELECT CAST(NULL AS {type_name}) AS nothing, 1 AS one")

    assert body["data"] == [{"nothing": None, "one": 1}]
    assert body["metadata"]["column_types"] == [type_name.partition("(")[0], "INTEGER"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("é ü ß", id="latin"),
        pytest.param("日本語", id="han"),
        pytest.param("e\u0301 \u00e9 ﬁ", id="composed-and-not"),
        pytest.param("🙂👩‍🔬", id="beyond-the-first-plane"),
        pytest.param('"quoted"', id="double-quotes"),
        pytest.param("it''s", id="single-quote"),
        pytest.param("<a & b> %s {0}", id="markup"),
        pytest.param("tab\tand\nline", id="control"),
    ],
)
@decides("TYP-14", "GEN-02", "GEN-04", profile="full")
def test_text_comes_back_as_it_went(asker: Client, text: str) -> None:
    body = result(asker, f"SELECT '{text}' AS t")

    assert body["data"] == [{"t": text.replace("''", "'")}]


@decides("TYP-14", "GEN-04", profile="full")
def test_a_backslash_and_a_control_character_come_back(asker: Client) -> None:
    values, _ = one_row(asker, "'a' || CHR(92) || 'b'", "'n' || CHR(92) || 'n'", "CHR(34) || CHR(92)", "'u' || CHR(1)")

    assert values == ["a\\b", "n\\n", '"\\', "u\x01"]


@decides("QRY-20", "QRY-21", profile="full")
def test_a_column_may_be_called_anything(asker: Client) -> None:
    body = result(asker, """SELECT 1 AS "a b", 2 AS "c.d", 3 AS "é", 4 AS "1st", 5 AS "select\"""")

    assert body["metadata"]["columns"] == ["a b", "c.d", "é", "1st", "select"]
    assert body["data"] == [{"a b": 1, "c.d": 2, "é": 3, "1st": 4, "select": 5}]


@decides("QRY-20", "QRY-21")
def test_the_keys_of_a_row_stand_in_the_order_of_the_columns(asker: Client) -> None:
    body = result(asker, "SELECT 1 AS zebra, 2 AS apple, 3 AS mango, 4 AS m2, 5 AS a1")

    assert body["metadata"]["columns"] == ["zebra", "apple", "mango", "m2", "a1"]
    assert list(body["data"][0].items()) == [("zebra", 1), ("apple", 2), ("mango", 3), ("m2", 4), ("a1", 5)]


@decides("TYP-15", profile="full")
def test_of_two_columns_with_one_name_the_row_holds_the_last(asker: Client) -> None:
    body = result(asker, "SELECT 1 AS a, 2 AS a")

    assert body["metadata"]["columns"] == ["a", "a"]
    assert body["data"] == [{"a": 2}]


@decides("TYP-16", profile="full")
def test_an_expression_without_a_name_is_called_as_redshift_calls_it(asker: Client) -> None:
    assert result(asker, "SELECT COUNT(*), 1")["metadata"]["columns"] == ["count", "?column?"]


@decides("TYP-02", "TYP-03", "QRY-22")
def test_aggregates_have_redshifts_types(asker: Client) -> None:
    values, types = one_row(asker, "COUNT(*)", "SUM(CAST(2 AS DECIMAL(12,2)))", "MAX(CAST('a' AS VARCHAR(3)))")

    assert types == ["BIGINT", "DECIMAL", "VARCHAR"]
    assert [str(value) for value in values][::2] == ["1", "a"]
    assert Decimal(str(values[1])) == Decimal(2)
