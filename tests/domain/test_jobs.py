"""What the records of jobs say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from spectra_emulator.domain.jobs import elapsed_milliseconds

NOON = datetime(2026, 1, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("took", "milliseconds"),
    [(timedelta(seconds=1.5), 1500), (timedelta(0), 0), (timedelta(hours=-1), 0)],
    ids=["forward", "frozen", "moved back"],
)
def test_no_job_takes_less_than_no_time(took: timedelta, milliseconds: int) -> None:
    assert elapsed_milliseconds(NOON, NOON + took) == milliseconds
