"""A job's records go in once, whatever ends the worker and whenever."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from spectra_emulator.domain.errors import InternalError, InvalidSql
from spectra_emulator.ports import Applied
from spectra_emulator.sql.limit import capped
from spectra_emulator.sql.parsing import parse_script

from tests.adapters.duckdb_engine.desk import Desk

KILLS = 10
RECORDS = 60_000


def worker_pids() -> list[int]:
    """Return what the fork servers of this process have begotten; other servers of the tests have children too."""
    return [worker for child in children(os.getpid()) if is_fork_server(child) for worker in children(child)]


def is_fork_server(pid: int) -> bool:
    try:
        return b"duckdb_engine.fork_server" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def children(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(child) for child in listed.split()]


class Killer(threading.Thread):
    """Ends worker processes at random moments until it is out of kills."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.chance = random.Random(7)
        self.kills = 0

    def run(self) -> None:
        while self.kills < KILLS:
            time.sleep(self.chance.uniform(0.02, 0.25))
            for pid in worker_pids():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self.kills += 1


def applied(desk: Desk, job: int, content: str) -> Applied:
    """Apply the job as its service does: again, while only the worker's end keeps it from being done."""
    while True:
        try:
            return desk.apply("insert", "many", content, job_id=f"job-{job}")
        except (InvalidSql, InternalError):
            continue


def test_kills_lose_no_job_and_apply_none_twice(desk: Desk) -> None:
    killer = Killer()
    desk.rows("SELECT 1 AS n")
    killer.start()
    job = 0
    while killer.is_alive() or job < 3:
        content = "n,twice\n" + f"{job},1\n" * RECORDS + "bad,1\n"
        assert applied(desk, job, content) == Applied(RECORDS, 1)
        job += 1
    killer.join()
    assert killer.kills >= KILLS
    assert desk.rows("SELECT count(*) AS n, count(DISTINCT n) AS jobs FROM many") == [{"n": job * RECORDS, "jobs": job}]


def test_an_applied_job_tells_what_it_did_and_writes_its_failed_records_again(desk: Desk) -> None:
    content = "n,twice\n1,x\n2,2\n3\n"
    assert desk.apply("insert", "many", content, job_id="once") == Applied(1, 2)
    first = desk.failed()
    (desk.folder / "failed.csv").unlink()
    assert desk.apply("insert", "many", content, job_id="once") == Applied(1, 2)
    assert desk.failed() == first
    assert desk.bulk.applied(desk.tenant_id, "once") == Applied(1, 2)
    assert desk.rows("SELECT n FROM many") == [{"n": 2}]


def test_what_marks_a_job_outlives_the_worker(desk: Desk) -> None:
    desk.apply("insert", "many", "n\n1\n", job_id="kept")
    for pid in worker_pids():
        os.kill(pid, signal.SIGKILL)
    assert desk.bulk.applied(desk.tenant_id, "kept") == Applied(1, 0)
    assert desk.bulk.applied(desk.tenant_id, "other") is None


def test_no_query_and_no_script_reaches_the_marks(desk: Desk) -> None:
    desk.apply("insert", "many", "n\n1\n")
    query = parse_script("SELECT * FROM spectra_internal.applied_jobs")[0]
    with pytest.raises(InvalidSql, match="does not exist"):
        desk.engine.prepare(desk.tenant_id, capped(query, 10))
    for script in ("DROP SCHEMA spectra_internal CASCADE", "DROP TABLE IF EXISTS spectra_internal.applied_jobs"):
        with pytest.raises(InvalidSql, match="reserved"):
            desk.run(script)
    assert all(schema == "public" for schema, _ in desk.engine.catalogue(desk.tenant_id).tables)
