"""JWTs and signatures: sound ones, forged ones, changed ones."""

from __future__ import annotations

import base64
import json

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite.asking import NOWHERE, exact, result
from spectra_conformance.suite.refusals import assert_unauthenticated
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_identities import SQL, proof_of, with_token

OK = 200


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
    turned = signature[:-5] + signature[-5:].swapcase() + ("" if signature[-5:].swapcase() != signature[-5:] else "A")
    return {
        "other-signature": f"{header}.{payload}.{turned}",
        "no-signature": f"{header}.{payload}.",
        "two-parts": f"{header}.{payload}",
        "other-tenant": f"{header}.{other}.{signature}",
        "later-end": f"{header}.{later}.{signature}",
        "algorithm-none": f"{none}.{payload}.",
        "algorithm-none-with-signature": f"{none}.{payload}.{signature}",
    }


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
    ],
)
@decides("AUTH-07", "AUTH-03", "AUTH-04", needs=("jwt",), writes=True)
def test_a_forged_jwt_is_refused(jwt: Client, forgery: str) -> None:
    token = forged_tokens(proof_of(jwt).partition(" ")[2])[forgery]

    assert_unauthenticated(with_token(jwt, token).post("/queries", json=SQL))


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
