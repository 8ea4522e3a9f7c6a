"""Dates and times in the forms that Redshift reads."""

from __future__ import annotations

import duckdb
import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales

LITERALS = [
    ("DATE 'March 4, 2021'", "2021-03-04"),
    ("DATE '3/4/2021'", "2021-03-04"),
    ("DATE '03/04/69'", "2069-03-04"),
    ("DATE '03/04/70'", "1970-03-04"),
    ("DATE '2021-Mar-04'", "2021-03-04"),
    ("DATE 'Mar-04-2021'", "2021-03-04"),
    ("DATE '4 sept 2021'", "2021-09-04"),
    ("DATE '20210304'", "2021-03-04"),
    ("DATE '210304'", "2021-03-04"),
    ("DATE '2020.366'", "2020-12-31"),
    ("DATE '2021/3/4'", "2021-03-04"),
    ("DATE 'Thursday, March 4, 2021'", "2021-03-04"),
    ("TIMESTAMP '20210304 050607'", "2021-03-04 05:06:07"),
    ("TIMESTAMP '3/4/2021 12:05 AM'", "2021-03-04 00:05:00"),
    ("TIMESTAMP '2021-03-04T05:06:07.25Z'", "2021-03-04 05:06:07.25"),
    ("TIMESTAMP '4 Mar 05:06:07 2021 PST'", "2021-03-04 05:06:07"),
    ("TIMESTAMPTZ '4 Mar 05:06:07 2021 PST'", "2021-03-04 13:06:07+00"),
    ("TIMESTAMPTZ '2021-07-04 05:06:07 Europe/Paris'", "2021-07-04 03:06:07+00"),
    ("TIMESTAMPTZ '13.02.2021 10:00 CET'", "2021-02-13 09:00:00+00"),
    ("TIMESTAMPTZ '02.13.2021 10:00+05:30'", "2021-02-13 04:30:00+00"),
    ("TIME '050607'", "05:06:07"),
    ("TIME '5:06 PM'", "17:06:00"),
    ("TIME '17:06:00 EST'", "17:06:00"),
    ("TIMETZ '20:00:00 PST'", "04:00:00+00"),
    ("TIMESTAMP 'epoch'", "1970-01-01 00:00:00"),
    ("DATE 'today' = CURRENT_DATE", "true"),
    ("TIMESTAMP 'tomorrow' - TIMESTAMP 'yesterday'", "2 days"),
    ("TIMESTAMP 'now' = SYSDATE", "true"),
    ("CAST(v AS DATE) FROM (SELECT '3/4/2021' AS v)", "2021-03-04"),
    ("CAST(v AS TIMESTAMP) FROM (SELECT 'March 4, 2021 05:06' AS v)", "2021-03-04 05:06:00"),
    ("CAST(v AS TIMETZ) FROM (SELECT '20:00:00-08' AS v)", "04:00:00+00"),
    ("CAST(TIMESTAMPTZ '2021-03-04 05:06:07 CET' AS VARCHAR)", "2021-03-04 04:06:07+00"),
    ("TIMETZ '10:00 PST' < '19:00 UTC'", "true"),
]


@pytest.mark.parametrize(("expression", "text"), LITERALS, ids=[expression for expression, _ in LITERALS])
def test_a_literal_is_read_as_redshift_reads_it(expression: str, text: str | None) -> None:
    assert sales().text(f"SELECT {expression}") == text


@pytest.mark.parametrize(
    "value", ["2021-02-30", "13/13/2021", "next week", "2021.367", "", "25:00", "2021-01-01 13:00 PM"]
)
def test_a_text_that_is_no_date_is_refused(value: str) -> None:
    with pytest.raises(InvalidSql, match="invalid input syntax for type timestamp"):
        sales().translation(f"SELECT TIMESTAMP '{value}'")


def test_a_column_of_text_that_is_no_date_fails() -> None:
    with pytest.raises(duckdb.Error, match="Invalid input syntax for type DATE"):
        sales().rows("SELECT CAST(region AS DATE) FROM sales")
