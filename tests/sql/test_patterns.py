"""Regular expressions answer as the guide says."""

from __future__ import annotations

from tests.sql.warehouse import sales


def test_a_pattern_may_come_from_a_column() -> None:
    assert sales().rows("SELECT id FROM sales WHERE region ~ code ORDER BY id") == []
