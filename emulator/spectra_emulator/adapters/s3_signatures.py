"""Signatures of requests to the S3 at `/_s3`, in the Authorization header or in a link's query string.

Source: "Authenticating Requests (AWS Signature Version 4)", Amazon S3 API Reference.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote, unquote_to_bytes

from spectra_emulator.adapters.sigv4 import (
    ALGORITHM,
    AccessKey,
    Claim,
    Scope,
    canonical_query,
    canonical_request,
    parsed_claim,
    parsed_credential,
    parsed_timestamp,
    refusal,
    require_signed_headers,
    signature,
    values_by_name,
)
from spectra_emulator.domain.errors import Unauthorized
from spectra_emulator.domain.signed_request import SignedRequest
from spectra_emulator.ports import Clock

SERVICE = "s3"
UNSIGNED = "UNSIGNED-PAYLOAD"
MAX_SKEW = timedelta(minutes=15)
MAX_LIFETIME = timedelta(days=7)
LINK_PARAMETERS = frozenset(
    {
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature",
        "X-Amz-Security-Token",
    }
)

_OPTIONAL = frozenset({"X-Amz-Security-Token"})
_HEADER_SCHEME = ALGORITHM.encode()


@dataclass(frozen=True)
class Address:
    """Where a client may have sent a request that reached us: what it signed as Host, and what preceded our path."""

    host: bytes
    path_prefix: bytes = b""


@dataclass(frozen=True)
class Proof:
    """Who signed, and what the signature says of the body.

    `payload` is the body's SHA-256 in hex, `UNSIGNED-PAYLOAD` or one of the `STREAMING-` names; `link` tells the query
    form from the header form.
    """

    access_key: AccessKey
    scope: Scope
    timestamp: str
    signature: bytes
    payload: str
    link: bool


@dataclass(frozen=True)
class _Signing:
    """One signature's parts, whichever form it came in; `lifetime` is a link's own."""

    claim: Claim
    timestamp: str
    query: bytes
    payload: str
    session_token: str | None
    lifetime: timedelta | None


class S3Signatures:
    def __init__(self, access_keys: Iterable[AccessKey], now: Clock) -> None:
        self._access_keys = {key.access_key_id: key for key in access_keys}
        self._now = now

    def proof(self, request: SignedRequest, addresses: Sequence[Address]) -> Proof:
        """Return what the request proves, sent to any of the addresses.

        A link that gives an object by GET gives its headers by HEAD.

        Raises: Unauthorized with S3's code in `details.reason`.
        """
        signing = _signing(request)
        access_key = self._access_keys.get(signing.claim.access_key_id)
        if access_key is None:
            raise refusal("InvalidAccessKeyId", "The access key id is not known")
        require_signed_headers(signing.claim.signed_headers, values_by_name(request.headers))
        _require_scope(signing, access_key)
        self._require_in_time(signing)
        expected = (
            signature(access_key.secret_access_key, signing.claim.scope, signing.timestamp, canonical)
            for canonical in _canonical_requests(request, signing, addresses)
        )
        if not any(hmac.compare_digest(one, signing.claim.signature) for one in expected):
            raise refusal("SignatureDoesNotMatch", "The signature does not match the request and the secret key")
        if signing.session_token != access_key.session_token:
            raise refusal("InvalidToken", "The security token does not belong to the access key")
        return Proof(
            access_key=access_key,
            scope=signing.claim.scope,
            timestamp=signing.timestamp,
            signature=signing.claim.signature,
            payload=signing.payload,
            link=signing.lifetime is not None,
        )

    def _require_in_time(self, signing: _Signing) -> None:
        age = self._now() - parsed_timestamp(signing.timestamp)
        if signing.lifetime is None and abs(age) > MAX_SKEW:
            raise refusal("RequestTimeTooSkewed", "X-Amz-Date must be within 15 minutes of the server's clock")
        if signing.lifetime is not None and age > signing.lifetime:
            raise refusal("AccessDenied", "Request has expired")
        if -age > MAX_SKEW:
            raise refusal("AccessDenied", "Request is not valid yet")


def _signing(request: SignedRequest) -> _Signing:
    headers = values_by_name(request.headers)
    parameters = _parameters(request.raw_query)
    authorization = headers.get(b"authorization", [])
    if "X-Amz-Signature" in parameters or "X-Amz-Algorithm" in parameters:
        if authorization:
            raise refusal("InvalidArgument", "Sign in the query string or in the Authorization header, not in both")
        return _link_signing(request, headers, parameters)
    if "AWSAccessKeyId" in parameters:
        raise refusal("InvalidRequest", f"Signature version 2 is not supported: sign with {ALGORITHM}")
    if not authorization:
        raise refusal("AccessDenied", "The request is not signed")
    return _header_signing(request, headers, authorization)


def _link_signing(
    request: SignedRequest, headers: Mapping[bytes, list[bytes]], parameters: Mapping[str, list[str]]
) -> _Signing:
    values = {name: _single(parameters, name) for name in LINK_PARAMETERS & parameters.keys()}
    missing = LINK_PARAMETERS - _OPTIONAL - values.keys()
    if missing:
        raise _malformed_link(f"{min(missing)} is missing")
    if values["X-Amz-Algorithm"] != ALGORITHM:
        raise _malformed_link(f"X-Amz-Algorithm must be {ALGORITHM}")
    access_key_id, scope = parsed_credential(values["X-Amz-Credential"].encode())
    signed_headers = tuple(values["X-Amz-SignedHeaders"].encode().split(b";"))
    parts = request.raw_query.split(b"&")
    return _Signing(
        claim=Claim(access_key_id, scope, signed_headers, values["X-Amz-Signature"].encode()),
        timestamp=values["X-Amz-Date"],
        query=b"&".join(part for part in parts if not part.startswith(b"X-Amz-Signature=")),
        payload=_stated_payload(headers) or UNSIGNED,
        session_token=values.get("X-Amz-Security-Token"),
        lifetime=_lifetime(values["X-Amz-Expires"]),
    )


def _header_signing(
    request: SignedRequest, headers: Mapping[bytes, list[bytes]], authorization: list[bytes]
) -> _Signing:
    scheme, _, parameters = authorization[0].partition(b" ")
    if scheme != _HEADER_SCHEME or len(authorization) > 1:
        raise refusal("InvalidRequest", f"Authorization must be given once, with the scheme {ALGORITHM}")
    payload = _stated_payload(headers)
    if payload is None:
        raise refusal("InvalidRequest", "X-Amz-Content-SHA256 is missing")
    tokens = headers.get(b"x-amz-security-token", [])
    return _Signing(
        claim=parsed_claim(parameters),
        timestamp=b",".join(headers.get(b"x-amz-date", [])).decode("latin-1"),
        query=request.raw_query,
        payload=payload,
        session_token=b",".join(tokens).decode("latin-1") if tokens else None,
        lifetime=None,
    )


def _canonical_requests(request: SignedRequest, signing: _Signing, addresses: Sequence[Address]) -> Iterable[bytes]:
    methods = ("HEAD", "GET") if signing.lifetime is not None and request.method == "HEAD" else (request.method,)
    query = canonical_query(signing.query)
    for method in methods:
        for address in addresses:
            sent = replace(request, method=method, headers=_with_host(request, address), body_sha256=signing.payload)
            path = quote(unquote_to_bytes(address.path_prefix + request.raw_path), safe="/~")
            yield canonical_request(sent, path, query, signing.claim.signed_headers)


def _with_host(request: SignedRequest, address: Address) -> tuple[tuple[bytes, bytes], ...]:
    others = (pair for pair in request.headers if pair[0] != b"host")
    return ((b"host", address.host), *others)


def _require_scope(signing: _Signing, access_key: AccessKey) -> None:
    expected = Scope(signing.timestamp[:8], access_key.region, SERVICE)
    if signing.claim.scope != expected:
        code = "AuthorizationHeaderMalformed" if signing.lifetime is None else "AuthorizationQueryParametersError"
        raise refusal(code, f"Credential must be scoped to {expected}")


def _parameters(raw_query: bytes) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in raw_query.split(b"&"):
        name, _, value = part.partition(b"=")
        found.setdefault(_text(name), []).append(_text(value))
    return found


def _text(encoded: bytes) -> str:
    return unquote_to_bytes(encoded).decode("utf-8", "replace")


def _single(parameters: Mapping[str, list[str]], name: str) -> str:
    values = parameters[name]
    if len(values) > 1:
        raise _malformed_link(f"{name} must be given once")
    return values[0]


def _lifetime(text: str) -> timedelta:
    longest = int(MAX_LIFETIME.total_seconds())
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(longest)) and 1 <= int(text) <= longest):
        raise _malformed_link(f"X-Amz-Expires must be 1 to {longest} seconds")
    return timedelta(seconds=int(text))


def _stated_payload(headers: Mapping[bytes, list[bytes]]) -> str | None:
    stated = headers.get(b"x-amz-content-sha256", [])
    return stated[0].decode("latin-1") if len(stated) == 1 else None


def _malformed_link(problem: str) -> Unauthorized:
    return refusal("AuthorizationQueryParametersError", problem)
