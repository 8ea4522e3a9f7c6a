"""Dates, times and numbers as text and back, by a mask."""

from __future__ import annotations

import duckdb
import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales

ANSWERS = [
    ("TO_CHAR(TIMESTAMP '2021-03-04 15:06:07.089012', 'YYYY-MM-DD HH24:MI:SS.US')", "2021-03-04 15:06:07.089012"),
    ("TO_CHAR(DATE '2021-03-04', 'FMMonth FMDDth, YYYY')", "March 4th, 2021"),
    ("TO_CHAR(DATE '2021-03-04', '[Month][MON][day][Dy]')", "[March    ][MAR][thursday ][Thu]"),
    (
        "TO_CHAR(DATE '2021-03-04', 'YYY YY Y IYYY Q WW W IW DDD IDDD D ID J')",
        "021 21 1 2021 1 09 1 09 063 060 5 4 2459278",
    ),
    ("TO_CHAR(DATE '2021-03-04', 'RM|rm|CC|Y,YYY|BC|a.d.')", "III |iii |21|2,021|AD|a.d."),
    ("TO_CHAR(TIMESTAMP '2021-03-04 00:06:07', 'HH:MI AM p.m. SSSS')", "12:06 AM a.m. 367"),
    ("TO_CHAR(TIMESTAMPTZ '2021-03-04 15:00:00 EST', 'HH24 TZ OF')", "20 UTC +00"),
    ("TO_CHAR(DATE '2021-03-04', '\"DD\"DD')", "DD04"),
    ("TO_DATE('4 Mar 2021', 'DD Mon YYYY')", "2021-03-04"),
    ("TO_DATE('20210231', 'YYYYMMDD')", "2021-03-03"),
    ("TO_DATE('03/04/21', 'MM/DD/YY')", "2021-03-04"),
    ("TO_DATE('2021-063', 'YYYY-DDD')", "2021-03-04"),
    ("TO_TIMESTAMP('2021-03-04 24:10:00', 'YYYY-MM-DD HH24:MI:SS')", "2021-03-05 00:10:00+00"),
    ("TO_TIMESTAMP('March 4, 2021 3:07 pm', 'Month DD, YYYY HH12:MI AM')", "2021-03-04 15:07:00+00"),
    ("TO_TIMESTAMP(TIMESTAMP '2021-03-04 05:06:07.5', 'YYYY-MM-DD HH24:MI:SS.MS')", "2021-03-04 05:06:07.5+00"),
    ("TO_CHAR(-43.7, '999D99S')", " 43.70-"),
    ("TO_CHAR(-43.7, 'S999D99')", " -43.70"),
    ("TO_CHAR(43.75, '999.9')", "  43.8"),
    ("TO_CHAR(-43.75, '$999D99PR')", "$ <43.75>"),
    ("TO_CHAR(43, '999PR')", "  43 "),
    ("TO_CHAR(1234567, '9,999,999')", " 1,234,567"),
    ("TO_CHAR(43, '9,999')", "    43"),
    ("TO_CHAR(43, '0999')", " 0043"),
    ("TO_CHAR(-43, 'FM9999')", "-43"),
    ("TO_CHAR(43.5, 'FM990.00')", "43.50"),
    ("TO_CHAR(43.5, 'FM999.99')", "43.5"),
    ("TO_CHAR(0.4, '9.9')", "  .4"),
    ("TO_CHAR(0.4, '0.9')", " 0.4"),
    ("TO_CHAR(12345, '999')", " ###"),
    ("TO_CHAR(43, '99th')", " 43rd"),
    ("TO_CHAR(-43, '99MI')", "43-"),
    ("TO_CHAR(43, 'SG99')", "+43"),
    ("TO_CHAR(43, 'L99')", "$ 43"),
    ("TO_CHAR(1994, 'FMRN')", "MCMXCIV"),
    ("TO_CHAR(43, 'rn')", "          xliii"),
    ("TO_CHAR(4000, 'RN')", "###############"),
    ("TO_NUMBER('$9,876.5-', 'L9G999D9S')", "-9876.5"),
    ("TO_NUMBER('43', '999')", "43"),
    ("TEXT_TO_INT_ALT(' 43- ')", "-43"),
    ("TEXT_TO_INT_ALT('4,399E-2')", "43"),
    ("TEXT_TO_INT_ALT('')", "0"),
    ("TEXT_TO_NUMERIC_ALT('4.5')", "4"),
    ("TEXT_TO_NUMERIC_ALT('5.5')", "6"),
    ("TEXT_TO_NUMERIC_ALT('4.34501', 5, 2)", "4.35"),
]


@pytest.mark.parametrize(("expression", "text"), ANSWERS, ids=[expression for expression, _ in ANSWERS])
def test_a_mask_reads_and_writes_as_redshift_does(expression: str, text: str | None) -> None:
    assert sales().text(f"SELECT {expression}") == text


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("TO_DATE('20210231', 'YYYYMMDD', TRUE)", "out of range"),
        ("TO_TIMESTAMP('2021-03-04 24:10:00', 'YYYY-MM-DD HH24:MI:SS', TRUE)", "out of range"),
        ("TO_DATE('soon', 'YYYY-MM-DD')", "has not the form of the mask"),
        ("TO_NUMBER('12345', '999')", "has not the form of the mask"),
        ("TEXT_TO_INT_ALT('forty')", "Invalid input"),
    ],
)
def test_a_text_that_is_not_of_the_mask_fails(expression: str, message: str) -> None:
    with pytest.raises(duckdb.Error, match=message):
        sales().rows(f"SELECT {expression}")


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("TO_CHAR(sold_at, region)", "mask that is no literal"),
        ("TO_CHAR(qty, '9V9')", "the mask"),
        ("TO_DATE(region, 'YYYY-WW')", '"WW" in the mask'),
        ("TO_DATE(region, 'MM-DD')", "without a year"),
        ("TEXT_TO_INT_ALT(region, '999S')", "format phrase"),
    ],
)
def test_a_mask_that_is_not_covered_is_refused_by_name(expression: str, named: str) -> None:
    with pytest.raises(InvalidSql, match=named):
        sales().translation(f"SELECT {expression} FROM sales")
