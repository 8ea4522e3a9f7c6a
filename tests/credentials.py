"""Credentials of the demo, well made and forged, as a client sends them."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import jwt
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.emulator import TENANT, Answer, Emulator

JWT_SECRET = "local-jwt-secret-key-for-testing-only-123456"
ISSUER = "redshift-spectra-local"
AUDIENCE = "redshift-spectra-api"
ACCESS_KEY_ID = "AKIDSPECTRATENANT123"
SECRET_ACCESS_KEY = "spectra-demo-secret-123"
OTHER_KEY = "spk_tenant-456_demo"
OTHER_TENANT = "tenant-456"
READ_ONLY_KEY = "spk_tenant-123_readonly"


def token(
    tenant_id: str | None = TENANT, *, secret: str = JWT_SECRET, algorithm: str = "HS256", **claims: object
) -> str:
    """Return a bearer token of the demo issuer; a claim of None is left out."""
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "tenant_id": tenant_id, "exp": int(time.time()) + 7200}
    said = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(said, None if algorithm == "none" else secret, algorithm)


def signed_headers(
    url: str, method: str, path: str, body: bytes = b"", *, secret: str = SECRET_ACCESS_KEY, tenant: str = TENANT
) -> dict[str, str]:
    """Return the headers of a request that botocore signs for `execute-api`; `path` is the whole path."""
    headers = {"Host": urlsplit(url).netloc, "X-Tenant-ID": tenant, "Content-Type": "application/json"}
    request = AWSRequest(method, f"{url}{path}", data=body, headers=headers)
    SigV4Auth(Credentials(ACCESS_KEY_ID, secret), "execute-api", "us-east-1").add_auth(request)
    return {name: str(value) for name, value in request.headers.items()}


def query_as(server: Emulator, tenant_id: str, sql: str, **parameters: int) -> Answer:
    """Run the query for any tenant; one that the demo does not know has empty tables, and is quick to build."""
    body = {"sql": sql, "parameters": parameters}
    return server.call("POST", "/queries", body, key=token(tenant_id), tenant=tenant_id)
