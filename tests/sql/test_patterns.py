"""Regular expressions answer as the guide says."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales

WITH_DIGIT = "(?=[^,]*[0-9])[^,]+"
VALUES = [
    ("'abc' ~ '^a.c$'", True),
    ("'abc' ~ 'B'", False),
    ("'abc' ~* 'B'", True),
    ("'abc' !~ 'b'", False),
    ("'abc' !~* 'X'", True),
    ("'abc' SIMILAR TO '%(b|d)_'", True),
    ("'abc' SIMILAR TO 'b'", False),
    ("'a.c' NOT SIMILAR TO 'a.c'", False),
    ("'abc' SIMILAR TO 'a.c'", False),
    ("'a%c' SIMILAR TO 'a#%c' ESCAPE '#'", True),
    ("'abc' SIMILAR TO '[a-c]+'", True),
    ("REGEXP_COUNT('banana', 'an')", 2),
    ("REGEXP_COUNT('banana', 'AN', 3, 'i')", 1),
    ("REGEXP_COUNT('a1,b,c3', '" + WITH_DIGIT + "', 1, 'p')", 2),
    ("REGEXP_COUNT('xay xb', '(?<=x)[a-z]', 1, 'p')", 2),
    ("REGEXP_COUNT('foo1 foo foo2', 'foo(?=[0-9])', 1, 'p')", 2),
    ("REGEXP_COUNT('cat dog', '(?!c)[a-z]{3}', 1, 'p')", 1),
    ("REGEXP_INSTR('banana', 'an', 1, 2)", 4),
    ("REGEXP_INSTR('banana', 'an', 1, 2, 1)", 6),
    ("REGEXP_INSTR('banana', 'AN', 1, 1, 0, 'i')", 2),
    ("REGEXP_INSTR('banana', 'x')", 0),
    ("REGEXP_INSTR('banana', 'an', 3)", 4),
    ("REGEXP_INSTR('a,b,c3', '" + WITH_DIGIT + "', 1, 1, 0, 'p')", 5),
    ("REGEXP_SUBSTR('banana', 'a.')", "an"),
    ("REGEXP_SUBSTR('banana', 'A.', 3, 1, 'i')", "an"),
    ("REGEXP_SUBSTR('banana', 'x')", ""),
    ("REGEXP_SUBSTR('k1=v1;k2=v2', 'k[0-9]=([a-z0-9]+)', 1, 2, 'e')", "v2"),
    ("REGEXP_SUBSTR('a1,b,c3', '" + WITH_DIGIT + "', 1, 2, 'p')", "c3"),
    ("REGEXP_REPLACE('banana', 'an')", "ba"),
    ("REGEXP_REPLACE('banana', 'a', 'o', 3)", "banono"),
    ("REGEXP_REPLACE('ab-cd', '([a-z]+)-([a-z]+)', '$2 $1')", "cd ab"),
    ("REGEXP_REPLACE('ab-cd', '([a-z]+)-([a-z]+)', '\\\\2 \\\\1')", "cd ab"),
    ("REGEXP_REPLACE('a1,b,c3', '" + WITH_DIGIT + "', 'x', 1, 'p')", "x,b,x"),
    ("REGEXP_REPLACE('Banana', 'B', 'm', 1, 'i')", "manana"),
    ("REGEXP_COUNT(NULL, 'a')", None),
    ("REGEXP_INSTR(NULL, 'a')", None),
    ("REGEXP_SUBSTR(NULL, 'a')", None),
]


@pytest.mark.parametrize(("expression", "value"), VALUES, ids=[expression for expression, _ in VALUES])
def test_a_pattern_matches_as_the_guide_says(expression: str, value: object) -> None:
    assert sales().row(f"SELECT {expression}") == (value,)


def test_a_pattern_may_come_from_a_column() -> None:
    assert sales().rows("SELECT id FROM sales WHERE region ~ code ORDER BY id") == []


@pytest.mark.parametrize(
    "expression",
    [
        "REGEXP_COUNT('aa', '(a)\\\\1')",
        "REGEXP_COUNT('aa', 'a', 0)",
        "REGEXP_COUNT('aa', 'a', 1, 'z')",
        "REGEXP_COUNT('aa', 'a(?!b)c', 1, 'p')",
        "REGEXP_INSTR('aa', 'a', 1, 1, 2)",
        "region SIMILAR TO code",
    ],
)
def test_a_pattern_that_is_not_covered_is_refused(expression: str) -> None:
    with pytest.raises(InvalidSql):
        sales().translation(f"SELECT {expression} FROM sales")
