"""Bulk jobs that pass from one server to another: what each then does, and leaves alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from spectra_emulator.adapters.postgres import PostgresPeers
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobRequest, BulkJobState, begun
from spectra_emulator.domain.errors import Conflict
from spectra_emulator.ports import Applied, Progress

from tests.emulator import eventually
from tests.fakes import NOON
from tests.fakes_bulk import EXPORT, INSERT, BulkBench, FakeBulkEngine, FakeObjects
from tests.shared_state import SharedDatabase


@dataclass(frozen=True)
class Pair:
    """Two servers with one state, one engine and one object store."""

    first: BulkBench
    second: BulkBench
    peers: tuple[PostgresPeers, PostgresPeers]
    database: SharedDatabase

    def fall_silent(self) -> None:
        """Let the first server count as dead, whatever it does."""
        self.database.run("UPDATE spectra_servers SET seen_at = seen_at - interval '1 hour'")
        self.peers[1].beat()

    def closed(self, request: BulkJobRequest) -> BulkJob:
        """Return a job that its client closed at the first server."""
        job = self.first.created(request)
        return self.first.jobs.close(self.first.me, job.job_id)

    def found(self, job: BulkJob) -> BulkJob:
        found = self.second.state.bulk_job(job.tenant_id, job.job_id)
        assert found is not None
        return found


@pytest.fixture
def pair(shared_database: SharedDatabase, tmp_path: Path) -> Pair:
    engine, objects = FakeBulkEngine(), FakeObjects()
    stores, peers = zip(shared_database.server(), shared_database.server(), strict=True)
    first, second = (
        BulkBench(tmp_path / name, state=state, peers=each, engine=engine, objects=objects)
        for name, state, each in zip(("first", "second"), stores, peers, strict=True)
    )
    return Pair(first, second, peers, shared_database)


def test_the_others_leave_alone_what_a_living_server_works_on(pair: Pair) -> None:
    job = pair.closed(EXPORT)
    pair.second.work.attend()
    pair.second.work.recover()

    assert (pair.second.tasks, pair.found(job).state) == ([], BulkJobState.UPLOAD_COMPLETE)


def test_a_server_that_was_only_slow_harms_nothing_of_who_took_its_job_over(pair: Pair) -> None:
    job = pair.closed(EXPORT)

    def taken_over(_job_id: str, _progress: Progress) -> None:
        pair.first.engine.on_work = lambda _job_id, _progress: None
        pair.fall_silent()
        pair.second.work.attend()
        pair.second.work_off()

    pair.first.engine.on_work = taken_over
    pair.first.work_off()

    assert (pair.found(job).state, pair.found(job).attempt) == (BulkJobState.JOB_COMPLETE, 2)
    assert list(pair.first.objects.objects) == [pair.found(job).result_key]


def test_an_import_that_was_applied_is_completed_and_not_applied_again(pair: Pair) -> None:
    job = pair.closed(INSERT)
    pair.first.state.move_bulk_job(begun(job, NOON), expected=job.state)
    pair.first.engine.done[job.job_id] = Applied(2, 0)
    pair.fall_silent()
    pair.second.work.attend()
    pair.second.work_off()

    assert (pair.found(job).state, pair.found(job).number_records_processed) == (BulkJobState.JOB_COMPLETE, 2)
    assert pair.first.engine.changes == []


def test_a_run_whose_job_is_lost_stops(pair: Pair) -> None:
    job, running, stop = pair.closed(EXPORT), Event(), Event()

    def until_cancelled(_job_id: str, _progress: Progress) -> None:
        running.set()
        stop.wait(20)

    pair.first.engine.on_work = until_cancelled
    with ThreadPoolExecutor(2) as threads:
        work = threads.submit(pair.first.work_off)
        running.wait(20)
        pair.first.state.clear(job.tenant_id)
        attending = threads.submit(pair.first.work.attend)
        eventually(lambda: pair.first.engine.cancelled)
        stop.set()

    assert (work.exception(), attending.exception(), pair.first.objects.objects) == (None, None, {})


def test_a_job_is_aborted_by_a_server_that_does_not_work_on_it(pair: Pair) -> None:
    job = pair.closed(EXPORT)
    with ThreadPoolExecutor(1) as threads:
        aborting = threads.submit(pair.second.jobs.abort, pair.second.me, job.job_id)
        eventually(lambda: pair.first.work.attend() or aborting.done())
    pair.first.work_off()

    assert (aborting.result().state, pair.found(job).state) == (BulkJobState.ABORTED, BulkJobState.ABORTED)
    assert pair.first.objects.objects == {}


def test_a_job_whose_records_are_in_is_not_aborted_through_another_server(pair: Pair) -> None:
    job = pair.closed(INSERT)
    pair.first.objects.objects[f"tenant-123/uploads/{job.job_id}.csv"] = b"1\n2"
    with ThreadPoolExecutor(1) as threads:
        aborting = None

        def asked(_job_id: str, _progress: Progress) -> None:
            nonlocal aborting
            aborting = threads.submit(pair.second.jobs.abort, pair.second.me, job.job_id)
            eventually(pair.peers[0].asked_for)

        pair.first.engine.on_work = asked
        pair.first.work_off()

    assert aborting is not None
    assert isinstance(aborting.exception(), Conflict)
    assert pair.found(job).state is BulkJobState.JOB_COMPLETE
