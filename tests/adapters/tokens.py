"""Tokens, well signed and forged."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime
from functools import partial

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from spectra_emulator.adapters.json_web_tokens import Issuer, JsonWebTokens
from spectra_emulator.domain.errors import Unauthorized
from spectra_emulator.domain.principal import Credential

SECRET = "local-jwt-secret-key-for-testing-only-123456"
ISSUER = Issuer("redshift-spectra-local", "redshift-spectra-api", SECRET)
NOW = datetime(2026, 11, 22, 10, 0, 0, 500_000, tzinfo=UTC)
SECOND = int(NOW.timestamp())
CLAIMS: dict[str, object] = {
    "iss": "redshift-spectra-local",
    "aud": "redshift-spectra-api",
    "sub": "ada",
    "tenant_id": "tenant-123",
    "exp": SECOND + 60,
}
PRIVATE_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_PRIVATE_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def web_key(key: rsa.RSAPrivateKey, **members: object) -> dict[str, object]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), **members}


def document(*keys: dict[str, object]) -> bytes:
    return json.dumps({"keys": keys}).encode()


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in CLAIMS.items() if name not in names}


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def hand_made(header: object, claims: object = CLAIMS, secret: str = SECRET) -> str:
    """Sign with HMAC-SHA256 whatever the header says."""
    content = f"{encoded(header)}.{encoded(claims)}"
    digest = hmac.digest(secret.encode(), content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


hs256 = partial(hand_made, {"alg": "HS256", "typ": "JWT"})


def rs256(key: rsa.RSAPrivateKey = PRIVATE_KEY, key_id: str | None = "k1", claims: dict[str, object] = CLAIMS) -> str:
    return jwt.encode(claims, key, "RS256", headers=None if key_id is None else {"kid": key_id})


def credential(token: str, issuer: Issuer = ISSUER) -> Credential:
    return JsonWebTokens(issuer, lambda: NOW).credential(token)


def refusal(token: str, issuer: Issuer = ISSUER) -> str:
    with pytest.raises(Unauthorized) as refused:
        credential(token, issuer)
    assert not any(part in refused.value.message for part in token.split(".") if len(part) > 3)
    return str(refused.value.details["reason"])
