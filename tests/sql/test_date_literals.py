"""Dates and times in the forms that Redshift reads."""

from __future__ import annotations

import duckdb
import pytest

from tests.sql.warehouse import sales


def test_a_column_of_text_that_is_no_date_fails() -> None:
    with pytest.raises(duckdb.Error, match="Invalid input syntax for type DATE"):
        sales().rows("SELECT CAST(region AS DATE) FROM sales")
