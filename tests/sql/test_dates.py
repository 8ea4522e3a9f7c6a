"""Dates, times and their parts."""

from __future__ import annotations

import pytest

from tests.sql.warehouse import sales


@pytest.mark.parametrize(
    ("expression", "column", "kind"),
    [
        ("LOCALTIMESTAMP", "timestamp", "TIMESTAMP"),
        ("CURRENT_TIME", "timetz", "TIMETZ"),
    ],
)
def test_a_moment_of_now_has_redshifts_type_and_name(expression: str, column: str, kind: str) -> None:
    (only,) = sales().translation(f"SELECT {expression}").columns
    assert (only.name, only.type) == (column, kind)
