"""Every operation with every format and compression over a real socket, and what S3's own clients see of it."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
import requests
from botocore.config import Config

from tests.api.bulk_client import BulkClient
from tests.ceph import RealS3
from tests.emulator import Emulators, eventually
from tests.requirements import requirement

BUCKET = "spectra"
DEMO_ACCESS_KEY = ("AKIDSPECTRATENANT123", "spectra-demo-secret-123")
TABLE = """
    DROP TABLE IF EXISTS stock;
    CREATE TABLE stock (id BIGINT NOT NULL, name VARCHAR(40), amount DECIMAL(12,2), made DATE, sold BOOLEAN);
    INSERT INTO stock VALUES (1, 'one', 1.50, '2024-01-31', TRUE), (2, 'two, "2"', NULL, NULL, NULL)
"""
COLUMNS = "id, name, amount, made, sold"
ALL = f"SELECT {COLUMNS} FROM stock ORDER BY id"
ONE = (1, "one", "1.50", "2024-01-31", True)
TWO = (2, 'two, "2"', None, None, None)
FILES = {
    "insert": "SELECT 3 AS id, 'drei' AS name, 3.25 AS amount, DATE '2025-02-03' AS made, false AS sold"
    " UNION ALL SELECT 4, 'vier\nvierzig', NULL, NULL, NULL",
    "update": "SELECT 2 AS id, 2.75 AS amount",
    "upsert": "SELECT 1 AS id, 'é' AS name, 9.99 AS amount UNION ALL SELECT 5, 'five', -0.01",
    "delete": "SELECT 1 AS id",
}
AFTERWARDS = {
    "insert": [ONE, TWO, (3, "drei", "3.25", "2025-02-03", False), (4, "vier\nvierzig", None, None, None)],
    "update": [ONE, (2, 'two, "2"', "2.75", None, None)],
    "upsert": [(1, "é", "9.99", "2024-01-31", True), TWO, (5, "five", "-0.01", None, None)],
    "delete": [TWO],
}
OPTIONS = {"CSV": "csv, header", "JSON": "json, array true", "PARQUET": "parquet"}
READERS = {"CSV": "read_csv(?, all_varchar = true)", "JSON": "read_json(?)", "PARQUET": "read_parquet(?)"}
FORMATS = list(itertools.product(OPTIONS, ("NONE", "GZIP")))


@dataclass(frozen=True)
class Place:
    """A server with its store, and S3's own client as anybody would make it for that store."""

    bulk: BulkClient
    s3: Any


def s3_client(url: str, key: str, secret: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 1}),
    )


@pytest.fixture(scope="module")
def on_moto(emulators: Emulators) -> Place:
    server = emulators.start("--rate-limits", "off")
    return Place(BulkClient(server), s3_client(f"{server.url}/_s3", *DEMO_ACCESS_KEY))


@pytest.fixture(scope="module")
def on_ceph(emulators: Emulators, ceph: RealS3) -> Place:
    keys = ("--s3-access-key-id", ceph.access_key_id, "--s3-secret-access-key", ceph.secret_access_key)
    server = emulators.start("--rate-limits", "off", "--s3", f"{ceph.url}/{BUCKET}", "--s3-create-bucket", "on", *keys)
    return Place(BulkClient(server), s3_client(ceph.url, ceph.access_key_id, ceph.secret_access_key))


@pytest.fixture(params=["on_moto", "on_ceph"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    assert found.bulk.server.sql(TABLE).status == 200
    return found


def encoded(query: str, content_type: str, compression: str, folder: Path) -> bytes:
    """Return the rows of a DuckDB query as a file."""
    file = folder / "encoded"
    codec = ", COMPRESSION gzip" if (content_type, compression) == ("PARQUET", "GZIP") else ""
    duckdb.connect().execute(f"COPY ({query}) TO '{file}' (FORMAT {OPTIONS[content_type]}{codec})")
    content = file.read_bytes()
    return gzip.compress(content) if compression == "GZIP" and content_type != "PARQUET" else content


def decoded(content: bytes, content_type: str, folder: Path) -> list[tuple[object, ...]]:
    """Return a file's rows, each value as the Query API shows it."""
    file = folder / "decoded"
    file.write_bytes(content)
    casts = "id::BIGINT, name, amount::DECIMAL(12,2)::VARCHAR, made::DATE::VARCHAR, sold::BOOLEAN"
    return duckdb.connect().execute(f"SELECT {casts} FROM {READERS[content_type]}", [str(file)]).fetchall()


def stored(place: Place) -> list[tuple[object, ...]]:
    rows = place.bulk.server.query("SELECT id, name, amount::VARCHAR(20), made, sold FROM stock ORDER BY id").json
    return [tuple(row.values()) for row in rows["data"]]


def ended_export(place: Place, content_type: str, compression: str) -> Mapping[str, Any]:
    job = place.bulk.exported(ALL, content_type=content_type, compression=compression)
    results: Mapping[str, Any] = place.bulk.call("GET", f"/{job['job_id']}/results").json
    return {**results, "job_id": job["job_id"]}


@requirement("BLK-60", "BLK-62", "BLK-63", "BLK-64", "FMT-11", "FMT-12", "URL-02")
@pytest.mark.parametrize(("content_type", "compression"), FORMATS)
def test_an_export_holds_every_value(place: Place, content_type: str, compression: str, tmp_path: Path) -> None:
    results = ended_export(place, content_type, compression)

    content = requests.get(results["download_url"], timeout=20).content
    unpacked = gzip.decompress(content) if results["compression"] == "gzip" else content

    assert results["size_bytes"] == len(content)
    assert decoded(unpacked, content_type, tmp_path) == [ONE, TWO]


@requirement("BLK-51", "FMT-15", "FMT-16", "FMT-17", "FMT-18", "URL-01")
@pytest.mark.parametrize(("content_type", "compression"), FORMATS)
@pytest.mark.parametrize("operation", FILES)
def test_an_import_changes_every_value_it_names(
    place: Place, operation: str, content_type: str, compression: str, tmp_path: Path
) -> None:
    request = {"operation": operation, "object": "stock", "content_type": content_type, "compression": compression}
    job = place.bulk.created(**request, external_id_field="id")
    content = encoded(FILES[operation], content_type, compression, tmp_path)

    assert requests.put(job["upload_url"], data=content, timeout=20).status_code == 200
    place.bulk.patched(job["job_id"], "UploadComplete")
    ended = place.bulk.ended(job["job_id"])

    assert (ended["state"], ended["number_records_failed"]) == ("JobComplete", 0)
    assert stored(place) == AFTERWARDS[operation]


@pytest.mark.parametrize(("content_type", "compression"), FORMATS)
def test_s3s_own_client_lists_and_copies_an_export(
    place: Place, content_type: str, compression: str, tmp_path: Path
) -> None:
    results = ended_export(place, content_type, compression)

    listed = place.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"tenant-123/exports/{results['job_id']}/")["Contents"]
    place.s3.download_file(BUCKET, listed[0]["Key"], str(tmp_path / "copy"))

    assert [found["Size"] for found in listed] == [results["size_bytes"]]
    assert (tmp_path / "copy").read_bytes() == requests.get(results["download_url"], timeout=20).content


def test_s3s_own_client_sees_an_upload_and_its_refused_records(place: Place) -> None:
    job = place.bulk.created(operation="insert", object="stock")
    requests.put(job["upload_url"], data=b"id,name\n7,seven\nx,y\n", timeout=20)
    upload, failed = f"tenant-123/uploads/{job['job_id']}.csv", f"tenant-123/failed/{job['job_id']}.csv"
    assert {upload, failed} & keys_of(place) == {upload}

    place.bulk.patched(job["job_id"], "UploadComplete")
    place.bulk.ended(job["job_id"])
    assert failed in keys_of(place)
    assert eventually(lambda: upload not in keys_of(place))


def keys_of(place: Place) -> set[str]:
    return {found["Key"] for found in place.s3.list_objects_v2(Bucket=BUCKET, Prefix="tenant-123/")["Contents"]}


@requirement("BLK-68")
def test_each_call_for_results_gives_a_link_that_works(place: Place) -> None:
    job_id = ended_export(place, "CSV", "NONE")["job_id"]
    links = [place.bulk.call("GET", f"/{job_id}/results").json["download_url"] for _ in range(2)]

    assert [requests.get(link, timeout=20).status_code for link in links] == [200, 200]
