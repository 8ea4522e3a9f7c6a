"""Links, and requests signed for S3, as the verifier takes them."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from spectra_emulator.adapters.presigned_urls import PresignedUrls, link_key
from spectra_emulator.adapters.s3_signatures import UNSIGNED, Address, Proof, S3Signatures
from spectra_emulator.adapters.sigv4 import TIMESTAMP, AccessKey
from spectra_emulator.domain.errors import Unauthorized
from spectra_emulator.domain.signed_request import SignedRequest

from tests.requirements import requirement

NOW = datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
KEY = AccessKey("AKIDLINK", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "*")
TEMPORARY = AccessKey("ASIATEMP", "tempSecret/+=", "tenant-456", session_token="TOKEN//+==")
BASE = "http://127.0.0.1:8439"
HOST = Address(b"127.0.0.1:8439")
OBJECT = "tenant-123/jobs/1/é x+y.csv"


def link(
    method: str = "GET", key: str = OBJECT, lifetime: timedelta = HOUR, base_url: str = BASE, at: datetime = NOW
) -> str:
    return PresignedUrls(KEY, "spectra", lambda: at).link(method, key, lifetime, base_url)


def request_of(url: str, method: str = "GET") -> SignedRequest:
    parts = urlsplit(url)
    return SignedRequest(method, parts.path.encode(), parts.query.encode(), ((b"host", parts.netloc.encode()),), "")


def proven(request: SignedRequest, at: datetime = NOW, *addresses: Address) -> Proof:
    return S3Signatures([KEY, TEMPORARY], lambda: at).proof(request, addresses or (HOST,))


def refusal(request: SignedRequest, at: datetime = NOW) -> tuple[str, str]:
    with pytest.raises(Unauthorized) as refused:
        proven(request, at)
    return str(refused.value.details["reason"]), refused.value.message


@requirement("URL-15")
@pytest.mark.parametrize("key", ["a", OBJECT, "a//b/", "a%20b", "~/.-_", "a?b#c&d=e", "漢字"])
def test_a_link_proves_itself(key: str) -> None:
    found = proven(request_of(link(key=key)))
    assert (found.access_key, found.link, found.payload) == (KEY, True, UNSIGNED)


@requirement("URL-15")
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_link_is_what_botocore_would_sign(method: str) -> None:
    request = AWSRequest(method, f"{BASE}/_s3/spectra/tenant-123/%C3%A9%20x%2By.csv")
    S3SigV4QueryAuth(Credentials(KEY.access_key_id, KEY.secret_access_key), "s3", "us-east-1", 3600).add_auth(request)
    theirs = urlsplit(request.url)
    signed_at = datetime.strptime(dict(parse_qsl(theirs.query))["X-Amz-Date"], TIMESTAMP).replace(tzinfo=UTC)
    ours = urlsplit(link(method, "tenant-123/é x+y.csv", at=signed_at))
    assert (ours.path, sorted(parse_qsl(ours.query))) == (theirs.path, sorted(parse_qsl(theirs.query)))


@requirement("URL-13")
def test_a_link_for_get_serves_head() -> None:
    assert proven(request_of(link(), "HEAD")).link


@requirement("URL-10", "URL-14")
@pytest.mark.parametrize(
    ("age", "expired"),
    [(timedelta(), False), (HOUR, False), (HOUR + SECOND, True), (timedelta(days=400), True), (-HOUR, True)],
)
def test_a_link_lives_as_long_as_it_says(age: timedelta, *, expired: bool) -> None:
    request = request_of(link())
    reasons = {refusal(request, NOW + age)[0]} if expired else {proven(request, NOW + age).link}
    assert reasons == ({"AccessDenied"} if expired else {True})


@requirement("URL-14")
def test_an_expired_link_says_so() -> None:
    assert refusal(request_of(link()), NOW + HOUR + SECOND) == ("AccessDenied", "Request has expired")


def _replaced(old: bytes, new: bytes) -> Callable[[SignedRequest], SignedRequest]:
    return lambda request: replace(request, raw_query=request.raw_query.replace(old, new))


TAMPERINGS: dict[str, tuple[Callable[[SignedRequest], SignedRequest], str]] = {
    "other method": (lambda request: replace(request, method="PUT"), "SignatureDoesNotMatch"),
    "delete": (lambda request: replace(request, method="DELETE"), "SignatureDoesNotMatch"),
    "other key": (lambda request: replace(request, raw_path=b"/_s3/spectra/other"), "SignatureDoesNotMatch"),
    "other bucket": (
        lambda request: replace(request, raw_path=request.raw_path.replace(b"spectra", b"bucket")),
        "SignatureDoesNotMatch",
    ),
    "longer life": (_replaced(b"Expires=3600", b"Expires=7200"), "SignatureDoesNotMatch"),
    "other time": (_replaced(b"T100000Z", b"T100001Z"), "SignatureDoesNotMatch"),
    "other signature": (
        lambda request: replace(request, raw_query=request.raw_query[:-4] + b"0000"),
        "SignatureDoesNotMatch",
    ),
    "empty signature": (
        lambda request: replace(request, raw_query=request.raw_query[:-64]),
        "SignatureDoesNotMatch",
    ),
    "another parameter": (_replaced(b"X-Amz-Date", b"response-expires=0&X-Amz-Date"), "SignatureDoesNotMatch"),
    "header unsigned": (
        lambda request: replace(request, headers=(*request.headers, (b"x-amz-acl", b"public-read"))),
        "SignatureDoesNotMatch",
    ),
    "unknown key": (_replaced(b"AKIDLINK", b"AKIDNONE"), "InvalidAccessKeyId"),
    "other region": (_replaced(b"us-east-1", b"eu-west-1"), "AuthorizationQueryParametersError"),
    "other service": (_replaced(b"%2Fs3%2F", b"%2Fsqs%2F"), "AuthorizationQueryParametersError"),
    "other algorithm": (_replaced(b"HMAC-SHA256", b"HMAC-SHA1"), "AuthorizationQueryParametersError"),
    "no lifetime": (_replaced(b"X-Amz-Expires=3600&", b""), "AuthorizationQueryParametersError"),
    "lifetime of nine days": (_replaced(b"=3600", b"=777600"), "AuthorizationQueryParametersError"),
    "lifetime of letters": (_replaced(b"=3600", b"=abc"), "AuthorizationQueryParametersError"),
    "lifetime below zero": (_replaced(b"=3600", b"=-1"), "AuthorizationQueryParametersError"),
    "two lifetimes": (_replaced(b"X-Amz-Date", b"X-Amz-Expires=1&X-Amz-Date"), "AuthorizationQueryParametersError"),
    "host unsigned": (_replaced(b"SignedHeaders=host", b"SignedHeaders=date"), "IncompleteSignature"),
    "no time": (_replaced(b"20260301T100000Z", b"20260301T1"), "IncompleteSignature"),
    "no signature": (lambda request: replace(request, raw_query=b""), "AccessDenied"),
    "signature version 2": (lambda request: replace(request, raw_query=b"AWSAccessKeyId=a"), "InvalidRequest"),
    "signed twice": (
        lambda request: replace(request, headers=(*request.headers, (b"authorization", b"AWS4-HMAC-SHA256 x"))),
        "InvalidArgument",
    ),
}


@requirement("URL-14")
@pytest.mark.parametrize(("tampered", "reason"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_tampered_link_is_refused(tampered: Callable[[SignedRequest], SignedRequest], reason: str) -> None:
    assert refusal(tampered(request_of(link())))[0] == reason


@requirement("URL-15")
@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        pytest.param("http://spectra:8439", Address(b"spectra:8439"), id="another host"),
        pytest.param("https://proxy.example/emulator", Address(b"proxy.example", b"/emulator"), id="a longer path"),
    ],
)
def test_a_link_holds_where_clients_see_another_address(base_url: str, address: Address) -> None:
    path = urlsplit(link(base_url=base_url)).path.removeprefix(address.path_prefix.decode())
    request = replace(request_of(link(base_url=base_url)), raw_path=path.encode())
    assert proven(request, NOW, HOST, address).link


def header_signed(key: AccessKey, headers: dict[str, str]) -> tuple[SignedRequest, datetime]:
    request = AWSRequest("PUT", f"{BASE}/_s3/spectra/a%20b", data=b"x", headers={"host": "127.0.0.1:8439"} | headers)
    credentials = Credentials(key.access_key_id, key.secret_access_key, key.session_token)
    S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
    sent = tuple((name.lower().encode(), str(value).encode()) for name, value in request.headers.items())
    signed_at = datetime.strptime(str(request.headers["X-Amz-Date"]), TIMESTAMP).replace(tzinfo=UTC)
    return SignedRequest("PUT", b"/_s3/spectra/a%20b", b"", sent, ""), signed_at


@pytest.mark.parametrize("key", [KEY, TEMPORARY], ids=["long-term", "temporary"])
def test_a_signed_header_proves_its_key(key: AccessKey) -> None:
    request, signed_at = header_signed(key, {})
    found = proven(request, signed_at)
    assert (found.access_key, found.link) == (key, False)


@pytest.mark.parametrize("late", [timedelta(minutes=16), -timedelta(minutes=16)])
def test_a_signed_header_is_good_for_fifteen_minutes(late: timedelta) -> None:
    request, signed_at = header_signed(KEY, {})
    assert refusal(request, signed_at + late)[0] == "RequestTimeTooSkewed"


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        pytest.param(replace(KEY, secret_access_key="no"), "SignatureDoesNotMatch", id="wrong secret"),
        pytest.param(replace(KEY, access_key_id="AKIDNONE"), "InvalidAccessKeyId", id="unknown key"),
        pytest.param(replace(KEY, session_token="T"), "InvalidToken", id="unexpected session token"),
        pytest.param(replace(TEMPORARY, session_token=None), "InvalidToken", id="missing session token"),
    ],
)
def test_other_credentials_are_refused(key: AccessKey, reason: str) -> None:
    request, signed_at = header_signed(key, {})
    assert refusal(request, signed_at)[0] == reason


def test_the_secret_of_links_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "links.secret"
    first = link_key(file)
    assert link_key(file) == first
    assert len(first.secret_access_key) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_servers_have_two_secrets(tmp_path: Path) -> None:
    assert link_key(tmp_path / "a").secret_access_key != link_key(tmp_path / "b").secret_access_key
