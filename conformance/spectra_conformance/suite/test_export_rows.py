"""Which rows an export has: all of them, and the tenant's own."""

from __future__ import annotations

import gzip

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import note
from spectra_conformance.suite.asking import numbers
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_exports import CREATED, csv_rows, json_rows, unpacked

MANY_ROWS = 75_000


@decides("LIM-03", "SQL-18", "BLK-46", "BLK-69", "QRY-48", bulk_creations=1, queries=0)
def test_an_export_has_no_row_limit(either: Client) -> None:
    job_id = bulk.exported(either, f"{numbers(5)} SELECT n FROM numbers LIMIT {MANY_ROWS}", compression="GZIP")
    rows = gzip.decompress(bulk.downloaded(either, job_id)).splitlines()

    assert len(rows) == MANY_ROWS + 1
    assert len(set(rows)) == MANY_ROWS + 1
    assert bulk.record(either, job_id)["number_records_processed"] == MANY_ROWS
    assert either.get(f"/jobs/{job_id}").json()["row_count"] == MANY_ROWS


@decides("LIM-03", "FMT-11", "BLK-46", "BLK-64", profile="full", bulk_creations=1, queries=0)
def test_a_large_json_export_is_whole(either: Client) -> None:
    sql = f"{numbers(5)} SELECT n, 'name ' || n AS name FROM numbers WHERE n < {MANY_ROWS} ORDER BY n"
    rows = json_rows(bulk.downloaded(either, bulk.exported(either, sql, content_type="JSON")))

    assert [row["n"] for row in rows] == list(range(MANY_ROWS))
    assert rows[-1]["name"] == f"name {MANY_ROWS - 1}"


@decides(
    "SQL-18",
    "QRY-09",
    needs=("sandbox_table",),
    bulk_creations=2,
    queries=0,
    profile="full",
)
def test_an_export_reads_the_tenants_tables(owner: Client, sandbox: str, three: int) -> None:
    sql = f"SELECT id, name FROM {sandbox} WHERE id BETWEEN {three} AND {three + 9} ORDER BY id ;\n"

    # Compressed as the export that all look at, whose file it must not replace.
    rows = csv_rows(unpacked(bulk.downloaded(owner, bulk.exported(owner, sql, compression="GZIP")), "GZIP"))
    assert rows == [("id", "name"), *((str(three + place), name) for place, name in enumerate("abc"))]


@decides("TEN-07", "TEN-01", needs=("sandbox_table", "second_tenant"), bulk_creations=2, queries=0, profile="full")
def test_another_tenants_export_reads_none_of_our_rows(peer: Client, sandbox: str, three: int) -> None:
    made = peer.bulk(
        operation="query", object=sandbox, query=f"SELECT id FROM {sandbox} WHERE id BETWEEN {three} AND {three + 9}"
    )
    if made.status != CREATED:
        note("the tenant has no such table, which is found out at creation")
        return
    bulk.begun(peer, made.json()["job_id"])
    record = peer.settled(made.json()["job_id"]).json()

    assert (record["state"], record["number_records_processed"]) in {("Failed", 0), ("JobComplete", 0)}, record
