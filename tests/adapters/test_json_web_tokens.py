"""JSON Web Tokens: who is let in, and every forgery that is not."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from spectra_emulator.adapters.json_web_tokens import Grant, Issuer, JsonWebTokens, minted, token_header
from spectra_emulator.adapters.jwks import key_set
from spectra_emulator.domain.errors import Unauthorized
from spectra_emulator.domain.principal import Credential

from tests.adapters.tokens import (
    CLAIMS,
    ISSUER,
    NOW,
    OTHER_PRIVATE_KEY,
    PRIVATE_KEY,
    SECOND,
    SECRET,
    credential,
    document,
    encoded,
    hand_made,
    hs256,
    refusal,
    rs256,
    web_key,
    without,
)
from tests.requirements import requirement


@pytest.fixture
def rsa_issuer(tmp_path: Path) -> Issuer:
    (tmp_path / "jwks.json").write_bytes(
        document(web_key(PRIVATE_KEY, kid="k1", use="sig"), web_key(OTHER_PRIVATE_KEY, kid="k2", alg="RS256"))
    )
    return Issuer("redshift-spectra-local", "redshift-spectra-api", keys=key_set("jwks.json", tmp_path))


@requirement("AUTH-07", "AUTH-08")
@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param(CLAIMS, Credential("jwt", "ada", "tenant-123"), id="tenant_id"),
        pytest.param(
            without("tenant_id") | {"custom:tenant_id": "tenant-456", "custom:db_user": "bob"},
            Credential("jwt", "ada", "tenant-456", db_user="bob"),
            id="custom:tenant_id",
        ),
        pytest.param(without("tenant_id"), Credential("jwt", "ada", "ada"), id="sub for a tenant"),
        pytest.param(without("sub"), Credential("jwt", "tenant-123", "tenant-123"), id="no sub"),
        pytest.param(
            CLAIMS | {"permissions": ["bulk:read"], "db_user": "reader"},
            Credential("jwt", "ada", "tenant-123", frozenset({"bulk:read"}), "reader"),
            id="permissions and user",
        ),
        pytest.param(CLAIMS | {"permissions": []}, Credential("jwt", "ada", "tenant-123", frozenset()), id="no rights"),
        pytest.param(
            CLAIMS | {"aud": ["x", "redshift-spectra-api"]}, Credential("jwt", "ada", "tenant-123"), id="auds"
        ),
    ],
)
def test_a_valid_token_says_who_calls(claims: dict[str, object], expected: Credential) -> None:
    assert credential(hs256(claims)) == expected


@requirement("AUTH-07")
@pytest.mark.parametrize(
    "times",
    [
        pytest.param({"exp": SECOND + 1}, id="ends within the second"),
        pytest.param({"exp": SECOND + 0.75}, id="fractional end"),
        pytest.param({"exp": 10**30}, id="far future"),
        pytest.param({"nbf": SECOND, "iat": SECOND}, id="starts this second"),
        pytest.param({"nbf": -1, "iat": 0}, id="started long ago"),
    ],
)
def test_a_token_counts_while_it_is_valid(times: dict[str, object]) -> None:
    assert credential(hs256(CLAIMS | times)).subject == "ada"


@requirement("AUTH-03", "AUTH-07")
@pytest.mark.parametrize(
    ("times", "reason"),
    [
        pytest.param({"exp": SECOND + 0.5}, "TokenExpired", id="ended this instant"),
        pytest.param({"exp": SECOND}, "TokenExpired", id="ended this second"),
        pytest.param({"exp": -(10**30)}, "TokenExpired", id="ended long ago"),
        pytest.param({"nbf": SECOND + 1}, "TokenNotYetValid", id="nbf in the future"),
        pytest.param({"iat": SECOND + 1}, "TokenNotYetValid", id="iat in the future"),
        pytest.param({"exp": str(SECOND + 60)}, "InvalidClaim", id="exp as text"),
        pytest.param({"exp": True}, "InvalidClaim", id="exp as boolean"),
        pytest.param({"exp": float("inf")}, "InvalidClaim", id="exp without end"),
        pytest.param({"exp": float("nan")}, "InvalidClaim", id="exp not a number"),
        pytest.param({"exp": None}, "MissingClaim", id="exp null"),
        pytest.param({"nbf": None}, "InvalidClaim", id="nbf null"),
        pytest.param({"iat": [SECOND]}, "InvalidClaim", id="iat as list"),
    ],
)
def test_a_token_outside_its_time_is_refused(times: dict[str, object], reason: str) -> None:
    assert refusal(hs256(CLAIMS | times)) == reason


@requirement("AUTH-07")
def test_a_token_expires_exactly_at_its_second() -> None:
    tokens = JsonWebTokens(ISSUER, lambda: datetime.fromtimestamp(SECOND + 60, UTC))
    with pytest.raises(Unauthorized, match="expired"):
        tokens.credential(hs256())


@requirement("AUTH-03", "AUTH-08")
@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        pytest.param(without("exp"), "MissingClaim", id="no exp"),
        pytest.param(without("aud"), "MissingClaim", id="no aud"),
        pytest.param(without("iss"), "MissingClaim", id="no iss"),
        pytest.param(without("sub", "tenant_id"), "MissingClaim", id="no tenant"),
        pytest.param(CLAIMS | {"aud": "other"}, "InvalidAudience", id="other audience"),
        pytest.param(CLAIMS | {"aud": {"redshift-spectra-api": 1}}, "InvalidAudience", id="audience as object"),
        pytest.param(CLAIMS | {"iss": "other"}, "InvalidIssuer", id="other issuer"),
        pytest.param(CLAIMS | {"iss": ["redshift-spectra-local"]}, "InvalidIssuer", id="issuer as list"),
        pytest.param(CLAIMS | {"tenant_id": 123}, "InvalidClaim", id="tenant as number"),
        pytest.param(CLAIMS | {"tenant_id": None}, "InvalidClaim", id="tenant null"),
        pytest.param(CLAIMS | {"tenant_id": ""}, "InvalidClaim", id="tenant empty"),
        pytest.param(CLAIMS | {"tenant_id": "*"}, "InvalidClaim", id="any tenant"),
        pytest.param(CLAIMS | {"tenant_id": "a/b"}, "InvalidClaim", id="tenant malformed"),
        pytest.param(CLAIMS | {"permissions": "bulk:read"}, "InvalidClaim", id="permissions as text"),
        pytest.param(CLAIMS | {"permissions": ["bulk:read", 1]}, "InvalidClaim", id="permissions of other types"),
        pytest.param(CLAIMS | {"permissions": None}, "InvalidClaim", id="permissions null"),
        pytest.param(CLAIMS | {"db_user": 7}, "InvalidClaim", id="user as number"),
        pytest.param(CLAIMS | {"sub": 7}, "MalformedToken", id="sub as number"),
        pytest.param([], "MalformedToken", id="claims as list"),
    ],
)
def test_a_token_with_wrong_claims_is_refused(claims: object, reason: str) -> None:
    assert refusal(hs256(claims)) == reason


@requirement("AUTH-03", "AUTH-07")
@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param(hs256(secret="x" * 44), "InvalidSignature", id="other secret"),
        pytest.param(hs256()[:-3], "InvalidSignature", id="cut signature"),
        pytest.param(hs256().rpartition(".")[0] + ".", "InvalidSignature", id="no signature"),
        pytest.param(hand_made({"alg": "none"}), "UnsupportedAlgorithm", id="alg none"),
        pytest.param(hand_made({"alg": "None"}), "UnsupportedAlgorithm", id="alg None"),
        pytest.param(hand_made({"alg": "HS512"}), "UnsupportedAlgorithm", id="alg HS512"),
        pytest.param(hand_made({"alg": "RS256"}), "UnsupportedAlgorithm", id="alg RS256 without keys"),
        pytest.param(hand_made({"alg": ["HS256"]}), "UnsupportedAlgorithm", id="alg as list"),
        pytest.param(hand_made({}), "UnsupportedAlgorithm", id="no alg"),
        pytest.param(hand_made({"alg": "HS256", "crit": ["x"]}), "MalformedToken", id="unknown crit"),
        pytest.param(hand_made({"alg": "HS256", "kid": 7}), "MalformedToken", id="kid as number"),
        pytest.param(f"{encoded({'alg': 'none'})}.{encoded(CLAIMS)}.", "UnsupportedAlgorithm", id="unsigned"),
        pytest.param(f"{encoded({'alg': 'HS256'})}.A.A", "MalformedToken", id="broken base64"),
        pytest.param("a.b.c", "MalformedToken", id="no header"),
        pytest.param("", "MalformedToken", id="empty"),
    ],
)
def test_a_forged_token_is_refused(token: str, reason: str) -> None:
    assert refusal(token) == reason


@requirement("AUTH-07")
def test_a_public_key_is_no_hmac_secret(rsa_issuer: Issuer) -> None:
    public = PRIVATE_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    forged = hand_made({"alg": "HS256", "kid": "k1"}, secret=public.decode())
    both = Issuer(rsa_issuer.issuer, rsa_issuer.audience, SECRET, rsa_issuer.keys)
    assert refusal(forged, rsa_issuer) == "UnsupportedAlgorithm"
    assert refusal(forged, both) == "InvalidSignature"


@requirement("AUTH-07")
@pytest.mark.parametrize(("key", "key_id"), [(PRIVATE_KEY, "k1"), (OTHER_PRIVATE_KEY, "k2")], ids=["k1", "k2"])
def test_a_token_signed_by_a_published_key_is_valid(rsa_issuer: Issuer, key: rsa.RSAPrivateKey, key_id: str) -> None:
    assert credential(rs256(key, key_id), rsa_issuer).tenant_id == "tenant-123"


@requirement("AUTH-03", "AUTH-07")
@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param(rs256(OTHER_PRIVATE_KEY, "k1"), "InvalidSignature", id="another key's id"),
        pytest.param(rs256(key_id="k3"), "UnknownKey", id="unknown id"),
        pytest.param(rs256(key_id=None), "UnknownKey", id="no id among two keys"),
        pytest.param(hs256(), "UnsupportedAlgorithm", id="HS256 without a secret"),
        pytest.param(hand_made({"alg": "RS256", "kid": ["k1"]}), "UnknownKey", id="id as list"),
        pytest.param(rs256(claims=without("exp")), "MissingClaim", id="no exp"),
        pytest.param(rs256(claims=CLAIMS | {"exp": SECOND}), "TokenExpired", id="expired"),
    ],
)
def test_a_token_not_signed_by_its_published_key_is_refused(rsa_issuer: Issuer, token: str, reason: str) -> None:
    assert refusal(token, rsa_issuer) == reason


def test_a_single_key_needs_no_id(tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_bytes(document(web_key(PRIVATE_KEY)))
    issuer = Issuer("redshift-spectra-local", "redshift-spectra-api", keys=key_set("jwks.json", tmp_path))
    assert credential(rs256(key_id=None), issuer).subject == "ada"


@requirement("AUTH-07")
@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_a_short_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="must have 32 bytes or more"):
        Issuer("i", "a", secret)


def test_an_issuer_without_any_key_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a secret"):
        Issuer("i", "a")


def test_an_issuer_speaks_only_for_the_tenants_it_is_trusted_with() -> None:
    issuer = Issuer(ISSUER.issuer, ISSUER.audience, SECRET, tenants=frozenset({"tenant-456"}))
    assert credential(hs256(CLAIMS | {"tenant_id": "tenant-456"}), issuer).tenant_id == "tenant-456"
    assert refusal(hs256(), issuer) == "UntrustedTenant"


GRANT = Grant("tenant-123", "tester", timedelta(minutes=5), ("query:execute",), "reader")


@requirement("AUTH-07", "AUTH-08")
def test_a_minted_token_is_valid() -> None:
    expected = Credential("jwt", "tester", "tenant-123", frozenset({"query:execute"}), "reader")
    assert credential(minted(ISSUER, GRANT, NOW)) == expected


def test_a_minted_token_leaves_out_what_is_not_granted() -> None:
    grant = Grant("tenant-123", "tester", timedelta(minutes=5))
    assert credential(minted(ISSUER, grant, NOW)) == Credential("jwt", "tester", "tenant-123")


@requirement("AUTH-03")
@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=1), timedelta(days=1)])
def test_a_token_minted_expired_is_refused(ttl: timedelta) -> None:
    grant = Grant("tenant-123", "tester", ttl)
    assert refusal(minted(ISSUER, grant, NOW, expired=True)) == "TokenExpired"


def test_nothing_is_minted_without_a_secret(rsa_issuer: Issuer) -> None:
    with pytest.raises(ValueError, match="no secret"):
        minted(rsa_issuer, GRANT, NOW)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "spk_tenant.1.2", "a.b", "a.b.c.d", "é.b.c", f"{encoded([1])}.b.c", f"{encoded({})}.b.c d", "A" * 9],
)
def test_other_text_is_no_token(text: str) -> None:
    assert token_header(text) is None


def test_a_deeply_nested_header_is_no_token() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 5000).rstrip(b"=").decode()
    assert token_header(f"{deep}.b.c") is None


def test_an_issuer_does_not_show_its_secret() -> None:
    assert SECRET not in repr(ISSUER)
