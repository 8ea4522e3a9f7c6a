"""The short form of `python -m tests.durability.bulk_kills`."""

from __future__ import annotations

from pathlib import Path

from tests.durability.bulk_kills import killed


def test_no_bulk_job_is_lost_applied_twice_or_stuck_when_the_server_is_killed(tmp_path: Path) -> None:
    tally = killed(kills=8, seed=7, folder=tmp_path)

    assert tally.clean, str(tally)
    assert tally.jobs.total() > 0
