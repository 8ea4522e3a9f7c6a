"""State in SQLite: what is particular to files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.ports import UnreadableStateError

from tests.adapters.test_state_stores import ALL, DAY, KEY, MINUTE, answered, bulk_job
from tests.fakes import NOON, job

ACKNOWLEDGING_WRITER = """
import sys
from pathlib import Path
from spectra_emulator.adapters.sqlite_state import SqliteState
from tests.fakes import NOON, job
state = SqliteState(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    state.add_job(job(f"job-{number}"))
    print(number, flush=True)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def reopened(state: SqliteState, file: Path) -> SqliteState:
    state.close()
    return SqliteState(file)


def test_a_damaged_file_is_one_error_that_names_it(file: Path) -> None:
    file.write_bytes(b"no database" * 1000)

    with pytest.raises(UnreadableStateError, match=str(file)):
        SqliteState(file)


def test_a_file_damaged_beyond_its_head_is_the_same_error(file: Path) -> None:
    state = SqliteState(file)
    for number in range(200):
        state.add_job(job(f"job-{number}"))
    state.close()
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * (file.stat().st_size - 4096))
    damaged = SqliteState(file)

    with pytest.raises(UnreadableStateError, match=str(file)):
        damaged.recover(NOON)
    damaged.close()


def test_a_reopened_file_holds_what_was_acknowledged(file: Path) -> None:
    state = SqliteState(file)
    state.add_job(job())
    state.add_bulk_job(bulk_job("bulk-1"))
    answered(state)
    state.count_call("tenant-123", "queries", 1, MINUTE, NOON)
    state = reopened(state, file)

    assert state.job("tenant-123", "job-1") == job()
    assert state.bulk_jobs("tenant-123", ALL) == [bulk_job("bulk-1")]
    assert state.reserve(KEY, NOON, NOON + DAY).job_id == "job-1"
    assert not state.count_call("tenant-123", "queries", 1, MINUTE, NOON).admitted
    state.close()


def test_what_was_acknowledged_survives_a_killed_process(file: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ACKNOWLEDGING_WRITER, str(file)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(50)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = int((lines + writer.stdout.readlines())[-1])
    state = SqliteState(file)
    stored = len(state.jobs("tenant-123"))
    state.close()

    assert stored >= acknowledged >= 50
