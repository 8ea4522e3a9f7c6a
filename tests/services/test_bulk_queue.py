"""Bulk work runs a few jobs at a time, and every tenant has its turn."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Semaphore

import pytest
from spectra_emulator.services.bulk_queue import BulkQueue, BulkTask

SECONDS = 10.0


class Bench:
    """Tasks that note when they begin and end when told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.begins = Semaphore(0)
        self.gates: dict[str, Event] = {}
        self.queue = BulkQueue(at_once=2, at_once_per_tenant=2)

    def add(self, job_id: str, tenant_id: str = "a", alone: str | None = None) -> None:
        self.gates[job_id] = Event()
        self.queue.run_later(BulkTask(tenant_id, job_id, lambda: self._run(job_id), alone))

    def end(self, *job_ids: str) -> None:
        for job_id in job_ids:
            self.gates[job_id].set()

    def all_begun(self) -> list[str]:
        """Let everything end and return the order in which it began."""
        self.end(*self.gates)
        assert self.queue.wait(SECONDS)
        return self.begun

    def first_begun(self, count: int) -> list[str]:
        """Return, sorted, what has begun once `count` tasks have."""
        for _ in range(count):
            assert self.begins.acquire(timeout=SECONDS)
        return sorted(self.begun)

    def _run(self, job_id: str) -> None:
        self.begun.append(job_id)
        self.begins.release()
        self.gates[job_id].wait(SECONDS)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.all_begun()


def test_every_task_runs(bench: Bench) -> None:
    for number in range(20):
        bench.add(str(number))

    assert sorted(bench.all_begun(), key=int) == [str(number) for number in range(20)]


def test_no_more_run_at_once_than_may(bench: Bench) -> None:
    for number in range(5):
        bench.add(str(number))

    assert bench.first_begun(2) == ["0", "1"]


def test_a_tenant_with_few_jobs_does_not_wait_for_one_with_many(bench: Bench) -> None:
    for number in range(4):
        bench.add(f"a{number}")
    bench.add("b0", tenant_id="b")
    bench.end("a0")

    assert bench.all_begun()[2] == "b0"


def test_two_imports_into_one_table_run_one_after_the_other(bench: Bench) -> None:
    bench.add("first", alone="sales")
    bench.add("second", alone="sales")

    assert bench.first_begun(1) == ["first"]
    assert bench.all_begun() == ["first", "second"]


def test_imports_of_two_tenants_do_not_wait_for_each_other(bench: Bench) -> None:
    bench.add("first", alone="sales")
    bench.add("second", tenant_id="b", alone="sales")

    assert bench.first_begun(2) == ["first", "second"]


def test_a_job_that_waits_is_not_queued_again(bench: Bench) -> None:
    for job_id in ("first", "second", "third", "third"):
        bench.add(job_id)

    assert bench.all_begun() == ["first", "second", "third"]


def test_a_job_that_runs_is_run_again_once_it_has_ended(bench: Bench) -> None:
    bench.add("first")
    gate = bench.gates["first"]
    bench.add("first")
    bench.add("second")
    assert bench.first_begun(2) == ["first", "second"]
    gate.set()

    assert bench.all_begun()[2:] == ["first"]


def test_a_job_that_is_to_run_again_waits_for_itself(bench: Bench) -> None:
    bench.add("first")
    assert bench.first_begun(1) == ["first"]
    bench.queue.run_later(BulkTask("a", "first", lambda: bench.begun.append("again")))

    assert bench.begun == ["first"]
    assert bench.all_begun() == ["first", "again"]


def test_a_closed_queue_begins_nothing_more(bench: Bench) -> None:
    for number in range(5):
        bench.add(str(number))
    bench.queue.close()
    bench.add("late")

    assert sorted(bench.all_begun()) == ["0", "1"]


def test_a_task_that_ends_makes_room_for_the_next() -> None:
    queue, ran = BulkQueue(at_once=1), Event()
    queue.run_later(BulkTask("a", "1", lambda: None))
    queue.run_later(BulkTask("a", "2", ran.set))

    assert queue.wait(SECONDS)
    assert ran.is_set()
