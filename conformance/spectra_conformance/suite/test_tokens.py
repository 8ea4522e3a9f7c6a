"""JWTs and signatures: sound ones, forged ones, changed ones."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from spectra_conformance.client import Client
from spectra_conformance.identities import signing
from spectra_conformance.suite.asides import hold
from spectra_conformance.suite.asking import NOWHERE, exact, result
from spectra_conformance.suite.pages import MOST_OF_A_PAGE, ids, walked
from spectra_conformance.suite.refusals import assert_unauthenticated
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_identities import SQL, proof_of, with_token

OK = 200
NONES = ("None", "NONE", "nOnE")
"""Spellings that a filter of the algorithm none may forget."""


@decides("AUTH-01", "AUTH-02", "AUTH-08", "TEN-08", needs=("jwt",), queries=1, writes=True)
def test_a_jwt_is_served_as_its_tenant(owner: Client, jwt: Client) -> None:
    metadata = exact(jwt.query("SELECT 1 AS a"))["metadata"]
    record = jwt.get(f"/jobs/{metadata['query_id']}")

    assert record.status == OK, record.shown
    assert record.json().get("tenant_id", jwt.identity.tenant) == (
        jwt.identity.tenant or record.json().get("tenant_id")
    )
    if jwt.identity.tenant == owner.identity.tenant:
        assert owner.get(f"/jobs/{metadata['query_id']}").json() == record.json()


@decides("TEN-01", "AUTH-08", "BLK-79", needs=("jwt",), bulk_creations=1, queries=0)
def test_all_credentials_of_a_tenant_see_its_jobs(owner: Client, jwt: Client, open_import: str) -> None:
    if jwt.identity.tenant != owner.identity.tenant:
        return
    record = jwt.get(f"/bulk/jobs/{open_import}")

    assert record.status == OK, record.shown
    assert open_import in ids(walked(jwt, {open_import}, limit=MOST_OF_A_PAGE))


@decides("IDM-04", "AUTH-08", needs=("jwt",), queries=2)
def test_a_key_is_the_tenants_whoever_calls(owner: Client, jwt: Client, key: str) -> None:
    if jwt.identity.tenant != owner.identity.tenant:
        return
    first, second = (client.query("SELECT RANDOM() AS r", {"x-idempotency-key": key}) for client in (owner, jwt))

    hold("IDM-04", exact(second)["data"] == exact(first)["data"], True, "the same key of the same tenant is a replay")


def unpadded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def claims_of(part: str) -> dict[str, object]:
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def forged_tokens(token: str) -> dict[str, str]:
    """Return a token with each of its parts forged."""
    header, payload, signature = token.split(".")
    other = unpadded(json.dumps(claims_of(payload) | {"tenant_id": NOWHERE, "sub": NOWHERE}).encode())
    later = unpadded(json.dumps(claims_of(payload) | {"exp": 9_999_999_999}).encode())
    none = unpadded(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    plain = unpadded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    turned = signature[:-5] + signature[-5:].swapcase() + ("" if signature[-5:].swapcase() != signature[-5:] else "A")
    return {
        "other-signature": f"{header}.{payload}.{turned}",
        "no-signature": f"{header}.{payload}.",
        "two-parts": f"{header}.{payload}",
        "other-tenant": f"{header}.{other}.{signature}",
        "later-end": f"{header}.{later}.{signature}",
        "algorithm-none": f"{none}.{payload}.",
        "algorithm-none-with-signature": f"{none}.{payload}.{signature}",
        **{f"algorithm-{name}": f"{unpadded(json.dumps({'alg': name}).encode())}.{payload}." for name in NONES},
        **{f"{name}-secret": signed(f"{plain}.{payload}", name) for name in ("", "secret")},
    }


def signed(text: str, secret: str) -> str:
    """Return a token with an HMAC that anybody could make."""
    return f"{text}.{unpadded(hmac.digest(secret.encode(), text.encode(), 'sha256'))}"


@pytest.mark.parametrize("scheme", ["Token", "Basic", "ApiKey", "Bearer Bearer"])
@decides("AUTH-03", "AUTH-02", "AUTH-04", writes=True)
def test_a_key_under_another_scheme_is_refused(owner: Client, scheme: str) -> None:
    key = proof_of(owner).partition(" ")[2]

    assert_unauthenticated(owner.post("/queries", json=SQL, headers={"authorization": f"{scheme} {key}"}))


@pytest.mark.parametrize(
    "forgery",
    [
        "other-signature",
        "no-signature",
        "two-parts",
        "other-tenant",
        "later-end",
        "algorithm-none",
        "algorithm-none-with-signature",
        *(f"algorithm-{name}" for name in NONES),
        "-secret",
        "secret-secret",
    ],
)
@decides("AUTH-07", "AUTH-03", "AUTH-04", needs=("jwt",), writes=True)
def test_a_forged_jwt_is_refused(jwt: Client, forgery: str) -> None:
    token = forged_tokens(proof_of(jwt).partition(" ")[2])[forgery]

    assert_unauthenticated(with_token(jwt, token).post("/queries", json=SQL))


@decides("AUTH-07", "AUTH-03", "AUTH-04", needs=("refused_jwts",), writes=True, queries=6)
def test_a_jwt_with_a_claim_that_does_not_hold_is_refused(refused: list[Client]) -> None:
    for each in refused:
        assert_unauthenticated(each.post("/queries", json=SQL))
        assert_unauthenticated(each.get("/bulk/jobs"))


@decides("AUTH-01", "AUTH-10", needs=("sigv4",), queries=1, writes=True)
def test_a_signed_request_is_served(sigv4: Client) -> None:
    assert result(sigv4, "SELECT 1 AS a")["data"] == [{"a": 1}]
    assert sigv4.get("/bulk/jobs", params={"limit": 1, "state": "Open"}).status == OK


def signed_query(client: Client) -> dict[str, str | None]:
    """Return the headers of a signed query."""
    headers = {"content-type": "application/json"}
    if client.identity.tenant:
        headers["x-tenant-id"] = client.identity.tenant
    content = json.dumps(SQL).encode()
    return {**headers, **client.identity.sign("POST", f"{client.wire.target.url}/queries", headers, content)}


@pytest.mark.parametrize("part", ["signature", "body", "path", "access-key", "date", "method"])
@decides("AUTH-10", "AUTH-03", "AUTH-04", needs=("sigv4",), writes=True)
def test_a_signed_request_that_was_changed_is_refused(sigv4: Client, part: str) -> None:
    headers = signed_query(sigv4)
    proof = str(headers["authorization"])
    path, body, method = "/queries", SQL, "POST"
    if part == "signature":
        headers["authorization"] = proof[:-1] + ("0" if proof[-1] != "0" else "1")
    elif part == "access-key":
        headers["authorization"] = proof.replace("Credential=", "Credential=X")
    elif part == "date":
        headers["x-amz-date"] = "20200101T000000Z"
    elif part == "body":
        body = {"sql": "SELECT 2 AS a"}
    elif part == "path":
        path = "/bulk/jobs"
    else:
        method, path = "PATCH", f"/bulk/jobs/{NOWHERE}"

    assert_unauthenticated(sigv4.send(method, path, json=body, headers=headers))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"age": timedelta(hours=1)}, id="an-hour-old"),
        pytest.param({"age": timedelta(days=1)}, id="of-yesterday"),
        pytest.param({"age": timedelta(hours=-1)}, id="of-the-next-hour"),
        pytest.param({"service": "s3"}, id="for-another-service"),
    ],
)
@decides("AUTH-10", "AUTH-03", "AUTH-04", needs=("sigv4",), writes=True)
def test_a_signature_of_another_time_or_service_is_refused(sigv4: Client, changed: dict[str, Any]) -> None:
    stranger = replace(sigv4, identity=signing(sigv4.identity, **changed))

    assert_unauthenticated(stranger.post("/queries", json=SQL))


@decides("AUTH-10", "AUTH-03", "AUTH-04", needs=("sigv4",), queries=0)
def test_a_signature_covers_the_parameters_of_a_request(sigv4: Client) -> None:
    url = f"{sigv4.wire.target.url}/bulk/jobs?limit=1"
    named = {"x-tenant-id": sigv4.identity.tenant} if sigv4.identity.tenant else {}
    proof = sigv4.identity.sign("GET", url, named, b"")

    bare = sigv4.identity.sign("GET", url.partition("?")[0], named, b"")

    for changed in ("limit=2", "limit=1&state=Open", "limit=1&offset=x"):
        assert_unauthenticated(sigv4.get(f"/bulk/jobs?{changed}", headers=proof))
    for added in ("limit=1", "state=Open", "offset=x"):
        assert_unauthenticated(sigv4.get(f"/bulk/jobs?{added}", headers=bare))
