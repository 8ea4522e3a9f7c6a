"""The links of bulk jobs and who may have them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar.testing import RequestFactory
from spectra_emulator.api.base_url import base_urls

from tests.api.bulk_client import SANDBOX, BulkClient
from tests.emulator import Emulator
from tests.requirements import requirement

OTHER = {"key": "spk_tenant-456_demo", "tenant": "tenant-456"}
SMALL = "SELECT id FROM sales LIMIT 5"
CREATE = {"operation": "insert", "object": SANDBOX}


@pytest.fixture(scope="module")
def exported(server: Emulator) -> str:
    """Return the id of a complete export."""
    return str(BulkClient(server).exported(SMALL)["job_id"])


def lifetime(text: str) -> timedelta:
    return datetime.fromisoformat(text) - datetime.now(UTC)


def created_with(server: Emulator, headers: Mapping[str, str]) -> dict[str, Any]:
    created: dict[str, Any] = server.call("POST", "/bulk/jobs", CREATE, headers=headers).json
    return created


@requirement("BLK-14", "BLK-50", "BLK-61", "LIM-08")
def test_every_link_lasts_an_hour(bulk: BulkClient, exported: str) -> None:
    job = bulk.created(**CREATE)
    ends = [
        job["upload_url_expires_at"],
        bulk.call("GET", f"/{job['job_id']}/upload-url").json["expires_at"],
        bulk.call("GET", f"/{exported}/results").json["expires_at"],
    ]

    assert all(timedelta(minutes=59) < lifetime(end) <= timedelta(hours=1) for end in ends)


@requirement("BLK-54")
def test_the_last_upload_is_the_one_that_counts(bulk: BulkClient) -> None:
    job = bulk.created(**CREATE)
    again = bulk.call("GET", f"/{job['job_id']}/upload-url").json["upload_url"]
    bulk.uploaded(job["upload_url"], b"id,name\n701,a\n702,b\n")
    bulk.uploaded(again, b"id,name\n703,c\n")
    bulk.patched(job["job_id"], "UploadComplete")

    assert bulk.ended(job["job_id"])["number_records_processed"] == 1


@requirement("BLK-69")
def test_an_export_gives_the_same_file_each_time(bulk: BulkClient, exported: str) -> None:
    assert bulk.export_text(exported) == bulk.export_text(exported)


@requirement("TEN-02")
@pytest.mark.parametrize("path", ["", "/results", "/failed-results", "/upload-url"])
def test_another_tenant_finds_nothing_of_the_job(server: Emulator, exported: str, path: str) -> None:
    assert BulkClient(server, **OTHER).call("GET", f"/{exported}{path}").code == "NOT_FOUND"


@requirement("TEN-02", "JOB-33")
@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/results"), ("DELETE", "")])
def test_another_tenant_finds_nothing_through_the_job_api(
    server: Emulator, exported: str, method: str, path: str
) -> None:
    assert server.call(method, f"/jobs/{exported}{path}", **OTHER).code == "NOT_FOUND"


@requirement("BLK-60")
def test_a_download_needs_no_credentials(bulk: BulkClient, exported: str) -> None:
    link = bulk.call("GET", f"/{exported}/results").json["download_url"]

    assert bulk.downloaded(link).content.count(b"\n") == 6


@pytest.mark.parametrize(
    ("headers", "base"),
    [
        ({"Host": "spectra:9000"}, "http://spectra:9000/"),
        ({"X-Forwarded-Host": "api.example.com", "X-Forwarded-Proto": "https"}, "https://api.example.com/"),
        ({"X-Forwarded-Host": "a.example.com, b.example.com"}, "http://a.example.com/"),
        ({"Host": "spectra:9000", "X-Forwarded-Proto": "HTTPS, http"}, "https://spectra:9000/"),
        ({"Host": "spectra:9000", "X-Forwarded-Proto": "javascript"}, "http://spectra:9000/"),
        ({"Host": "spectra:9000", "X-Forwarded-Host": "evil.example.com/path?"}, "http://spectra:9000/"),
        ({"Host": "[::1]:9000"}, "http://[::1]:9000/"),
    ],
    ids=["host", "forwarded", "first forwarded", "scheme alone", "no scheme", "no host", "address"],
)
def test_a_link_leads_to_where_the_caller_reaches_the_server(
    server: Emulator, headers: Mapping[str, str], base: str
) -> None:
    assert created_with(server, headers)["upload_url"].startswith(base)


def test_a_configured_address_stands_in_every_link() -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-Host": "elsewhere"})

    assert base_urls("https://spectra.example.com/emulated/")(request) == "https://spectra.example.com/emulated"


@requirement("IDM-05", "IDM-09")
def test_a_replayed_creation_is_the_same_to_the_byte(server: Emulator) -> None:
    headers = {"X-Idempotency-Key": "bulk-results-replay"}
    first = server.call("POST", "/bulk/jobs", CREATE, headers=headers)

    again = server.call("POST", "/bulk/jobs", CREATE, headers=headers)

    assert (again.status, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    ("request_", "content", "word"),
    [
        ({"operation": "insert", "object": SANDBOX}, b"", ""),
        ({"operation": "insert", "object": SANDBOX}, b"id,no_such_column\n1,2\n", "no_such_column"),
        ({"operation": "update", "object": SANDBOX, "external_id_field": "nope"}, b"id,name\n1,a\n", "nope"),
        ({"operation": "insert", "object": SANDBOX, "compression": "GZIP"}, b"id,name\n1,a\n", ""),
        ({"operation": "insert", "object": SANDBOX, "content_type": "JSON"}, b'[{"id": 1', ""),
        ({"operation": "insert", "object": SANDBOX, "content_type": "PARQUET"}, b"id,name\n1,a\n", ""),
    ],
    ids=["empty", "column", "key field", "not gzip", "broken json", "not parquet"],
)
def test_a_file_that_cannot_be_used_fails_the_job_with_a_reason(
    bulk: BulkClient, request_: dict[str, str], content: bytes, word: str
) -> None:
    job = bulk.imported(content, **request_)

    assert (job["state"], job["number_records_processed"], job["number_records_failed"]) == ("Failed", 0, 0)
    assert job["error"]["code"] == "INVALID_REQUEST"
    assert word in job["error"]["message"]
