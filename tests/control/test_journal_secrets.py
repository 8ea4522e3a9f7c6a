"""Secrets put wherever a call has room for them, and looked for wherever the server tells of calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests.api.bulk_client import BulkClient
from tests.credentials import SECRET_ACCESS_KEY, signed_headers, token
from tests.emulator import DEMO_KEY, TENANT, Emulator, Emulators

CONTROL_TOKEN = "canary-control-token-0123456789"
CONTROL = {"X-Spectra-Control-Token": CONTROL_TOKEN}


@pytest.fixture(scope="module")
def server(emulators: Emulators) -> Emulator:
    return emulators.start("--control-token", CONTROL_TOKEN, "--log-level", "debug", "--rate-limits", "off")


def told(server: Emulator) -> str:
    """Return all that the server tells of its calls: the journal, each entry as curl, the log."""
    journal = server.request("GET", "/_spectra/requests?limit=1000", None, CONTROL)
    assert journal.status == 200
    ids = [entry["id"] for entry in journal.json["requests"] if entry["kind"] == "request"]
    paths = [f"/_spectra/requests/{quote(each, safe='')}/curl" for each in ids]
    curls = [server.request("GET", path, None, CONTROL).content.decode() for path in paths]
    return "\n".join([journal.content.decode(), *curls, server.log.read_text()])


def in_body(server: Emulator, secret: str) -> None:
    server.call("POST", "/queries", {"sql": f"SELECT '{secret}' AS v"})


def in_broken_body(server: Emulator, secret: str) -> None:
    headers = {"Authorization": f"Bearer {DEMO_KEY}", "X-Tenant-ID": TENANT, "Content-Type": "application/json"}
    server.request("POST", "/v1/queries", f'{{"sql": "{secret}'.encode(), headers)


def in_path(server: Emulator, secret: str) -> None:
    server.call("GET", f"/jobs/{quote(secret, safe='')}")


def in_query_string(server: Emulator, secret: str) -> None:
    server.call("GET", f"/bulk/jobs?next={quote(secret, safe='')}")


def in_header(server: Emulator, secret: str) -> None:
    server.call("GET", "/bulk/jobs", headers={"X-Note": secret, "Referer": f"http://x/?q={secret}"})


def in_request_id(server: Emulator, secret: str) -> None:
    server.call("GET", "/bulk/jobs", headers={"X-Request-ID": secret})


def in_authorization(server: Emulator, secret: str) -> None:
    server.request("GET", "/v1/bulk/jobs", None, {"Authorization": f"Bearer {secret}", "X-Tenant-ID": TENANT})


PLACES: dict[str, Callable[[Emulator, str], None]] = {
    "body": in_body,
    "broken body": in_broken_body,
    "path": in_path,
    "query string": in_query_string,
    "header": in_header,
    "request id": in_request_id,
    "authorization": in_authorization,
}


@pytest.mark.parametrize("place", PLACES)
def test_a_key_is_told_nowhere(server: Emulator, place: str) -> None:
    key = f"spk_{TENANT}_canary{place.replace(' ', '')}0123456789"
    PLACES[place](server, key)

    assert key.rpartition("_")[2] not in told(server)


@pytest.mark.parametrize("place", PLACES)
def test_a_token_is_told_nowhere(server: Emulator, place: str) -> None:
    bearer = token(TENANT, subject=f"canary-{place}")
    PLACES[place](server, bearer)

    assert bearer.rpartition(".")[2] not in told(server)


@pytest.mark.parametrize("place", sorted(PLACES.keys() - {"request id"}))
def test_the_signature_of_a_link_is_told_nowhere(server: Emulator, place: str) -> None:
    job: dict[str, Any] = BulkClient(server).created(operation="insert", object="customers")
    link = job["upload_url"]
    PLACES[place](server, link)

    assert link.partition("X-Amz-Signature=")[2].partition("&")[0] not in told(server)


def test_a_used_link_is_told_without_its_signature(server: Emulator) -> None:
    link = BulkClient(server).created(operation="insert", object="customers")["upload_url"]
    parts = urlsplit(link)
    server.request("PUT", f"{parts.path}?{parts.query}", b"id\n", {"X-Amz-Security-Token": "canary-security-token"})

    assert link.partition("X-Amz-Signature=")[2].partition("&")[0] not in told(server)
    assert "canary-security-token" not in told(server)


def test_a_signed_request_is_told_without_its_signature(server: Emulator) -> None:
    signed = signed_headers(server.url, "GET", "/v1/bulk/jobs")
    server.request("GET", "/v1/bulk/jobs", None, signed)

    assert signed["Authorization"].rpartition("Signature=")[2] not in told(server)
    assert SECRET_ACCESS_KEY not in told(server)


def test_the_control_token_is_told_nowhere(server: Emulator) -> None:
    server.request("GET", "/_spectra/clock", None, CONTROL)
    server.request("GET", "/_spectra/clock", None, {"X-Spectra-Control-Token": f"wrong-{CONTROL_TOKEN}"})
    in_authorization(server, CONTROL_TOKEN)

    assert CONTROL_TOKEN not in told(server)


def test_the_key_of_a_made_tenant_is_not_told(server: Emulator) -> None:
    headers = {**CONTROL, "Content-Type": "application/json"}
    made = server.request("POST", "/_spectra/tenants", {}, headers).json
    server.call("POST", "/queries", {"sql": "SELECT 1 AS n"}, key=made["api_key"], tenant=made["tenant_id"])

    assert made["api_key"] not in told(server)


def test_the_servers_own_calls_to_its_store_are_told(server: Emulator) -> None:
    client = BulkClient(server)
    client.exported("SELECT * FROM sales LIMIT 3")
    answer = server.request("GET", "/_spectra/requests?kind=object_store", None, CONTROL)
    (stored,) = [entry for entry in answer.json["requests"] if entry["operation"] == "PutObject"]

    assert stored["target"].startswith(f"{TENANT}/")
    assert (stored["method"], stored["status"], stored["caller"]["tenant_id"]) == ("PUT", 200, TENANT)
    assert stored["request"]["size_bytes"] > 0
    asked = server.request("GET", "/_spectra/requests?operation=createBulkJob&limit=1", None, CONTROL).json["requests"]
    assert asked[0]["sql"] == "SELECT * FROM sales LIMIT 3"
    assert json.loads(asked[0]["request"]["body"])["query"] == asked[0]["sql"]
