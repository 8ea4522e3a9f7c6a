"""Servers on one state in PostgreSQL: who lives, who works on which job, and what befalls the jobs of the dead."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from spectra_emulator.adapters.postgres import PostgresPeers, PostgresState
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobState, begun, begun_again, failed
from spectra_emulator.domain.idempotency import Held
from spectra_emulator.domain.jobs import JobError, JobStatus

from tests.adapters.test_state_stores import DAY, KEY, bulk_job
from tests.emulator import eventually
from tests.fakes import NOON, job
from tests.shared_state import SharedDatabase

CLOSED = replace(bulk_job("bulk-1"), state=BulkJobState.UPLOAD_COMPLETE)
TENANT = "tenant-123"

Server = tuple[PostgresState, PostgresPeers]


@pytest.fixture
def first(shared_database: SharedDatabase) -> Server:
    return shared_database.server()


@pytest.fixture
def second(shared_database: SharedDatabase) -> Server:
    return shared_database.server()


@pytest.fixture
def dead(shared_database: SharedDatabase) -> PostgresState:
    """Return the store of a server that has not said a word."""
    return shared_database.state()


def ids(jobs: list[BulkJob]) -> list[str]:
    return [each.job_id for each in jobs]


def asked(peers: PostgresPeers, other: PostgresPeers, threads: ThreadPoolExecutor) -> Future[bool]:
    """Let one ask the other for the job, and return its answer to come."""
    answer = threads.submit(peers.taken, CLOSED)
    eventually(other.asked_for)
    return answer


def test_what_a_living_server_has_is_not_adopted(first: Server, second: Server) -> None:
    first[0].add_bulk_job(CLOSED)

    assert (second[1].adopted([]), first[1].adopted(["bulk-1"])) == ([], [])


def test_what_a_dead_server_had_is_adopted_once_by_however_many_want_it(
    dead: PostgresState, shared_database: SharedDatabase
) -> None:
    dead.add_bulk_job(CLOSED)
    servers = [shared_database.server()[1] for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        adopted = list(threads.map(lambda peers: peers.adopted([]), servers))

    assert [each for few in adopted for each in few] == [CLOSED]


def test_a_server_that_falls_silent_counts_as_dead_by_the_databases_clock(
    first: Server, second: Server, shared_database: SharedDatabase
) -> None:
    first[0].add_bulk_job(CLOSED)
    shared_database.run("UPDATE spectra_servers SET seen_at = seen_at - interval '61 s'")
    second[1].beat()

    assert ids(second[1].adopted([])) == ["bulk-1"]


def test_a_server_that_stops_leaves_its_jobs_to_the_others_at_once(first: Server, second: Server) -> None:
    first[0].add_bulk_job(CLOSED)
    first[1].leave()

    assert ids(second[1].adopted([])) == ["bulk-1"]


def test_a_server_adopts_what_it_has_itself_and_does_not_know_of(first: Server) -> None:
    first[0].add_bulk_job(CLOSED)

    assert ids(first[1].adopted([])) == ["bulk-1"]


def test_open_and_ended_jobs_are_nobodys(dead: PostgresState, first: Server) -> None:
    dead.add_bulk_job(bulk_job("bulk-open"))
    dead.add_bulk_job(replace(bulk_job("bulk-ended"), state=BulkJobState.FAILED))

    assert first[1].adopted([]) == []


def test_who_lost_a_job_changes_it_no_more(dead: PostgresState, first: Server) -> None:
    dead.add_bulk_job(CLOSED)
    late = begun(CLOSED, NOON)
    assert dead.move_bulk_job(late, expected=BulkJobState.UPLOAD_COMPLETE)
    (taken,) = first[1].adopted([])
    again = begun_again(taken, NOON)

    assert not dead.move_bulk_job(
        failed(late, NOON, JobError("INTERNAL_ERROR", "", {})), expected=BulkJobState.IN_PROGRESS
    )
    assert first[0].move_bulk_job(again, expected=BulkJobState.IN_PROGRESS)
    assert first[0].bulk_job(TENANT, "bulk-1") == again


def test_a_job_is_left_to_who_asks_for_it(first: Server, second: Server) -> None:
    first[0].add_bulk_job(CLOSED)
    with ThreadPoolExecutor(1) as threads:
        answer = asked(second[1], first[1], threads)
        assert first[1].let_go(CLOSED)

    assert (answer.result(), first[1].lost(["bulk-1"]), second[1].lost(["bulk-1"])) == (True, ["bulk-1"], [])


def test_a_job_that_is_kept_is_not_taken(first: Server, second: Server) -> None:
    first[0].add_bulk_job(CLOSED)
    with ThreadPoolExecutor(1) as threads:
        answer = asked(second[1], first[1], threads)
        first[1].keep(CLOSED)

    assert (answer.result(), first[1].lost(["bulk-1"])) == (False, [])


def test_a_job_that_has_gone_on_since_it_was_asked_for_is_not_let_go(first: Server, second: Server) -> None:
    first[0].add_bulk_job(CLOSED)
    with ThreadPoolExecutor(1) as threads:
        answer = asked(second[1], first[1], threads)
        first[0].move_bulk_job(begun(CLOSED, NOON), expected=BulkJobState.UPLOAD_COMPLETE)

    assert (first[1].let_go(CLOSED), answer.result(), first[1].lost(["bulk-1"])) == (False, True, [])


def test_the_job_of_a_dead_server_is_taken_unasked(dead: PostgresState, first: Server) -> None:
    dead.add_bulk_job(CLOSED)

    assert (first[1].taken(CLOSED), first[1].lost(["bulk-1"])) == (True, [])


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(lambda state: state.clear(TENANT), id="cleared"),
        pytest.param(
            lambda state: state.move_bulk_job(
                failed(CLOSED, NOON, JobError("INTERNAL_ERROR", "", {})), expected=BulkJobState.UPLOAD_COMPLETE
            ),
            id="ended",
        ),
    ],
)
def test_a_job_that_is_gone_or_has_ended_is_lost(first: Server, gone: Callable[[PostgresState], object]) -> None:
    first[0].add_bulk_job(CLOSED)
    gone(first[0])

    assert first[1].lost(["bulk-1"]) == ["bulk-1"]


def test_recovery_fails_the_queries_of_the_dead_and_leaves_those_of_the_living(
    dead: PostgresState, first: Server, second: Server
) -> None:
    dead.add_job(job("job-dead"))
    first[0].add_job(job("job-living"))
    second[0].recover(NOON)

    assert [each.job_id for each in second[0].jobs(TENANT, JobStatus.FAILED)] == ["job-dead"]
    assert [each.job_id for each in second[0].jobs(TENANT, JobStatus.RUNNING)] == ["job-living"]


def test_recovery_frees_the_keys_of_the_dead_and_keeps_those_of_the_living(
    dead: PostgresState, first: Server, second: Server
) -> None:
    other = replace(KEY, text="key-2")
    dead.reserve(KEY, NOON, NOON + DAY)
    first[0].reserve(other, NOON, NOON + DAY)
    first[0].recover(NOON)
    second[0].recover(NOON)

    assert second[0].reserve(KEY, NOON, NOON + DAY).held is Held.TAKEN_NOW
    assert second[0].reserve(other, NOON, NOON + DAY).held is Held.RUNNING


def test_a_query_that_another_ended_is_told_to_its_server_once(first: Server, second: Server) -> None:
    first[0].add_job(job())
    second[0].move_job(replace(job(), status=JobStatus.CANCELLED))

    assert second[1].ended_elsewhere() == []
    assert [first[1].ended_elsewhere(), first[1].ended_elsewhere()] == [[(TENANT, "job-1")], []]


def test_a_window_counts_on_where_the_clock_of_another_server_is_behind(first: Server, second: Server) -> None:
    minute, skew = timedelta(minutes=1), timedelta(milliseconds=300)
    first[0].count_call(TENANT, "queries", 2, minute, NOON)
    windows = [second[0].count_call(TENANT, "queries", 2, minute, NOON - skew) for _ in range(2)]

    assert [(window.admitted, window.ends_at) for window in windows] == [(True, NOON + minute), (False, NOON + minute)]


def test_one_server_at_a_time_forgets_what_is_old(first: Server, second: Server) -> None:
    old = [f"job-{number}" for number in range(600)]
    for job_id in old:
        first[0].add_job(replace(job(job_id), submitted_at=NOON - DAY))
    with ThreadPoolExecutor(2) as threads:
        forgotten = list(threads.map(lambda server: server[0].forget_before(NOON), (first, second)))

    assert sorted(job_id for few in forgotten for job_id in few) == sorted(old)
    assert first[0].jobs(TENANT) == []
