"""Bulk jobs across the end of a server, with a data directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.bulk_client import SANDBOX, BulkClient
from tests.emulator import Emulator, Emulators, eventually

ENDLESS = "SELECT COUNT(*) AS n FROM sales a, sales b, sales c WHERE a.id + b.id + c.id = -1"
SMALL = "SELECT id FROM sales ORDER BY id LIMIT 5"


def started(emulators: Emulators, data_dir: Path) -> BulkClient:
    return BulkClient(emulators.start("--rate-limits", "off", "--data-dir", str(data_dir)))


def ended(server: Emulator, how: str) -> None:
    {"kill": server.kill, "stop": server.stop}[how]()


def begun(bulk: BulkClient, query: str) -> str:
    job_id = str(bulk.created(operation="query", object="sales", query=query)["job_id"])
    bulk.patched(job_id, "UploadComplete")
    return job_id


each_end = pytest.mark.parametrize("how", ["kill", "stop"])


@each_end
def test_a_finished_export_can_be_fetched_after_a_restart(emulators: Emulators, tmp_path: Path, how: str) -> None:
    first = started(emulators, tmp_path)
    job_id = first.exported(SMALL)["job_id"]
    text = first.export_text(job_id)
    ended(first.server, how)

    assert started(emulators, tmp_path).export_text(job_id) == text


@each_end
def test_an_upload_is_still_there_after_a_restart(emulators: Emulators, tmp_path: Path, how: str) -> None:
    first = started(emulators, tmp_path)
    job = first.created(operation="insert", object=SANDBOX)
    first.uploaded(job["upload_url"], b"id,name\n1,a\n2,\n")
    ended(first.server, how)

    again = started(emulators, tmp_path)
    again.patched(job["job_id"], "UploadComplete")
    assert again.ended(job["job_id"])["number_records_processed"] == 1
    assert again.call("GET", f"/{job['job_id']}/failed-results").content.count(b"\n") == 2


@each_end
def test_work_that_waited_or_ran_is_taken_up_after_a_restart(emulators: Emulators, tmp_path: Path, how: str) -> None:
    first = started(emulators, tmp_path)
    running = [begun(first, ENDLESS) for _ in range(4)]
    waiting = begun(first, SMALL)
    assert eventually(lambda: {first.call("GET", f"/{each}").json["state"] for each in running} == {"InProgress"})
    ended(first.server, how)

    again = started(emulators, tmp_path)
    assert [again.patched(each, "Aborted").status for each in running] == [200] * 4
    assert again.ended(waiting)["state"] == "JobComplete"


def test_a_table_made_by_a_script_is_there_after_a_kill(emulators: Emulators, tmp_path: Path) -> None:
    first = started(emulators, tmp_path)
    made = first.server.sql(
        "CREATE TABLE kept (id INTEGER PRIMARY KEY, name VARCHAR(8)); INSERT INTO kept VALUES (1, 'a')"
    )
    assert made.status == 200
    first.server.kill()

    again = started(emulators, tmp_path)
    assert again.server.query("SELECT id, name FROM kept").json["data"] == [{"id": 1, "name": "a"}]
