"""Answers that DuckDB by itself would give differently; the facts are those of Redshift's developer guide."""

from __future__ import annotations

import duckdb
import pytest

from tests.requirements import requirement
from tests.sql.warehouse import sales


@requirement("QRY-63")
@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("qty / 0", "division by zero"),
        ("amount / (qty - 3)", "division by zero"),
        ("ratio / 0", "division by zero"),
        ("qty % 0", "division by zero"),
        ("2147483647 + 1", "Overflow"),
        ("CAST(year * 20 AS SMALLINT)", "out of range"),
        ("CAST(region AS INTEGER)", "Invalid input syntax for type INTEGER"),
        ("CAST(region AS BOOLEAN)", "Invalid input syntax for type boolean"),
        ("POWER(10, 400)", "overflow"),
        ("TO_DATE(region, 'YYYYMMDD')", "form of the mask"),
        ("SQRT(-1)", "square root of a negative"),
        ("CAST(amount * 1000 AS DECIMAL(4,2))", "DECIMAL"),
        ("CAST('é' AS CHAR(3))", "single-byte"),
        ("SUBSTRING(region, 2, 0 - qty)", "negative substring length"),
        ("DATEDIFF(week, '2024-01-06', '2024-01-07')", "DATEDIFF in weeks"),
    ],
)
def test_what_fails_in_redshift_fails(expression: str, message: str) -> None:
    with pytest.raises(duckdb.Error, match=message):
        sales().rows(f"SELECT {expression} FROM sales")
