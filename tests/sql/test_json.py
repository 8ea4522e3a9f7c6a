"""JSON functions answer as the guide says."""

from __future__ import annotations

import duckdb
import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales

VALUES = [
    ("JSON_PARSE('[1, {\"a\": 2}]')", '[1,{"a":2}]'),
    ("JSON_PARSE('null')", None),
    ("JSON_PARSE('[1]'::VARBYTE)", "[1]"),
    ("CAN_JSON_PARSE('{\"a\":1}')", True),
    ("CAN_JSON_PARSE('{\"a\":1,}')", False),
    ("CAN_JSON_PARSE('[NaN]')", False),
    ("CAN_JSON_PARSE('[\"NaN,]\"]')", True),
    ("JSON_SERIALIZE(JSON_PARSE('{\"a\" : [1]}'))", '{"a":[1]}'),
    ("JSON_SERIALIZE_TO_VARBYTE(JSON_PARSE('[1]'))", b"[1]"),
    ("JSON_SIZE(JSON_PARSE('[1, 2]'))", 5),
    ("JSON_TYPEOF(JSON_PARSE('1.5'))", "number"),
    ("JSON_TYPEOF(JSON_PARSE('true'))", "boolean"),
    ("JSON_TYPEOF(OBJECT())", "object"),
    ("JSON_EXTRACT_PATH_TEXT('{\"a\":{\"b c\":\"x\"}}', 'a', 'b c')", "x"),
    ("JSON_EXTRACT_PATH_TEXT('{\"a\":{\"b\":[1, 2]}}', 'a')", '{"b":[1,2]}'),
    ("JSON_EXTRACT_PATH_TEXT('{\"a\":1}', 'A')", ""),
    ("JSON_EXTRACT_PATH_TEXT('{\"a.b\":1}', 'a.b')", "1"),
    ("JSON_EXTRACT_PATH_TEXT('{a', 'a', TRUE)", None),
    ("JSON_EXTRACT_PATH_TEXT(NULL, 'a')", None),
    ("JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[\"a\", [7]]', 0)", "a"),
    ("JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[\"a\", [7]]', 1)", "[7]"),
    ("JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[1]', 4)", ""),
    ("JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[1', 0, TRUE)", None),
    ("JSON_ARRAY_LENGTH('[1,[2,3],{}]')", 3),
    ("JSON_ARRAY_LENGTH('{}', TRUE)", None),
    ("IS_VALID_JSON('{\"k\":[1]}')", True),
    ("IS_VALID_JSON('[1]')", False),
    ("IS_VALID_JSON('{k:1}')", False),
    ("IS_VALID_JSON_ARRAY('[1]')", True),
    ("IS_VALID_JSON_ARRAY('[1,]')", False),
    ("IS_VALID_JSON_ARRAY('{}')", False),
    ('LOWER_ATTRIBUTE_NAMES(JSON_PARSE(\'{"Aa":{"Bb":"Cc: \\\\"Dd\\\\":"}}\'))', '{"aa":{"bb":"Cc: \\"Dd\\":"}}'),
    ('UPPER_ATTRIBUTE_NAMES(JSON_PARSE(\'{"a":["b"]}\'))', '{"A":["b"]}'),
]


@pytest.mark.parametrize(("expression", "value"), VALUES, ids=[expression for expression, _ in VALUES])
def test_a_json_function_answers_as_the_guide_says(expression: str, value: object) -> None:
    assert sales().row(f"SELECT {expression}") == (value,)


@pytest.mark.parametrize(
    "expression",
    ["JSON_PARSE('[1,]')", "JSON_EXTRACT_PATH_TEXT('{a', 'a')", "JSON_ARRAY_LENGTH('{}')"],
)
def test_invalid_json_raises_when_it_is_read(expression: str) -> None:
    with pytest.raises(duckdb.InvalidInputException):
        sales().rows(f"SELECT {expression}")


@pytest.mark.parametrize("expression", ["JSON_SERIALIZE('[1]')", "JSON_PARSE(1)", "JSON_TYPEOF('a')"])
def test_an_argument_of_another_type_is_refused(expression: str) -> None:
    with pytest.raises(InvalidSql, match="does not exist"):
        sales().translation(f"SELECT {expression}")
