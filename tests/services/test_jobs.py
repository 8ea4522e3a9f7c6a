"""The Job API over queries and bulk jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from spectra_emulator.adapters.answer_files import AnswerFiles
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.domain.errors import Conflict, Forbidden, NotFound
from spectra_emulator.domain.jobs import JobStatus
from spectra_emulator.domain.queries import QueryAnswer
from spectra_emulator.services.jobs import JobService

from tests.fakes import NOON, ONE_ROW, FakeEngine, FixedClock, caller, job
from tests.fakes_bulk import BASE, INSERT, BulkBench
from tests.requirements import requirement

ANSWER = QueryAnswer("1", ONE_ROW, execution_time_ms=4)
MORE = {"results": (BASE,)}


class World:
    """The job service over a fake engine and real stores; it knows the query `1` and the bulk job `bulk-1`."""

    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock()
        self.engine = FakeEngine()
        self.state = SqliteState()
        self.answers = AnswerFiles(folder / "answers", 2**20, durable=False)
        bench = BulkBench(folder / "bulk", self.state, clock=self.clock)
        bench.created(INSERT)
        self.state.add_job(job())
        self.service = JobService(self.engine, self.state, self.answers, bench.jobs, self.clock)

    def finished(self, status: str) -> None:
        self.state.move_job(replace(job(), status=JobStatus(status), completed_at=NOON, row_count=1))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(tmp_path)
    yield opened
    opened.state.close()


@requirement("JOB-10")
@pytest.mark.parametrize("job_id", ["job-1", "1"], ids=["its job id", "its query id"])
def test_a_query_is_found_by(world: World, job_id: str) -> None:
    assert world.service.job(caller(), job_id) == job()


@requirement("JOB-10", "JOB-11")
def test_a_bulk_job_is_found_too(world: World) -> None:
    found = world.service.job(caller(), "bulk-1")

    assert (found.job_id, found.status, found.submitted_at) == ("bulk-1", JobStatus.QUEUED, NOON)


@requirement("JOB-16", "TEN-02", "GEN-12")
@pytest.mark.parametrize("call", ["job", "results", "cancel"])
@pytest.mark.parametrize(
    ("tenant_id", "job_id"),
    [
        pytest.param("tenant-123", "job-2", id="unknown"),
        pytest.param("tenant-123", "ä b'--", id="impossible"),
        pytest.param("tenant-456", "job-1", id="foreign"),
        pytest.param("tenant-456", "1", id="foreign by query id"),
        pytest.param("tenant-456", "bulk-1", id="foreign bulk job"),
    ],
)
def test_what_is_not_the_tenant_s_is_not_found(world: World, call: str, tenant_id: str, job_id: str) -> None:
    with pytest.raises(NotFound) as told:
        getattr(world.service, call)(caller(tenant_id=tenant_id), job_id, *MORE.get(call, ()))

    assert (told.value.message, told.value.details) == ("Job not found", {"job_id": job_id})
    assert world.engine.cancelled == []


@requirement("JOB-20", "JOB-22")
@pytest.mark.parametrize("job_id", ["job-1", "1"])
def test_a_completed_query_s_results_are_what_it_answered(world: World, job_id: str) -> None:
    world.finished("COMPLETED")
    world.answers.put("tenant-123", "job-1", ANSWER, keyed=False)

    assert world.service.results(caller(), job_id, BASE) == ANSWER


@requirement("JOB-27", "LIM-14")
def test_results_that_are_no_longer_kept_are_not_found(world: World) -> None:
    world.finished("COMPLETED")
    with pytest.raises(NotFound):
        world.service.results(caller(), "job-1", BASE)


@requirement("JOB-23")
def test_a_running_query_has_no_results(world: World) -> None:
    with pytest.raises(Conflict) as told:
        world.service.results(caller(), "job-1", BASE)

    assert told.value.details == {"status": "RUNNING"}


@requirement("JOB-24")
@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_a_query_that_did_not_complete_has_no_results(world: World, status: str) -> None:
    world.finished(status)
    with pytest.raises(Conflict) as told:
        world.service.results(caller(), "job-1", BASE)

    assert told.value.details == {"status": status}


@requirement("JOB-23", "JOB-25")
def test_an_unfinished_bulk_job_has_no_results(world: World) -> None:
    with pytest.raises(Conflict):
        world.service.results(caller(), "bulk-1", BASE)


@requirement("JOB-30")
def test_a_running_query_is_cancelled_in_the_record_and_in_the_engine(world: World) -> None:
    world.clock.advance(milliseconds=1500)
    cancelled = world.service.cancel(caller(), "1")

    assert (cancelled.status, cancelled.execution_time_ms) == (JobStatus.CANCELLED, 1500)
    assert world.state.job("tenant-123", "job-1") == cancelled
    assert world.engine.cancelled == ["1"]


@requirement("JOB-31", "JOB-32")
@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "CANCELLED"])
def test_a_finished_query_cannot_be_cancelled(world: World, status: str) -> None:
    world.finished(status)
    with pytest.raises(Conflict) as told:
        world.service.cancel(caller(), "job-1")

    assert told.value.details == {"status": status}
    assert world.engine.cancelled == []


@requirement("JOB-33")
def test_a_bulk_job_is_cancelled_by_aborting_it(world: World) -> None:
    assert world.service.cancel(caller(), "bulk-1").status is JobStatus.CANCELLED
    assert world.service.job(caller(), "bulk-1").status is JobStatus.CANCELLED


@requirement("JOB-32", "JOB-33")
def test_an_aborted_bulk_job_cannot_be_cancelled_again(world: World) -> None:
    world.service.cancel(caller(), "bulk-1")
    with pytest.raises(Conflict):
        world.service.cancel(caller(), "bulk-1")


@requirement("PRM-03")
@pytest.mark.parametrize(
    ("call", "job_id", "permission"),
    [
        ("job", "job-1", "query:execute"),
        ("job", "job-1", "bulk:read"),
        ("cancel", "job-1", "query:execute"),
        ("cancel", "bulk-1", "bulk:cancel"),
    ],
)
def test_the_permission_that_suffices(world: World, call: str, job_id: str, permission: str) -> None:
    assert getattr(world.service, call)(caller(permission), job_id).job_id == job_id


@requirement("PRM-01", "PRM-03")
@pytest.mark.parametrize(
    ("call", "job_id", "permission"),
    [
        ("job", "job-1", "bulk:create"),
        ("results", "job-1", "bulk:cancel"),
        ("cancel", "job-1", "bulk:cancel"),
        ("cancel", "bulk-1", "query:execute"),
    ],
)
def test_the_permission_that_does_not(world: World, call: str, job_id: str, permission: str) -> None:
    with pytest.raises(Forbidden):
        getattr(world.service, call)(caller(permission), job_id, *MORE.get(call, ()))
