"""What every answer carries, and what is answered off the documented routes."""

from __future__ import annotations

import json

import pytest

from spectra_conformance.client import Client
from spectra_conformance.openapi import document
from spectra_conformance.suite.asides import hold, note
from spectra_conformance.suite.refusals import assert_code_fits
from spectra_conformance.suite.registry import decides

OK, FORBIDDEN, NOT_FOUND = 200, 403, 404
OPERATIONS = (
    ("post", "/queries"),
    ("get", "/jobs/{job_id}"),
    ("delete", "/jobs/{job_id}"),
    ("get", "/jobs/{job_id}/results"),
    ("post", "/bulk/jobs"),
    ("get", "/bulk/jobs"),
    ("get", "/bulk/jobs/{job_id}"),
    ("patch", "/bulk/jobs/{job_id}"),
    ("get", "/bulk/jobs/{job_id}/upload-url"),
    ("get", "/bulk/jobs/{job_id}/results"),
    ("get", "/openapi.json"),
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("GET", "/"),
        ("POST", "/query"),
        ("GET", "/queries"),
        ("DELETE", "/queries"),
        ("PUT", "/queries"),
        ("PUT", "/bulk/jobs"),
        ("DELETE", "/bulk/jobs"),
        ("POST", "/jobs/spectra-conformance-x"),
        ("PATCH", "/jobs/spectra-conformance-x"),
        ("POST", "/bulk/jobs/spectra-conformance-x"),
        ("PUT", "/bulk/jobs/spectra-conformance-x"),
        ("GET", "/jobs/spectra-conformance-x/rows"),
        ("GET", "/bulk/jobs/spectra-conformance-x/nowhere"),
        ("POST", "/bulk/jobs/spectra-conformance-x/results"),
    ],
)
@decides("GEN-09", "ERR-15", "ERR-24", writes=True, queries=0)
def test_an_unknown_path_or_method_is_not_found(owner: Client, method: str, path: str) -> None:
    answer = owner.send(method, path, check=False)

    assert answer.status in {NOT_FOUND, 403, 405}, answer.shown
    assert_code_fits(answer)
    if answer.status != NOT_FOUND:
        note(f"{answer.status} in place of 404 NOT_FOUND")
    elif not answer.from_gateway:
        assert answer.code == "NOT_FOUND", answer.shown


@decides("GEN-01", queries=0, profile="full")
def test_paths_hang_under_the_base_url_alone(owner: Client) -> None:
    other = owner.wire.target.url.rpartition("/")[0] + "/v0/bulk/jobs"

    assert owner.send("GET", other, check=False).status in {NOT_FOUND, 401, 403, 405}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("spectra-conformance-1", id="word"),
        pytest.param("a b/c:d;e=f\"g'h", id="printable"),
        pytest.param("r" * 128, id="longest"),
        pytest.param("r", id="shortest"),
    ],
)
@decides("HDR-05", queries=0, profile="full")
def test_the_requests_own_id_comes_back(owner: Client, text: str) -> None:
    assert owner.get("/bulk/jobs", headers={"x-request-id": text}).headers.get("x-request-id") == text


@pytest.mark.parametrize("text", ["r" * 129, "r\tr"])
@decides("HDR-05", queries=0, profile="full")
def test_an_id_that_cannot_be_used_is_replaced(owner: Client, text: str) -> None:
    told = owner.get("/bulk/jobs", headers={"x-request-id": text}).headers.get("x-request-id")

    assert told
    assert told != text


@decides("HDR-05", queries=0, profile="full")
def test_every_answer_has_an_id_of_its_own(owner: Client) -> None:
    first, second = (owner.get("/bulk/jobs").headers.get("x-request-id") for _ in range(2))

    assert first
    assert first != second


@pytest.mark.parametrize("text", ["spectra-conformance-1", "r" * 500])
@decides("HDR-04", "GEN-04", queries=0, profile="full")
def test_a_request_may_be_named(owner: Client, text: str) -> None:
    answers = [
        owner.get("/bulk/jobs", headers={"x-request-id": text}),
        owner.get("/jobs/spectra-conformance-x", headers={"x-request-id": text}),
    ]

    assert [answer.status for answer in answers] == [OK, NOT_FOUND]


@decides("OPS-01", "GEN-01", queries=0, profile="smoke")
def test_the_openapi_document_describes_every_operation(owner: Client) -> None:
    answer = owner.get("/openapi.json")
    if answer.status != OK:
        note("the OpenAPI document is not under the base URL")
        answer = owner.send("GET", owner.wire.target.url.rpartition("/")[0] + "/openapi.json")
    kind = answer.headers.get("content-type", "")
    hold("GEN-04", "json" in kind, True, f"the document is JSON by its Content-Type, which is {kind!r}")
    served = answer.json()
    paths = {path.removeprefix("/v1"): members for path, members in served["paths"].items()}

    assert served["openapi"].startswith("3.0."), served["openapi"]
    assert [each for each in OPERATIONS if each[0] not in paths.get(each[1], {})] == []


@decides("AUTH-11", "OPS-01", queries=0)
def test_the_openapi_document_needs_no_credentials(anonymous: Client) -> None:
    assert anonymous.get("/openapi.json", headers={"x-tenant-id": None}).status == OK


@decides("OPS-01", queries=0, profile="full")
def test_the_openapi_document_is_the_documented_one(owner: Client) -> None:
    served, described = owner.get("/openapi.json"), document()

    if served.status != OK:
        note("the OpenAPI document is not under the base URL")
        return
    names = {name for name, _ in described["components"]["schemas"].items()}
    hold("AUTH-11", names - set(served.json()["components"]["schemas"]), set(), "schemas that are missing")


@decides("OPS-02", "QRY-20", "BLK-12", "BLK-40", bulk_creations=1, queries=1)
def test_the_calls_of_the_documented_clients_are_served(either: Client) -> None:
    body = {"sql": "SELECT 1 AS a", "parameters": {"limit": 1000, "timeout_seconds": 60}}
    rows = either.post("/queries", json=body).json()["data"]
    made = either.post(
        "/bulk/jobs", json={"operation": "query", "object": "spectra_conformance_nowhere", "query": "SELECT 1 AS a"}
    )

    assert rows == [{"a": 1}]
    assert either.get(f"/bulk/jobs/{made.json()['job_id']}").json()["job_id"] == made.json()["job_id"]


@decides("ERR-01", "ERR-02", "ERR-24", "GEN-04", writes=True)
def test_every_refusal_has_the_envelope(owner: Client) -> None:
    answers = [
        owner.post("/queries", json={}),
        owner.query("SELECT (1"),
        owner.get("/jobs/spectra-conformance-x"),
        owner.patch("/bulk/jobs/spectra-conformance-x", json={"state": "Aborted"}),
        owner.get("/bulk/jobs", params={"limit": 0}),
        *(each for each in [owner.send("GET", "/nowhere", check=False)] if each.code),
    ]
    for answer in answers:
        if answer.from_gateway or answer.status == FORBIDDEN:
            continue
        error = json.loads(answer.body)["error"]
        assert isinstance(error["message"], str), answer.shown
        assert error["message"].strip(), answer.shown
        assert isinstance(error.get("details", {}), dict), answer.shown
