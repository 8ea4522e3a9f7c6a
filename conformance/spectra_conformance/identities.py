"""Proofs of an identity: bearer tokens, AWS Signature Version 4, none. All can be pickled."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import parse_qsl, quote, urlsplit

from spectra_conformance.target import NOBODY, Identity

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "execute-api"


@dataclass(frozen=True)
class SigningKey:
    """An access key, and what is signed with it: for which service, and how long ago."""

    access_key_id: str
    secret: str
    region: str
    service: str = SERVICE
    age: timedelta = timedelta(0)


def bearer(name: str, tenant: str | None, token: str) -> Identity:
    """Return one who calls with an API key or a JWT."""
    return Identity(name, tenant, partial(_constant, {"authorization": f"Bearer {token}"}))


def nobody(tenant: str | None = None) -> Identity:
    """Return one who proves nothing."""
    return Identity(NOBODY, tenant, partial(_constant, {}))


def sigv4(name: str, tenant: str | None, access_key_id: str, secret: str, region: str) -> Identity:
    """Return one who signs each request.

    Source: AWS IAM User Guide, "Create a signed AWS API request".
    """
    return Identity(name, tenant, partial(_signed, SigningKey(access_key_id, secret, region)))


def signing(identity: Identity, *, service: str = SERVICE, age: timedelta = timedelta(0)) -> Identity:
    """Return one who signs with the same access key, but for another service or as of another moment.

    Raises: TypeError for one who does not sign.
    """
    if not isinstance(identity.sign, partial) or identity.sign.func is not _signed:
        raise TypeError(f"{identity.name} signs nothing")
    (key,) = identity.sign.args
    return replace(identity, sign=partial(_signed, replace(key, service=service, age=age)))


def _constant(
    proof: Mapping[str, str], _method: str, _url: str, _headers: Mapping[str, str], _body: bytes
) -> Mapping[str, str]:
    return proof


def _signed(key: SigningKey, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
    moment = (datetime.now(UTC) - key.age).strftime("%Y%m%dT%H%M%SZ")
    signed = {**headers, "host": urlsplit(url).netloc, "x-amz-date": moment}
    names = ";".join(sorted(signed))
    scope = f"{moment[:8]}/{key.region}/{key.service}/aws4_request"
    canonical = _canonical_request(method, url, signed, hashlib.sha256(body).hexdigest())
    text = "\n".join((ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    signature = hmac.new(_signing_key(key.secret, scope), text.encode(), hashlib.sha256).hexdigest()
    proof = f"{ALGORITHM} Credential={key.access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {"authorization": proof, "x-amz-date": moment}


def _canonical_request(method: str, url: str, headers: Mapping[str, str], body_sha256: str) -> str:
    parts = urlsplit(url)
    names = sorted(headers)
    query = sorted(
        (quote(key, safe="-_.~"), quote(value, safe="-_.~"))
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    return "\n".join(
        (
            method,
            quote(parts.path, safe="/-_.~"),
            "&".join(f"{key}={value}" for key, value in query),
            *(f"{name}:{' '.join(headers[name].split())}" for name in names),
            "",
            ";".join(names),
            body_sha256,
        )
    )


def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
