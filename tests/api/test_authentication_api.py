from __future__ import annotations

import time

import pytest

from tests.credentials import (
    JWT_SECRET,
    OTHER_TENANT,
    signed_headers,
    token,
)
from tests.emulator import DEMO_KEY, TENANT, Answer, Emulator, Emulators
from tests.raw_connection import connected
from tests.requirements import requirement

QUERY = {"sql": "SELECT 1 AS a"}
NOW = int(time.time())
HOUR = 3600
SECURED = [
    ("POST", "/queries", QUERY),
    ("GET", "/jobs/x", None),
    ("GET", "/jobs/x/results", None),
    ("DELETE", "/jobs/x", None),
    ("POST", "/bulk/jobs", {"operation": "insert", "object": "sales"}),
    ("GET", "/bulk/jobs", None),
    ("GET", "/bulk/jobs/x", None),
    ("PATCH", "/bulk/jobs/x", {"state": "Aborted"}),
    ("GET", "/bulk/jobs/x/upload-url", None),
    ("GET", "/bulk/jobs/x/results", None),
    ("GET", "/bulk/jobs/x/failed-results", None),
]
REFUSED = {
    "no-scheme": DEMO_KEY,
    "other-scheme": f"Basic {DEMO_KEY}",
    "empty": "",
    "bearer-alone": "Bearer",
    "bearer-and-blank": "Bearer ",
    "two-tokens": f"Bearer {DEMO_KEY} {DEMO_KEY}",
    "unknown-key": "Bearer spk_tenant-123_wrong",
    "key-of-the-real-form": "Bearer spectra_tenant-123_abcdef",
    "key-with-more-behind": f"Bearer {DEMO_KEY}x",
    "key-cut-short": f"Bearer {DEMO_KEY[:-1]}",
    "not-ascii": "Bearer sch\u00fctz",
    "very-long": f"Bearer {'x' * 50_000}",
    "three-parts": "Bearer a.b.c",
    "expired": f"Bearer {token(exp=NOW - HOUR)}",
    "not-yet": f"Bearer {token(nbf=NOW + HOUR)}",
    "no-expiry": f"Bearer {token(exp=None)}",
    "no-tenant-and-no-subject": f"Bearer {token(None, sub=None)}",
    "other-audience": f"Bearer {token(aud='other')}",
    "other-issuer": f"Bearer {token(iss='other')}",
    "forged": f"Bearer {token(secret='another-secret-of-thirty-two-bytes!!')}",
    "unsigned": f"Bearer {token(algorithm='none')}",
    "other-algorithm": f"Bearer {token(algorithm='HS512', secret=JWT_SECRET * 2)}",
    "signature-cut-off": f"Bearer {token().rpartition('.')[0]}.",
    "sigv4-of-nobody": (
        "AWS4-HMAC-SHA256 Credential=AKIDNOBODY/20261122/us-east-1/execute-api/aws4_request,"
        " SignedHeaders=host;x-amz-date, Signature=00"
    ),
    "sigv4-without-parts": "AWS4-HMAC-SHA256",
}


def with_authorization(server: Emulator, text: str | None) -> Answer:
    headers = {"X-Tenant-ID": TENANT, "Content-Type": "application/json"}
    proof = {} if text is None else {"Authorization": text}
    return server.request("POST", "/v1/queries", QUERY, headers | proof)


def signed(server: Emulator, **changes: str) -> Answer:
    body = b'{"sql": "SELECT 1 AS a"}'
    headers = signed_headers(server.url, "POST", "/v1/queries", body, **changes)
    return server.request("POST", "/v1/queries", body, headers)


@requirement("HDR-01", "AUTH-03", "ERR-13")
@pytest.mark.parametrize(("method", "path", "body"), SECURED, ids=lambda value: str(value)[:20])
def test_no_operation_serves_a_caller_without_credentials(
    server: Emulator, method: str, path: str, body: object
) -> None:
    headers = {"X-Tenant-ID": TENANT, "Content-Type": "application/json"}
    answer = server.request(method, f"/v1{path}", body, headers)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@requirement("AUTH-03", "AUTH-04", "AUTH-06", "AUTH-07", "AUTH-08", "AUTH-09", "AUTH-10")
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_credential_that_is_not_valid_is_refused(server: Emulator, text: str) -> None:
    answer = with_authorization(server, text)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@requirement("ERR-23")
@pytest.mark.parametrize("name", ["unknown-key", "expired", "forged", "no-scheme"])
def test_a_refusal_does_not_repeat_the_credential(server: Emulator, name: str) -> None:
    answer = with_authorization(server, REFUSED[name])

    assert REFUSED[name].removeprefix("Bearer ").encode() not in answer.content
    assert JWT_SECRET.encode() not in answer.content


@requirement("AUTH-01", "AUTH-02", "AUTH-05")
@pytest.mark.parametrize("key", [DEMO_KEY, "your-api-key"])
def test_the_demo_keys_are_valid(server: Emulator, key: str) -> None:
    assert with_authorization(server, f"Bearer {key}").status == 200


@requirement("AUTH-09")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_is_read_in_any_case(server: Emulator, scheme: str) -> None:
    assert with_authorization(server, f"{scheme} {DEMO_KEY}").status == 200


@requirement("AUTH-01", "AUTH-02", "AUTH-07", "AUTH-08")
@pytest.mark.parametrize(
    "text",
    [
        token(),
        token(sub=None),
        token(None, sub=TENANT),
        token(nbf=NOW - 10, iat=NOW - 10),
        token(db_user="reader", db_group="readers"),
        token(permissions=["query:execute"]),
        token(aud=["other", "redshift-spectra-api"]),
    ],
    ids=["usual", "no-subject", "subject-as-tenant", "begun", "database-user", "permitted", "two-audiences"],
)
def test_a_token_of_the_issuer_is_valid(server: Emulator, text: str) -> None:
    assert with_authorization(server, f"Bearer {text}").status == 200


@requirement("AUTH-01", "AUTH-10")
def test_a_signed_request_is_valid(server: Emulator) -> None:
    assert signed(server).status == 200


@requirement("AUTH-10")
def test_a_signed_read_is_valid(server: Emulator) -> None:
    path = "/v1/bulk/jobs?limit=2&state=Open"

    assert server.request("GET", path, None, signed_headers(server.url, "GET", path)).status == 200


@requirement("AUTH-10", "AUTH-03")
def test_a_signature_with_another_secret_is_refused(server: Emulator) -> None:
    answer = signed(server, secret="another-secret")

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@requirement("AUTH-10", "TEN-03")
def test_a_signature_speaks_for_its_own_tenant_alone(server: Emulator) -> None:
    answer = signed(server, tenant=OTHER_TENANT)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


@requirement("AUTH-10")
def test_a_signature_covers_the_body(server: Emulator) -> None:
    headers = signed_headers(server.url, "POST", "/v1/queries", b'{"sql": "SELECT 1 AS a"}')
    answer = server.request("POST", "/v1/queries", b'{"sql": "SELECT 2 AS a"}', headers)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@requirement("AUTH-10")
def test_a_signature_covers_the_path(server: Emulator) -> None:
    headers = signed_headers(server.url, "GET", "/v1/jobs/a")
    answer = server.request("GET", "/v1/jobs/b", None, headers)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@requirement("AUTH-11", "OPS-01")
@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/v1/openapi.json"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}], ids=["none", "wrong"])
def test_health_and_description_need_no_credentials(server: Emulator, path: str, headers: dict[str, str]) -> None:
    assert server.request("GET", path, None, headers).status == 200


@requirement("HDR-10", "AUTH-12")
def test_header_identity_is_off(server: Emulator) -> None:
    headers = {"X-Tenant-ID": TENANT, "X-DB-User": "ada", "Content-Type": "application/json"}

    assert server.request("POST", "/v1/queries", QUERY, headers).status == 401


@requirement("HDR-10", "AUTH-12")
def test_header_identity_serves_where_it_is_switched_on(emulators: Emulators) -> None:
    own = emulators.start("--auth-mode", "headers", "--rate-limits", "off")
    headers = {"X-Tenant-ID": "anybody", "X-DB-User": "ada", "Content-Type": "application/json"}

    assert own.request("POST", "/v1/queries", QUERY, headers).status == 200
    assert own.request("POST", "/v1/queries", QUERY, headers | {"Authorization": "Bearer wrong"}).status == 401
    own.stop()


@requirement("AUTH-10", "GEN-10")
def test_a_signature_of_nobody_is_refused_before_the_body_is_read(server: Emulator) -> None:
    with connected(server.url) as connection:
        headers = f"Authorization: {REFUSED['sigv4-of-nobody']}\r\nContent-Length: 1000\r\n".encode()
        answer = connection.call("POST", "/v1/queries", headers)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")
