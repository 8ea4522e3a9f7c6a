"""SUPER values: functions, casts, navigation, unnesting, dynamic types."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import Warehouse, sales

SHOP = """
    CREATE TABLE shop (id INTEGER, basket SUPER, owner SUPER);
    INSERT INTO shop VALUES
        (1, JSON_PARSE('[{"sku":"a","n":2,"tags":["x","y"]},{"sku":"b","n":10,"tags":[]}]'),
            JSON_PARSE('{"name":"Ann","age":9,"home":{"city":{"zip":"0815"}},"gone":null,"Big":1}')),
        (2, ARRAY(), JSON_PARSE('{"name":"Bob","age":10}')),
        (3, NULL, NULL);
"""
FUNCTIONS = [
    ("ARRAY(1, NULL, 'a', TRUE, 1.50)", '[1,null,"a",true,1.50]'),
    ("ARRAY()", "[]"),
    ("OBJECT('k', ARRAY(1), 'o', OBJECT())", '{"k":[1],"o":{}}'),
    ("ARRAY_CONCAT(ARRAY(1), ARRAY('b'), ARRAY())", '[1,"b"]'),
    ("ARRAY_FLATTEN(ARRAY(ARRAY(1, 2), 3, ARRAY()))", "[1,2,3]"),
    ("GET_ARRAY_LENGTH(ARRAY(1, 2))", 2),
    ("GET_ARRAY_LENGTH(OBJECT())", None),
    ("SPLIT_TO_ARRAY('a;b', ';')", '["a","b"]'),
    ("SPLIT_TO_ARRAY('a,\"b')", '["a","\\"b"]'),
    ("SUBARRAY(ARRAY(1, 2, 3, 4), 1, 2)", "[2,3]"),
    ("SUBARRAY(ARRAY(1, 2, 3), 2)", "[3]"),
    ("ARRAY_CONTAINS(ARRAY(1, 2), 2)", True),
    ("ARRAY_CONTAINS(ARRAY('a'), 'b')", False),
    ("ARRAY_DISTINCT(ARRAY(2, 1, 2))", "[2,1]"),
    ("ARRAY_INTERSECTION(ARRAY(1, 2), ARRAY(2, 3))", "[2]"),
    ("ARRAY_EXCEPT(ARRAY(1, 2), ARRAY(2, 3))", "[1]"),
    ("ARRAY_POSITION(ARRAY('a', 'b'), 'b')", 1),
    ("ARRAY_POSITION(ARRAY('a'), 'c')", -1),
    ("GET_NUMBER_ATTRIBUTES(OBJECT('a', 1, 'b', 2))", 2),
    ("IS_ARRAY(ARRAY())", True),
    ("IS_OBJECT(ARRAY())", False),
    ("IS_SCALAR(JSON_PARSE('1'))", True),
    ("IS_BOOLEAN(TRUE::SUPER)", True),
    ("IS_VARCHAR('a'::SUPER)", True),
    ("IS_CHAR('é'::SUPER)", False),
    ("IS_SMALLINT(JSON_PARSE('40000'))", False),
    ("IS_INTEGER(JSON_PARSE('40000'))", True),
    ("IS_BIGINT(JSON_PARSE('\"1\"'))", False),
    ("IS_DECIMAL(1.5::SUPER)", True),
    ("IS_FLOAT(1.5::SUPER)", False),
    ("IS_FLOAT(1.5::FLOAT::SUPER)", True),
    ("IS_FLOAT(NULL::SUPER)", False),
    ("DECIMAL_PRECISION(12.340::SUPER)", 5),
    ("DECIMAL_SCALE(12.340::SUPER)", 3),
]
CASTS = [
    ("5::SUPER::BOOLEAN", True),
    ("5.0::SUPER::BOOLEAN", None),
    ("'a'::SUPER::VARCHAR", "a"),
    ("'abc'::SUPER::VARCHAR(2)", "ab"),
    ("ARRAY(1)::VARCHAR", None),
    ("1.5::SUPER::DECIMAL(5,2)", Decimal("1.50")),
    ("'x'::SUPER::INTEGER", None),
    ("'2024-02-03'::SUPER::DATE", date(2024, 2, 3)),
    ("2.5::FLOAT::SUPER::VARCHAR", "2.5"),
    ("CAST(DATE '2024-02-03' AS SUPER)", '"2024-02-03"'),
]
QUERIES = [
    ("SELECT owner.name FROM shop WHERE id = 1", [('"Ann"',)]),
    ("SELECT shop.owner.home.city.zip FROM shop WHERE id = 1", [('"0815"',)]),
    ("SELECT s.owner.home.city.zip::VARCHAR FROM public.shop s WHERE id = 1", [("0815",)]),
    ("SELECT basket[1].sku, basket[0].tags[1], basket[7].sku FROM shop WHERE id = 1", [('"b"', '"y"', None)]),
    ("SELECT basket[id].sku FROM shop WHERE id = 1", [('"b"',)]),
    ("SELECT owner.gone IS NULL, owner.big IS NULL, owner.BIG IS NULL FROM shop WHERE id = 1", [(True, True, True)]),
    ("SELECT id FROM shop WHERE owner.name = 'Bob'", [(2,)]),
    ("SELECT id FROM shop WHERE owner.age > 9", [(2,)]),
    ("SELECT id FROM shop WHERE 9.5 > owner.age", [(1,)]),
    ("SELECT id FROM shop WHERE owner.name = 9", []),
    ("SELECT id FROM shop WHERE owner.age IN (10, 11)", [(2,)]),
    ("SELECT id FROM shop WHERE owner.age BETWEEN 9 AND 9", [(1,)]),
    ("SELECT id FROM shop ORDER BY owner.age DESC", [(3,), (2,), (1,)]),
    ("SELECT owner.age FROM shop ORDER BY 1", [("9",), ("10",), (None,)]),
    ("SELECT a.id FROM shop a JOIN shop b ON a.owner.age = b.owner.age ORDER BY 1", [(1,), (2,)]),
    ("SELECT owner.name || '!' FROM shop WHERE id = 1", [("Ann!",)]),
    ("SELECT JSON_PARSE('{\"a\":[1]}').a[0]", [("1",)]),
    ("SELECT i.sku FROM shop s, s.basket AS i ORDER BY i.n", [('"a"',), ('"b"',)]),
    ("SELECT i.sku, p FROM shop s, s.basket AS i AT p ORDER BY p", [('"a"', 0), ('"b"', 1)]),
    ("SELECT t FROM shop s, s.basket i, i.tags t ORDER BY t", [('"x"',), ('"y"',)]),
    (
        "SELECT t.sku FROM (SELECT ARRAY(basket) AS all_of FROM shop WHERE id = 1) s, s.all_of[0] t ORDER BY t.n",
        [('"a"',), ('"b"',)],
    ),
    (
        "SELECT s.id, i.n FROM shop s LEFT JOIN s.basket i ON TRUE ORDER BY 1, 2",
        [(1, "2"), (1, "10"), (2, None), (3, None)],
    ),
    ("SELECT n.n FROM shop s, s.basket AS n ORDER BY 1", [("2",), ("10",)]),
    (
        "SELECT k, v FROM shop s, UNPIVOT s.owner AS v AT k WHERE s.id = 2 ORDER BY k",
        [("age", "10"), ("name", '"Bob"')],
    ),
    ("SELECT id, (SELECT COUNT(*) FROM shop.basket i) FROM shop ORDER BY id", [(1, 2), (2, 0), (3, 0)]),
    ("SELECT SUM(i.n::INTEGER) FROM shop s, s.basket i", [(12,)]),
]


@cache
def shop() -> Warehouse:
    warehouse = Warehouse()
    warehouse.run(SHOP)
    return warehouse


@pytest.mark.parametrize(("expression", "value"), FUNCTIONS, ids=[expression for expression, _ in FUNCTIONS])
def test_a_super_function_answers_as_the_guide_says(expression: str, value: object) -> None:
    assert sales().row(f"SELECT {expression}") == (value,)


@pytest.mark.parametrize(("expression", "value"), CASTS, ids=[expression for expression, _ in CASTS])
def test_a_cast_that_does_not_fit_is_null(expression: str, value: object) -> None:
    assert sales().row(f"SELECT {expression}") == (value,)


@pytest.mark.parametrize(("sql", "rows"), QUERIES, ids=[sql for sql, _ in QUERIES])
def test_a_query_reaches_into_super_values(sql: str, rows: list[tuple[object, ...]]) -> None:
    assert shop().rows(sql) == rows


def test_a_path_names_its_column_by_its_last_attribute() -> None:
    translation = shop().translation("SELECT basket[0].sku, owner.home.city, shop.owner.home.city.zip FROM shop")

    assert [column.name for column in translation.columns] == ["sku", "city", "zip"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT shop.id.x FROM shop",
        "SELECT i FROM shop s, s.id AS i",
        "SELECT OBJECT('a')",
        "SELECT OBJECT(1, 2)",
        "SELECT owner.born = CURRENT_DATE FROM shop",
        "SELECT UPPER(owner.name) FROM shop",
        "SELECT GET_ARRAY_LENGTH('[1]')",
        "SELECT nothing.x.y FROM shop",
    ],
)
def test_what_is_no_super_or_not_covered_is_refused(sql: str) -> None:
    with pytest.raises(InvalidSql):
        shop().translation(sql)


@pytest.mark.parametrize("name", ["GREATEST", "LEAST"])
def test_super_values_are_not_compared_by_their_text(name: str) -> None:
    with pytest.raises(InvalidSql, match=f"{name.lower()} of SUPER values is not supported"):
        sales().translation(f"SELECT {name}(JSON_PARSE('9'), JSON_PARSE('10'))")
