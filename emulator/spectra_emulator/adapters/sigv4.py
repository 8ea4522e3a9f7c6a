"""AWS Signature Version 4, checked over the raw bytes of a request.

Nothing is decoded and built again on the way, so a signature holds for exactly what the client sent. The canonical
forms are shared by every service and by signatures in a header or a query string; the verifier below takes the header
form for `execute-api`, and `s3_signatures` takes both forms for `s3`.

Source: "AWS Signature Version 4 for API requests", IAM User Guide.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

from spectra_emulator.domain.errors import Unauthorized
from spectra_emulator.domain.principal import Credential
from spectra_emulator.domain.signed_request import Headers, SignedRequest, header_values

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "execute-api"
MAX_SKEW = timedelta(minutes=5)
TIMESTAMP = "%Y%m%dT%H%M%SZ"
PARAMETERS = (b"Credential", b"Signature", b"SignedHeaders")

_SIGNATURE = re.compile(rb"[0-9a-f]{64}")
_TIMESTAMP = re.compile(rb"[0-9]{8}T[0-9]{6}Z")
_SPACES = re.compile(rb" +")


@dataclass(frozen=True)
class AccessKey:
    """A key pair, and the session token that must come with it where it has one."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    tenant_id: str
    session_token: str | None = field(default=None, repr=False)
    region: str = "us-east-1"
    permissions: frozenset[str] | None = None


@dataclass(frozen=True)
class Scope:
    """Where a signing key is good; `date` is `YYYYMMDD`."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


@dataclass(frozen=True)
class Claim:
    """What the Authorization header says: who signed what, and the signature."""

    access_key_id: str
    scope: Scope
    signed_headers: tuple[bytes, ...]
    signature: bytes


class Signatures:
    def __init__(self, access_keys: Iterable[AccessKey], now: Callable[[], datetime]) -> None:
        self._access_keys = {key.access_key_id: key for key in access_keys}
        self._now = now

    @property
    def configured(self) -> bool:
        """Tell whether any access key is known."""
        return bool(self._access_keys)

    def credential(self, request: SignedRequest, parameters: bytes) -> Credential:
        """Return whom the signature proves; `parameters` is the Authorization header after its scheme.

        Raises: Unauthorized with the code that AWS would give in `details.reason`.
        """
        claim = self.claim(request.headers, parameters)
        values = values_by_name(request.headers)
        access_key = self._access_key(claim.access_key_id)
        _require_payload_hash(request, values)
        canonical = canonical_request(
            request, canonical_path(request.raw_path), canonical_query(request.raw_query), claim.signed_headers
        )
        expected = signature(access_key.secret_access_key, claim.scope, _timestamp(values), canonical)
        if not hmac.compare_digest(expected, claim.signature):
            raise refusal("SignatureDoesNotMatch", "The signature does not match the request and the secret key")
        _require_session_token(access_key, values)
        return Credential("sigv4", access_key.access_key_id, access_key.tenant_id, access_key.permissions)

    def claim(self, headers: Headers, parameters: bytes) -> Claim:
        """Return what is claimed, where the access key, the scope, the time and the signed headers are in order.

        Raises: Unauthorized.
        """
        claim = parsed_claim(parameters)
        values = values_by_name(headers)
        timestamp = _timestamp(values)
        access_key = self._access_key(claim.access_key_id)
        _require_scope(claim.scope, Scope(timestamp[:8], access_key.region, SERVICE))
        _require_recent(timestamp, self._now())
        require_signed_headers(claim.signed_headers, values)
        return claim

    def _access_key(self, access_key_id: str) -> AccessKey:
        if not self.configured:
            raise refusal("UnrecognizedClientException", "No access key is configured, so no signature can be checked")
        if access_key_id not in self._access_keys:
            raise refusal("UnrecognizedClientException", "The access key is not known")
        return self._access_keys[access_key_id]


def parsed_claim(parameters: bytes) -> Claim:
    """Read `Credential=…, SignedHeaders=…, Signature=…`, in any order.

    Raises: Unauthorized.
    """
    pairs = [part.strip().partition(b"=") for part in parameters.split(b",")]
    if sorted(name for name, _, _ in pairs) != list(PARAMETERS):
        raise refusal("IncompleteSignature", "Authorization needs Credential, SignedHeaders and Signature, each once")
    values = {name: value for name, _, value in pairs}
    if not _SIGNATURE.fullmatch(values[b"Signature"]):
        raise refusal("IncompleteSignature", "Signature must be 64 lower-case hexadecimal digits")
    access_key_id, scope = parsed_credential(values[b"Credential"])
    return Claim(access_key_id, scope, tuple(values[b"SignedHeaders"].split(b";")), values[b"Signature"])


def parsed_credential(text: bytes) -> tuple[str, Scope]:
    """Read `{access key id}/{date}/{region}/{service}/aws4_request`.

    Raises: Unauthorized.
    """
    match text.decode("latin-1").rsplit("/", 4):
        case [access_key_id, date, region, service, "aws4_request"]:
            return access_key_id, Scope(date, region, service)
    raise refusal("IncompleteSignature", "Credential must be {access key}/{date}/{region}/{service}/aws4_request")


def canonical_request(request: SignedRequest, path: str, query: str, signed_headers: tuple[bytes, ...]) -> bytes:
    """Return the bytes whose digest is signed; every signed header must be present."""
    headers = b"".join(name + b":" + _canonical_value(request, name) + b"\n" for name in signed_headers)
    return b"\n".join(
        (
            request.method.encode(),
            path.encode(),
            query.encode(),
            headers,
            b";".join(signed_headers),
            request.body_sha256.encode(),
        )
    )


def canonical_path(raw_path: bytes) -> str:
    """Return the path without dot segments and empty ones, encoded once more than it was sent.

    Every service but S3 signs this form.
    """
    kept: list[bytes] = []
    for segment in raw_path.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    slash = b"/" if kept and raw_path.endswith(b"/") else b""
    return quote(b"/" + b"/".join(kept) + slash, safe="/~")


def canonical_query(raw_query: bytes) -> str:
    """Return the parameters encoded anew and sorted; a `+` is itself, not a space."""
    pairs = (part.partition(b"=") for part in raw_query.split(b"&") if part)
    encoded = sorted((_encoded(name), _encoded(value)) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def signature(secret_access_key: str, scope: Scope, timestamp: str, canonical: bytes) -> bytes:
    """Return the signature in hex; `timestamp` is `YYYYMMDDTHHMMSSZ`."""
    digest = hashlib.sha256(canonical).hexdigest()
    signed = f"{ALGORITHM}\n{timestamp}\n{scope}\n{digest}"
    return _hmac(signing_key(secret_access_key, scope), signed).hex().encode()


def signing_key(secret_access_key: str, scope: Scope) -> bytes:
    """Return the key that signs everything within the scope."""
    key = f"AWS4{secret_access_key}".encode()
    for message in (scope.date, scope.region, scope.service, "aws4_request"):
        key = _hmac(key, message)
    return key


def parsed_timestamp(text: str) -> datetime:
    """Read `YYYYMMDDTHHMMSSZ`.

    Raises: Unauthorized.
    """
    try:
        return datetime.strptime(text, TIMESTAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise refusal("IncompleteSignature", "X-Amz-Date must be a date and time that exist") from error


def values_by_name(headers: Headers) -> Mapping[bytes, list[bytes]]:
    """Return every header's values, in the order they came."""
    return {name: header_values(headers, name) for name, _ in headers}


def require_signed_headers(signed_headers: tuple[bytes, ...], values: Mapping[bytes, list[bytes]]) -> None:
    """Pass where the list is in order and leaves out no header that must be signed.

    Raises: Unauthorized.
    """
    if list(signed_headers) != sorted(set(signed_headers)) or b"host" not in signed_headers:
        raise refusal("IncompleteSignature", "SignedHeaders must be sorted, each once, and include host")
    if not values.keys() >= set(signed_headers):
        raise refusal("SignatureDoesNotMatch", "SignedHeaders names a header that the request does not have")
    if any(name.startswith(b"x-amz-") and name not in signed_headers for name in values):
        raise refusal("SignatureDoesNotMatch", "Every X-Amz- header must be signed")


def refusal(reason: str, message: str) -> Unauthorized:
    return Unauthorized(message, reason=reason)


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")


def _encoded(text: bytes) -> str:
    return quote(unquote_to_bytes(text), safe="~")


def _canonical_value(request: SignedRequest, name: bytes) -> bytes:
    return b",".join(_SPACES.sub(b" ", value.strip()) for value in header_values(request.headers, name))


def _timestamp(values: Mapping[bytes, list[bytes]]) -> str:
    found = values.get(b"x-amz-date", [])
    if len(found) != 1 or not _TIMESTAMP.fullmatch(found[0]):
        raise refusal("IncompleteSignature", "X-Amz-Date must be given once, as YYYYMMDDTHHMMSSZ")
    return found[0].decode()


def _require_scope(scope: Scope, expected: Scope) -> None:
    if scope != expected:
        raise refusal("SignatureDoesNotMatch", f"Credential must be scoped to {expected}")


def _require_recent(timestamp: str, now: datetime) -> None:
    if abs(now - parsed_timestamp(timestamp)) > MAX_SKEW:
        raise refusal("RequestTimeTooSkewed", "X-Amz-Date must be within five minutes of the server's clock")


def _require_payload_hash(request: SignedRequest, values: Mapping[bytes, list[bytes]]) -> None:
    """Hold a stated digest against the body's; `execute-api` takes no unsigned and no chunked payload."""
    stated = values.get(b"x-amz-content-sha256", [])
    if stated and stated != [request.body_sha256.encode()]:
        raise refusal("XAmzContentSHA256Mismatch", "X-Amz-Content-SHA256 must be the SHA-256 of the body, in hex")


def _require_session_token(access_key: AccessKey, values: Mapping[bytes, list[bytes]]) -> None:
    sent = values.get(b"x-amz-security-token", [])
    expected = [] if access_key.session_token is None else [access_key.session_token.encode()]
    if len(sent) != len(expected) or not all(map(hmac.compare_digest, sent, expected)):
        raise refusal("UnrecognizedClientException", "X-Amz-Security-Token does not belong to the access key")
