"""The S3 at `/_s3`, over sockets."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests
from botocore.exceptions import ClientError

from tests.object_server import (
    ANY_KEY,
    HOUR,
    MAX_UPLOAD_BYTES,
    PUBLIC_URL,
    QUERYING_KEY,
    READING_KEY,
    TENANT_KEY,
    ObjectServer,
    object_server,
)
from tests.raw_connection import connected
from tests.requirements import requirement

KEY = "tenant-123/jobs/1/é x+y.csv"
TEN = b"0123456789"
MIB = 2**20
BUCKET = "spectra"
CHUNKED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    with object_server(tmp_path_factory.mktemp("server")) as running:
        yield running


def put(server: ObjectServer, content: Any = TEN, key: str = KEY, **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.put(server.link("PUT", key), data=content, headers=named, timeout=60)


def get(server: ObjectServer, key: str = KEY, method: str = "GET", **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()} | {"Accept-Encoding": "identity"}
    return requests.request(method, server.link("GET", key), headers=named, timeout=60)


def code_of(answer: requests.Response) -> str:
    """Return the code of S3's error document, which must be well-formed and carry the request's id."""
    assert answer.headers["content-type"] == "application/xml"
    error = ET.fromstring(answer.content)
    assert error.tag == "Error"
    assert error.findtext("RequestId") == answer.headers["x-amz-request-id"]
    return str(error.findtext("Code"))


def refusal(call: Callable[..., object], **arguments: object) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return str(refused.value.response["Error"]["Code"])


@requirement("URL-01", "URL-02", "URL-11", "URL-12")
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no headers"),
        pytest.param({"Content-Type": "text/csv"}, id="csv"),
        pytest.param({"Content-Type": "text/csv", "Content-Encoding": "gzip"}, id="gzip"),
        pytest.param({"Content-Type": "application/octet-stream"}, id="bytes"),
        pytest.param({"Content-Type": "application/x-www-form-urlencoded"}, id="form"),
        pytest.param({"Content-Type": "multipart/form-data; boundary=x"}, id="form in parts"),
    ],
)
def test_an_upload_is_taken_with_any_content_type(server: ObjectServer, headers: dict[str, str]) -> None:
    answer = put(server, **headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == f'"{hashlib.md5(TEN).hexdigest()}"'
    assert get(server).content == TEN


@requirement("URL-13")
def test_a_gzipped_file_comes_back_gzipped(server: ObjectServer) -> None:
    put(server, b"\x1f\x8b\x08not really", Content_Type="text/csv", Content_Encoding="gzip")
    answer = get(server)
    assert answer.content == b"\x1f\x8b\x08not really"
    assert "content-encoding" not in answer.headers


@requirement("URL-13")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_object_is_described_as_s3_does(server: ObjectServer, method: str) -> None:
    put(server, Content_Type="text/csv")
    answer = get(server, method=method)
    told = {name: answer.headers[name] for name in ("accept-ranges", "content-length", "content-type")}
    assert told == {"accept-ranges": "bytes", "content-length": "10", "content-type": "text/csv"}
    assert answer.headers["last-modified"].endswith(" GMT")
    assert answer.headers["etag"] == f'"{hashlib.md5(TEN).hexdigest()}"'
    assert answer.content == (TEN if method == "GET" else b"")


RANGES = {
    "bytes=0-3": (206, b"0123", "bytes 0-3/10"),
    "bytes=4-": (206, b"456789", "bytes 4-9/10"),
    "bytes=-3": (206, b"789", "bytes 7-9/10"),
    "bytes=8-99": (206, b"89", "bytes 8-9/10"),
    "bytes=-99": (206, TEN, "bytes 0-9/10"),
    "bytes=9-9": (206, b"9", "bytes 9-9/10"),
    "bytes=5-2": (200, TEN, None),
    "bytes=a-b": (200, TEN, None),
    "bytes=0-1,3-4": (200, TEN, None),
    "items=0-1": (200, TEN, None),
}


@requirement("URL-13")
@pytest.mark.parametrize("wanted", RANGES)
def test_a_range_is_served_as_s3_does(server: ObjectServer, wanted: str) -> None:
    put(server)
    answer = get(server, Range=wanted)
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == RANGES[wanted]


@requirement("URL-13")
@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_outside_the_object_is_refused(server: ObjectServer, wanted: str) -> None:
    put(server)
    answer = get(server, Range=wanted)
    assert (answer.status_code, code_of(answer)) == (416, "InvalidRange")


def test_a_copy_that_is_still_good_is_not_sent_again(server: ObjectServer) -> None:
    etag = put(server).headers["etag"]
    answer = get(server, If_None_Match=etag)
    assert (answer.status_code, answer.content) == (304, b"")


@requirement("URL-14")
def test_a_link_to_nothing_says_so(server: ObjectServer) -> None:
    answer = get(server, "tenant-123/none")
    assert (answer.status_code, code_of(answer)) == (404, "NoSuchKey")


def _other_key(link: str) -> str:
    return link.replace("/jobs/1/", "/jobs/2/")


def _other_tenant(link: str) -> str:
    return link.replace("/tenant-123/", "/tenant-456/")


def _forged(link: str) -> str:
    return link[:-8] + "00000000"


def _longer(link: str) -> str:
    return link.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000")


def _unsigned(link: str) -> str:
    return link.partition("?")[0]


def _same(link: str) -> str:
    return link


FORGERIES: dict[str, tuple[str, str, Callable[[str], str], str]] = {
    "forged": ("GET", "GET", _forged, "SignatureDoesNotMatch"),
    "forged upload": ("PUT", "PUT", _forged, "SignatureDoesNotMatch"),
    "other key": ("GET", "GET", _other_key, "SignatureDoesNotMatch"),
    "other key, upload": ("PUT", "PUT", _other_key, "SignatureDoesNotMatch"),
    "other tenant": ("GET", "GET", _other_tenant, "SignatureDoesNotMatch"),
    "other tenant, upload": ("PUT", "PUT", _other_tenant, "SignatureDoesNotMatch"),
    "longer life": ("GET", "GET", _longer, "SignatureDoesNotMatch"),
    "unsigned": ("GET", "GET", _unsigned, "AccessDenied"),
    "unsigned upload": ("PUT", "PUT", _unsigned, "AccessDenied"),
    "download put": ("GET", "PUT", _same, "SignatureDoesNotMatch"),
    "download deleted": ("GET", "DELETE", _same, "SignatureDoesNotMatch"),
    "download posted": ("GET", "POST", _same, "SignatureDoesNotMatch"),
    "upload read": ("PUT", "GET", _same, "SignatureDoesNotMatch"),
    "upload deleted": ("PUT", "DELETE", _same, "SignatureDoesNotMatch"),
    "patched": ("PUT", "PATCH", _same, "SignatureDoesNotMatch"),
}


@requirement("URL-14", "TEN-01")
@pytest.mark.parametrize(("signed", "sent", "forge", "code"), FORGERIES.values(), ids=FORGERIES)
def test_a_link_gives_what_it_was_signed_for_and_nothing_else(
    server: ObjectServer, signed: str, sent: str, forge: Callable[[str], str], code: str
) -> None:
    put(server)
    answer = requests.request(sent, forge(server.link(signed, KEY)), data=b"evil", timeout=20)
    assert (answer.status_code, code_of(answer)) == (403, code)
    assert get(server).content == TEN


@requirement("URL-10", "URL-14")
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_expired_link_is_refused(server: ObjectServer, method: str) -> None:
    link = server.link(method, KEY, HOUR, age=HOUR + timedelta(seconds=5))
    answer = requests.request(method, link, data=b"late", timeout=20)
    assert (answer.status_code, code_of(answer)) == (403, "AccessDenied")
    assert "Request has expired" in answer.text


@requirement("URL-17")
def test_an_upload_is_refused_once_its_job_has_left_open(server: ObjectServer) -> None:
    answer = put(server, key="tenant-123/closed/1")
    assert (answer.status_code, code_of(answer)) == (403, "AccessDenied")
    assert get(server, "tenant-123/closed/1").status_code == 404


@requirement("URL-16")
def test_a_file_over_the_limit_is_refused_by_its_length(server: ObjectServer) -> None:
    with connected(server.url) as connection:
        target = server.link("PUT", "tenant-123/large").removeprefix(server.url)
        length = b"Content-Length: %d\r\nExpect: 100-continue\r\n" % (MAX_UPLOAD_BYTES + 1)
        answer = connection.call("PUT", target, length)
        assert (answer.status, b"<Code>EntityTooLarge</Code>" in answer.content) == (413, True)
        assert connection.ended()


@requirement("URL-16")
def test_a_body_in_chunks_over_the_limit_is_refused_by_its_length(server: ObjectServer) -> None:
    headers = {"X-Amz-Content-SHA256": CHUNKED, "X-Amz-Decoded-Content-Length": "3"}
    signed = server.headers("PUT", "/spectra/tenant-123/large", headers)
    length = b"Content-Length: %d\r\nExpect: 100-continue\r\n" % (2 * MAX_UPLOAD_BYTES)
    lines = b"".join(f"{name}: {value}\r\n".encode() for name, value in signed.items())
    with connected(server.url) as connection:
        answer = connection.call("PUT", "/_s3/spectra/tenant-123/large", length + lines)
    assert (answer.status, b"<Code>EntityTooLarge</Code>" in answer.content) == (413, True)


@requirement("URL-16")
def test_a_file_over_the_limit_is_refused_without_a_length_too(server: ObjectServer) -> None:
    pieces = (bytes(MIB) for _ in range(MAX_UPLOAD_BYTES // MIB + 1))
    answer = put(server, pieces, key="tenant-123/large")
    assert (answer.status_code, code_of(answer)) == (413, "EntityTooLarge")
    assert get(server, "tenant-123/large").status_code == 404


@requirement("URL-12")
def test_a_file_is_taken_without_a_length(server: ObjectServer) -> None:
    assert put(server, iter([b"01234", b"56789"])).status_code == 200
    assert get(server).content == TEN


def test_an_upload_that_is_cut_off_changes_nothing(server: ObjectServer) -> None:
    put(server)
    with connected(server.url) as connection:
        target = server.link("PUT", KEY).removeprefix(server.url)
        connection.send(f"PUT {target} HTTP/1.1\r\nHost: {connection.netloc}\r\n".encode())
        connection.send(b"Content-Length: 1000\r\n\r\nonly this much")
    assert get(server).content == TEN


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_MD5": base64.b64encode(hashlib.md5(b"other").digest()).decode()},
        {"Content_MD5": "no digest"},
    ],
    ids=["of something else", "of nothing"],
)
def test_a_body_that_is_not_what_its_digest_says_is_refused(server: ObjectServer, headers: dict[str, str]) -> None:
    put(server)
    answer = put(server, b"damaged", **headers)
    assert (answer.status_code, code_of(answer)) == (400, "BadDigest")
    assert get(server).content == TEN


def test_a_body_that_is_what_its_digest_says_is_taken(server: ObjectServer) -> None:
    assert put(server, Content_MD5=base64.b64encode(hashlib.md5(TEN).digest()).decode()).status_code == 200


@requirement("URL-13", "URL-16")
def test_a_large_file_passes_in_little_memory(server: ObjectServer) -> None:
    put(server)
    before = server.memory("VmHWM")
    block = os.urandom(MIB)
    sent = put(server, (block for _ in range(100)), key="tenant-123/hundred")
    with requests.get(server.link("GET", "tenant-123/hundred"), stream=True, timeout=60) as answer:
        received = sum(len(piece) for piece in answer.iter_content(MIB))
    assert (sent.status_code, received) == (200, 100 * MIB)
    assert server.memory("VmHWM") - before < 20 * MIB


@requirement("URL-15")
@pytest.mark.parametrize(
    ("base_url", "headers"),
    [
        pytest.param("http://forwarded:1", {"X-Forwarded-Host": "forwarded:1"}, id="forwarded host"),
        pytest.param(PUBLIC_URL, {"Host": "inside:1"}, id="public URL"),
    ],
)
def test_a_link_holds_behind_a_proxy(server: ObjectServer, base_url: str, headers: dict[str, str]) -> None:
    put(server)
    seen = ObjectServer(base_url, server.folder, server.process).link("GET", KEY)
    answer = requests.get(seen.replace(base_url, server.url), headers=headers, timeout=20)
    assert (answer.status_code, answer.content) == (200, TEN)


@pytest.mark.parametrize("path", ["/_s3", "/_s3/", "/_s3/spectra", "/_s3/spectra/", "/_s3/spectra/%FF", "/_s3/other/a"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_nobody_gets_anything_unsigned(server: ObjectServer, method: str, path: str) -> None:
    answer = requests.request(method, server.url + path, timeout=20)
    assert answer.status_code in {400, 403}
    assert code_of(answer) in {"AccessDenied", "InvalidURI"}


def test_a_refusal_of_head_has_no_body(server: ObjectServer) -> None:
    answer = requests.head(f"{server.url}/_s3/spectra/a", timeout=20)
    assert (answer.status_code, answer.content) == (403, b"")


def test_boto3_reads_lists_and_deletes_as_with_any_s3(server: ObjectServer) -> None:
    client, place = server.client(), {"Bucket": BUCKET, "Key": "tenant-123/boto/a b.csv"}
    client.put_object(**place, Body=TEN, ContentType="text/csv", Metadata={"note": "n"})
    head = client.head_object(**place)
    found = client.list_objects_v2(Bucket=BUCKET, Prefix="tenant-123/boto/")["Contents"]

    assert client.get_object(**place, Range="bytes=2-3")["Body"].read() == b"23"
    assert (head["ContentLength"], head["ContentType"], head["Metadata"]) == (10, "text/csv", {"note": "n"})
    assert [(one["Key"], one["Size"]) for one in found] == [(place["Key"], 10)]
    client.delete_object(**place)
    assert refusal(client.get_object, **place) == "NoSuchKey"


def test_boto3_moves_a_file_in_parts(server: ObjectServer, tmp_path: Path) -> None:
    (tmp_path / "sent").write_bytes(os.urandom(20 * MIB))
    client, place = server.client(), (BUCKET, "tenant-123/boto/parts")
    client.upload_file(str(tmp_path / "sent"), *place)
    client.download_file(*place, str(tmp_path / "received"))
    assert (tmp_path / "received").read_bytes() == (tmp_path / "sent").read_bytes()


@requirement("LIM-10", "URL-16")
def test_parts_come_to_no_more_than_one_object_may_have(server: ObjectServer) -> None:
    client, place = server.client(), {"Bucket": BUCKET, "Key": "tenant-123/boto/too-large"}
    upload = {**place, "UploadId": client.create_multipart_upload(**place)["UploadId"]}
    for number in (1, 2, 2):
        client.upload_part(**upload, PartNumber=number, Body=bytes(60 * MIB))

    assert refusal(client.upload_part, **upload, PartNumber=3, Body=bytes(60 * MIB)) == "EntityTooLarge"
    assert refusal(client.head_object, **place) in {"404", "NoSuchKey"}


def test_boto3_follows_its_own_links(server: ObjectServer) -> None:
    put(server)
    client = server.client(signature_version="s3v4")
    link = client.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": KEY}, ExpiresIn=60)
    assert requests.get(link, timeout=20).content == TEN


@pytest.mark.parametrize("sha256", ["STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
def test_a_body_with_its_checksum_behind_it_is_taken(server: ObjectServer, sha256: str) -> None:
    assert _sent_in_chunks(server, zlib.crc32(TEN), sha256) == 200
    assert get(server, "tenant-123/chunked").content == TEN


def test_a_body_with_a_wrong_checksum_behind_it_is_refused(server: ObjectServer) -> None:
    assert _sent_in_chunks(server, 1, "STREAMING-UNSIGNED-PAYLOAD-TRAILER") == 400


def _sent_in_chunks(server: ObjectServer, crc32: int, sha256: str) -> int:
    """Send ten bytes as SDKs do over TLS, and return the status."""
    client = server.client(request_checksum_calculation="when_required")
    checksum = base64.b64encode(crc32.to_bytes(4, "big"))
    framed = b"4\r\n0123\r\n6\r\n456789\r\n0\r\nx-amz-checksum-crc32:" + checksum + b"\r\n\r\n"

    def described(request: Any, **_: object) -> None:
        request.headers["X-Amz-Content-SHA256"] = sha256
        request.headers["X-Amz-Trailer"] = "x-amz-checksum-crc32"
        request.headers["X-Amz-Decoded-Content-Length"] = "10"
        request.headers["Content-Encoding"] = "aws-chunked"
        request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}

    client.meta.events.register_first("before-sign.s3.PutObject", described)
    try:
        answer = client.put_object(Bucket=BUCKET, Key="tenant-123/chunked", Body=io.BytesIO(framed))
    except ClientError as error:
        answer = error.response
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


@requirement("TEN-01")
@pytest.mark.parametrize(
    ("asked", "folders", "keys"),
    [
        pytest.param({}, [], ["tenant-456/a/b", "tenant-456/c"], id="all"),
        pytest.param({"Delimiter": "/"}, ["tenant-456/"], [], id="top folders"),
        pytest.param({"Prefix": "tenant-4", "Delimiter": "/"}, ["tenant-456/"], [], id="folders that begin alike"),
        pytest.param({"Prefix": "tenant-456/", "Delimiter": "/"}, ["tenant-456/a/"], ["tenant-456/c"], id="own folder"),
        pytest.param({"Prefix": "tenant-456/a"}, [], ["tenant-456/a/b"], id="deeper"),
    ],
)
def test_a_tenant_lists_what_is_its_own(
    server: ObjectServer, asked: dict[str, str], folders: list[str], keys: list[str]
) -> None:
    for key in ("tenant-456/a/b", "tenant-456/c", "tenant-4567/d", "tenant-123/e"):
        put(server, key=key)
    found = server.client(READING_KEY).list_objects_v2(Bucket=BUCKET, **asked)
    assert [one["Prefix"] for one in found.get("CommonPrefixes", ())] == folders
    assert [one["Key"] for one in found.get("Contents", ())] == keys


REFUSED: dict[str, tuple[Any, str, dict[str, str], str]] = {
    "another's object": (TENANT_KEY, "get_object", {"Key": "tenant-456/c"}, "AccessDenied"),
    "another's description": (TENANT_KEY, "head_object", {"Key": "tenant-456/c"}, "403"),
    "another's upload": (TENANT_KEY, "put_object", {"Key": "tenant-456/c"}, "AccessDenied"),
    "another's deletion": (TENANT_KEY, "delete_object", {"Key": "tenant-456/c"}, "AccessDenied"),
    "another's folder": (TENANT_KEY, "list_objects_v2", {"Prefix": "tenant-456/"}, "AccessDenied"),
    "a name that begins alike": (TENANT_KEY, "get_object", {"Key": "tenant-1234/c"}, "AccessDenied"),
    "a climb": (TENANT_KEY, "get_object", {"Key": "tenant-123/../tenant-456/c"}, "NoSuchKey"),
    "a closed upload": (TENANT_KEY, "put_object", {"Key": "tenant-123/closed/1"}, "AccessDenied"),
    "a reader's upload": (READING_KEY, "put_object", {"Key": "tenant-456/c"}, "AccessDenied"),
    "a querier's read": (QUERYING_KEY, "get_object", {"Key": "tenant-123/c"}, "AccessDenied"),
    "another's copy": (
        TENANT_KEY,
        "copy_object",
        {"Key": "tenant-123/c", "CopySource": "spectra/tenant-456/c"},
        "NotImplemented",
    ),
    "tags": (TENANT_KEY, "get_object_tagging", {"Key": "tenant-123/c"}, "NotImplemented"),
    "versions": (TENANT_KEY, "list_object_versions", {}, "NotImplemented"),
    "another bucket": (TENANT_KEY, "list_objects_v2", {"Bucket": "other"}, "NoSuchBucket"),
    "a new bucket": (TENANT_KEY, "create_bucket", {"Bucket": "other"}, "MethodNotAllowed"),
    "the bucket's end": (ANY_KEY, "delete_bucket", {}, "MethodNotAllowed"),
}


@requirement("TEN-01")
@pytest.mark.parametrize(("key", "operation", "arguments", "code"), REFUSED.values(), ids=REFUSED)
def test_an_access_key_reaches_what_is_its_tenants(
    server: ObjectServer, key: Any, operation: str, arguments: dict[str, str], code: str
) -> None:
    put(server, key="tenant-456/c")
    assert refusal(getattr(server.client(key), operation), **({"Bucket": BUCKET} | arguments)) == code
    assert get(server, "tenant-456/c").content == TEN


PRESIGNED = {
    name: (key, operation, {"Bucket": BUCKET} | arguments, code)
    for name, (key, operation, arguments, code) in REFUSED.items()
    if operation != "copy_object"
}
METHODS = {"put_object": "PUT", "delete_object": "DELETE", "head_object": "HEAD", "create_bucket": "PUT"} | {
    "delete_bucket": "DELETE"
}


@requirement("TEN-01", "URL-14")
@pytest.mark.parametrize(("key", "operation", "arguments", "code"), PRESIGNED.values(), ids=PRESIGNED)
def test_a_link_that_an_access_key_signed_reaches_no_more_than_the_key(
    server: ObjectServer, key: Any, operation: str, arguments: dict[str, str], code: str
) -> None:
    put(server, key="tenant-456/c")
    link = server.client(key, signature_version="s3v4").generate_presigned_url(operation, Params=arguments)
    answer = requests.request(METHODS.get(operation, "GET"), link, timeout=20)
    assert answer.status_code == 403 or code_of(answer) == code
    assert get(server, "tenant-456/c").content == TEN


@requirement("TEN-01")
def test_a_link_that_an_access_key_signed_lists_its_tenants_keys_alone(server: ObjectServer) -> None:
    for key in ("tenant-123/e", "tenant-456/c"):
        put(server, key=key)
    client = server.client(READING_KEY, signature_version="s3v4")
    listing = requests.get(client.generate_presigned_url("list_objects_v2", Params={"Bucket": BUCKET}), timeout=20)
    assert (listing.status_code, "tenant-456/c" in listing.text, "tenant-123" in listing.text) == (200, True, False)


UNREADABLE: dict[str, tuple[str, str, int, str]] = {
    "a header that is no text": ("GET", "response-content-type=%E2%82%AC", 400, "InvalidArgument"),
    "a header of two lines": ("GET", "response-expires=a%0D%0Ab", 400, "InvalidArgument"),
    "a part that is no number": ("GET", "partNumber=abc", 400, "InvalidArgument"),
    "a part that is not there": ("GET", "partNumber=2", 416, "InvalidPartNumber"),
    "a part without its upload": ("PUT", "partNumber=1", 400, "InvalidArgument"),
    "an upload without a part": ("PUT", "uploadId=none", 400, "InvalidArgument"),
    "a part of no upload": ("PUT", "partNumber=1&uploadId=none", 404, "NoSuchUpload"),
    "the end of no upload": ("POST", "uploadId=none", 404, "NoSuchUpload"),
    "the end of an upload without a name": ("POST", "uploadId=", 404, "NoSuchUpload"),
    "no upload given up": ("DELETE", "uploadId=none", 404, "NoSuchUpload"),
    "an upload without a name given up": ("DELETE", "uploadId=", 404, "NoSuchUpload"),
    "both begun and ended": ("POST", "uploads=&uploadId=none", 405, "MethodNotAllowed"),
}


@requirement("URL-14")
@pytest.mark.parametrize(("method", "query", "status", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_refused_as_s3_does(
    server: ObjectServer, method: str, query: str, status: int, code: str
) -> None:
    put(server, key="tenant-123/boto/whole")
    answer = server.signed(method, f"/spectra/tenant-123/boto/whole?{query}")
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert get(server, "tenant-123/boto/whole").content == TEN


@pytest.mark.parametrize(
    "query",
    ["max-keys=abc", "list-type=2&max-keys=-1", "list-type=9", "list-type=2&continuation-token=none"],
)
def test_a_listing_that_cannot_be_read_is_refused_as_s3_does(server: ObjectServer, query: str) -> None:
    answer = server.signed("GET", f"/spectra?{query}")
    assert (answer.status_code, code_of(answer)) == (400, "InvalidArgument")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/spectra//tenant-123/e", 403, "AccessDenied", id="no folder"),
        pytest.param("/spectra/tenant-123//e", 404, "NoSuchKey", id="folder without a name"),
        pytest.param("//spectra/tenant-123/e", 400, "InvalidBucketName", id="no bucket"),
    ],
)
def test_a_slash_too_many_makes_another_key(server: ObjectServer, path: str, status: int, code: str) -> None:
    answer = server.signed("GET", path)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_path_that_begins_alike_is_none_of_the_s3(server: ObjectServer) -> None:
    put(server, key="tenant-123/e")
    answer = server.signed("GET", "spectra/tenant-123/e")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")


def test_the_end_of_an_upload_without_its_parts_is_refused(server: ObjectServer) -> None:
    client, place = server.client(), {"Bucket": BUCKET, "Key": "tenant-123/boto/ended"}
    upload_id = client.create_multipart_upload(**place)["UploadId"]
    answer = server.signed("POST", f"/spectra/{place['Key']}?uploadId={upload_id}")
    assert (answer.status_code, code_of(answer)) == (400, "MalformedXML")


def test_a_key_has_one_upload_in_parts_at_a_time(server: ObjectServer) -> None:
    client, place = server.client(), {"Bucket": BUCKET, "Key": "tenant-123/boto/twice"}
    first, second = (client.create_multipart_upload(**place)["UploadId"] for _ in range(2))
    assert refusal(client.upload_part, **place, UploadId=first, PartNumber=1, Body=TEN) == "NoSuchUpload"
    part = client.upload_part(**place, UploadId=second, PartNumber=1, Body=TEN)
    ended = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.complete_multipart_upload(**place, UploadId=second, MultipartUpload=ended)
    assert get(server, place["Key"]).content == TEN


def test_an_upload_in_parts_is_completed_under_its_own_key(server: ObjectServer) -> None:
    client, place = server.client(), {"Bucket": BUCKET, "Key": "tenant-123/boto/one"}
    upload_id = client.create_multipart_upload(**place)["UploadId"]
    other = place | {"Key": "tenant-123/boto/other"}
    assert refusal(client.upload_part, **other, UploadId=upload_id, PartNumber=1, Body=TEN) == "NoSuchUpload"
    assert refusal(client.abort_multipart_upload, **other, UploadId=upload_id) == "NoSuchUpload"


def test_one_bucket_is_listed(server: ObjectServer) -> None:
    assert [one["Name"] for one in server.client().list_buckets()["Buckets"]] == [BUCKET]


def test_links_and_objects_survive_a_restart(tmp_path: Path) -> None:
    with object_server(tmp_path) as first:
        put(first)
        link = first.link("GET", KEY)
    with object_server(tmp_path) as second:
        answer = requests.get(
            link.replace(first.url, second.url), headers={"X-Forwarded-Host": first.url[7:]}, timeout=20
        )
    assert (answer.status_code, answer.content) == (200, TEN)
