"""Intervals and what is computed with them."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import Warehouse, sales

ANSWERS = [
    ("INTERVAL '5' DAY", "5 days"),
    ("INTERVAL '3-4' YEAR TO MONTH", "3 years 4 mons"),
    ("INTERVAL '27' MONTH", "2 years 3 mons"),
    ("INTERVAL '3 years 4 months' YEAR", "3 years"),
    ("INTERVAL '2 3:04:05.6789' DAY TO SECOND(2)", "2 days 03:04:05.67"),
    ("INTERVAL '7:08' MINUTE TO SECOND", "00:07:08"),
    ("INTERVAL '49' HOUR", "2 days 01:00:00"),
    ("INTERVAL '90'", "00:01:30"),
    ("INTERVAL '2w, 1d'", "15 days"),
    ("INTERVAL '0.25 days'", "06:00:00"),
    ("INTERVAL '1.5 months'", "1 mon 15 days"),
    ("INTERVAL '1 day 02:03:04'", "1 day 02:03:04"),
    ("INTERVAL '-1 year'", "-1 years"),
    ("- INTERVAL '1 hour'", "-01:00:00"),
    ("INTERVAL '0 days'", "00:00:00"),
    ("CAST('2-1' AS INTERVAL YEAR TO MONTH)", "2 years 1 mon"),
    ("'4 hours'::INTERVAL", "04:00:00"),
    ("INTERVAL '2 days' * 1.5", "3 days"),
    ("INTERVAL '1 day' / 4", "06:00:00"),
    ("INTERVAL '1 day' + INTERVAL '12 hours'", "1 day 12:00:00"),
    ("TIMESTAMP '2021-01-03 06:00' - TIMESTAMP '2021-01-01'", "2 days 06:00:00"),
    ("TIME '10:00' - TIME '08:30'", "01:30:00"),
    ("TIME '23:00' + INTERVAL '2 hours'", "01:00:00"),
    ("DATE '2021-01-31' + TIME '10:00'", "2021-01-31 10:00:00"),
    ("DATE '2021-01-31' + TIMETZ '20:00 PST'", "2021-02-01 04:00:00+00"),
    ("TIMESTAMPTZ 'epoch' + 3600 * INTERVAL '1 second'", "1970-01-01 01:00:00+00"),
    ("INTERVAL_CMP('1 year', '11 months')", "1"),
    ("INTERVAL_CMP(INTERVAL '24 hours', '1 day')", "0"),
    ("CAST(INTERVAL '1 day 2 hours' AS VARCHAR)", "1 day 02:00:00"),
    ("AGE(TIMESTAMP '2021-03-01', TIMESTAMP '2020-01-01')", "1 year 2 mons"),
]


@pytest.mark.parametrize(("expression", "text"), ANSWERS, ids=[expression for expression, _ in ANSWERS])
def test_an_interval_is_redshifts(expression: str, text: str | None) -> None:
    assert sales().text(f"SELECT {expression}") == text


def test_an_interval_column_holds_intervals() -> None:
    warehouse = Warehouse()
    warehouse.run("CREATE TABLE spans (span INTERVAL DAY TO SECOND); INSERT INTO spans VALUES (INTERVAL '5' HOUR)")
    assert warehouse.text("SELECT span FROM spans") == "05:00:00"


@pytest.mark.parametrize("interval", ["INTERVAL '1 parsec'", "INTERVAL '1 month' DAY", "CAST('soon' AS INTERVAL)"])
def test_what_is_no_interval_is_refused(interval: str) -> None:
    with pytest.raises(InvalidSql):
        sales().translation(f"SELECT {interval}")
