"""The whole server in front of the Data API, and one that is killed in the middle of a job."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.bulk_client import BulkClient
from tests.dataapi.deployment import Deployment
from tests.emulator import OWN_FIXTURES, Emulator, Emulators
from tests.moto_s3 import s3_environment, s3_flags
from tests.requirements import requirement

SANDBOX = "spectra_conformance_sandbox"
BACKEND = ("--backend", "redshift-data://cluster-one/dev?cluster&region=us-east-1")


def started(deployed: Deployment, emulators: Emulators, *flags: str) -> Emulator:
    keys = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "secret"}
    environ = {**keys, "AWS_ENDPOINT_URL_REDSHIFT_DATA": deployed.server.url, **s3_environment(deployed.s3)}
    fixtures = ("--fixtures", str(OWN_FIXTURES), "--rate-limits", "off")
    return emulators.start(*BACKEND, *fixtures, *s3_flags(deployed.s3), *flags, environ=environ)


@pytest.fixture(scope="module")
def front(deployed: Deployment, emulators: Emulators) -> Iterator[Emulator]:
    server = started(deployed, emulators)
    yield server
    server.stop()


def uploaded(bulk: BulkClient, content: bytes, **request: Any) -> str:
    """Return the id of an import whose file is there and which is closed."""
    job = bulk.created(**request)
    put = urllib.request.Request(job["upload_url"], content, {"Content-Type": "text/csv"}, method="PUT")
    with urllib.request.urlopen(put) as answer:
        assert answer.status == 200
    assert bulk.patched(job["job_id"], "UploadComplete").status == 200
    return str(job["job_id"])


def downloaded(bulk: BulkClient, job_id: str) -> bytes:
    with urllib.request.urlopen(bulk.call("GET", f"/{job_id}/results").json["download_url"]) as answer:
        return bytes(answer.read())


@requirement("QRY-01")
def test_a_query_answers_as_with_the_embedded_engine(front: Emulator, server: Emulator) -> None:
    sql = "SELECT region, COUNT(*) AS n, SUM(amount) AS total, MAX(sale_date) AS last FROM sales GROUP BY 1 ORDER BY 1"
    mine, other = front.query(sql).json, server.query(sql).json

    assert mine["data"] == other["data"]
    assert mine["metadata"]["column_types"] == other["metadata"]["column_types"]


def test_the_query_id_is_redshifts_own_and_finds_the_job(front: Emulator) -> None:
    metadata = front.query("SELECT COUNT(*) AS n FROM orders").json["metadata"]

    assert metadata["query_id"].isdecimal()
    assert front.call("GET", f"/jobs/{metadata['query_id']}").json["job_id"] == metadata["job_id"]


def test_a_query_that_cannot_even_be_sent_is_a_failed_job(deployed: Deployment, front: Emulator) -> None:
    deployed.server.trouble("BatchExecuteStatement", "AccessDeniedException")
    answer = front.query("SELECT 1 AS one")

    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")


def test_the_longest_statement_of_the_contract_is_sent(front: Emulator) -> None:
    text = "x" * 49_000
    sql = f"SELECT LEN('{text}') + LEN('{text}') AS n".ljust(100_000)

    assert front.query(sql).json["data"] == [{"n": 98_000}]


@requirement("BLK-60")
def test_an_export_is_one_file_behind_one_link(front: Emulator, server: Emulator) -> None:
    sql = "SELECT order_id, total, created_at, shipped_date FROM orders ORDER BY order_id LIMIT 300"
    lines = downloaded(BulkClient(front), BulkClient(front).exported(sql)["job_id"]).decode().splitlines()

    rows = server.query(sql).json["data"]
    assert [line.partition(",")[0] for line in lines] == ["order_id", *(str(row["order_id"]) for row in rows)]


@requirement("BLK-33")
@pytest.mark.parametrize("pattern", ["^COPY ", "^LOCK "], ids=["while it loads", "while it changes"])
def test_a_killed_server_leaves_a_job_that_the_next_one_finishes_once(
    deployed: Deployment, emulators: Emulators, tmp_path: Path, pattern: str
) -> None:
    number = 700_000 + len(deployed.server.operations.statements)
    content = f"id,name,amount\n{number},one,1\n{number},two,2\n{number + 1},three,x\n".encode()
    first = started(deployed, emulators, "--data-dir", str(tmp_path))
    with deployed.server.held(pattern) as gate:
        job_id = uploaded(BulkClient(first), content, operation="upsert", object=SANDBOX)
        assert gate.reached.wait(60)
        first.kill()
    second = started(deployed, emulators, "--data-dir", str(tmp_path))
    ended = BulkClient(second).ended(job_id)

    assert (ended["state"], ended["number_records_processed"], ended["number_records_failed"]) == ("JobComplete", 2, 1)
    assert second.query(f"SELECT name FROM {SANDBOX} WHERE id = {number}").json["data"] == [{"name": "two"}]
    changes = [one for one in deployed.server.operations.statements.values() if one.name == job_id]
    assert [one.status for one in changes] == ["FINISHED"]
