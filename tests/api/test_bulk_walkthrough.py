"""A whole way through the Bulk API, over a real socket: what a first user does."""

from __future__ import annotations

import csv
import gzip
import io

import pytest

from tests.api.bulk_client import SANDBOX, BulkClient
from tests.emulator import Emulator
from tests.requirements import requirement

SALES = "SELECT id, region, product FROM sales"


@pytest.fixture(scope="module")
def upserted(server: Emulator) -> tuple[BulkClient, str]:
    """Upsert five records into a table that holds one; three of them break a rule."""
    bulk = BulkClient(server)
    server.sql(f"DELETE FROM {SANDBOX}; INSERT INTO {SANDBOX} VALUES (1, 'Ada', 1.00, '2026-01-01')")
    records = b"id,name,amount,created\n1,Grace,2.50,2026-02-02\n2,Alan,3,2026-03-03\n3,,4,\nfour,Eve,5,\n5,Bob,much,\n"
    job = bulk.imported(records, operation="upsert", object=SANDBOX, external_id_field="id")
    return bulk, job["job_id"]


@requirement("BLK-25", "BLK-46", "BLK-60", "BLK-62", "BLK-63", "BLK-64", "LIM-03")
def test_sales_come_out_as_a_gzipped_file(bulk: BulkClient) -> None:
    job = bulk.exported(SALES, compression="GZIP")

    results = bulk.call("GET", f"/{job['job_id']}/results").json
    content = bulk.downloaded(results["download_url"]).content
    records = list(csv.DictReader(io.StringIO(gzip.decompress(content).decode())))
    assert (results["format"], results["compression"], results["size_bytes"]) == ("csv", "gzip", len(content))
    assert len(records) == job["number_records_processed"] >= 200_000
    assert list(records[0]) == ["id", "region", "product"]


@requirement("JOB-21")
def test_the_job_api_gives_the_file_too(bulk: BulkClient) -> None:
    job = bulk.exported(f"{SALES} LIMIT 3")

    results = bulk.server.call("GET", f"/jobs/{job['job_id']}/results").json

    assert (results["format"], results["compression"]) == ("csv", "none")
    assert len(bulk.downloaded(results["download_url"]).content) == results["size_bytes"]


@requirement("BLK-46", "BLK-47", "BLK-67")
def test_an_upsert_counts_what_went_in_and_what_did_not(upserted: tuple[BulkClient, str]) -> None:
    bulk, job_id = upserted

    results = bulk.call("GET", f"/{job_id}/results").json

    assert (results["state"], results["number_records_processed"], results["number_records_failed"]) == (
        "JobComplete",
        2,
        3,
    )
    assert results["failed_results_url"] == f"{bulk.server.url}/v1/bulk/jobs/{job_id}/failed-results"


def test_an_upsert_changes_the_rows_it_names_and_adds_the_others(upserted: tuple[BulkClient, str]) -> None:
    bulk, _ = upserted

    rows = bulk.server.query(f"SELECT id, name FROM {SANDBOX} ORDER BY id").json["data"]

    assert rows == [{"id": 1, "name": "Grace"}, {"id": 2, "name": "Alan"}]


@requirement("BLK-47")
def test_the_three_refused_records_come_back_with_their_reasons(upserted: tuple[BulkClient, str]) -> None:
    bulk, job_id = upserted

    answer = bulk.call("GET", f"/{job_id}/failed-results")

    records = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, "text/csv")
    assert list(records[0]) == ["id", "name", "amount", "created", "error"]
    assert sorted(record["id"] for record in records) == ["3", "5", "four"]
    assert all(record["error"] for record in records)


@requirement("JOB-25")
def test_an_import_gives_no_rows_through_the_job_api(upserted: tuple[BulkClient, str]) -> None:
    bulk, job_id = upserted

    assert bulk.server.call("GET", f"/jobs/{job_id}/results").code == "CONFLICT"


def test_an_import_without_refusals_has_no_failed_records(bulk: BulkClient) -> None:
    job = bulk.imported(b"id,name\n900,Zoe\n", operation="insert", object=SANDBOX)

    assert bulk.call("GET", f"/{job['job_id']}/failed-results").code == "NOT_FOUND"


@requirement("BLK-27", "BLK-17")
def test_a_table_that_is_not_there_fails_the_job(bulk: BulkClient) -> None:
    job = bulk.imported(b"id\n1\n", operation="insert", object="no_such_table")

    assert (job["state"], bool(job["error"]["message"])) == ("Failed", True)


@requirement("BLK-26")
def test_a_job_closed_without_an_upload_fails(bulk: BulkClient) -> None:
    job = bulk.created(operation="insert", object=SANDBOX)
    assert bulk.patched(job["job_id"], "UploadComplete").status == 200

    assert bulk.ended(job["job_id"])["error"]["code"] == "INVALID_REQUEST"
