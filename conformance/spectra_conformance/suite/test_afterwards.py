"""What has to hold some time after: keys are kept, jobs are still there."""

from __future__ import annotations

import time

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asking import exact
from spectra_conformance.suite.pages import MOST_OF_A_PAGE, ids, walked
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_exports import SEVEN, csv_rows, unpacked
from spectra_conformance.suite.test_imports import NEEDS, rows_of
from spectra_conformance.suite.test_jobs import record_of

OK = 200
LEAST_SECONDS = 3.0
SECOND = 1.1
KEPT = frozenset(
    {
        *("job_id", "tenant_id", "status", "submitted_at", "started_at", "completed_at", "row_count"),
        *("execution_time_ms", "error", "state", "operation", "object", "created_at", "updated_at"),
        *("number_records_processed", "number_records_failed"),
    }
)
"""Members of a record that nothing changes once a job has ended."""
HEADER = "x-idempotency-key"
CHANCE = "SELECT RANDOM() AS r"


@decides("IDM-03", "LIM-07", "IDM-02", "JOB-27", "LIM-14", "JOB-22", queries=2)
def test_an_answer_is_kept_under_its_key_and_its_job(owner: Client, early_answer: tuple[str, float, bytes]) -> None:
    key, given_at, body = early_answer
    time.sleep(max(0.0, LEAST_SECONDS - (time.monotonic() - given_at)))
    again = owner.query(CHANCE, {HEADER: key})
    assert again.body == body
    record = record_of(owner, exact(again)["metadata"])

    assert record["row_count"] == 1
    assert owner.get(f"/jobs/{record['job_id']}/results").json()["data"] == again.json()["data"]


@decides("BLK-24", "BLK-23", "BLK-26", needs=NEEDS, bulk_creations=1, profile="full")
def test_an_aborted_import_has_changed_nothing_since(
    owner: Client, sandbox: str, aborted_import: tuple[str, int]
) -> None:
    job_id, first = aborted_import

    assert rows_of(owner, sandbox, first) == []
    assert bulk.record(owner, job_id)["state"] == "Aborted"


@pytest.mark.parametrize("other", ["second", "third"])
@decides("IDM-02", "IDM-04", queries=1)
def test_a_key_that_only_begins_like_another_is_new(
    owner: Client, early_answer: tuple[str, float, bytes], other: str
) -> None:
    assert owner.query(CHANCE, {HEADER: f"{early_answer[0]}-{other}"}).body != early_answer[2]


@decides("JOB-04", "JOB-05", "JOB-06", "JOB-12", "BLK-40", "BLK-43", "JOB-27", bulk_creations=1, queries=1)
def test_the_record_of_a_job_that_has_ended_changes_no_more(
    owner: Client, finished_query: str, finished_export: str
) -> None:
    def told() -> list[dict[str, object]]:
        paths = (f"/jobs/{finished_query}", f"/jobs/{finished_export}", f"/bulk/jobs/{finished_export}")
        found = [answer.json() for answer in map(owner.get, paths) if answer.status == OK]
        return [{name: value for name, value in record.items() if name in KEPT} for record in found]

    before = told()
    time.sleep(SECOND)

    assert told() == before


@decides("URL-02", "BLK-60", "BLK-69", "JOB-27", bulk_creations=1, queries=0)
def test_the_file_of_an_export_is_still_its_own(owner: Client, finished_export: str) -> None:
    assert csv_rows(unpacked(bulk.downloaded(owner, finished_export), "GZIP")) == [("n", "name"), *SEVEN]


@decides("BLK-77", "BLK-79", "BLK-75", bulk_creations=2, queries=0)
def test_the_first_jobs_of_a_run_are_still_in_the_list(owner: Client, finished_export: str, open_import: str) -> None:
    wanted = {finished_export, open_import}

    assert wanted <= ids(walked(owner, wanted, limit=MOST_OF_A_PAGE))


@decides("BLK-23", "BLK-20", "JOB-12", bulk_creations=1, queries=0)
def test_a_job_that_was_aborted_is_so_to_the_end(
    owner: Client, aborted_export: str, aborted_running: list[tuple[Client, str]]
) -> None:
    time.sleep(SECOND)

    for client, job_id in [(owner, aborted_export), *aborted_running]:
        assert bulk.record(client, job_id)["state"] == "Aborted"
        assert client.get(f"/jobs/{job_id}").json()["status"] == "CANCELLED"
