"""Requests signed by botocore, as a server would receive them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from spectra_emulator.domain.signed_request import SignedRequest

ACCESS_KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
CREDENTIALS = Credentials(ACCESS_KEY_ID, SECRET)
NO_HEADERS: Mapping[str, str] = {}


def signed(
    method: str = "GET",
    target: str = "/v1/jobs/1",
    *,
    body: bytes = b"",
    headers: Mapping[str, str] = NO_HEADERS,
    credentials: Credentials = CREDENTIALS,
    scope: tuple[str, str] = ("execute-api", "us-east-1"),
) -> SignedRequest:
    """Sign a request of now; `scope` is (service, region)."""
    host = {"host": "127.0.0.1:8439"}
    request = AWSRequest(method, f"http://127.0.0.1:8439{target}", data=body, headers=dict(headers) | host)
    SigV4Auth(credentials, *scope).add_auth(request)
    parts = urlsplit(target)
    return SignedRequest(
        method=method,
        raw_path=parts.path.encode(),
        raw_query=parts.query.encode(),
        headers=tuple((name.lower().encode(), str(value).encode()) for name, value in request.headers.items()),
        body_sha256=hashlib.sha256(body).hexdigest(),
    )


def value_of(request: SignedRequest, name: bytes) -> bytes:
    return dict(request.headers)[name]


def signed_at(request: SignedRequest) -> datetime:
    stamp = value_of(request, b"x-amz-date").decode()
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
