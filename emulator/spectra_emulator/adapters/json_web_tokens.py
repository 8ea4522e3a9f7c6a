"""JSON Web Tokens: verify a bearer's, mint one for a test."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from spectra_emulator.adapters.jwks import KeySet
from spectra_emulator.domain.errors import Unauthorized
from spectra_emulator.domain.principal import BY_TOKEN, Credential
from spectra_emulator.domain.tenancy import is_tenant_id

Claims = Mapping[str, object]
MIN_SECRET_BYTES = 32
TENANT_CLAIMS = ("tenant_id", "custom:tenant_id", "sub")
DB_USER_CLAIMS = ("db_user", "custom:db_user")

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
_REFUSALS = {
    "InvalidSignatureError": ("InvalidSignature", "The token's signature is wrong"),
    "InvalidAudienceError": ("InvalidAudience", "The token is for another audience"),
    "InvalidIssuerError": ("InvalidIssuer", "The token is from another issuer"),
    "MissingRequiredClaimError": ("MissingClaim", "The token lacks one of the claims exp, iss and aud"),
}
_MALFORMED = ("MalformedToken", "The token is malformed")


@dataclass(frozen=True)
class Issuer:
    """Who signs tokens, with HS256 by `secret` or with RS256 by one of `keys`.

    `tenants` limits the tenants it may speak for; None trusts it with all. One that is `keyed_elsewhere` has yet to
    get its key, and signs nothing until then.

    Raises: ValueError for a secret under 32 bytes, and where there is neither secret nor keys.
    """

    issuer: str
    audience: str
    secret: str | None = field(default=None, repr=False)
    keys: KeySet | None = None
    tenants: frozenset[str] | None = None
    keyed_elsewhere: bool = False

    def __post_init__(self) -> None:
        if self.secret is None and self.keys is None and not self.keyed_elsewhere:
            raise ValueError("a token issuer needs a secret (HS256) or a JWKS (RS256)")
        if self.secret is not None and len(self.secret.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"an HS256 secret must have {MIN_SECRET_BYTES} bytes or more")


@dataclass(frozen=True)
class Grant:
    """What a minted token says; `permissions` None leaves the claim out."""

    tenant_id: str
    subject: str
    ttl: timedelta
    permissions: tuple[str, ...] | None = None
    db_user: str | None = None


class JsonWebTokens:
    def __init__(self, issuer: Issuer, now: Callable[[], datetime]) -> None:
        self._issuer = issuer
        self._now = now

    @property
    def waits_for_network(self) -> bool:
        """Tell whether a verification may have to fetch keys, which can take seconds."""
        return self._issuer.keys is not None and self._issuer.keys.remote

    def credential(self, token: str) -> Credential:
        """Return what a valid token says about its bearer.

        Raises: Unauthorized.
        """
        claims = self._verified(token)
        _require_current(claims, self._now())
        tenant_id = _claimed_tenant(claims)
        if self._issuer.tenants is not None and tenant_id not in self._issuer.tenants:
            raise _refusal("UntrustedTenant", "The token's issuer may not speak for its tenant")
        return Credential(
            method=BY_TOKEN,
            subject=_text(claims, ("sub",)) or tenant_id,
            tenant_id=tenant_id,
            permissions=_permissions(claims),
            db_user=_text(claims, DB_USER_CLAIMS),
        )

    def _verified(self, token: str) -> Claims:
        import jwt  # noqa: PLC0415 - it brings cryptography: 60 ms of start-up that callers with API keys never need

        algorithm, key = self._algorithm_and_key(token)
        # PyJWT knows no clock but the system's: `_require_current` checks the times.
        try:
            return jwt.decode(
                token,
                jwt.PyJWK(dict(key), algorithm),
                algorithms=[algorithm],
                audience=self._issuer.audience,
                issuer=self._issuer.issuer,
                options={
                    "require": ["exp", "iss", "aud"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise _refusal(*_REFUSALS.get(type(error).__name__, _MALFORMED)) from error

    def _algorithm_and_key(self, token: str) -> tuple[str, Mapping[str, object]]:
        """Choose the key by algorithm, so that a public key can never pass for an HMAC secret."""
        header = token_header(token)
        if header is None:
            raise _refusal(*_MALFORMED)
        algorithm = header.get("alg")
        if algorithm == "HS256" and self._issuer.secret is not None:
            return "HS256", _symmetric_key(self._issuer.secret)
        if algorithm == "RS256" and self._issuer.keys is not None:
            return "RS256", _public_key(self._issuer.keys, header.get("kid"))
        raise _refusal("UnsupportedAlgorithm", "The token is signed with an algorithm that its issuer does not use")


def token_header(token: str) -> Mapping[str, object] | None:
    """Return the header of a token in compact form, unverified; None where the text is no token."""
    if not _COMPACT.fullmatch(token):
        return None
    try:
        header = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    except (ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) else None


def minted(issuer: Issuer, grant: Grant, now: datetime, *, expired: bool = False) -> str:
    """Return an HS256 token that lives from `now` for the grant's time, or has just ended.

    Raises: ValueError where the issuer has no secret.
    """
    import jwt  # noqa: PLC0415 - it brings cryptography: 60 ms of start-up that most commands never need

    if issuer.secret is None:
        raise ValueError("tokens are minted with HS256, and the issuer has no secret")
    issued_at = math.floor((now - grant.ttl if expired else now).timestamp())
    claims: dict[str, object] = {
        "iss": issuer.issuer,
        "aud": issuer.audience,
        "sub": grant.subject,
        "tenant_id": grant.tenant_id,
        "iat": issued_at,
        "exp": issued_at + math.floor(grant.ttl.total_seconds()),
    }
    optional = {"permissions": grant.permissions, "db_user": grant.db_user}
    claims |= {name: value for name, value in optional.items() if value is not None}
    return jwt.encode(claims, issuer.secret, "HS256")


def _symmetric_key(secret: str) -> Mapping[str, object]:
    return {"kty": "oct", "k": base64.urlsafe_b64encode(secret.encode()).rstrip(b"=").decode()}


def _public_key(keys: KeySet, key_id: object) -> Mapping[str, object]:
    key = keys.key(key_id) if key_id is None or isinstance(key_id, str) else None
    if key is None:
        raise _refusal("UnknownKey", "The token's key is not in its issuer's JWKS, or that cannot be read now")
    return key


def _require_current(claims: Claims, now: datetime) -> None:
    moment = now.timestamp()
    expires_at = _instant(claims, "exp")
    if expires_at is not None and moment >= expires_at:
        raise _refusal("TokenExpired", "The token has expired")
    for name in ("nbf", "iat"):
        starts_at = _instant(claims, name)
        if starts_at is not None and moment < starts_at:
            raise _refusal("TokenNotYetValid", f"The token is not valid yet: {name} is in the future")


def _instant(claims: Claims, name: str) -> float | None:
    """Return a claim in seconds since 1970."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise _refusal("InvalidClaim", f"The token's claim {name} must be a number of seconds since 1970")


def _claimed_tenant(claims: Claims) -> str:
    tenant_id = _text(claims, TENANT_CLAIMS)
    if tenant_id is None:
        raise _refusal("MissingClaim", "The token names no tenant: it needs tenant_id or sub")
    if not is_tenant_id(tenant_id):
        raise _refusal("InvalidClaim", "The token's tenant must be 1 to 128 letters, digits, dots, '_' or '-'")
    return tenant_id


def _text(claims: Claims, names: tuple[str, ...]) -> str | None:
    """Return the first of the claims that is present."""
    name = next((name for name in names if name in claims), None)
    if name is None:
        return None
    value = claims[name]
    if not isinstance(value, str) or not value:
        raise _refusal("InvalidClaim", f"The token's claim {name} must be a text")
    return value


def _permissions(claims: Claims) -> frozenset[str] | None:
    if "permissions" not in claims:
        return None
    names = claims["permissions"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _refusal("InvalidClaim", "The token's claim permissions must be a list of texts")
    return frozenset(names)


def _refusal(reason: str, message: str) -> Unauthorized:
    return Unauthorized(message, reason=reason)
