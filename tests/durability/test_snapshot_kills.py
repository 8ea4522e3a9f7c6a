"""The short form of `python -m tests.durability.snapshot_kills`."""

from __future__ import annotations

from pathlib import Path

from tests.durability.snapshot_kills import killed


def test_a_server_killed_while_it_saves_leaves_the_old_snapshot_or_the_new(tmp_path: Path) -> None:
    outcome = killed(kills=4, seed=3, folder=tmp_path)

    assert (outcome.wrong, outcome.leftovers) == ([], 0), str(outcome)
    assert outcome.kept.total() == 4
