"""Which proof of identity counts, and what a request without one gets."""

from __future__ import annotations

from dataclasses import replace

import pytest
from spectra_emulator.adapters.api_keys import ApiKey, ApiKeys, key_digest
from spectra_emulator.adapters.authentication import Authenticator
from spectra_emulator.adapters.json_web_tokens import JsonWebTokens
from spectra_emulator.adapters.sigv4 import AccessKey, Signatures
from spectra_emulator.domain.errors import Unauthorized
from spectra_emulator.domain.principal import Credential
from spectra_emulator.domain.signed_request import Headers, SignedRequest

from tests.adapters.signing import ACCESS_KEY_ID, SECRET, signed, signed_at
from tests.adapters.tokens import CLAIMS, ISSUER, NOW, hand_made, hs256
from tests.requirements import requirement

KEY = "spk_tenant-123_k1"
SIGNED = signed()
AUTHENTICATOR = Authenticator(
    ApiKeys([ApiKey(key_digest(KEY), "tenant-123", "demo"), ApiKey(key_digest("a.b.c"), "tenant-123", "dotted")]),
    JsonWebTokens(ISSUER, lambda: NOW),
    Signatures([AccessKey(ACCESS_KEY_ID, SECRET, "tenant-123")], lambda: signed_at(SIGNED)),
)
TRUSTING = replace(AUTHENTICATOR, header_identity=True)
BARE = Authenticator(ApiKeys([]), None, Signatures([], lambda: signed_at(SIGNED)))
IDENTITY: Headers = ((b"x-tenant-id", b"tenant-123"), (b"x-db-user", b"reader"))


def request(*headers: tuple[bytes, bytes]) -> SignedRequest:
    return SignedRequest("GET", b"/v1/jobs/1", b"", headers, "")


def authorized(value: bytes | str, *others: tuple[bytes, bytes]) -> SignedRequest:
    return request((b"authorization", value if isinstance(value, bytes) else value.encode()), *others)


def refusal(sent: SignedRequest, authenticator: Authenticator = AUTHENTICATOR) -> Unauthorized:
    with pytest.raises(Unauthorized) as refused:
        authenticator.credential(sent)
    return refused.value


@requirement("AUTH-01", "AUTH-02", "AUTH-12")
@pytest.mark.parametrize(
    ("sent", "method", "subject"),
    [
        pytest.param(authorized(f"Bearer {KEY}"), "api_key", "demo", id="API key"),
        pytest.param(authorized("Bearer a.b.c"), "api_key", "dotted", id="API key with dots"),
        pytest.param(authorized(f"Bearer {hs256()}"), "jwt", "ada", id="token"),
        pytest.param(SIGNED, "sigv4", ACCESS_KEY_ID, id="signature"),
    ],
)
def test_each_method_is_told_by_what_is_sent(sent: SignedRequest, method: str, subject: str) -> None:
    credential = AUTHENTICATOR.credential(sent)
    assert (credential.method, credential.subject, credential.tenant_id[:6]) == (method, subject, "tenant")


@requirement("AUTH-09")
@pytest.mark.parametrize("value", [f"bearer {KEY}", f"BEARER {KEY}", f"Bearer   {KEY} ", f" Bearer {KEY}"])
def test_the_scheme_may_be_in_any_case(value: str) -> None:
    assert AUTHENTICATOR.credential(authorized(value)).subject == "demo"


def test_the_signature_s_scheme_may_be_in_any_case() -> None:
    lower = tuple((name, value.replace(b"AWS4-HMAC-SHA256", b"aws4-hmac-sha256")) for name, value in SIGNED.headers)
    assert AUTHENTICATOR.credential(replace(SIGNED, headers=lower)).subject == ACCESS_KEY_ID


@requirement("AUTH-03", "AUTH-06", "AUTH-09")
@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        pytest.param(request(), "MissingAuthenticationToken", id="absent"),
        pytest.param(authorized(""), "UnknownScheme", id="empty"),
        pytest.param(authorized(KEY), "UnknownScheme", id="no scheme"),
        pytest.param(authorized(hs256()), "UnknownScheme", id="token without scheme"),
        pytest.param(authorized(f"Basic {KEY}"), "UnknownScheme", id="wrong scheme"),
        pytest.param(authorized(f"Bearer:{KEY}"), "UnknownScheme", id="colon"),
        pytest.param(authorized("Bearer"), "UnknownApiKey", id="no key"),
        pytest.param(authorized("Bearer spk_tenant-123_k2"), "UnknownApiKey", id="unknown key"),
        pytest.param(authorized(f"Bearer {KEY} {KEY}"), "UnknownApiKey", id="two keys"),
        pytest.param(authorized(f"Bearer {hs256(CLAIMS | {'aud': 'x'})}"), "InvalidAudience", id="wrong audience"),
        pytest.param(authorized(f"Bearer {hand_made({'alg': 'none'})}"), "UnsupportedAlgorithm", id="alg none"),
        pytest.param(authorized("AWS4-HMAC-SHA256"), "IncompleteSignature", id="empty signature"),
        pytest.param(authorized("AWS4-HMAC-SHA512 x"), "UnknownScheme", id="other signature"),
        pytest.param(authorized(f"Bearer {KEY}\xe9"), "NotAscii", id="not ASCII"),
        pytest.param(authorized(b"\xff\xfe"), "UnknownScheme", id="not ASCII at all"),
        pytest.param(authorized(b"AWS4-HMAC-SHA256 \xff=\xff"), "IncompleteSignature", id="not ASCII signature"),
        pytest.param(authorized(b"Bearer " + b"a" * 9000), "HeaderTooLong", id="long key"),
        pytest.param(authorized(b"AWS4-HMAC-SHA256 " + b"a," * 50_000), "HeaderTooLong", id="long signature"),
        pytest.param(authorized(f"Bearer {KEY}", (b"authorization", b"")), "RepeatedHeader", id="twice"),
    ],
)
def test_a_request_without_a_valid_proof_is_refused(sent: SignedRequest, reason: str) -> None:
    assert refusal(sent).details == {"reason": reason}


@requirement("AUTH-12")
def test_a_bad_token_is_not_tried_as_an_api_key() -> None:
    token = hs256(secret="x" * 44)
    keyed = replace(AUTHENTICATOR, api_keys=ApiKeys([ApiKey(key_digest(token), "tenant-123", "demo")]))
    assert refusal(authorized(f"Bearer {token}"), keyed).details == {"reason": "InvalidSignature"}


@requirement("AUTH-10")
@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        pytest.param(SIGNED, "UnrecognizedClientException", id="signature"),
        pytest.param(authorized(f"Bearer {hs256()}"), "NoIssuer", id="token"),
        pytest.param(authorized(f"Bearer {KEY}"), "UnknownApiKey", id="API key"),
    ],
)
def test_what_is_not_configured_is_refused(sent: SignedRequest, reason: str) -> None:
    assert refusal(sent, BARE).details == {"reason": reason}


@pytest.mark.parametrize("secret", ["spk_tenant-123_wrong", hs256(secret="x" * 44), "Ünknown-key-9"])
def test_a_message_does_not_repeat_what_was_sent(secret: str) -> None:
    error = refusal(authorized(f"Bearer {secret}"))
    assert secret not in error.message + str(error.details)


@requirement("HDR-10")
@pytest.mark.parametrize(
    ("permissions", "granted"),
    [
        pytest.param((), None, id="none named"),
        pytest.param(((b"x-permissions", b"bulk:read, query:execute,"),), {"bulk:read", "query:execute"}, id="two"),
        pytest.param(((b"x-permissions", b""),), set(), id="empty"),
    ],
)
def test_headers_speak_for_themselves_where_allowed(permissions: Headers, granted: set[str] | None) -> None:
    expected = Credential("headers", "reader", "*", None if granted is None else frozenset(granted), "reader")
    assert TRUSTING.credential(request(*IDENTITY, *permissions)) == expected


@requirement("HDR-10")
def test_headers_say_nothing_where_not_allowed() -> None:
    assert refusal(request(*IDENTITY)).details == {"reason": "MissingAuthenticationToken"}


@requirement("AUTH-12", "HDR-10")
def test_headers_never_outrank_a_key() -> None:
    credential = TRUSTING.credential(authorized(f"Bearer {KEY}", *IDENTITY, (b"x-permissions", b"*")))
    assert credential == Credential("api_key", "demo", "tenant-123")


@requirement("HDR-10")
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(authorized("Bearer wrong", *IDENTITY), id="with an unknown key"),
        pytest.param(request((b"x-tenant-id", b"tenant-123")), id="no user"),
        pytest.param(request((b"x-db-user", b"")), id="empty user"),
        pytest.param(request((b"x-db-user", b"\xff")), id="user not ASCII"),
        pytest.param(request((b"x-db-user", b"u" * 9000)), id="user too long"),
        pytest.param(request(*IDENTITY, *IDENTITY), id="two users"),
        pytest.param(request(*IDENTITY, (b"x-permissions", b"\xff")), id="permissions not ASCII"),
    ],
)
def test_headers_must_name_one_user(sent: SignedRequest) -> None:
    assert refusal(sent, TRUSTING).status == 401


@requirement("AUTH-10")
@pytest.mark.parametrize(
    ("headers", "needed"),
    [
        pytest.param(SIGNED.headers, True, id="signature"),
        pytest.param(((b"authorization", b"aws4-hmac-sha256 Credential=x"),), True, id="lower case"),
        pytest.param(((b"authorization", f"Bearer {KEY}".encode()),), False, id="API key"),
        pytest.param(((b"authorization", f"Bearer {hs256()}".encode()),), False, id="token"),
        pytest.param(((b"x-note", b"AWS4-HMAC-SHA256"),), False, id="another header"),
        pytest.param((), False, id="none"),
    ],
)
def test_only_a_signature_needs_the_body(headers: Headers, needed: bool) -> None:
    assert AUTHENTICATOR.needs_body(headers) is needed


def test_no_body_is_needed_where_no_signature_can_be_checked() -> None:
    assert not BARE.needs_body(SIGNED.headers)


@requirement("AUTH-10")
@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param(ACCESS_KEY_ID, "AKIDNOBODY", "UnrecognizedClientException", id="unknown key"),
        pytest.param("us-east-1", "eu-west-1", "SignatureDoesNotMatch", id="another region"),
        pytest.param("/20", "/19", "SignatureDoesNotMatch", id="another day"),
        pytest.param("Signature=", "Sig=", "IncompleteSignature", id="no signature"),
    ],
)
def test_a_signature_that_no_body_makes_good_is_refused_without_one(old: str, new: str, reason: str) -> None:
    proof = dict(SIGNED.headers)[b"authorization"].replace(old.encode(), new.encode(), 1)
    headers = tuple((name, proof if name == b"authorization" else value) for name, value in SIGNED.headers)
    with pytest.raises(Unauthorized) as refused:
        AUTHENTICATOR.check_head(headers)

    assert refused.value.details["reason"] == reason


def test_a_well_formed_signature_passes_until_its_body_is_there() -> None:
    AUTHENTICATOR.check_head(SIGNED.headers)

    assert AUTHENTICATOR.needs_body(SIGNED.headers)


def test_only_keys_behind_a_url_make_a_credential_wait() -> None:
    assert not AUTHENTICATOR.waits_for_network
    assert not BARE.waits_for_network
