"""What the journal tells of a call, and what it does not."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.api.bulk_client import BulkClient
from tests.credentials import SECRET_ACCESS_KEY, signed_headers, token
from tests.emulator import DEMO_KEY, TENANT, Answer, Emulator, Emulators


@pytest.fixture(scope="module")
def recording(emulators: Emulators) -> Emulator:
    return emulators.start("--journal-entries", "50")


@pytest.fixture
def server(recording: Emulator) -> Iterator[Emulator]:
    """Lend the server with an empty journal."""
    recording.control("DELETE", "/requests")
    recording.control("DELETE", "/faults")
    yield recording
    recording.control("DELETE", "/faults")


def entries(server: Emulator, **wanted: object) -> Any:
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    return server.control("GET", f"/requests?{query}").json["requests"]


def queried(server: Emulator, sql: str = "SELECT 1 AS n", **headers: str) -> Answer:
    return server.call("POST", "/queries", {"sql": sql}, headers=headers)


def test_a_query_is_told_with_its_sql_and_what_it_became(server: Emulator) -> None:
    queried(server, "SELECT GETDATE() AS v", **{"X-Request-ID": "mine"})
    (entry,) = entries(server, operation="executeQuery")

    assert (entry["id"], entry["status"], entry["sql"]) == ("mine", 200, "SELECT GETDATE() AS v")
    assert "date_trunc" in entry["engine_sql"]
    assert entry["caller"] == {"tenant_id": TENANT, "subject": "demo", "authentication": "api_key"}
    assert entry["rate"]["limit"] == 100
    assert json.loads(entry["request"]["body"]) == {"sql": "SELECT GETDATE() AS v"}
    assert json.loads(entry["answer"]["body"])["metadata"]["row_count"] == 1


def test_the_fault_that_fired_is_told(server: Emulator) -> None:
    server.control("POST", "/faults", {"id": "mine", "action": {"error": "CONFLICT"}, "times": 1})
    queried(server)
    queried(server)

    assert [(entry["fault"], entry["status"]) for entry in entries(server, operation="executeQuery")] == [
        (None, 200),
        ("mine", 409),
    ]
    assert len(entries(server, fault="true")) == 1


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"status": "404"}, 1),
        ({"status": "4xx"}, 2),
        ({"operation": "getJob"}, 1),
        ({"tenant_id": "tenant-456"}, 0),
        ({"limit": "1"}, 1),
    ],
    ids=str,
)
def test_entries_are_filtered(server: Emulator, wanted: dict[str, str], count: int) -> None:
    queried(server)
    queried(server, "SELEC")
    server.call("GET", "/jobs/none")

    assert len(entries(server, **wanted)) == count


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("tenant=tenant-123", "tenant"),
        ("status=9xx", "status"),
        ("status=abc", "status"),
        ("operation=nope", "operation"),
    ],
)
def test_a_filter_that_is_none_is_refused(server: Emulator, query: str, field: str) -> None:
    answer = server.control("GET", f"/requests?{query}")

    assert (answer.status, answer.details["field"]) == (400, field)


def test_an_unknown_filter_is_told_the_nearest(server: Emulator) -> None:
    assert "did you mean tenant_id?" in server.control("GET", "/requests?tenant=a").json["error"]["message"]


def test_a_poll_of_readiness_leaves_no_entry(server: Emulator) -> None:
    server.control("GET", "/ready")

    assert entries(server, operation="getReadiness") == []


def test_the_oldest_entries_make_room(server: Emulator) -> None:
    for number in range(60):
        server.call("GET", f"/jobs/job-{number}")

    found = entries(server, limit=1000)
    assert len(found) == 50
    assert found[0]["target"] == "/v1/jobs/job-59"


def test_no_secret_stands_in_the_journal_or_the_log(server: Emulator) -> None:
    bearer = token(TENANT)
    queried(server, f"SELECT '{DEMO_KEY}' AS v")
    server.call("POST", "/queries", {"sql": "SELECT 1"}, key=bearer)
    signed = signed_headers(server.url, "GET", "/v1/bulk/jobs")
    server.request("GET", "/v1/bulk/jobs", None, signed)
    job = server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "customers"}).json
    parts = urlsplit(job["upload_url"])
    server.request("PUT", f"{parts.path}?{parts.query}", b"id\n")
    signature = parts.query.partition("X-Amz-Signature=")[2]
    secrets = [DEMO_KEY, bearer, signature, SECRET_ACCESS_KEY, signed["Authorization"].rpartition("Signature=")[2]]
    kept = server.control("GET", "/requests").content.decode() + server.log.read_text()

    assert [secret for secret in secrets if secret in kept] == []
    assert "X-Amz-Signature=***" in kept


def test_an_entry_can_be_sent_again_by_curl(server: Emulator) -> None:
    queried(server, "SELECT 'it''s' AS v", **{"X-Request-ID": "again"})
    command = server.control("GET", "/requests/again/curl").content.decode()
    ran = subprocess.run(
        f"{command.strip()} -s",
        shell=True,
        capture_output=True,
        env=os.environ | {"SPECTRA_API_KEY": DEMO_KEY},
        check=True,
    )

    assert json.loads(ran.stdout)["data"] == [{"v": "it's"}]


def test_entries_come_live(server: Emulator) -> None:
    parts = urlsplit(server.url)
    link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    link.request("GET", "/_spectra/requests/stream?operation=executeQuery")
    stream = link.getresponse()
    first = stream.readline()
    queried(server, "SELECT 42 AS n")
    lines = [stream.readline() for _ in range(4)]
    link.close()

    assert first == b": watching\n"
    assert lines[2] == b"event: entry\n"
    assert json.loads(lines[3].removeprefix(b"data: "))["sql"] == "SELECT 42 AS n"


@pytest.mark.parametrize("query", ["status=4", "status=x", "limit=0", "after=-1", "kind=other", "fault=maybe"])
def test_a_filter_that_cannot_be_is_refused(server: Emulator, query: str) -> None:
    answer = server.control("GET", f"/requests?{query}")

    assert (answer.status, answer.details["field"]) == (400, query.partition("=")[0])


def test_an_unknown_entry_is_not_found(server: Emulator) -> None:
    assert server.control("GET", "/requests/none").status == 404


def test_a_journal_of_no_entries_keeps_none(emulators: Emulators) -> None:
    server = emulators.start("--journal-entries", "0")
    queried(server)

    assert entries(server, operation="getReadiness") == []


def test_a_bulk_job_s_sql_is_told_with_what_it_became(server: Emulator) -> None:
    job_id = BulkClient(server).exported("SELECT GETDATE() AS v FROM sales")["job_id"]
    (entry,) = entries(server, kind="bulk_work")

    assert (entry["id"], entry["operation"], entry["status"]) == (job_id, "bulkWork", 200)
    assert ("GETDATE" in entry["sql"], "date_trunc" in entry["engine_sql"]) == (True, True)
    assert server.control("GET", f"/requests/{job_id}/curl").status == 409


def test_an_import_is_told_with_the_statements_that_change_the_table(server: Emulator) -> None:
    server.sql("CREATE TABLE told (n INT)")
    BulkClient(server).imported(b"n\n1\n", operation="insert", object="told")
    (entry,) = entries(server, kind="bulk_work")

    assert (entry["sql"], "INSERT INTO" in entry["engine_sql"]) == (None, True)
