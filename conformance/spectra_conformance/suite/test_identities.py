"""Who is served: credentials in their three forms, and the tenant that they name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from spectra_conformance.answer import Answer
from spectra_conformance.client import Client
from spectra_conformance.identities import bearer
from spectra_conformance.suite.asides import hold, note
from spectra_conformance.suite.asking import NOWHERE, exact
from spectra_conformance.suite.refusals import assert_refused, assert_unauthenticated
from spectra_conformance.suite.registry import decides
from spectra_conformance.target import Target

OK, BAD_REQUEST = 200, 400
SQL = {"sql": "SELECT 1 AS a"}
EVERY_OPERATION: dict[str, tuple[str, str, object]] = {
    "query": ("POST", "/queries", SQL),
    "job": ("GET", f"/jobs/{NOWHERE}", None),
    "job-results": ("GET", f"/jobs/{NOWHERE}/results", None),
    "cancel": ("DELETE", f"/jobs/{NOWHERE}", None),
    "list": ("GET", "/bulk/jobs", None),
    "create": ("POST", "/bulk/jobs", {"operation": "query", "object": NOWHERE, "query": "SELECT 1 AS a"}),
    "bulk-job": ("GET", f"/bulk/jobs/{NOWHERE}", None),
    "change": ("PATCH", f"/bulk/jobs/{NOWHERE}", {"state": "Aborted"}),
    "upload-url": ("GET", f"/bulk/jobs/{NOWHERE}/upload-url", None),
    "results": ("GET", f"/bulk/jobs/{NOWHERE}/results", None),
}


def proof_of(client: Client) -> str:
    """Return the Authorization header that a client would send with a query."""
    url = f"{client.wire.target.url}/queries"
    headers = {"content-type": "application/json"}
    return str(client.identity.sign("POST", url, headers, json.dumps(SQL).encode())["authorization"])


def with_token(client: Client, token: str) -> Client:
    """Return a client of the same tenant with another bearer token."""
    return Client(client.wire, bearer("forged", client.identity.tenant, token))


@pytest.mark.parametrize("operation", EVERY_OPERATION)
@decides("AUTH-03", "AUTH-04", "HDR-01", "ERR-13", "ERR-24", profile="smoke", writes=True, queries=0)
def test_no_operation_serves_a_caller_without_credentials(anonymous: Client, operation: str) -> None:
    method, path, body = EVERY_OPERATION[operation]

    assert_unauthenticated(anonymous.send(method, path, json=body))


@pytest.mark.parametrize("operation", EVERY_OPERATION)
@decides("AUTH-03", "AUTH-04", "ERR-13", writes=True, queries=0, profile="full")
def test_no_operation_serves_a_caller_with_an_unknown_key(owner: Client, operation: str) -> None:
    method, path, body = EVERY_OPERATION[operation]

    assert_unauthenticated(with_token(owner, "spectra-nobody-0000000000").send(method, path, json=body))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Basic c3BlY3RyYTpzcGVjdHJh", id="basic"),
        pytest.param("Bearer", id="no-token"),
        pytest.param("Bearer a.b.c", id="no-jwt"),
        pytest.param("Bearer spectra nobody", id="two-words"),
        pytest.param("Digest username=x", id="digest"),
        pytest.param("AWS4-HMAC-SHA256", id="half-a-signature"),
        pytest.param(
            "AWS4-HMAC-SHA256 Credential=AKIDNOBODY/20260101/us-east-1/execute-api/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature=00",
            id="unknown-access-key",
        ),
    ],
)
@decides("AUTH-03", "AUTH-04", "AUTH-10", "ERR-13", writes=True)
def test_a_malformed_proof_is_refused(owner: Client, text: str) -> None:
    assert_unauthenticated(owner.post("/queries", json=SQL, headers={"authorization": text}))


@pytest.mark.parametrize("change", ["longer", "shorter", "other-end", "in-capitals"])
@decides("AUTH-03", "AUTH-04", "AUTH-05", "AUTH-06", needs=("api_keys_checked",), writes=True)
def test_a_key_with_another_secret_is_refused(owner: Client, change: str) -> None:
    key = proof_of(owner).partition(" ")[2]
    changed = {
        "longer": f"{key}0",
        "shorter": key[:-1],
        "other-end": key[:-1] + ("0" if key[-1] != "0" else "1"),
        "in-capitals": key.swapcase(),
    }[change]

    assert_unauthenticated(with_token(owner, changed).post("/queries", json=SQL))


@decides("AUTH-09", queries=2, writes=True, profile="full")
def test_the_scheme_is_required_and_may_be_in_any_case(owner: Client) -> None:
    token = proof_of(owner).partition(" ")[2]

    assert owner.post("/queries", json=SQL, headers={"authorization": f"bearer {token}"}).status == OK
    assert_unauthenticated(owner.post("/queries", json=SQL, headers={"authorization": token}))


@pytest.mark.parametrize("tenant", ["peer", "nobody"])
@decides("TEN-03", "TEN-01", "AUTH-04", "ERR-14", needs=("second_tenant",), queries=1, writes=True)
def test_a_key_never_acts_for_another_tenant(owner: Client, peer: Client, target: Target, tenant: str) -> None:
    named = peer.identity.tenant if tenant == "peer" else "spectra-conformance-nobody"
    answer = owner.acting_as(named).send("POST", "/queries", json=SQL, check=False)

    assert_acts_for_owner(owner, answer, target)
    hold("TEN-03", answer.status in {403, OK}, True, "403 where the header names another tenant")


def assert_acts_for_owner(owner: Client, answer: Answer, target: Target) -> None:
    """Assert that a call was refused, or served as the tenant of its credentials."""
    if answer.status in {BAD_REQUEST, 401, 403}:
        if answer.code is not None:
            assert answer.code in {"INVALID_REQUEST", "UNAUTHORIZED", "FORBIDDEN"}, answer.shown
        return
    note("X-Tenant-ID is ignored where the credentials name the tenant")
    record = owner.get(f"/jobs/{exact(answer)['metadata']['query_id']}")
    assert record.status == OK, record.shown
    assert record.json().get("tenant_id", target.owner.tenant) == target.owner.tenant


@decides("TEN-03", "TEN-01", needs=("second_tenant",), bulk_creations=1, queries=0, profile="full")
def test_a_list_under_another_tenants_name_shows_none_of_theirs(owner: Client, peer: Client, theirs: str) -> None:
    answer = owner.acting_as(peer.identity.tenant).send("GET", "/bulk/jobs", check=False)

    assert answer.status in {OK, BAD_REQUEST, 401, 403}, answer.shown
    assert answer.status != OK or theirs not in {job["job_id"] for job in answer.json()["jobs"]}


@decides("TEN-04", "HDR-02", "AUTH-04", queries=1, writes=True)
def test_a_call_without_a_tenant_is_refused_or_its_credentials_tenant(owner: Client, target: Target) -> None:
    answer = owner.acting_as(None).send("POST", "/queries", json=SQL, check=False)

    assert_acts_for_owner(owner, answer, target)
    hold("TEN-04", answer.from_gateway or answer.status in {401, OK}, True, "401 where no tenant is named")


@pytest.mark.parametrize("tenant", ["a b", "a/b", "tenant;x", "t" * 129])
@decides("TEN-06", "AUTH-04", queries=1, writes=True, profile="full")
def test_a_tenant_that_cannot_exist_is_refused(owner: Client, target: Target, tenant: str) -> None:
    answer = owner.acting_as(tenant).send("POST", "/queries", json=SQL, check=False)

    assert_acts_for_owner(owner, answer, target)
    hold("TEN-06", answer.status in {BAD_REQUEST, OK}, True, "400 where the tenant cannot exist")


@decides("TEN-01", "TEN-08", "TEN-02", "JOB-16", needs=("second_tenant",), queries=1, writes=True)
def test_another_tenants_query_is_as_one_that_does_not_exist(owner: Client, peer: Client, finished_query: str) -> None:
    unknown = peer.get(f"/jobs/{NOWHERE}")
    for path in (f"/jobs/{finished_query}", f"/jobs/{finished_query}/results"):
        answer = peer.get(path)
        assert_refused(answer, "NOT_FOUND", tolerated={403})
        if answer.status == unknown.status:
            hold("TEN-02", answer.code, unknown.code, "error.code")
    assert owner.get(f"/jobs/{finished_query}").status == OK


@decides("GEN-10", "AUTH-03", "AUTH-04", writes=True, queries=0, profile="full")
def test_the_credentials_are_looked_at_before_the_body(anonymous: Client) -> None:
    for content in (b"{", b"", b'{"sql": ""}'):
        answer = anonymous.post("/queries", content=content, headers={"content-type": "application/json"})
        assert answer.status in {401, 403, BAD_REQUEST}, answer.shown
        hold("GEN-10", answer.status in {401, 403}, True, "refused for its credentials")


@decides("HDR-10", "AUTH-04", "AUTH-12", writes=True, profile="full")
def test_headers_prove_no_identity(anonymous: Client) -> None:
    claimed = {"x-db-user": "admin", "x-db-group": "admin", "x-permissions": "*"}

    assert_unauthenticated(anonymous.post("/queries", json=SQL, headers=claimed))


@decides("GEN-10", "TEN-03", queries=1, writes=True, profile="full")
def test_a_stranger_of_the_tenants_name_is_nobody(owner: Client) -> None:
    stranger = replace(owner, identity=bearer("stranger", owner.identity.tenant, "x" * 4000))

    assert_unauthenticated(stranger.query("SELECT 1 AS a"))
