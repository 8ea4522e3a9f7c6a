"""What a rate window says of itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from spectra_emulator.domain.rate_limits import Window

from tests.fakes import NOON
from tests.requirements import requirement

NOON_SECONDS = 1_769_688_000


def ending(after: timedelta, *, limit: int = 100, count: int = 1) -> Window:
    return Window(limit, count, NOON + after, admitted=True)


@requirement("RTL-02")
def test_what_remains_is_what_was_not_yet_called() -> None:
    assert ending(timedelta(seconds=60), count=5).remaining == 95


@requirement("RTL-02")
def test_nothing_remains_where_the_limit_was_lowered_below_the_count() -> None:
    assert ending(timedelta(seconds=60), limit=10, count=40).remaining == 0


@requirement("RTL-02")
@pytest.mark.parametrize(
    ("after", "reset"),
    [
        pytest.param(timedelta(seconds=60), NOON_SECONDS + 60, id="whole seconds"),
        pytest.param(timedelta(seconds=59, microseconds=1), NOON_SECONDS + 60, id="a microsecond rounds up"),
    ],
)
def test_reset_is_the_end_in_unix_seconds_rounded_up(after: timedelta, reset: int) -> None:
    assert ending(after).reset == reset


@requirement("RTL-04")
@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        pytest.param(timedelta(seconds=30), 30, id="whole seconds"),
        pytest.param(timedelta(seconds=29, milliseconds=1), 30, id="a part rounds up"),
        pytest.param(timedelta(milliseconds=1), 1, id="almost over"),
        pytest.param(timedelta(0), 1, id="just over"),
        pytest.param(timedelta(seconds=-5), 1, id="over"),
    ],
)
def test_retry_after_is_in_whole_seconds_and_at_least_one(after: timedelta, seconds: int) -> None:
    assert ending(after).retry_after(NOON) == seconds
