"""Dates beyond what an answer can hold."""

from __future__ import annotations

import duckdb
import pytest

from tests.sql.warehouse import sales


@pytest.mark.parametrize(
    "expression",
    [
        "CURRENT_DATE + 100000000",
        "DATEADD(year, 270000, DATE '2020-01-01')",
        "DATEADD(day, 1, TIMESTAMP '9999-12-31 10:00:00')",
        "MAX(day) + 200000000",
        "DATE '9999-12-31' + 1",
        "DATE '2020-01-01' - 3000000",
        "DATE '9999-12-31' + INTERVAL '1 day'",
        "ADD_MONTHS(DATE '9999-12-31', 1)",
    ],
)
def test_a_date_out_of_range_is_an_error(expression: str) -> None:
    with pytest.raises(duckdb.Error, match="date out of range"):
        sales().rows(f"SELECT {expression} FROM sales GROUP BY day")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("DATE '9999-12-30' + 1", "9999-12-31"),
        ("DATEADD(second, 86399, DATE '9999-12-31')", "9999-12-31 23:59:59"),
        ("DATE '2020-01-01' + 5000000 - 5000000", "2020-01-01"),
        ("CAST(NULL AS DATE) + 1", None),
    ],
)
def test_a_date_within_range_is_computed(expression: str, text: str | None) -> None:
    assert sales().text(f"SELECT {expression}") == text
