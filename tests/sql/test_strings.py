"""String functions answer as the guide says."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales

VALUES = [
    ("LPAD('abcdef', 3, 'x')", "abc"),
    ("LPAD('ab', 5, 'xyz')", "xyzab"),
    ("RPAD('ab', 4)", "ab  "),
    ("RPAD('ab', 5, '')", "ab"),
    ("LPAD('ab', -1, 'x')", ""),
    ("REVERSE('ñandú')", "údnañ"),
    ("REVERSE(DATE '2024-03-01')", "10-30-4202"),
    ("LEN(1234)", 4),
    ("OCTET_LENGTH('garçon')", 7),
    ("MAX(OCTET_LENGTH(code))", 3),
    ("OCTETINDEX('z', 'éàz')", 5),
    ("OCTETINDEX('q', 'éàz')", 0),
    ("BPCHARCMP('ab  ', 'ab')", 0),
    ("BPCHARCMP('ab', 'ac')", -1),
    ("BTTEXT_PATTERN_CMP('b', 'a')", 1),
    ("COLLATE('aB', 'case_sensitive')", "aB"),
    ("SOUNDEX('Robert')", "R163"),
    ("SOUNDEX('Ashcraft')", "A261"),
    ("SOUNDEX('Tymczak')", "T522"),
    ("SOUNDEX('')", ""),
    ("DIFFERENCE('Robert', 'Rupert')", 4),
    ("DIFFERENCE('Robert', 'Ann')", 0),
    ("QUOTE_IDENT('plain_1')", "plain_1"),
    ("QUOTE_IDENT('Two words')", '"Two words"'),
    ("QUOTE_IDENT('select')", '"select"'),
    ("QUOTE_LITERAL('o''clock')", "'o''clock'"),
    ("STRTOL('ff', 16)", 255),
    ("STRTOL('-0x10', 16)", -16),
    ("STRTOL('zz', 36)", 1295),
    ("STRTOL('777', 8)", 511),
]


@pytest.mark.parametrize(("expression", "value"), VALUES, ids=[expression for expression, _ in VALUES])
def test_a_string_function_answers_as_the_guide_says(expression: str, value: object) -> None:
    assert sales().row(f"SELECT {expression} FROM sales LIMIT 1") == (value,)


@pytest.mark.parametrize(
    "call",
    ["SOUNDEX(NULL)", "STRTOL(NULL, 10)", "QUOTE_IDENT(NULL)", "OCTETINDEX(NULL, 'a')", "LPAD(NULL, 3, 'x')"],
)
def test_a_string_function_of_null_is_null(call: str) -> None:
    assert sales().row(f"SELECT {call}") == (None,)


@pytest.mark.parametrize(
    "call",
    ["STRTOL('12', 1)", "COLLATE('a', 'case_insensitive')", "SOUNDEX('a', 'b')", "LEN(true)"],
)
def test_a_call_that_redshift_or_the_emulator_does_not_take_is_refused(call: str) -> None:
    with pytest.raises(InvalidSql):
        sales().translation(f"SELECT {call}")
