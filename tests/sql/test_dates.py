"""Dates, times and their parts."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales

ANSWERS = [
    ("DATEADD(year, 1, '2020-02-29')", "2021-03-01 00:00:00"),
    ("DATEADD(month, 12, '2020-02-29')", "2021-02-28 00:00:00"),
    ("DATEADD(m, 45, '2021-05-06')", "2021-05-06 00:45:00"),
    ("DATEADD('qtrs', -1, DATE '2021-05-31')", "2021-02-28 00:00:00"),
    ("DATEADD(decade, 1, DATE '2021-05-31')", "2031-05-31 00:00:00"),
    ("DATEADD(hour, 5, TIME '22:10:00')", "03:10:00"),
    ("DATEADD(min, 10, TIMETZ '10:00:00 PST')", "18:10:00+00"),
    ("DATEADD(ms, 1500, TIMESTAMP '2021-01-01')", "2021-01-01 00:00:01.5"),
    ("DATEDIFF(hour, TIME '21:30:00', TIME '04:15:00')", "-17"),
    ("DATEDIFF(minutes, TIMETZ '01:00 CET', '00:30 UTC')", "30"),
    ("DATEDIFF(century, '1999-12-31', '2001-01-01')", "1"),
    ("DATEDIFF(decade, '2019-12-31', '2020-01-01')", "1"),
    ("DATEDIFF(us, '2021-01-01', '2021-01-01 00:00:00.25')", "250000"),
    ("EXTRACT(ms FROM TIME '10:11:12.345678')", "345"),
    ("EXTRACT(us FROM TIMESTAMP '2021-01-01 10:11:12.345678')", "678"),
    ("EXTRACT(timezone_hour FROM TIMETZ '10:00:00 EDT')", "-4"),
    ("EXTRACT(timezone FROM TIMETZ '10:00:00+05:30')", "19800"),
    ("EXTRACT(hour FROM TIMETZ '10:00:00 EDT')", "10"),
    ("EXTRACT(hour FROM TIMESTAMPTZ '2021-01-01 10:00:00 EST')", "15.0"),
    ("EXTRACT(epoch FROM TIMESTAMP '2001-09-09 01:46:40.75')", "1000000000"),
    ("EXTRACT(day FROM INTERVAL '2 days 3 hours')", "2"),
    ("DATE_PART(ms, TIMESTAMP '2021-01-01 10:11:12.345')", "12345.0"),
    ("DATE_PART_YEAR(DATE '2021-05-06')", "2021"),
    ("PGDATE_PART('weekday', DATE '2021-05-09')", "0.0"),
    ("DATE_TRUNC('century', DATE '2000-06-01')", "1901-01-01 00:00:00"),
    ("DATE_TRUNC('decades', DATE '2029-06-01')", "2020-01-01 00:00:00"),
    ("DATE_TRUNC('ms', TIMESTAMP '2021-01-01 10:11:12.345678')", "2021-01-01 10:11:12.345"),
    ("NEXT_DAY('2021-05-05', 'we')", "2021-05-12"),
    ("NEXT_DAY(DATE '2021-05-05', 'Thurs')", "2021-05-06"),
    ("MONTHS_BETWEEN('2021-03-31', '2021-02-28')", "1.0"),
    ("MONTHS_BETWEEN('2021-03-15 12:00', '2021-02-15')", "1.0"),
    ("MONTHS_BETWEEN('2021-03-01', '2021-01-16 12:00')", "1.5"),
    ("DATE_CMP('2021-01-01', '2021-01-02')", "-1"),
    ("TIMESTAMP_CMP('2021-01-02', '2021-01-01')", "1"),
    ("TIMESTAMP_CMP_DATE(TIMESTAMP '2021-01-01', DATE '2021-01-01')", "0"),
    ("DATE_CMP_TIMESTAMPTZ(DATE '2021-01-01', TIMESTAMPTZ '2021-01-01 00:00:00 CET')", "1"),
    ("DATE(TIMESTAMP '2021-01-01 10:00')", "2021-01-01"),
    ("TRUNC(TIMESTAMPTZ '2021-01-01 23:30:00-02')", "2021-01-02"),
    ("ISFINITE(DATE '2021-01-01')", "true"),
    ("CURRENT_DATE = TRUNC(SYSDATE)", "true"),
    ("LEN(TIMEOFDAY())", "35"),
]


@pytest.mark.parametrize(("expression", "text"), ANSWERS, ids=[expression for expression, _ in ANSWERS])
def test_a_date_function_has_redshifts_value(expression: str, text: str | None) -> None:
    assert sales().text(f"SELECT {expression}") == text


@pytest.mark.parametrize(
    ("expression", "column", "kind"),
    [
        ("EXTRACT(year FROM TIMESTAMPTZ '2021-01-01')", "date_part", "DOUBLE PRECISION"),
        ("EXTRACT(year FROM DATE '2021-01-01')", "date_part", "INTEGER"),
        ("DATE_PART(year, DATE '2021-01-01')", "pgdate_part", "DOUBLE PRECISION"),
        ("DATEADD(hour, 1, TIME '10:00')", "date_add", "TIME"),
        ("DATEADD(hour, 1, DATE '2021-01-01')", "date_add", "TIMESTAMP"),
        ("DATEDIFF(day, '2021-01-01', '2021-01-02')", "date_diff", "BIGINT"),
        ("LOCALTIMESTAMP", "timestamp", "TIMESTAMP"),
        ("CURRENT_TIME", "timetz", "TIMETZ"),
    ],
)
def test_a_date_function_has_redshifts_type_and_name(expression: str, column: str, kind: str) -> None:
    (only,) = sales().translation(f"SELECT {expression}").columns
    assert (only.name, only.type) == (column, kind)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("DATEADD(day, 1, TIME '10:00')", 'has no date part "day"'),
        ("EXTRACT(dow FROM TIME '10:00')", '"dow" not recognized'),
        ("DATEDIFF(hour, TIME '10:00', DATE '2021-01-01')", "does not exist"),
        ("NEXT_DAY('2021-05-05', 'Someday')", "no day of the week"),
        ("DATE_CMP(TIMESTAMP '2021-01-01', '2021-01-02')", "must be a DATE"),
        ("DATE_TRUNC('fortnight', '2021-01-01')", "is not known"),
        ("LAST_DAY(5)", "does not exist"),
    ],
)
def test_a_date_function_refuses_what_redshift_does(expression: str, message: str) -> None:
    with pytest.raises(InvalidSql, match=message):
        sales().translation(f"SELECT {expression}")
