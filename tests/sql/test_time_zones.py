"""Time zones by abbreviation, name and offset."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales


@pytest.mark.parametrize(("zone", "message"), [("'5 o''clock'", "not recognized"), ("region", "no literal")])
def test_what_names_no_zone_is_refused(zone: str, message: str) -> None:
    with pytest.raises(InvalidSql, match=message):
        sales().translation(f"SELECT CONVERT_TIMEZONE({zone}, sold_at) FROM sales")
