"""Worker processes and the lanes to them."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from spectra_emulator.adapters.duckdb_engine.fork_client import ForkClient
from spectra_emulator.adapters.duckdb_engine.lane import Brakes, EngineFailureError, Lane, WorkerLostError
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerClient, WorkerLimits
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError

from tests.adapters.duckdb_engine.asking import DEAF, ENDLESS, executed, rows, seconds_from_now
from tests.adapters.duckdb_engine.conftest import LIMITS, Workers
from tests.requirements import requirement

HELD_LONG = 30.0
"""Far beyond a deadline and its grace, far below what the statements would take."""


@pytest.fixture
def running() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def process_id(worker: WorkerClient) -> int:
    """Return the worker's process id, which only the operating system's own view tells."""
    return int(worker._pid)  # noqa: SLF001 - a test that kills the process from outside must know it


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def is_running(lane: Lane) -> bool:
    return lane._running  # noqa: SLF001 - a test that cancels must not come too early


def wait_until_running(lane: Lane) -> None:
    patience = seconds_from_now(HELD_LONG)
    while not is_running(lane) and time.monotonic() < patience:
        time.sleep(0.01)


def test_a_lane_answers_rows(lane: Lane) -> None:
    assert rows(lane, "SELECT 42 AS n") == [{"n": 42}]


def test_a_lane_answers_one_statement_after_another(lane: Lane) -> None:
    assert [rows(lane, f"SELECT {number} AS n") for number in range(3)] == [[{"n": 0}], [{"n": 1}], [{"n": 2}]]


def test_a_failing_statement_leaves_the_lane_usable(lane: Lane) -> None:
    with pytest.raises(EngineFailureError) as failure:
        rows(lane, "SELECT CAST('a' AS INTEGER) AS n")

    assert failure.value.kind == "ConversionException"
    assert rows(lane, "SELECT 1 AS n") == [{"n": 1}]


def test_a_query_writes_nothing(lane: Lane) -> None:
    executed(lane, "CREATE TABLE t (n INTEGER)")
    with pytest.raises(EngineFailureError):
        rows(lane, "INSERT INTO t VALUES (1) RETURNING n")

    assert rows(lane, "SELECT count(*) AS n FROM t") == [{"n": 0}]


def test_lanes_of_one_worker_share_its_tables(worker: WorkerClient) -> None:
    with worker.lane() as first, worker.lane() as second:
        executed(first, "CREATE TABLE t AS SELECT 7 AS n")

        assert rows(second, "SELECT n FROM t") == [{"n": 7}]


@requirement("QRY-04")
def test_a_statement_that_heeds_the_interrupt_times_out_and_the_worker_lives(worker: WorkerClient) -> None:
    with worker.lane() as lane:
        began = time.monotonic()
        with pytest.raises(StatementTimeoutError):
            rows(lane, ENDLESS, deadline=seconds_from_now(0.3))

        assert time.monotonic() - began < HELD_LONG
        assert (rows(lane, "SELECT 1 AS n"), worker.alive) == ([{"n": 1}], True)


@requirement("QRY-04")
def test_a_statement_that_ignores_the_interrupt_times_out_and_ends_its_worker(worker: WorkerClient) -> None:
    with worker.lane() as lane:
        began = time.monotonic()
        with pytest.raises(StatementTimeoutError):
            rows(lane, DEAF, deadline=seconds_from_now(1.5))

        assert time.monotonic() - began < HELD_LONG
    assert not worker.alive


def test_the_process_of_a_killed_worker_is_gone(worker: WorkerClient) -> None:
    folder = Path(f"/proc/{process_id(worker)}")
    worker.kill()
    patience = seconds_from_now(HELD_LONG)
    while folder.exists() and time.monotonic() < patience:
        time.sleep(0.01)

    assert not folder.exists()


def test_a_killed_worker_lends_no_lane(worker: WorkerClient) -> None:
    worker.kill()
    with pytest.raises(WorkerLostError), worker.lane():
        pytest.fail("a lane to nowhere")


def test_the_end_of_a_worker_is_seen_by_all_its_statements(worker: WorkerClient, running: ThreadPoolExecutor) -> None:
    with worker.lane() as first, worker.lane() as second:
        asked = [running.submit(rows, lane, ENDLESS) for lane in (first, second)]
        wait_until_running(first)
        wait_until_running(second)
        worker.kill()

        assert [type(each.exception(HELD_LONG)) for each in asked] == [WorkerLostError, WorkerLostError]


def test_a_worker_that_ends_by_itself_is_known_to_be_dead(worker: WorkerClient) -> None:
    with worker.lane() as lane:
        os.kill(process_id(worker), signal.SIGKILL)
        with pytest.raises(WorkerLostError):
            rows(lane, "SELECT 1 AS n")

    assert not worker.alive


def test_a_dead_worker_leaves_no_connection_open(worker: WorkerClient) -> None:
    before = open_files()
    with worker.lane(), worker.lane():
        assert open_files() == before + 2
    worker.kill()

    assert open_files() == before - 1


@requirement("JOB-30")
def test_a_statement_is_cancelled_from_another_thread(worker: WorkerClient, running: ThreadPoolExecutor) -> None:
    with worker.lane() as lane:
        asked = running.submit(rows, lane, ENDLESS)
        wait_until_running(lane)
        lane.cancel(lane.statement)

        assert isinstance(asked.exception(HELD_LONG), StatementCancelledError)


@requirement("JOB-30")
def test_a_cancelled_statement_that_ignores_the_interrupt_ends_with_its_worker(running: ThreadPoolExecutor) -> None:
    ours, theirs = socket.socketpair()
    lane = Lane(ours, Brakes(lambda _: None, theirs.close, theirs.close), lambda: None)
    asked = running.submit(rows, lane, "SELECT 1")
    wait_until_running(lane)
    lane.cancel(lane.statement)

    assert isinstance(asked.exception(HELD_LONG), StatementCancelledError)
    assert theirs.fileno() == -1
    lane.close()


@requirement("JOB-30")
def test_a_statement_cancelled_before_it_begins_never_begins(lane: Lane) -> None:
    executed(lane, "CREATE TABLE t (n INTEGER)")
    lane.cancel(lane.statement)
    with pytest.raises(StatementCancelledError):
        executed(lane, "INSERT INTO t VALUES (1)")

    assert rows(lane, "SELECT count(*) AS n FROM t") == [{"n": 0}]


def test_a_cancellation_that_comes_late_leaves_the_next_statement_alone(lane: Lane) -> None:
    finished = lane.statement
    rows(lane, "SELECT 1 AS n")
    lane.cancel(finished)

    assert rows(lane, "SELECT 2 AS n") == [{"n": 2}]


def test_a_full_worker_makes_the_next_wait_for_a_free_lane(workers: Workers, running: ThreadPoolExecutor) -> None:
    worker = workers(limits=replace(LIMITS, lanes=1))

    def asked() -> object:
        with worker.lane() as lane:
            return rows(lane, "SELECT 1 AS n")

    with worker.lane():
        waiting = [running.submit(asked) for _ in range(3)]

    assert [each.result(HELD_LONG) for each in waiting] == [[{"n": 1}]] * 3


def test_who_waits_for_a_lane_beyond_its_deadline_times_out(workers: Workers) -> None:
    worker = workers(limits=replace(LIMITS, lanes=1))
    with worker.lane(), pytest.raises(StatementTimeoutError), worker.lane(seconds_from_now(0.1)):
        pytest.fail("the only lane was lent twice")


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SELECT * FROM read_csv('/etc/passwd')", id="read a file"),
        pytest.param("SELECT * FROM '/etc/passwd'", id="read a file by name"),
        pytest.param("SELECT * FROM glob('/etc/*')", id="list files"),
        pytest.param("SELECT * FROM read_text('/etc/passwd')", id="read text"),
        pytest.param("COPY (SELECT 1) TO '/tmp/stolen.csv'", id="write a file"),
        pytest.param("EXPORT DATABASE '/tmp/stolen'", id="export"),
        pytest.param("ATTACH '/tmp/other.duckdb' AS other", id="attach a file"),
        pytest.param("INSTALL httpfs", id="install an extension"),
        pytest.param("LOAD httpfs", id="load an extension"),
        pytest.param("SET enable_external_access = true", id="reopen files"),
        pytest.param("SET lock_configuration = false", id="unlock settings"),
        pytest.param("SET threads = 64", id="take threads"),
        pytest.param("SET memory_limit = '1TB'", id="take memory"),
        pytest.param("SET GLOBAL temp_directory = '/tmp/stolen'", id="spill elsewhere"),
        pytest.param("RESET memory_limit", id="reset a setting"),
        pytest.param("SELECT * FROM statement", id="a variable of the process"),
    ],
)
def test_a_hardened_instance_refuses(lane: Lane, statement: str) -> None:
    with pytest.raises(EngineFailureError):
        executed(lane, statement)


def test_only_an_instance_that_is_not_hardened_reads_files(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("n\n5\n")
    with workers(hardened=False).lane() as lane:
        assert rows(lane, f"SELECT n FROM read_csv('{tmp_path}/rows.csv')") == [{"n": 5}]


def test_the_operating_system_bounds_the_memory_of_a_worker(workers: Workers) -> None:
    granted = 512 * 2**20
    worker = workers(limits=WorkerLimits(memory_bytes=granted, threads=2, lanes=4))
    limits = Path(f"/proc/{process_id(worker)}/limits").read_text()
    soft, hard = (int(text) for text in limits.partition("Max data size")[2].split()[:2])

    assert granted <= soft == hard <= granted * 5 // 4


def test_a_statement_that_wants_more_memory_fails_and_leaves_the_server_alone(workers: Workers) -> None:
    worker = workers(limits=WorkerLimits(memory_bytes=256 * 2**20, threads=2, lanes=4))
    hungry = "SELECT length(list(repeat('x', 1000) || range)::VARCHAR) AS n FROM range(2000000)"
    with worker.lane() as lane, pytest.raises((EngineFailureError, WorkerLostError)):
        rows(lane, hungry, deadline=seconds_from_now(HELD_LONG))


def test_a_closed_worker_leaves_its_database_whole(workers: Workers, tmp_path: Path) -> None:
    worker = workers()
    with worker.lane() as lane:
        executed(lane, "CREATE TABLE t AS SELECT range AS n FROM range(1000)")
    worker.close()
    with duckdb.connect(tmp_path / "tenant.duckdb", read_only=True) as database:
        found = database.execute("SELECT count(*) FROM t").fetchall()

    assert found == [(1000,)]
    assert not (tmp_path / "tenant.duckdb.wal").exists()


def test_what_was_committed_survives_the_kill_of_a_worker(workers: Workers) -> None:
    worker = workers()
    with worker.lane() as lane:
        executed(lane, "CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1)", "BEGIN", "INSERT INTO t VALUES (2)")
    worker.kill()
    with workers().lane() as lane:
        assert rows(lane, "SELECT n FROM t") == [{"n": 1}]


def test_two_workers_never_see_each_other_s_tables(workers: Workers) -> None:
    with workers("first").lane() as first, workers("second").lane() as second:
        executed(first, "CREATE TABLE t AS SELECT 1 AS n")
        with pytest.raises(EngineFailureError):
            rows(second, "SELECT n FROM t")


def test_a_file_that_is_no_database_does_not_open(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "broken.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(InternalError) as told:
        workers("broken")

    assert str(tmp_path) not in told.value.message


def test_workers_end_when_the_server_does() -> None:
    forks = ForkClient()
    forks.start()
    fork_server = forks._process  # noqa: SLF001 - the process that must end
    assert fork_server is not None
    forks.close()

    assert fork_server.returncode == 0


def test_a_fork_server_that_ended_is_replaced(workers: Workers, forks: ForkClient) -> None:
    fork_server = forks._process  # noqa: SLF001 - the process to end
    assert fork_server is not None
    fork_server.kill()
    fork_server.wait(HELD_LONG)
    with workers().lane() as lane:
        assert rows(lane, "SELECT 1 AS n") == [{"n": 1}]


def test_many_threads_on_few_lanes_get_their_own_answers(workers: Workers) -> None:
    worker = workers(limits=replace(LIMITS, lanes=3))
    together = threading.Barrier(16)

    def asked(number: int) -> list[object]:
        together.wait(HELD_LONG)
        answers = []
        for turn in range(10):
            with worker.lane() as lane:
                answers += rows(lane, f"SELECT {number * 1000 + turn} AS n")
        return answers

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(asked, range(16)))

    assert answers == [[{"n": number * 1000 + turn} for turn in range(10)] for number in range(16)]


def test_a_lane_whose_worker_never_answers_is_ended_at_the_deadline() -> None:
    ours, theirs = socket.socketpair()
    ended: list[bool] = []
    lane = Lane(ours, Brakes(lambda _: None, lambda: ended.append(True), lambda: None), lambda: None)
    with theirs, pytest.raises(StatementTimeoutError):
        rows(lane, "SELECT 1", deadline=seconds_from_now(0.05))
    lane.close()

    assert ended == [True]
