"""The states of bulk jobs as a client sees and moves them."""

from __future__ import annotations

import pytest

from tests.api.bulk_client import SANDBOX, BulkClient
from tests.emulator import Emulator, Emulators, eventually
from tests.requirements import requirement

ENDLESS = "SELECT COUNT(*) AS n FROM sales a, sales b, sales c WHERE a.id + b.id + c.id = -1"
EXPORT = {"operation": "query", "object": "sales", "query": "SELECT id FROM sales LIMIT 5"}
IMPORT = {"operation": "insert", "object": SANDBOX}


def running(bulk: BulkClient) -> str:
    """Return the id of an export that will not end by itself."""
    job_id = bulk.created(operation="query", object="sales", query=ENDLESS)["job_id"]
    bulk.patched(job_id, "UploadComplete")
    assert eventually(lambda: bulk.call("GET", f"/{job_id}").json["state"] == "InProgress")
    return str(job_id)


@requirement("BLK-12", "BLK-13", "BLK-40", "BLK-41", "BLK-42")
@pytest.mark.parametrize("request_", [EXPORT, IMPORT], ids=["export", "import"])
def test_a_new_job_is_open_with_nothing_counted(bulk: BulkClient, request_: dict[str, str]) -> None:
    created = bulk.created(**request_)

    job = bulk.call("GET", f"/{created['job_id']}").json
    assert (job["state"], job["number_records_processed"], job["number_records_failed"]) == ("Open", 0, 0)
    assert {name: job[name] for name in ("job_id", "operation", "object", "created_at")} == {
        name: created[name] for name in ("job_id", "operation", "object", "created_at")
    }


@requirement("BLK-31", "BLK-32")
def test_a_patch_answers_with_the_state_asked_for(bulk: BulkClient) -> None:
    job_id = bulk.created(**EXPORT)["job_id"]

    assert bulk.patched(job_id, "UploadComplete").json == {"job_id": job_id, "state": "UploadComplete"}


@requirement("BLK-22")
@pytest.mark.parametrize("state", ["UploadComplete", "Aborted"])
@pytest.mark.parametrize("end", ["JobComplete", "Failed", "Aborted"])
def test_a_job_that_has_ended_moves_no_more(bulk: BulkClient, end: str, state: str) -> None:
    request = {"JobComplete": EXPORT, "Failed": IMPORT, "Aborted": IMPORT}[end]
    job_id = bulk.created(**request)["job_id"]
    bulk.patched(job_id, "Aborted" if end == "Aborted" else "UploadComplete")
    assert bulk.ended(job_id)["state"] == end

    refused = bulk.patched(job_id, state)

    assert (refused.status, refused.code) == (409, "CONFLICT")
    assert refused.details == {"current_state": end, "requested_state": state}


@requirement("BLK-21")
@pytest.mark.parametrize("state", ["Open", "InProgress", "JobComplete", "Failed", "aborted", ""])
def test_a_client_sets_no_other_state(bulk: BulkClient, state: str) -> None:
    refused = bulk.patched(bulk.created(**EXPORT)["job_id"], state)

    assert (refused.code, refused.details["field"]) == ("INVALID_REQUEST", "state")


@requirement("BLK-24", "BLK-23")
def test_a_running_export_is_aborted(bulk: BulkClient) -> None:
    job_id = running(bulk)

    assert bulk.patched(job_id, "Aborted").json == {"job_id": job_id, "state": "Aborted"}
    assert bulk.ended(job_id)["state"] == "Aborted"


@requirement("JOB-33", "JOB-30")
def test_the_job_api_cancels_a_running_export(bulk: BulkClient) -> None:
    job_id = running(bulk)

    assert bulk.server.call("DELETE", f"/jobs/{job_id}").json["status"] == "CANCELLED"
    assert bulk.ended(job_id)["state"] == "Aborted"


@requirement("JOB-11", "JOB-23")
def test_the_job_api_shows_a_running_export(bulk: BulkClient) -> None:
    job_id = running(bulk)

    job = bulk.server.call("GET", f"/jobs/{job_id}").json
    refused = bulk.server.call("GET", f"/jobs/{job_id}/results")
    bulk.patched(job_id, "Aborted")

    assert (job["status"], job["row_count"], job["completed_at"]) == ("RUNNING", None, None)
    assert (refused.code, refused.details) == ("CONFLICT", {"status": "RUNNING"})


@requirement("BLK-22", "BLK-65")
def test_a_running_job_can_neither_be_closed_nor_give_results(bulk: BulkClient) -> None:
    job_id = running(bulk)

    closed, results = bulk.patched(job_id, "UploadComplete"), bulk.call("GET", f"/{job_id}/results")
    bulk.patched(job_id, "Aborted")

    assert closed.details == {"current_state": "InProgress", "requested_state": "UploadComplete"}
    assert (results.code, results.details) == ("CONFLICT", {"current_state": "InProgress"})


@requirement("BLK-53")
def test_a_closed_job_takes_no_upload(bulk: BulkClient) -> None:
    job = bulk.created(**IMPORT)
    bulk.patched(job["job_id"], "Aborted")

    assert bulk.call("GET", f"/{job['job_id']}/upload-url").code == "CONFLICT"
    assert bulk.uploaded(job["upload_url"], b"id,name\n1,a\n").status == 403


def test_other_queries_are_answered_while_an_export_runs(bulk: BulkClient) -> None:
    job_id = running(bulk)

    answer = bulk.server.query("SELECT 1 AS n")
    bulk.patched(job_id, "Aborted")

    assert answer.json["data"] == [{"n": 1}]


def test_a_reset_ends_the_work_and_forgets_the_files(emulators: Emulators) -> None:
    server = emulators.start("--rate-limits", "off")
    bulk = BulkClient(server)
    done = bulk.exported(EXPORT["query"])["job_id"]
    link = bulk.call("GET", f"/{done}/results").json["download_url"]
    job_id = running(bulk)

    assert server.control("POST", "/reset", {"tenant_id": "tenant-123"}).status == 200

    assert [bulk.call("GET", f"/{each}").status for each in (job_id, done)] == [404, 404]
    assert bulk.downloaded(link).status == 404
    assert server.query("SELECT 1 AS n").status == 200


def test_a_server_with_running_work_stops_at_once(emulators: Emulators) -> None:
    server = emulators.start("--rate-limits", "off")
    running(BulkClient(server))

    assert server.stop() == 0


@requirement("BLK-72", "BLK-74", "BLK-77")
def test_pages_show_every_job_once_while_others_are_created(emulators: Emulators) -> None:
    server: Emulator = emulators.start("--rate-limits", "off")
    bulk = BulkClient(server)
    before = [bulk.created(**EXPORT)["job_id"] for _ in range(12)]
    seen: list[str] = []
    token = ""
    while token is not None:
        page = bulk.call("GET", f"?limit=5&offset={token}" if token else "?limit=5").json
        seen += [job["job_id"] for job in page["jobs"]]
        token = page["next_offset"]
        bulk.created(**EXPORT)

    assert seen == before[::-1]
