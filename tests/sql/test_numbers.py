"""Mathematical functions and operators."""

from __future__ import annotations

import duckdb
import pytest

from tests.sql.warehouse import Warehouse, sales

ANSWERS = [
    ("CBRT(125)", "5.0"),
    ("||/ 27", "3.0"),
    ("|/ 49", "7.0"),
    ("2 ^ 5", "32.0"),
    ("DEXP(0)", "1.0"),
    ("DLOG1(1)", "0.0"),
    ("DLOG10(1000)", "3.0"),
    ("DEGREES(PI())", "180.0"),
    ("ATAN2(0, 1)", "0.0"),
    ("ROUND(COT(1), 4)", "0.6421"),
    ("TRUNC(3.987::FLOAT, 2)", "3.98"),
    ("ROUND(-3.987::FLOAT, 1)", "-4.0"),
    ("6 & 3", "2"),
    ("6 | 3", "7"),
    ("~6", "-7"),
    ("3 << 2", "12"),
    ("12 >> 2", "3"),
    ("MOD(17, 5)", "2"),
    ("RANDOM() < 1", "true"),
    ("SQRT('49')", "7.0"),
]


@pytest.mark.parametrize(("expression", "text"), ANSWERS, ids=[expression for expression, _ in ANSWERS])
def test_a_mathematical_function_has_redshifts_value(expression: str, text: str | None) -> None:
    assert sales().text(f"SELECT {expression}") == text


@pytest.mark.parametrize("expression", ["1e308::FLOAT * 10", "1e308::FLOAT + 1e308::FLOAT", "DEXP(1000)", "10 ^ 400"])
def test_a_float_that_overflows_is_an_error(expression: str) -> None:
    with pytest.raises(duckdb.Error, match="overflow"):
        sales().rows(f"SELECT {expression}")


@pytest.mark.parametrize(
    ("sign", "ids"),
    [
        ("=", [3, 4]),
        ("<>", [1, 2, 5]),
        ("<", [1, 2]),
        ("<=", [1, 2, 3, 4]),
        (">", [5]),
        (">=", [3, 4, 5]),
    ],
)
def test_trailing_blanks_never_count(sign: str, ids: list[int]) -> None:
    warehouse = Warehouse()
    warehouse.run(BLANKS)
    assert warehouse.rows(f"SELECT id FROM words WHERE word {sign} 'b ' ORDER BY id") == [(one,) for one in ids]


def test_trailing_blanks_never_count_in_a_list_or_a_range() -> None:
    warehouse = Warehouse()
    warehouse.run(BLANKS)
    inside = warehouse.rows("SELECT id FROM words WHERE word IN ('b', 'c') OR word BETWEEN 'a ' AND 'b' ORDER BY id")
    assert inside == [(1,), (2,), (3,), (4,)]


BLANKS = """
    CREATE TABLE words (id INT, word VARCHAR(9));
    INSERT INTO words VALUES (1, 'a  '), (2, 'a\t'), (3, 'b'), (4, 'b   '), (5, 'b x')
"""


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        ("1e3+1", 1001),
        ("1e3-1.5e2-2", 848),
        ("1e3-1e1*2", 980),
        ("1.5e+2-1", 149),
        ("1e-1-1e-1-4", -4),
        ("1e3 + 1", 1001),
    ],
)
def test_a_sign_after_an_exponent_is_an_operator(expression: str, number: float) -> None:
    assert sales().row(f"SELECT {expression}") == (number,)
