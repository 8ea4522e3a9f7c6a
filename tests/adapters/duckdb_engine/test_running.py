"""What a cancel does to a query that makes more than one statement or attempt."""

from __future__ import annotations

import pytest
from spectra_emulator.adapters.duckdb_engine.lane import Lane
from spectra_emulator.adapters.duckdb_engine.running import RunningQuery
from spectra_emulator.ports import StatementCancelledError

from tests.adapters.duckdb_engine.asking import rows

REQUEST = {"do": "execute", "sql": "SELECT 1"}


@pytest.fixture
def running() -> RunningQuery:
    return RunningQuery()


def test_a_cancel_between_two_statements_stops_the_second(running: RunningQuery, lane: Lane) -> None:
    running.ask(lane, REQUEST)

    assert running.cancel()
    with pytest.raises(StatementCancelledError):
        running.ask(lane, REQUEST)


def test_a_cancel_before_the_end_keeps_the_query_from_finishing(running: RunningQuery, lane: Lane) -> None:
    running.ask(lane, REQUEST)
    running.cancel()

    with pytest.raises(StatementCancelledError):
        running.finish()


def test_a_finished_query_cannot_be_cancelled(running: RunningQuery, lane: Lane) -> None:
    running.ask(lane, REQUEST)
    running.finish()

    assert not running.cancel()


def test_a_query_that_is_asked_again_after_its_end_can_be_cancelled(running: RunningQuery, lane: Lane) -> None:
    running.finish()
    running.ask(lane, REQUEST)

    assert running.cancel()


def test_a_cancelled_query_leaves_its_lane_to_the_next(running: RunningQuery, lane: Lane) -> None:
    running.ask(lane, REQUEST)
    running.cancel()

    assert rows(lane, "SELECT 1") == [{"n": 1}]
