"""What an import does to the table that may be written to."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import hold, note, warn_unless
from spectra_conformance.suite.asking import result
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_exports import assert_lives_an_hour, forged

OK, FORBIDDEN = 200, 403
NEEDS = ("sandbox_table",)
AS_CURL_SAYS = {"content-type": "application/x-www-form-urlencoded"}
"""What `curl --data-binary` says of a file."""

Row = tuple[int, str, Decimal | None, str | None]


def rows_of(client: Client, table: str, first: int, count: int = 10) -> list[Row]:
    """Return the rows of the table whose ids are among `count` from `first` on."""
    sql = f"SELECT id, name, amount, created FROM {table} WHERE id BETWEEN {first} AND {first + count - 1} ORDER BY id"
    found = result(client, sql)["data"]
    return [(row["id"], row["name"], decimal(row["amount"]), row["created"]) for row in found]


def decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def counted(client: Client, job_id: str) -> tuple[int, int]:
    """Return how many records of a finished job went in, and how many were refused."""
    record = bulk.record(client, job_id)
    return record["number_records_processed"], record["number_records_failed"]


@decides(
    "FMT-15", "FMT-01", "FMT-03", "FMT-04", "BLK-46", "BLK-51", "URL-01", "TYP-03", needs=NEEDS,
    bulk_creations=1,
)  # fmt: skip
def test_an_insert_adds_all_records(owner: Client, sandbox: str, three: int) -> None:
    assert rows_of(owner, sandbox, three) == [
        (three, "a", Decimal("1.50"), "2024-02-29"),
        (three + 1, "b", Decimal("2.50"), None),
        (three + 2, "c", None, None),
    ]


@decides("FMT-15", "URL-01", "BLK-46", needs=NEEDS, bulk_creations=1)
def test_an_insert_of_a_large_file_adds_all_records(owner: Client, sandbox: str, three: int, many: range) -> None:
    sql = (
        f"SELECT COUNT(*) AS n, COUNT(DISTINCT name) AS names FROM {sandbox} WHERE id BETWEEN {many[0]} AND {many[-1]}"
    )

    assert result(owner, sql)["data"] == [{"n": len(many), "names": len(many)}]
    assert three not in many


@decides("BLK-46", "BLK-47", "FMT-15", "BLK-41", "BLK-42", "BLK-40", needs=NEEDS, bulk_creations=1)
def test_a_record_that_breaks_a_rule_fails_alone(
    owner: Client, sandbox: str, finished_import: str, import_ids: list[int]
) -> None:
    record = bulk.record(owner, finished_import)

    assert record["state"] == "JobComplete"
    assert (record["number_records_processed"], record["number_records_failed"]) == (2, 1)
    assert record.get("error") is None
    hold("JOB-07", owner.get(f"/jobs/{finished_import}").json()["row_count"], 2, "row_count of the job")
    assert [row[:2] for row in rows_of(owner, sandbox, import_ids[0], 3)] == [
        (import_ids[0], "a"),
        (import_ids[1], "b"),
    ]


@decides("FMT-15", "BLK-46", "BLK-47", needs=NEEDS, bulk_creations=1, profile="full")
def test_each_kind_of_broken_record_is_refused(owner: Client, sandbox: str, first: int) -> None:
    broken = (f"{first},{'n' * 65},,", f"{first + 1},,,", f"{first + 2},x,many,", f"{first + 3},x,,2024-02-30", "x,x,,")
    lines = ["id,name,amount,created", *broken, f"{first + 5},{'n' * 64},9999999999.99,2024-12-31", ""]
    job_id = bulk.imported(owner, "\n".join(lines).encode(), operation="insert", object=sandbox)

    assert counted(owner, job_id) == (1, 5)
    assert rows_of(owner, sandbox, first) == [(first + 5, "n" * 64, Decimal("9999999999.99"), "2024-12-31")]
    refused = failed_records(owner, job_id)
    if refused is not None:
        assert refused[0] == ["id", "name", "amount", "created", "error"]
        assert sorted(record[0] for record in refused[1:]) == sorted(line.partition(",")[0] for line in broken)
        assert all(record[-1] for record in refused[1:]), refused


def failed_records(client: Client, job_id: str) -> list[list[str]] | None:
    """Return the refused records of a job with their header, None where the deployment does not keep them."""
    answer = client.get(f"/bulk/jobs/{job_id}/failed-results", check=False)
    if answer.status != OK:
        note(f"{answer.status}: refused records are not given")
        return None
    assert answer.headers.get("content-type", "").startswith("text/csv"), answer.shown
    return list(csv.reader(io.StringIO(answer.body.decode(), newline="")))


@decides("FMT-20", "BLK-67", needs=NEEDS, bulk_creations=1, queries=0)
def test_refused_records_come_with_their_reasons(owner: Client, finished_import: str) -> None:
    refused = failed_records(owner, finished_import)
    told = owner.get(f"/bulk/jobs/{finished_import}/results", check=False)

    promised = told.json().get("failed_results_url") if told.status == OK else None
    if str(promised).startswith(owner.wire.target.url):
        warn_unless("BLK-67", refused is not None, True, "the refused records are given, as the results say")
    if refused is not None:
        header, *records = refused
        assert header == ["id", "name", "amount", "error"]
        assert [record[1:3] for record in records] == [["", "2.50"]]
        assert "name" in records[0][-1]


@decides("FMT-20", needs=(*NEEDS, "second_tenant"), bulk_creations=1, queries=0)
def test_another_tenant_gets_no_refused_records(peer: Client, anonymous: Client, finished_import: str) -> None:
    for client, statuses in ((peer, {403, 404}), (anonymous, {401, 403, 404})):
        assert client.get(f"/bulk/jobs/{finished_import}/failed-results", check=False).status in statuses


@decides("BLK-67", needs=NEEDS, bulk_creations=1, queries=0)
def test_the_results_of_an_import_are_its_counters(owner: Client, finished_import: str) -> None:
    answer = owner.get(f"/bulk/jobs/{finished_import}/results", check=False)
    told = answer.json()

    assert answer.status == OK, answer.shown
    assert (told["job_id"], told["state"]) == (finished_import, "JobComplete")
    assert (told["number_records_processed"], told["number_records_failed"]) == (2, 1)


@decides("BLK-50", "URL-10", "LIM-08", "BLK-51", "URL-11", bulk_creations=1, queries=0)
def test_an_upload_link_lives_for_an_hour(owner: Client, open_import: str) -> None:
    answer = owner.get(f"/bulk/jobs/{open_import}/upload-url")

    assert answer.status == OK, answer.shown
    assert_lives_an_hour(answer, answer.json()["upload_url"], answer.json()["expires_at"])


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"content-type": "text/csv"}, id="csv"),
        pytest.param({"content-type": "text/csv", "content-encoding": "gzip"}, id="gzip"),
        pytest.param({"content-type": "application/octet-stream"}, id="octets"),
        pytest.param({}, id="none"),
    ],
)
@decides("URL-12", "URL-01", "URL-11", "BLK-54", bulk_creations=1, queries=0)
def test_an_upload_is_taken_with_any_content_type(owner: Client, open_import: str, headers: dict[str, str]) -> None:
    link = owner.get(f"/bulk/jobs/{open_import}/upload-url").json()["upload_url"]
    answer = owner.upload(link, b"id\n1\n", headers)

    if answer.status == FORBIDDEN:
        note(f"the link was signed for another Content-Type than {headers}")
        return
    assert answer.status == OK, answer.shown
    hold("URL-12", bool(answer.headers.get("etag")), True, "ETag is given")


@decides("URL-14", "URL-12", bulk_creations=1, queries=0)
def test_a_forged_upload_link_takes_nothing(owner: Client, open_import: str) -> None:
    link = owner.get(f"/bulk/jobs/{open_import}/upload-url").json()["upload_url"]
    answer = owner.upload(forged(link), b"id\n1\n", {"content-type": "text/csv"})

    assert answer.status < 500, answer.shown
    warn_unless("URL-14", answer.status, FORBIDDEN, "status of an upload to a tampered link")


@decides("BLK-54", "URL-01", "URL-17", "BLK-53", "BLK-46", needs=NEEDS, bulk_creations=2, profile="full")
def test_the_last_upload_before_the_job_left_open_counts(owner: Client, sandbox: str, first: int) -> None:
    job_id = bulk.uploaded(owner, f"id,name\n{first},wrong\n".encode(), operation="insert", object=sandbox)
    link = owner.get(f"/bulk/jobs/{job_id}/upload-url").json()["upload_url"]
    right = f"id,name\n{first + 1},right\n".encode()
    if owner.upload(link, right, AS_CURL_SAYS).status == FORBIDDEN:
        bulk.sent_up(owner, link, right)
    other = bulk.uploaded(owner, f"id,name\n{first + 4},of another job\n".encode(), operation="insert", object=sandbox)
    bulk.closed(owner, job_id)
    bulk.ended(owner, job_id, "JobComplete")
    owner.set_state(other, "Aborted")
    late = owner.upload(link, f"id,name\n{first + 2},late\n".encode(), {"content-type": "text/csv"})

    assert late.status < 500, late.shown
    assert [row[:2] for row in rows_of(owner, sandbox, first)] == [(first + 1, "right")]
    assert counted(owner, job_id) == (1, 0)


@decides("BLK-23", "BLK-24", "JOB-33", needs=NEEDS, bulk_creations=1, profile="full")
def test_an_aborted_import_changes_nothing(owner: Client, sandbox: str, aborted_import: tuple[str, int]) -> None:
    job_id, first = aborted_import

    assert rows_of(owner, sandbox, first) == []
    assert counted(owner, job_id) == (0, 0)


@decides("FMT-16", "FMT-18", "BLK-07", "BLK-46", "BLK-47", "BLK-01", needs=NEEDS, bulk_creations=2, profile="full")
def test_an_update_changes_the_columns_of_its_file_in_the_rows_that_match(
    owner: Client, sandbox: str, three: int
) -> None:
    file = f"amount,id\n7.25,{three}\n8.00,{three + 5}\n,{three + 1}\n".encode()
    job_id = bulk.imported(owner, file, operation="update", object=sandbox, external_id_field="id")

    assert counted(owner, job_id) == (2, 1)
    assert rows_of(owner, sandbox, three) == [
        (three, "a", Decimal("7.25"), "2024-02-29"),
        (three + 1, "b", None, None),
        (three + 2, "c", None, None),
    ]


@decides("FMT-17", "BLK-07", "BLK-46", "BLK-01", needs=NEEDS, bulk_creations=2)
def test_an_upsert_updates_what_matches_and_inserts_the_rest(owner: Client, sandbox: str, three: int) -> None:
    file = f"id,name\n{three + 1},changed\n{three + 8},{'n' * 65}\n{three + 7},new".encode()
    job_id = bulk.imported(owner, file, operation="upsert", object=sandbox, external_id_field="id")

    assert counted(owner, job_id) == (2, 1)
    found = rows_of(owner, sandbox, three)
    assert [row[:2] for row in found] == [(three, "a"), (three + 1, "changed"), (three + 2, "c"), (three + 7, "new")]
    assert found[0][2] == Decimal("1.50")
    hold("FMT-17", found[1][2], Decimal("2.50"), "a column that the file of the upsert lacks")


@decides("FMT-18", "BLK-07", "BLK-46", "BLK-47", "BLK-01", needs=NEEDS, bulk_creations=2)
def test_a_delete_removes_the_rows_that_match(owner: Client, sandbox: str, three: int) -> None:
    file = f"id\n{three}\n{three + 2}\n{three + 9}\n".encode()
    job_id = bulk.imported(owner, file, operation="delete", object=sandbox, external_id_field="id")

    assert counted(owner, job_id) == (2, 1)
    assert [row[:2] for row in rows_of(owner, sandbox, three)] == [(three + 1, "b")]


@decides("FMT-18", "BLK-07", "BLK-46", needs=NEEDS, profile="full", bulk_creations=2)
def test_a_delete_looks_at_the_id_field_alone(owner: Client, sandbox: str, three: int) -> None:
    file = f"name,id,amount\nother,{three},9.99\nc,{three + 2},\na,{three + 9},1.50\n".encode()
    job_id = bulk.imported(owner, file, operation="delete", object=sandbox, external_id_field="id")

    assert counted(owner, job_id) == (2, 1)
    assert [row[:2] for row in rows_of(owner, sandbox, three)] == [(three + 1, "b")]


@decides("BLK-07", "FMT-16", needs=NEEDS, profile="full", bulk_creations=2)
def test_the_id_field_may_be_any_column(owner: Client, sandbox: str, first: int) -> None:
    names = [f"spectra {first} {letter}" for letter in "ab"]
    bulk.imported(
        owner, f"id,name\n{first},{names[0]}\n{first + 1},{names[1]}\n".encode(), operation="insert", object=sandbox
    )
    file = f"name,amount\n{names[1]},3.00\n".encode()
    bulk.imported(owner, file, operation="update", object=sandbox, external_id_field="name")

    assert [row[2] for row in rows_of(owner, sandbox, first)] == [None, Decimal("3.00")]


@decides("FMT-19", needs=NEEDS, profile="full", bulk_creations=2)
def test_a_repeated_key_is_refused_only_where_a_primary_key_is_declared(
    owner: Client, sandbox: str, three: int
) -> None:
    file = f"id,name\n{three},again\n{three + 8},new\n".encode()
    job_id = bulk.imported(owner, file, operation="insert", object=sandbox)

    assert sum(counted(owner, job_id)) == 2
    note(f"{counted(owner, job_id)[1]} repeated keys were refused")
    assert (three + 8, "new") in [row[:2] for row in rows_of(owner, sandbox, three)]


@decides("BLK-17", "BLK-44", bulk_creations=1, queries=0, profile="full")
def test_an_import_into_no_table_fails(owner: Client) -> None:
    job_id = bulk.uploaded(owner, b"id\n1\n", operation="insert", object=bulk.TABLE)
    bulk.closed(owner, job_id)

    assert bulk.ended(owner, job_id, "Failed")["number_records_processed"] == 0


@decides("TEN-07", "TEN-01", needs=(*NEEDS, "second_tenant"), bulk_creations=1, queries=2, profile="full")
def test_a_tenants_import_reaches_no_other_tenants_table(owner: Client, peer: Client, sandbox: str, three: int) -> None:
    sql = f"SELECT id FROM {sandbox} WHERE id BETWEEN {three} AND {three + 9}"
    theirs = peer.query(sql)

    assert len(result(owner, sql)["data"]) == 3
    if theirs.status == OK:
        assert theirs.json()["data"] == []
    else:
        warn_unless("TEN-07", theirs.code, "INVALID_SQL", "error.code for a table that the tenant lacks")
