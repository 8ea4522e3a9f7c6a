from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.credentials import token
from tests.emulator import Answer, Emulator, eventually
from tests.requirements import requirement

EXPORT = {"operation": "query", "object": "sales", "query": "SELECT * FROM sales WHERE year = 2024"}
INSERT = {"operation": "insert", "object": "spectra_conformance_sandbox"}
SUMMARY = ["job_id", "state", "operation", "object", "created_at"]
FINISHED = {"JobComplete", "Failed", "Aborted"}


def create(server: Emulator, body: object, tenant: str = "tenant-123") -> Answer:
    return server.call("POST", "/bulk/jobs", body, key=token(tenant), tenant=tenant)


def created(server: Emulator, body: object, tenant: str = "tenant-123") -> str:
    return str(create(server, body, tenant).json["job_id"])


def mapped(*names: tuple[str, str]) -> list[dict[str, str]]:
    return [{"source_column": source, "target_column": target} for source, target in names]


def moved(server: Emulator, job_id: str, state: object) -> Answer:
    return server.call("PATCH", f"/bulk/jobs/{job_id}", {"state": state})


def job_of(server: Emulator, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = server.call("GET", f"/bulk/jobs/{job_id}").json
    return found


def listed(server: Emulator, tenant: str, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = server.call("GET", f"/bulk/jobs{query}", key=token(tenant), tenant=tenant).json
    return found


@pytest.fixture(scope="module")
def seven(server: Emulator) -> list[str]:
    """Make seven jobs, newest first: an export and six inserts, the fifth of all aborted; return their ids."""
    made = [created(server, {**INSERT, "object": f"t{n}"}, "seven") for n in range(6)]
    made.append(created(server, EXPORT, "seven"))
    server.call("PATCH", f"/bulk/jobs/{made[2]}", {"state": "Aborted"}, key=token("seven"), tenant="seven")
    return made[::-1]


@requirement("BLK-01", "BLK-02", "BLK-12", "BLK-13", "GEN-11")
@pytest.mark.parametrize("operation", ["query", "insert", "update", "upsert", "delete"])
def test_a_bulk_job_of_every_operation_begins_open(server: Emulator, operation: str) -> None:
    answer = create(server, {"operation": operation, "object": "sales", "query": "SELECT 1 AS a"})

    assert answer.status == 201
    assert answer.json.items() >= {"state": "Open", "operation": operation, "object": "sales"}.items()
    assert server.call("GET", f"/bulk/jobs/{answer.json['job_id']}").status == 200


@requirement("BLK-04", "BLK-06", "BLK-12")
@pytest.mark.parametrize(
    ("extra", "shown"),
    [
        ({}, ("CSV", "NONE")),
        ({"content_type": "JSON", "compression": "GZIP"}, ("JSON", "GZIP")),
        ({"content_type": "PARQUET"}, ("PARQUET", "NONE")),
    ],
    ids=["default", "json", "parquet"],
)
def test_format_and_compression_are_shown(server: Emulator, extra: dict[str, str], shown: tuple[str, str]) -> None:
    answer = create(server, {**INSERT, **extra}).json

    assert (answer["content_type"], answer["compression"]) == shown


@requirement("BLK-07", "BLK-08", "BLK-09", "BLK-10", "BLK-16", "GEN-06")
@pytest.mark.parametrize(
    "extra",
    [
        {"external_id_field": "id"},
        {"column_mappings": [{"source_column": "Kennung", "target_column": "id"}]},
        {"line_ending": "CRLF"},
        {"column_delimiter": "|"},
        {"column_delimiter": "\t"},
        {"query": "DROP TABLE sales"},
        {"unheard_of": {}},
        {"object": "public.sales"},
    ],
    ids=str,
)
def test_an_option_beyond_the_basics_is_taken(server: Emulator, extra: dict[str, object]) -> None:
    assert create(server, {**INSERT, **extra}).status == 201


@requirement("BLK-05", "BLK-08", "BLK-11", "BLK-15", "BLK-16", "ERR-10")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "operation"),
        ({"object": "sales"}, "operation"),
        ({"operation": "insert"}, "object"),
        ({"operation": "query", "query": "SELECT 1 AS a"}, "object"),
        ({"operation": "query", "object": "sales"}, "query"),
        ({"operation": "query", "object": "sales", "query": " "}, "query"),
        ({"operation": "query", "object": "sales", "query": None}, "query"),
        ({"operation": "merge", "object": "sales"}, "operation"),
        ({"operation": "INSERT", "object": "sales"}, "operation"),
        ({"operation": 5, "object": "sales"}, "operation"),
        ({"operation": "insert", "object": ""}, "object"),
        ({"operation": "insert", "object": "a b"}, "object"),
        ({"operation": "insert", "object": "a;b"}, "object"),
        ({"operation": "insert", "object": "a--"}, "object"),
        ({"operation": "insert", "object": "a.b.c"}, "object"),
        ({"operation": "insert", "object": "sales\n"}, "object"),
        ({"operation": "insert", "object": "x" * 257}, "object"),
        ({"operation": "insert", "object": None}, "object"),
        ({**INSERT, "content_type": "csv"}, "content_type"),
        ({**INSERT, "content_type": "XML"}, "content_type"),
        ({**INSERT, "compression": "ZSTD"}, "compression"),
        ({**INSERT, "compression": None}, "compression"),
        ({**INSERT, "line_ending": "CR"}, "line_ending"),
        ({**INSERT, "column_delimiter": ""}, "column_delimiter"),
        ({**INSERT, "column_delimiter": "ab"}, "column_delimiter"),
        ({**INSERT, "external_id_field": "a b"}, "external_id_field"),
        ({**INSERT, "column_mappings": {}}, "column_mappings"),
        ({**INSERT, "column_mappings": mapped(("a", "b"), ("A", "c"))}, "column_mappings"),
        ({**INSERT, "column_mappings": mapped(("a", "b"), ("c", "B"))}, "column_mappings"),
        (
            {**INSERT, "column_mappings": [{"source_column": "a", "target_column": "b", "transform": "upper"}]},
            "column_mappings.transform",
        ),
    ],
    ids=str,
)
def test_a_wrong_field_is_refused_by_its_name(server: Emulator, body: object, field: str) -> None:
    answer = create(server, body)

    assert (answer.status, answer.code, answer.details["field"]) == (400, "INVALID_REQUEST", field)


@requirement("BLK-05")
@pytest.mark.parametrize("field", ["object", "external_id_field", "column_delimiter"])
def test_a_refused_form_is_explained_in_words(server: Emulator, field: str) -> None:
    message = create(server, {**INSERT, field: "; --"}).json["error"]["message"]

    assert message.startswith(f"{field} must be ")
    assert "regex" not in message


@requirement("BLK-40", "BLK-41", "BLK-42", "BLK-43", "BLK-44", "BLK-45", "BLK-48", "GEN-05")
def test_a_new_bulk_job_has_counted_nothing(server: Emulator) -> None:
    answer = create(server, INSERT).json
    job = job_of(server, answer["job_id"])
    age = datetime.now(UTC) - datetime.strptime(job["created_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)

    assert [job[name] for name in SUMMARY] == [answer[name] for name in SUMMARY]
    assert (job["number_records_processed"], job["number_records_failed"], job["error"]) == (0, 0, None)
    assert job["updated_at"] == job["created_at"]
    assert job.keys().isdisjoint({"id", "system_modstamp"})
    assert timedelta() <= age < timedelta(seconds=30)


@requirement("BLK-21", "BLK-23", "BLK-30", "BLK-31", "BLK-32")
def test_an_open_bulk_job_is_aborted(server: Emulator) -> None:
    job_id = created(server, INSERT)
    answer = moved(server, job_id, "Aborted")

    assert (answer.status, answer.json) == (200, {"job_id": job_id, "state": "Aborted"})
    assert job_of(server, job_id)["state"] == "Aborted"


@requirement("BLK-26", "BLK-27", "BLK-32")
def test_an_import_without_an_upload_fails_with_its_reason(server: Emulator) -> None:
    job_id = created(server, INSERT)
    answer = moved(server, job_id, "UploadComplete")
    job = eventually(lambda: (found := job_of(server, job_id))["state"] in FINISHED and found)

    assert (answer.status, answer.json) == (200, {"job_id": job_id, "state": "UploadComplete"})
    assert (job["state"], job["error"]["code"]) == ("Failed", "INVALID_REQUEST")


@requirement("BLK-13", "BLK-25", "BLK-27")
def test_an_export_starts_without_an_upload_and_ends(server: Emulator) -> None:
    job_id = created(server, EXPORT)
    answer = moved(server, job_id, "UploadComplete")

    assert (answer.status, answer.json["state"]) == (200, "UploadComplete")
    assert job_of(server, job_id)["state"] != "Open"
    assert eventually(lambda: job_of(server, job_id)["state"] in FINISHED)


@requirement("BLK-22", "BLK-23", "BLK-33", "ERR-16")
@pytest.mark.parametrize("first", ["Aborted", "UploadComplete"])
@pytest.mark.parametrize("second", ["Aborted", "UploadComplete"])
def test_a_finished_bulk_job_moves_no_more(server: Emulator, first: str, second: str) -> None:
    job_id = created(server, INSERT)
    moved(server, job_id, first)
    state = eventually(lambda: (found := job_of(server, job_id)["state"]) in FINISHED and found)
    answer = moved(server, job_id, second)

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert answer.details == {"current_state": state, "requested_state": second}


@requirement("BLK-20", "BLK-21", "BLK-33")
@pytest.mark.parametrize("state", ["InProgress", "JobComplete", "Failed", "Open", "aborted", "", None, 5, ["Aborted"]])
def test_a_client_sets_no_other_state(server: Emulator, state: object) -> None:
    job_id = created(server, INSERT)
    answer = moved(server, job_id, state)

    assert (answer.status, answer.code, answer.details["field"]) == (400, "INVALID_REQUEST", "state")
    assert job_of(server, job_id)["state"] == "Open"


@requirement("BLK-21", "BLK-33")
@pytest.mark.parametrize("body", [{}, [], "Aborted", None], ids=str)
def test_a_patch_without_a_state_is_refused(server: Emulator, body: object) -> None:
    job_id = created(server, INSERT)
    headers = {"Content-Type": "application/json"}
    answer = server.call("PATCH", f"/bulk/jobs/{job_id}", body, headers=headers)

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")


@requirement("BLK-33", "BLK-55", "GEN-12")
@pytest.mark.parametrize("job_id", ["bulk-unknown", "x" * 129, "a%20b", "%00"])
@pytest.mark.parametrize("path", ["", "/upload-url", "/results", "/failed-results"])
def test_an_unknown_bulk_job_is_not_found(server: Emulator, job_id: str, path: str) -> None:
    answer = server.call("GET", f"/bulk/jobs/{job_id}{path}")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@requirement("BLK-33", "GEN-10")
def test_an_unknown_bulk_job_is_not_moved(server: Emulator) -> None:
    assert moved(server, "bulk-unknown", "Aborted").code == "NOT_FOUND"
    assert moved(server, "bulk-unknown", "InProgress").code == "INVALID_REQUEST"


@requirement("BLK-52")
def test_an_export_takes_no_upload(server: Emulator) -> None:
    answer = server.call("GET", f"/bulk/jobs/{created(server, EXPORT)}/upload-url")

    assert (answer.status, answer.code, answer.details["current_state"]) == (409, "CONFLICT", "Open")


@requirement("BLK-53")
def test_a_job_that_is_no_longer_open_takes_no_upload(server: Emulator) -> None:
    job_id = created(server, INSERT)
    moved(server, job_id, "Aborted")
    answer = server.call("GET", f"/bulk/jobs/{job_id}/upload-url")

    assert (answer.status, answer.code, answer.details["current_state"]) == (409, "CONFLICT", "Aborted")


@requirement("BLK-65", "BLK-66")
@pytest.mark.parametrize("path", ["results", "failed-results"])
@pytest.mark.parametrize("state", ["Open", "Aborted"])
def test_a_job_that_did_not_complete_has_no_results(server: Emulator, path: str, state: str) -> None:
    job_id = created(server, INSERT)
    moved(server, job_id, state)
    answer = server.call("GET", f"/bulk/jobs/{job_id}/{path}")

    assert (answer.status, answer.code, answer.details["current_state"]) == (409, "CONFLICT", state)


@requirement("JOB-10", "JOB-11")
@pytest.mark.parametrize(("state", "status"), [("Open", "QUEUED"), ("Aborted", "CANCELLED")])
def test_a_bulk_job_is_a_job_too(server: Emulator, state: str, status: str) -> None:
    answer = create(server, INSERT).json
    moved(server, answer["job_id"], state)
    job = server.call("GET", f"/jobs/{answer['job_id']}").json

    assert (job["job_id"], job["status"], job["submitted_at"]) == (answer["job_id"], status, answer["created_at"])
    assert (job["row_count"], job["error"], job["tenant_id"]) == (None, None, "tenant-123")


@requirement("JOB-11", "JOB-09")
def test_a_failed_bulk_job_is_a_failed_job_with_the_same_reason(server: Emulator) -> None:
    job_id = created(server, INSERT)
    moved(server, job_id, "UploadComplete")
    eventually(lambda: job_of(server, job_id)["state"] in FINISHED)
    job = server.call("GET", f"/jobs/{job_id}").json

    assert (job["status"], job["error"]) == ("FAILED", job_of(server, job_id)["error"])


@requirement("JOB-23", "JOB-25")
def test_an_unfinished_bulk_job_has_no_results_as_a_job(server: Emulator) -> None:
    answer = server.call("GET", f"/jobs/{created(server, INSERT)}/results")

    assert (answer.status, answer.code) == (409, "CONFLICT")


@requirement("BLK-74", "BLK-75", "BLK-76", "BLK-79")
def test_the_list_shows_the_tenants_jobs_newest_first(server: Emulator, seven: list[str]) -> None:
    page = listed(server, "seven")

    assert [job["job_id"] for job in page["jobs"]] == seven
    assert [sorted(job) for job in page["jobs"]] == [sorted(SUMMARY)] * 7
    assert page["next_offset"] is None


@requirement("BLK-74", "BLK-79")
def test_a_tenant_without_jobs_has_an_empty_list(server: Emulator) -> None:
    assert listed(server, "nobody") == {"jobs": [], "next_offset": None}


@requirement("BLK-72", "BLK-73", "BLK-75", "BLK-77", "LIM-09")
def test_pages_follow_each_other_without_gap_or_repeat(server: Emulator, seven: list[str]) -> None:
    first = listed(server, "seven", "?limit=3")
    second = listed(server, "seven", f"?limit=3&offset={first['next_offset']}")
    third = listed(server, "seven", f"?limit=3&offset={second['next_offset']}")
    pages = [[job["job_id"] for job in page["jobs"]] for page in (first, second, third)]

    assert pages == [seven[:3], seven[3:6], seven[6:]]
    assert third["next_offset"] is None


@requirement("BLK-77")
def test_a_job_made_meanwhile_does_not_shift_the_pages(server: Emulator) -> None:
    old = [created(server, INSERT, "pages") for _ in range(3)][::-1]
    first = listed(server, "pages", "?limit=2")
    created(server, INSERT, "pages")
    second = listed(server, "pages", f"?limit=2&offset={first['next_offset']}")

    assert [job["job_id"] for page in (first, second) for job in page["jobs"]] == old


@requirement("BLK-70", "BLK-71", "BLK-78")
@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("?state=Aborted", [4]),
        ("?state=Failed", []),
        ("?operation=query", [0]),
        ("?operation=insert&state=Open", [1, 2, 3, 5, 6]),
        ("?operation=delete", []),
    ],
)
def test_the_list_is_filtered(server: Emulator, seven: list[str], query: str, places: list[int]) -> None:
    assert [job["job_id"] for job in listed(server, "seven", query)["jobs"]] == [seven[place] for place in places]


@requirement("BLK-72", "LIM-09")
def test_a_page_has_25_jobs_unless_asked_for_more(server: Emulator) -> None:
    for _ in range(27):
        created(server, INSERT, "many")

    assert len(listed(server, "many")["jobs"]) == 25
    assert len(listed(server, "many", "?limit=100")["jobs"]) == 27


@requirement("BLK-70", "BLK-71", "BLK-72", "BLK-73", "BLK-80", "ERR-10")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=abc", "limit"),
        ("limit=", "limit"),
        ("limit=1.0", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("state=open", "state"),
        ("state=", "state"),
        ("operation=merge", "operation"),
        ("offset=", "offset"),
        ("offset=x", "offset"),
        ("offset=eyJsYXN0X2tleSI6", "offset"),
        ("offset=%00%FF", "offset"),
        ("offset=" + "A" * 5000, "offset"),
        ("offset=eyJsYXN0X2tleSI6WzEsMl19", "offset"),
    ],
    ids=lambda value: value[:40],
)
def test_a_wrong_parameter_of_the_list_is_refused(server: Emulator, query: str, field: str) -> None:
    answer = server.call("GET", f"/bulk/jobs?{query}")

    assert (answer.status, answer.code, answer.details["field"]) == (400, "INVALID_REQUEST", field)


@requirement("GEN-06")
def test_an_unknown_parameter_of_the_list_is_ignored(server: Emulator) -> None:
    assert server.call("GET", "/bulk/jobs?cursor=x&page=2").status == 200
