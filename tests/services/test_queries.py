"""Queries from their text to their stored answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from spectra_emulator.adapters.answer_files import AnswerFiles
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.domain.errors import Conflict, InternalError, InvalidSql, QueryTimeout, SqlBlocked
from spectra_emulator.domain.idempotency import IdempotencyKey
from spectra_emulator.domain.jobs import Job, JobError, JobStatus
from spectra_emulator.domain.queries import QueryRequest, Rows
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError, TablesReplacedError
from spectra_emulator.services.idempotency import Idempotency
from spectra_emulator.services.queries import QueryPorts, QueryService

from tests.fakes import NOON, ONE_ROW, FakeEngine, FixedClock, caller, numbers
from tests.requirements import requirement

SELECT = QueryRequest("SELECT 1 AS n", limit=10, timeout=timedelta(seconds=5), received_at=0.0)
KEY = IdempotencyKey("tenant-123", "POST /queries", "key-1", "sha-1")


class World:
    """A query service over a fake engine, and real stores."""

    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock()
        self.engine = FakeEngine()
        self.state = SqliteState()
        self.answers = AnswerFiles(folder / "answers", 2**20, durable=False)
        ports = QueryPorts(self.engine, self.state, self.answers, self.clock, numbers(), self.clock.steady)
        day = timedelta(hours=24)
        idempotency = Idempotency(self.state, self.clock, day, strict=False, steady=self.clock.steady)
        self.service = QueryService(ports, idempotency, SqlRules())

    def job(self, job_id: str = "job-1") -> Job:
        found = self.state.job("tenant-123", job_id)
        assert found is not None
        return found

    def failing(self, error: BaseException) -> None:
        def answer(_: str) -> Rows:
            raise error

        self.engine.answer = answer


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(tmp_path)
    yield opened
    opened.state.close()


@requirement("JOB-13", "QRY-27", "QRY-29")
def test_a_finished_query_leaves_a_completed_job_and_its_answer(world: World) -> None:
    answer, replayed = world.service.submit(caller(), SELECT, None)

    assert (answer.query_id, answer.rows, replayed) == ("1", ONE_ROW, False)
    assert (world.job().status, world.job().row_count) == (JobStatus.COMPLETED, 1)
    assert world.answers.get("tenant-123", "job-1") == answer


@requirement("JOB-14", "QRY-26")
def test_the_record_says_when_the_query_ran_and_how_long(world: World) -> None:
    def slow(_: str) -> Rows:
        world.clock.advance(milliseconds=250)
        return ONE_ROW

    world.engine.answer = slow
    answer, _ = world.service.submit(caller(), SELECT, None)

    job = world.job()
    assert (job.submitted_at, job.started_at, job.completed_at) == (NOON, NOON, NOON + timedelta(milliseconds=250))
    assert answer.execution_time_ms == job.execution_time_ms == 250


@requirement("JOB-12")
def test_the_job_is_running_while_the_engine_works(world: World) -> None:
    seen: list[JobStatus] = []

    def looked_at(query_id: str) -> Rows:
        seen.append(world.job(f"job-{query_id}").status)
        return ONE_ROW

    world.engine.answer = looked_at
    world.service.submit(caller(), SELECT, None)

    assert seen == [JobStatus.RUNNING]


@requirement("QRY-40")
def test_the_engine_is_asked_for_one_row_more_than_the_limit(world: World) -> None:
    world.service.submit(caller(), SELECT, None)

    assert world.engine.prepared[0].query.sql("redshift") == "SELECT 1 AS n LIMIT 11"


@requirement("QRY-04")
def test_the_engine_gets_the_query_s_timeout(world: World) -> None:
    world.service.submit(caller(), SELECT, None)

    assert world.engine.timeouts == [timedelta(seconds=5)]


@requirement("QRY-04")
def test_the_timeout_counts_from_the_query_s_arrival(world: World) -> None:
    world.clock.advance(seconds=2)
    world.service.submit(caller(), SELECT, None)

    assert world.engine.timeouts == [timedelta(seconds=3)]


def test_a_query_whose_time_is_over_on_its_turn_does_not_run(world: World) -> None:
    world.clock.advance(seconds=5)
    with pytest.raises(QueryTimeout):
        world.service.submit(caller(), SELECT, None)

    assert (world.state.jobs("tenant-123"), world.engine.ran) == ([], [])


@requirement("IDM-08")
def test_a_query_waits_for_another_under_its_key_no_longer_than_its_timeout(world: World) -> None:
    world.state.reserve(KEY, NOON, NOON + timedelta(hours=24))
    world.clock.advance(seconds=5)
    with pytest.raises(QueryTimeout):
        world.service.submit(caller(), SELECT, KEY)


@requirement("JOB-17")
@pytest.mark.parametrize(
    ("sql", "refusal"), [("SELEC 1", (InvalidSql, SqlBlocked)), ("DROP TABLE sales", SqlBlocked)], ids=str
)
def test_a_refused_query_leaves_no_job(
    world: World, sql: str, refusal: type[Exception] | tuple[type[Exception], ...]
) -> None:
    with pytest.raises(refusal):
        world.service.submit(caller(), replace(SELECT, sql=sql), None)

    assert (world.state.jobs("tenant-123"), world.engine.ran) == ([], [])


@requirement("JOB-17", "JOB-09")
def test_a_query_that_fails_in_the_engine_leaves_a_failed_job(world: World) -> None:
    world.failing(InvalidSql("division by zero", sql_state="22012"))
    with pytest.raises(InvalidSql):
        world.service.submit(caller(), SELECT, None)

    assert world.job().status is JobStatus.FAILED
    assert world.job().error == JobError("INVALID_SQL", "division by zero", {"sql_state": "22012"})
    assert world.job().completed_at == NOON


def test_an_unforeseen_failure_leaves_a_failed_job_that_tells_nothing(world: World) -> None:
    world.failing(OSError("/secret/path"))
    with pytest.raises(OSError, match="secret"):
        world.service.submit(caller(), SELECT, None)

    assert world.job().error == JobError(InternalError.code, "The query failed inside the server", {})


@requirement("ERR-19")
def test_a_timeout_is_told_with_its_seconds_and_fails_the_job(world: World) -> None:
    world.failing(StatementTimeoutError())
    with pytest.raises(QueryTimeout) as told:
        world.service.submit(caller(), SELECT, None)
    error = world.job().error

    assert told.value.details["timeout_seconds"] == 5
    assert error is not None
    assert (world.job().status, error.code) == (JobStatus.FAILED, "QUERY_TIMEOUT")


@requirement("JOB-34")
@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(StatementCancelledError(), id="the engine stopped it"),
        pytest.param(StatementTimeoutError(), id="it timed out meanwhile"),
        pytest.param(InvalidSql("division by zero"), id="it failed meanwhile"),
        pytest.param(None, id="it answered all the same"),
    ],
)
def test_a_cancelled_query_answers_a_conflict_and_stays_cancelled(world: World, outcome: Exception | None) -> None:
    def cancelled(query_id: str) -> Rows:
        job = world.job(f"job-{query_id}")
        world.state.move_job(Job(job.job_id, job.tenant_id, JobStatus.CANCELLED, submitted_at=NOON))
        if outcome is not None:
            raise outcome
        return ONE_ROW

    world.engine.answer = cancelled
    with pytest.raises(Conflict) as told:
        world.service.submit(caller(), SELECT, None)

    assert (told.value.details["status"], world.job().status) == ("CANCELLED", "CANCELLED")
    assert world.answers.get("tenant-123", "job-1") is None


def test_a_query_that_another_than_its_client_cancelled_is_recorded_as_cancelled(world: World) -> None:
    world.failing(StatementCancelledError())

    with pytest.raises(Conflict):
        world.service.submit(caller(), SELECT, None)

    assert world.job().status is JobStatus.CANCELLED


def test_the_engines_own_id_of_a_query_is_shown_and_kept_with_its_job(world: World) -> None:
    world.engine.answer = lambda _: replace(ONE_ROW, query_id="4711")
    answer, _ = world.service.submit(caller(), SELECT, None)

    assert (answer.query_id, answer.shown_query_id) == ("1", "4711")
    assert world.state.job_of_query("tenant-123", "4711") == world.job()


@requirement("IDM-02", "IDM-05")
def test_a_key_that_comes_again_gets_the_same_answer_without_running(world: World) -> None:
    first, _ = world.service.submit(caller(), SELECT, KEY)
    world.clock.advance(hours=23)
    again = replace(SELECT, received_at=world.clock.steady())

    assert world.service.submit(caller(), again, KEY) == (first, True)
    assert world.engine.ran == ["1"]


@requirement("IDM-02", "IDM-08")
def test_a_hundred_identical_queries_at_once_run_once(world: World) -> None:
    all_there = threading.Barrier(100)

    def submitted(_: int) -> tuple[str, bool]:
        all_there.wait(timeout=30)
        answer, replayed = world.service.submit(caller(), SELECT, KEY)
        return answer.query_id, replayed

    with ThreadPoolExecutor(100) as threads:
        answers = list(threads.map(submitted, range(100)))

    assert world.engine.ran == ["1"]
    assert sorted(answers) == [("1", False)] + [("1", True)] * 99


@requirement("IDM-06")
def test_a_failed_query_may_be_repeated_under_its_key(world: World) -> None:
    world.failing(StatementTimeoutError())
    with pytest.raises(QueryTimeout):
        world.service.submit(caller(), SELECT, KEY)
    world.engine.answer = lambda _: ONE_ROW

    answer, replayed = world.service.submit(caller(), SELECT, KEY)
    assert (answer.query_id, replayed) == ("2", False)


def test_a_known_query_is_prepared_once(world: World) -> None:
    for _ in range(3):
        world.service.submit(caller(), SELECT, None)

    assert len(world.engine.prepared) == 1


def test_a_query_is_prepared_again_when_the_tables_change(world: World) -> None:
    world.service.submit(caller(), SELECT, None)
    world.engine.version += 1
    world.service.submit(caller(), SELECT, None)

    assert len(world.engine.prepared) == 2


@pytest.mark.parametrize(
    ("request_", "tenant_id"),
    [
        pytest.param(replace(SELECT, limit=11), "tenant-123", id="another limit"),
        pytest.param(SELECT, "tenant-456", id="another tenant"),
    ],
)
def test_a_query_is_prepared_apart_for(world: World, request_: QueryRequest, tenant_id: str) -> None:
    world.service.submit(caller(), SELECT, None)
    world.service.submit(caller(tenant_id=tenant_id), request_, None)

    assert len(world.engine.prepared) == 2


def test_prepared_queries_are_bounded(world: World) -> None:
    for number in range(600):
        world.service.submit(caller(), replace(SELECT, sql=f"SELECT {number} AS n"), None)
    world.service.submit(caller(), replace(SELECT, sql="SELECT 599 AS n"), None)
    world.service.submit(caller(), replace(SELECT, sql="SELECT 0 AS n"), None)

    assert len(world.engine.prepared) == 601


def test_a_query_whose_tables_were_replaced_is_asked_of_those_that_came(world: World) -> None:
    def replaced_once(query_id: str) -> Rows:
        if query_id == "1":
            raise TablesReplacedError
        return ONE_ROW

    world.engine.answer = replaced_once
    answer, _ = world.service.submit(caller(), SELECT, None)

    assert (answer.query_id, answer.rows) == ("2", ONE_ROW)
    assert (world.job("job-1").status, world.job("job-2").status) == (JobStatus.FAILED, JobStatus.COMPLETED)


def test_a_query_whose_tables_are_replaced_again_and_again_ends_at_its_deadline(world: World) -> None:
    def replaced(_: str) -> Rows:
        world.clock.advance(seconds=2)
        raise TablesReplacedError

    world.engine.answer = replaced
    with pytest.raises(QueryTimeout):
        world.service.submit(caller(), SELECT, None)
