"""The short form of `python -m tests.testing.many_tenants`."""

from __future__ import annotations

from pathlib import Path

from tests.testing.many_tenants import tally


def test_tests_side_by_side_see_nothing_of_each_other(tmp_path: Path) -> None:
    found = tally(tests=24, workers=2, folder=tmp_path)

    assert found.passed == 24, found.said
