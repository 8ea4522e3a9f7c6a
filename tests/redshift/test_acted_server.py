"""The whole server over the wire, in front of a Redshift that is acted out: bulk jobs included."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator

import pytest
from spectra_emulator.sql.parsing import parse_script

from tests.api.bulk_client import BulkClient
from tests.ceph import RealS3
from tests.conformance.kit import DEMO
from tests.dataapi.acted import acted_redshift
from tests.emulator import DEMO_FIXTURES, OWN_FIXTURES, Emulator, Emulators
from tests.moto_s3 import BUCKET, running_moto, s3_client
from tests.redshift.acted_wire import ActedWire
from tests.redshift.certificates import Certificate
from tests.redshift.redshift_like import PASSWORD


@pytest.fixture(scope="module")
def s3() -> Iterator[RealS3]:
    with running_moto() as started:
        yield started


@pytest.fixture(scope="module")
def front(
    s3: RealS3, trusted: Certificate, emulators: Emulators, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    redshift = acted_redshift(tmp_path_factory.mktemp("redshift"), DEMO_FIXTURES.absolute(), s3_client(s3))
    wire = ActedWire(redshift, trusted.context)
    passwords = {f"db_user_{tenant}": PASSWORD for tenant in (DEMO["tenant"], DEMO["peer_tenant"])}
    for user in passwords:
        redshift.engine.run_script(user.removeprefix("db_user_"), parse_script(f'CREATE SCHEMA "{user}"'))
    flags = ["--backend", wire.url, "--fixtures", str(OWN_FIXTURES), "--s3", f"{s3.url}/{BUCKET}"]
    keys = ["--s3-access-key-id", s3.access_key_id, "--s3-secret-access-key", s3.secret_access_key]
    with wire.running():
        environ = {"SPECTRA_DB_PASSWORDS": json.dumps(passwords), "SPECTRA_CONTROL_TOKEN": "token"}
        front = emulators.start(*flags, *keys, "--rate-limits", "off", environ=environ)
        yield front
        front.stop()
    redshift.close()


def downloaded(bulk: BulkClient, job_id: str) -> list[str]:
    """Return the lines of an export's file, from the S3 that its link leads to."""
    link = bulk.call("GET", f"/{job_id}/results").json["download_url"]
    with urllib.request.urlopen(link) as answer:
        return str(answer.read().decode()).splitlines()


def test_an_export_is_unloaded_by_the_warehouse(front: Emulator) -> None:
    bulk = BulkClient(front)
    job = bulk.exported("SELECT region, count(*) AS n FROM sales GROUP BY region ORDER BY region")
    assert job["number_records_processed"] == len(downloaded(bulk, job["job_id"])) - 1
    assert downloaded(bulk, job["job_id"])[0] == "region,n"


def test_values_come_as_the_embedded_engine_gives_them(front: Emulator, server: Emulator) -> None:
    sql = "SELECT * FROM sales ORDER BY id LIMIT 50"
    mine, other = front.query(sql).json, server.query(sql).json
    assert mine["data"] == other["data"]
    assert mine["metadata"]["column_types"] == other["metadata"]["column_types"]


SANDBOX = "spectra_conformance_sandbox"


def test_an_import_is_copied_by_the_warehouse_and_changes_the_table_once(front: Emulator) -> None:
    bulk = BulkClient(front)
    content = b"id,name,amount,created\n910001,one,1.50,2026-01-29\n910002,two,,\n910003,three,wrong,\n"
    job = bulk.created(operation="insert", object=SANDBOX)
    request = urllib.request.Request(job["upload_url"], content, {"Content-Type": "text/csv"}, method="PUT")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    assert bulk.patched(job["job_id"], "UploadComplete").status == 200
    ended = bulk.ended(job["job_id"])
    counts = (ended["number_records_processed"], ended["number_records_failed"])
    assert (ended["state"], *counts) == ("JobComplete", 2, 1), ended["error"]
    rows = front.query(f"SELECT id, name, amount FROM {SANDBOX} WHERE id > 910000 ORDER BY id").json["data"]
    assert rows == [{"id": 910001, "name": "one", "amount": 1.5}, {"id": 910002, "name": "two", "amount": None}]
