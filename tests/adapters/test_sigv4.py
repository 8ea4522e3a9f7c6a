"""AWS signatures, checked against requests that botocore signed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.credentials import Credentials
from spectra_emulator.adapters.sigv4 import (
    AccessKey,
    Scope,
    Signatures,
    canonical_path,
    canonical_query,
    canonical_request,
    signature,
)
from spectra_emulator.domain.errors import Unauthorized
from spectra_emulator.domain.principal import Credential
from spectra_emulator.domain.signed_request import SignedRequest

from tests.adapters.signing import ACCESS_KEY_ID, SECRET, signed, signed_at, value_of
from tests.requirements import requirement

LONG_TERM = AccessKey(ACCESS_KEY_ID, SECRET, "tenant-123", permissions=frozenset({"bulk:*"}))
TEMPORARY = AccessKey("ASIATEMP", "tempSecret/+=", "tenant-456", session_token="TOKEN//+==")
JSON = {"Content-Type": "application/json"}
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


def verified(request: SignedRequest, *, late: timedelta = timedelta()) -> Credential:
    """Verify by a clock that stands `late` after the signature."""
    signatures = Signatures([LONG_TERM, TEMPORARY], lambda: signed_at(request) + late)
    return signatures.credential(request, value_of(request, b"authorization").partition(b" ")[2])


def refusal(request: SignedRequest, *, late: timedelta = timedelta()) -> str:
    with pytest.raises(Unauthorized) as refused:
        verified(request, late=late)
    assert "ecret" not in refused.value.message.replace("the secret key", "")
    return str(refused.value.details["reason"])


def with_header(request: SignedRequest, name: bytes, value: bytes) -> SignedRequest:
    """Replace a header, or add it."""
    kept = tuple(pair for pair in request.headers if pair[0] != name)
    return replace(request, headers=(*kept, (name, value)))


def without_header(request: SignedRequest, name: bytes) -> SignedRequest:
    return replace(request, headers=tuple(pair for pair in request.headers if pair[0] != name))


def with_authorization(request: SignedRequest, old: bytes, new: bytes) -> SignedRequest:
    return with_header(request, b"authorization", value_of(request, b"authorization").replace(old, new))


@requirement("AUTH-10")
@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(signed(), id="GET"),
        pytest.param(signed("POST", "/v1/queries", body=b'{"sql":"select 1"}', headers=JSON), id="POST"),
        pytest.param(signed(target="/v1/x?state=Open&limit=5&b=2&a=1&a=0"), id="repeated and unsorted parameters"),
        pytest.param(signed(target="/v1/x?q=%20x%2B%2F~%C3%A9"), id="encoded parameters"),
        pytest.param(signed(target="/v1/x?a-b=1&a=2&a.b=3&A=4"), id="names that share a prefix"),
        pytest.param(signed(target="/v1/x?flag=&z"), id="parameters without a value"),
        pytest.param(signed(target="/v1/a%20b/%C3%A9/c~d"), id="encoded path"),
        pytest.param(signed(target="/v1//x/./y/../z/"), id="dot segments and double slashes"),
        pytest.param(signed(target="/"), id="root"),
        pytest.param(signed(headers={"X-Note": "a   b  c "}), id="folded spaces"),
        pytest.param(signed(headers={"X-Tenant-ID": "tenant-123"}), id="tenant header"),
        pytest.param(signed(headers={"X-Amz-Content-SHA256": EMPTY_SHA256}), id="stated digest"),
    ],
)
def test_a_signed_request_proves_its_access_key(request_: SignedRequest) -> None:
    assert verified(request_) == Credential("sigv4", ACCESS_KEY_ID, "tenant-123", frozenset({"bulk:*"}))


@requirement("AUTH-10")
def test_a_temporary_key_comes_with_its_session_token() -> None:
    request = signed(credentials=Credentials("ASIATEMP", "tempSecret/+=", "TOKEN//+=="))
    assert verified(request).tenant_id == "tenant-456"


@requirement("AUTH-03", "AUTH-10")
@pytest.mark.parametrize(
    ("credentials", "reason"),
    [
        pytest.param(Credentials(ACCESS_KEY_ID, "no"), "SignatureDoesNotMatch", id="wrong secret"),
        pytest.param(Credentials("AKIANOBODY", SECRET), "UnrecognizedClientException", id="unknown key"),
        pytest.param(
            Credentials("ASIATEMP", "tempSecret/+=", "OTHER"), "UnrecognizedClientException", id="wrong session token"
        ),
        pytest.param(
            Credentials("ASIATEMP", "tempSecret/+="), "UnrecognizedClientException", id="missing session token"
        ),
        pytest.param(
            Credentials(ACCESS_KEY_ID, SECRET, "TOKEN"), "UnrecognizedClientException", id="unexpected session token"
        ),
    ],
)
def test_other_credentials_are_refused(credentials: Credentials, reason: str) -> None:
    assert refusal(signed(credentials=credentials)) == reason


@requirement("AUTH-10")
@pytest.mark.parametrize("scope", [("sqs", "us-east-1"), ("s3", "us-east-1"), ("execute-api", "eu-west-1")])
def test_another_service_or_region_is_refused(scope: tuple[str, str]) -> None:
    assert refusal(signed(scope=scope)) == "SignatureDoesNotMatch"


TAMPERINGS: dict[str, Callable[[SignedRequest], SignedRequest]] = {
    "method": lambda request: replace(request, method="PATCH"),
    "path": lambda request: replace(request, raw_path=b"/v1/jobs"),
    "path encoding": lambda request: replace(request, raw_path=b"/v1/%71ueries"),
    "query": lambda request: replace(request, raw_query=b"limit=9"),
    "query added": lambda request: replace(request, raw_query=b"limit=1&limit=2"),
    "query removed": lambda request: replace(request, raw_query=b""),
    "query plus for space": lambda request: replace(request, raw_query=b"limit=1+"),
    "body": lambda request: replace(request, body_sha256=EMPTY_SHA256),
    "host": lambda request: with_header(request, b"host", b"elsewhere"),
    "signed header": lambda request: with_header(request, b"content-type", b"text/plain"),
    "signed header gone": lambda request: without_header(request, b"content-type"),
    "signed header repeated": lambda request: replace(request, headers=(*request.headers, (b"host", b"x"))),
    "unsigned x-amz header": lambda request: with_header(request, b"x-amz-target", b"other"),
    "signature": lambda request: with_header(
        request, b"authorization", value_of(request, b"authorization")[:-64] + b"0" * 64
    ),
    "host not signed": lambda request: with_authorization(request, b";host", b""),
    "access key": lambda request: with_authorization(request, ACCESS_KEY_ID.encode(), b"ASIATEMP"),
    "date in scope": lambda request: with_authorization(request, b"AKIDEXAMPLE/2", b"AKIDEXAMPLE/1"),
}


@requirement("AUTH-03", "AUTH-10")
@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_request_changed_after_signing_is_refused(tamper: Callable[[SignedRequest], SignedRequest]) -> None:
    request = signed("POST", "/v1/queries?limit=1", body=b'{"sql":"select 1"}', headers=JSON)
    assert refusal(tamper(request)) in ("SignatureDoesNotMatch", "IncompleteSignature")


def test_a_header_outside_the_signature_may_change() -> None:
    assert verified(with_header(signed(), b"x-tenant-id", b"tenant-456")).tenant_id == "tenant-123"


@pytest.mark.parametrize(
    "stated",
    [b"UNSIGNED-PAYLOAD", b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", EMPTY_SHA256.encode(), b"", b"\xff"],
    ids=["unsigned", "chunked", "another body's", "empty", "not ASCII"],
)
def test_a_stated_digest_must_be_the_body_s(stated: bytes) -> None:
    request = signed("POST", "/v1/queries", body=b"{}", headers={"X-Amz-Content-SHA256": stated.decode("latin-1")})
    tampered = with_header(request, b"x-amz-content-sha256", stated)
    assert refusal(tampered) == "XAmzContentSHA256Mismatch"


@requirement("AUTH-10")
@pytest.mark.parametrize("minutes", [-5, -4, 0, 4, 5])
def test_clocks_may_differ_by_five_minutes(minutes: int) -> None:
    assert verified(signed(), late=timedelta(minutes=minutes)).subject == ACCESS_KEY_ID


@requirement("AUTH-10")
@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_clocks_may_differ_by_no_more(seconds: int) -> None:
    assert refusal(signed(), late=timedelta(seconds=seconds)) == "RequestTimeTooSkewed"


@pytest.mark.parametrize(
    "stamp", [b"", b"20261122", b"2026-11-22T10:00:00Z", b"20261322T100000Z", b"00000101T000000Z", b"\xff" * 16]
)
def test_a_date_that_is_none_is_refused(stamp: bytes) -> None:
    request = with_header(signed(), b"x-amz-date", stamp)
    dated = with_authorization(request, value_of(signed(), b"x-amz-date")[:8], stamp[:8])
    signatures = Signatures([LONG_TERM], lambda: datetime(2026, 11, 22, tzinfo=UTC))
    with pytest.raises(Unauthorized) as refused:
        signatures.credential(dated, value_of(dated, b"authorization").partition(b" ")[2])
    assert refused.value.details["reason"] in ("IncompleteSignature", "SignatureDoesNotMatch")


def test_a_date_is_given_once() -> None:
    request = signed()
    doubled = replace(request, headers=(*request.headers, (b"x-amz-date", value_of(request, b"x-amz-date"))))
    assert refusal(doubled) == "IncompleteSignature"


CREDENTIAL = b"Credential=AKIDEXAMPLE/20261122/us-east-1/execute-api/aws4_request"
SIGNED_HEADERS = b"SignedHeaders=host;x-amz-date"
SIGNATURE = b"Signature=" + b"0" * 64


@requirement("AUTH-03", "AUTH-10")
@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="nothing"),
        pytest.param([CREDENTIAL, SIGNED_HEADERS], id="no signature"),
        pytest.param([CREDENTIAL, SIGNED_HEADERS, SIGNATURE, SIGNATURE], id="two signatures"),
        pytest.param([CREDENTIAL, SIGNED_HEADERS, SIGNATURE, b"Extra=1"], id="extra part"),
        pytest.param([CREDENTIAL, SIGNED_HEADERS, SIGNATURE[:-1]], id="short signature"),
        pytest.param([CREDENTIAL, SIGNED_HEADERS, SIGNATURE[:-1] + b"G"], id="signature not hexadecimal"),
        pytest.param([b"Credential=AKIDEXAMPLE", SIGNED_HEADERS, SIGNATURE], id="no scope"),
        pytest.param([CREDENTIAL + b"x", SIGNED_HEADERS, SIGNATURE], id="scope without its end"),
        pytest.param([CREDENTIAL, b"SignedHeaders=", SIGNATURE], id="no signed headers"),
        pytest.param([CREDENTIAL, b"SignedHeaders=x-amz-date;host", SIGNATURE], id="unsorted headers"),
        pytest.param([CREDENTIAL, b"SignedHeaders=host;host;x-amz-date", SIGNATURE], id="repeated headers"),
        pytest.param([CREDENTIAL, b"SignedHeaders=Host;X-Amz-Date", SIGNATURE], id="upper-case headers"),
        pytest.param([b"\xff=\xfe", SIGNED_HEADERS, SIGNATURE], id="not ASCII"),
    ],
)
def test_an_incomplete_header_is_refused(parts: list[bytes]) -> None:
    request = replace(signed(), headers=((b"host", b"h"), (b"x-amz-date", b"20261122T100000Z")))
    signatures = Signatures([LONG_TERM], lambda: datetime(2026, 11, 22, 10, tzinfo=UTC))
    with pytest.raises(Unauthorized) as refused:
        signatures.credential(request, b", ".join(parts))
    assert refused.value.details["reason"] == "IncompleteSignature"


@pytest.mark.parametrize("separator", [b",", b", ", b" ,  "])
def test_the_parts_may_come_in_any_order(separator: bytes) -> None:
    request = signed()
    parts = value_of(request, b"authorization").partition(b" ")[2].split(b", ")
    signatures = Signatures([LONG_TERM], lambda: signed_at(request))
    assert signatures.credential(request, separator.join(reversed(parts))).subject == ACCESS_KEY_ID


@requirement("AUTH-10")
def test_without_access_keys_every_signature_is_refused() -> None:
    request = signed()
    with pytest.raises(Unauthorized, match="No access key is configured"):
        Signatures([], lambda: signed_at(request)).credential(
            request, value_of(request, b"authorization").partition(b" ")[2]
        )


def test_a_service_that_aws_documents_signs_as_in_its_example() -> None:
    """The GET of IAM's ListUsers, from "Create a signed AWS API request" in the IAM User Guide."""
    request = SignedRequest(
        method="GET",
        raw_path=b"/",
        raw_query=b"Action=ListUsers&Version=2010-05-08",
        headers=(
            (b"content-type", b"application/x-www-form-urlencoded; charset=utf-8"),
            (b"host", b"iam.amazonaws.com"),
            (b"x-amz-date", b"20150830T123600Z"),
        ),
        body_sha256=EMPTY_SHA256,
    )
    canonical = canonical_request(
        request,
        canonical_path(request.raw_path),
        canonical_query(request.raw_query),
        (b"content-type", b"host", b"x-amz-date"),
    )
    assert hashlib.sha256(canonical).hexdigest() == "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    scope = Scope("20150830", "us-east-1", "iam")
    assert (
        signature("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope, "20150830T123600Z", canonical)
        == b"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        (b"", "/"),
        (b"/", "/"),
        (b"//", "/"),
        (b"/a/./b/../c", "/a/c"),
        (b"/../..", "/"),
        (b"/a/", "/a/"),
        (b"/a%20b", "/a%2520b"),
        (b"/\xc3\xa9:", "/%C3%A9%3A"),
    ],
)
def test_paths_are_normalised_and_encoded_once_more(raw: bytes, canonical: str) -> None:
    assert canonical_path(raw) == canonical


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        (b"", ""),
        (b"b=2&a=1&a=0", "a=0&a=1&b=2"),
        (b"a", "a="),
        (b"&&a=1&", "a=1"),
        (b"a=b=c", "a=b%3Dc"),
        (b"a=+%20", "a=%2B%20"),
        (b"a=%e9%zz", "a=%E9%25zz"),
    ],
)
def test_parameters_are_sorted_and_encoded_anew(raw: bytes, canonical: str) -> None:
    assert canonical_query(raw) == canonical


def test_an_access_key_does_not_show_its_secrets() -> None:
    assert "tempSecret" not in repr(TEMPORARY)
    assert "TOKEN" not in repr(TEMPORARY)
