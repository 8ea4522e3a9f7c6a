"""The object store: promises of the port, held by each way to an S3."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from spectra_emulator.adapters.embedded_s3 import BUCKET, EmbeddedS3
from spectra_emulator.adapters.presigned_urls import PATH, PresignedUrls, link_key
from spectra_emulator.adapters.s3_store import EmbeddedClients, S3Store, embedded_store, external_store
from spectra_emulator.domain.errors import InternalError, NotFound, OperatorError
from spectra_emulator.domain.s3_location import Location
from spectra_emulator.ports import ObjectStore

from tests.ceph import RealS3
from tests.emulator import eventually
from tests.object_server import ANY_KEY, HOUR, ObjectServer, now, object_server
from tests.requirements import requirement

ODD_KEY = "tenant-123/é x+y%20/a&b=c.csv"
ROW = b"a,b\n"
MD5_OF_ROW = f'"{hashlib.md5(ROW).hexdigest()}"'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    with object_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Store]:
    """Links of this store are for looks: no server stands behind them."""
    process = EmbeddedS3(None)
    secret = link_key(tmp_path_factory.mktemp("secret") / "secret")
    yield embedded_store(process, PresignedUrls(secret, BUCKET, now))
    process.close()


@pytest.fixture(scope="module")
def signed(server: ObjectServer) -> S3Store:
    """Return the store as it works with an S3 of somebody's: here our own, which checks every signature."""
    place = Location(BUCKET, f"{server.url}{PATH}", "us-east-1", ANY_KEY.access_key_id, ANY_KEY.secret_access_key)
    return external_store(place)


@pytest.fixture(scope="module")
def real(ceph: RealS3) -> S3Store:
    keys = ("us-east-1", ceph.access_key_id, ceph.secret_access_key)
    return external_store(Location("spectra-tests", ceph.url, *keys, create_bucket=True))


@pytest.fixture(params=["embedded", "signed", "real"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    found: S3Store = request.getfixturevalue(request.param)
    found.delete("")
    return found


@pytest.fixture(params=["signed", "real"])
def linked(request: pytest.FixtureRequest) -> ObjectStore:
    """Return a store whose links can be followed."""
    found: S3Store = request.getfixturevalue(request.param)
    return found


def written(folder: Path, content: bytes) -> Path:
    file = folder / "content"
    file.write_bytes(content)
    return file


def fetched(store: ObjectStore, key: str, folder: Path) -> bytes:
    store.fetch(key, folder / "fetched")
    return (folder / "fetched").read_bytes()


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", os.urandom(9 * 2**20)], ids=["empty", "small", "9 MiB"])
def test_an_object_comes_back_as_it_was_stored(store: ObjectStore, content: bytes, tmp_path: Path) -> None:
    store.store(written(tmp_path, content), ODD_KEY)

    assert store.size_bytes(ODD_KEY) == len(content)
    assert fetched(store, ODD_KEY, tmp_path) == content


def test_the_keys_under_a_prefix_are_listed(store: ObjectStore, tmp_path: Path) -> None:
    keys = [f"tenant-123/exports/{number:04}" for number in range(3)]
    for key in (*keys, "tenant-456/exports/0001"):
        store.store(written(tmp_path, ROW), key)

    assert store.keys("tenant-123/") == keys
    assert store.keys("tenant-789/") == []


def test_an_object_is_replaced_as_a_whole(store: ObjectStore, tmp_path: Path) -> None:
    store.store(written(tmp_path, b"the first, longer one"), "a")
    store.store(written(tmp_path, b"the second"), "a")

    assert fetched(store, "a", tmp_path) == b"the second"


def test_an_object_that_is_not_there_has_no_size(store: ObjectStore) -> None:
    assert store.size_bytes("tenant-123/none") is None


def test_an_object_that_is_not_there_cannot_be_fetched(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        store.fetch("tenant-123/none", tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()


def test_a_prefix_is_deleted_and_nothing_else(store: ObjectStore, tmp_path: Path) -> None:
    for key in ("tenant-1/a", "tenant-1/b/c", "tenant-12/a"):
        store.store(written(tmp_path, b"x"), key)

    store.delete("tenant-1/")

    assert [store.size_bytes(key) for key in ("tenant-1/a", "tenant-1/b/c", "tenant-12/a")] == [None, None, 1]


@requirement("URL-01", "URL-02", "URL-11", "URL-12")
def test_links_take_and_give_an_object_without_credentials(linked: ObjectStore) -> None:
    sent = requests.put(linked.upload_link(ODD_KEY, HOUR, "http://unused"), data=ROW, timeout=20)
    answer = requests.get(linked.download_link(ODD_KEY, HOUR, "http://unused"), timeout=20)

    assert (sent.status_code, sent.headers["etag"]) == (200, MD5_OF_ROW)
    assert (answer.status_code, answer.content) == (200, ROW)


@requirement("URL-14")
def test_a_link_for_upload_gives_nothing_and_one_for_download_takes_nothing(linked: ObjectStore) -> None:
    for link, method in ((linked.upload_link, "GET"), (linked.download_link, "PUT"), (linked.download_link, "DELETE")):
        assert requests.request(method, link(ODD_KEY, HOUR, ""), timeout=20).status_code == 403


@pytest.mark.parametrize(
    ("key", "content_type"),
    [
        ("a.csv", "text/csv"),
        ("a.json", "application/json"),
        ("a.parquet", "application/vnd.apache.parquet"),
        ("a.csv.gz", "application/gzip"),
        ("a", "binary/octet-stream"),
    ],
)
@requirement("URL-13")
def test_an_object_says_what_it_is(linked: ObjectStore, key: str, content_type: str, tmp_path: Path) -> None:
    linked.store(written(tmp_path, b"x"), key)
    answer = requests.get(linked.download_link(key, HOUR, ""), timeout=20)
    assert answer.headers["content-type"] == content_type
    assert "content-encoding" not in answer.headers


def test_the_embedded_s3_can_be_started_ahead_of_its_first_object() -> None:
    process = EmbeddedS3(None)
    store = S3Store(BUCKET, EmbeddedClients(process).client, lambda *_: "")
    store.warm_up()
    started = eventually(lambda: not process.untouched)
    process.close()

    assert started


def test_links_of_the_embedded_s3_lead_to_the_emulator(embedded: S3Store) -> None:
    link = embedded.download_link("tenant-123/a b", timedelta(seconds=90), "http://spectra:1234")
    assert link.startswith("http://spectra:1234/_s3/spectra/tenant-123/a%20b?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    assert "&X-Amz-Expires=90&" in link


def test_links_of_an_s3_name_the_address_that_clients_see() -> None:
    place = Location("b", "http://minio:9000", "eu-west-1", "key", "secret", public_endpoint="http://localhost:9000")
    assert external_store(place).download_link("k", HOUR, "").startswith("http://localhost:9000/b/k?")


def test_a_bucket_that_is_missing_is_told_and_not_made(ceph: RealS3) -> None:
    store = external_store(Location("absent", ceph.url, "us-east-1", ceph.access_key_id, ceph.secret_access_key))
    for _ in range(2):
        with pytest.raises(OperatorError, match="The bucket absent does not exist: create it, or name another"):
            store.size_bytes("a")


def test_an_s3_that_cannot_be_reached_is_an_internal_error() -> None:
    store = external_store(Location("b", "http://127.0.0.1:9", "us-east-1", "key", "secret"))
    with pytest.raises(InternalError, match="cannot be reached"):
        store.size_bytes("a")


def test_a_refused_key_is_an_internal_error(server: ObjectServer) -> None:
    store = external_store(Location(BUCKET, f"{server.url}{PATH}", "us-east-1", "AKIDNONE", "secret"))
    with pytest.raises(InternalError, match="refuses"):
        store.size_bytes("a")
