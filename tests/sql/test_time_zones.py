"""Time zones by abbreviation, name and offset."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales

ANSWERS = [
    ("CONVERT_TIMEZONE('EST', TIMESTAMP '2021-07-01 12:00')", "2021-07-01 07:00:00"),
    ("CONVERT_TIMEZONE('America/New_York', TIMESTAMP '2021-07-01 12:00')", "2021-07-01 08:00:00"),
    ("CONVERT_TIMEZONE('Asia/Tokyo', 'Europe/Paris', '2021-01-01 12:00')", "2021-01-01 04:00:00"),
    ("CONVERT_TIMEZONE('UTC', 'ABC+3', '2021-01-01 12:00')", "2021-01-01 09:00:00"),
    ("CONVERT_TIMEZONE('UTC', 'ABC-3:30', '2021-01-01 12:00')", "2021-01-01 15:30:00"),
    ("CONVERT_TIMEZONE('UTC', 'PST8PDT', '2021-07-01 12:00')", "2021-07-01 05:00:00"),
    ("TIMESTAMP '2021-01-01 12:00' AT TIME ZONE 'MST'", "2021-01-01 19:00:00+00"),
    ("TIMESTAMPTZ '2021-01-01 12:00+00' AT TIME ZONE 'MST'", "2021-01-01 05:00:00"),
    ("TIMEZONE('Singapore', TIMESTAMP '2021-01-01 12:00')", "2021-01-01 04:00:00+00"),
    ("DATE '2021-01-01' AT TIME ZONE 'JST'", "2020-12-31 15:00:00+00"),
]


@pytest.mark.parametrize(("expression", "text"), ANSWERS, ids=[expression for expression, _ in ANSWERS])
def test_a_moment_is_the_same_in_another_zone(expression: str, text: str | None) -> None:
    assert sales().text(f"SELECT {expression}") == text


@pytest.mark.parametrize(("zone", "message"), [("'5 o''clock'", "not recognized"), ("region", "no literal")])
def test_what_names_no_zone_is_refused(zone: str, message: str) -> None:
    with pytest.raises(InvalidSql, match=message):
        sales().translation(f"SELECT CONVERT_TIMEZONE({zone}, sold_at) FROM sales")
