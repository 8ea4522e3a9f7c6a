"""The life of a bulk job, from its creation on."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import hold, note, warn_unless
from spectra_conformance.suite.asking import NOWHERE, slow_count
from spectra_conformance.suite.links import own_end
from spectra_conformance.suite.moments import SKEW, answered_at, moment
from spectra_conformance.suite.refusals import assert_code_fits, assert_refused
from spectra_conformance.suite.registry import decides

OK, CREATED, BAD_REQUEST, CONFLICT = 200, 201, 400, 409
EXPORT = {"operation": "query", "object": NOWHERE, "query": "SELECT 1 AS a"}
LONG_EXPORT = EXPORT | {"query": slow_count(bulk.LONG_DIGITS)}
"""Runs until it is ended by its user, wherever exports begin when they are created."""
INSERT = {"operation": "insert", "object": NOWHERE}
SECOND = 1.1
DAY = timedelta(hours=24) + SKEW


@pytest.mark.parametrize(
    "members",
    [
        pytest.param(EXPORT, id="query"),
        pytest.param(INSERT, id="insert"),
        pytest.param({"operation": "update", "object": NOWHERE, "external_id_field": "id"}, id="update"),
        pytest.param({"operation": "upsert", "object": f"public.{NOWHERE}", "external_id_field": "id"}, id="upsert"),
        pytest.param({"operation": "delete", "object": NOWHERE, "external_id_field": "id"}, id="delete"),
    ],
)
@decides(
    "BLK-12", "BLK-13", "BLK-01", "BLK-02", "BLK-40", "BLK-41", "BLK-42", "BLK-43", "BLK-48", "BLK-20", "GEN-11",
    bulk_creations=1, queries=0,
)  # fmt: skip
def test_a_new_bulk_job_is_open_and_shows_what_it_was_created_with(either: Client, members: dict[str, str]) -> None:
    answer = either.bulk(**members)
    assert answer.status == CREATED, answer.shown
    created = answer.json()
    record = bulk.record(either, created["job_id"])

    assert_takes_a_file(either, created)
    for shown in (created, record):
        assert (shown["operation"], shown["object"]) == (members["operation"], members["object"])
        assert (shown.get("content_type", "CSV"), shown.get("compression", "NONE")) == ("CSV", "NONE"), shown
    assert created["state"] == "Open" or (created["state"], members["operation"]) == ("InProgress", "query")
    assert record["created_at"] == created["created_at"]
    assert abs(moment(created["created_at"]) - answered_at(answer)) < SKEW
    assert moment(record["updated_at"]) >= moment(record["created_at"])
    if record["state"] == "Open":
        assert (record["number_records_processed"], record["number_records_failed"]) == (0, 0)
        assert [record.get(name) for name in ("error", "started_at", "completed_at")] == [None] * 3


def assert_takes_a_file(either: Client, created: dict[str, Any]) -> None:
    """Assert that the link which a new job may come with is one that takes its file."""
    if not created.get("upload_url"):
        return
    put = bulk.sent_up(either, created["upload_url"], b"id\n1\n")
    warn_unless("URL-01", put.status, OK, "status of an upload to the link of the creation")
    own = own_end(created["upload_url"])
    warn_unless("URL-10", own is None or timedelta(0) < own - answered_at(put) <= DAY, True, "the link's end")


@decides("BLK-26", "BLK-14", "BLK-44", "BLK-31", "BLK-21", "BLK-23", "HDR-11", "JOB-11", bulk_creations=1, queries=0)
def test_an_import_without_a_file_fails(either: Client) -> None:
    created = either.bulk(**INSERT)
    job_id = created.json()["job_id"]
    location = created.headers.get("location")
    hold("HDR-11", location is None or job_id in location, True, "Location names the job")
    link = str(created.json().get("upload_url", "https://"))
    hold("BLK-14", link.startswith(("http://", "https://")), True, "upload_url is a link")
    assert_fails_without_a_file(either, job_id)


def assert_fails_without_a_file(either: Client, job_id: str) -> None:
    answer = either.set_state(job_id, "UploadComplete")
    if answer.status in {BAD_REQUEST, CONFLICT}:
        note(f"{answer.status} where nothing was uploaded")
        assert_code_fits(answer)
        either.set_state(job_id, "Aborted")
        return
    record = either.settled(job_id).json()

    assert record["state"] in {"Failed", "JobComplete"}, record
    hold("BLK-26", record["state"], "Failed", "state of an import without a file")
    assert record["number_records_processed"] == 0
    if record["state"] == "Failed":
        hold("BLK-26", (record.get("error") or {}).get("code"), "INVALID_REQUEST", "error.code")


@decides("BLK-43", "BLK-23", "BLK-31", "BLK-32", "BLK-40", "JOB-06", "JOB-08", bulk_creations=1, queries=0)
def test_the_time_of_the_last_change_moves_with_changes_alone(either: Client) -> None:
    job_id = bulk.created(either, **INSERT)
    first = bulk.record(either, job_id)
    time.sleep(SECOND)
    second = bulk.record(either, job_id)
    answer = either.set_state(job_id, "Aborted")
    third = bulk.record(either, job_id)

    assert second == first
    assert (answer.status, answer.json()["job_id"], answer.json()["state"]) == (OK, job_id, "Aborted"), answer.shown
    assert third["state"] == "Aborted"
    assert moment(third["updated_at"]) > moment(first["updated_at"])
    assert third["created_at"] == first["created_at"]
    shown = either.get(f"/jobs/{job_id}").json()
    assert moment(shown["completed_at"]) > moment(shown["submitted_at"])
    taken = shown.get("execution_time_ms", 1000)
    hold("JOB-08", 500 <= taken <= 60_000, True, "execution_time_ms is in milliseconds")


@pytest.mark.parametrize("members", [pytest.param(LONG_EXPORT, id="export"), pytest.param(INSERT, id="import")])
@decides("JOB-30", "JOB-33", "JOB-35", "JOB-11", "JOB-12", "BLK-23", bulk_creations=1, queries=0)
def test_an_open_job_is_cancelled_through_the_job_api(either: Client, members: dict[str, str]) -> None:
    job_id = bulk.created(either, **members)
    answer = either.delete(f"/jobs/{job_id}")

    if answer.status in {404, CONFLICT}:
        assert_code_fits(answer)
        warn_unless("JOB-33", answer.status, OK, "status of cancelling a bulk job")
        either.set_state(job_id, "Aborted")
        return
    assert (answer.status, answer.json()["job_id"], answer.json()["status"]) == (OK, job_id, "CANCELLED"), answer.shown
    assert answer.json()["message"]
    assert either.get(f"/jobs/{job_id}").json()["status"] == "CANCELLED"
    assert bulk.record(either, job_id)["state"] == "Aborted"
    again = either.delete(f"/jobs/{job_id}")
    assert_refused(again, "CONFLICT", tolerated={OK})


@decides("BLK-23", "BLK-22", "BLK-31", "JOB-12", "BLK-26", bulk_creations=1, queries=0)
def test_an_aborted_job_stays_aborted(owner: Client, aborted_export: str) -> None:
    before = bulk.record(owner, aborted_export)

    for state in ("UploadComplete", "Aborted"):
        assert_refused(owner.set_state(aborted_export, state), "CONFLICT", tolerated={BAD_REQUEST})
    assert before["state"] == "Aborted"
    assert bulk.record(owner, aborted_export) == before


@decides(
    "BLK-25", "BLK-31", "BLK-32", "BLK-27", "BLK-46", "BLK-20", "BLK-22", profile="smoke", bulk_creations=1, queries=0
)
def test_upload_complete_runs_an_export_to_its_end(either: Client) -> None:
    job_id = bulk.created(either, operation="query", object=bulk.TABLE, query=bulk.SEVEN_ROWS)
    answer = bulk.begun(either, job_id)
    soon = bulk.record(either, job_id)["state"]
    record = bulk.ended(either, job_id, "JobComplete")

    assert soon in {"UploadComplete", "InProgress", "JobComplete"}
    assert (record["number_records_processed"], record["number_records_failed"]) == (7, 0)
    assert record.get("error") is None
    if answer is None:
        pytest.skip(bulk.BEGUN_AT_CREATION)
    assert answer.json()["job_id"] == job_id
    assert answer.json()["state"] in {"UploadComplete", "InProgress", "JobComplete"}, answer.shown
    hold("BLK-32", answer.json()["state"], "UploadComplete", "state of the answer")


@decides("BLK-43", "BLK-45", "JOB-14", "JOB-13", "JOB-11", "JOB-07", "BLK-46", bulk_creations=1, queries=0)
def test_a_finished_export_has_all_its_times_in_order(owner: Client, finished_export: str) -> None:
    record, shown = bulk.record(owner, finished_export), owner.get(f"/jobs/{finished_export}").json()
    times = [moment(shown[f"{name}_at"]) for name in ("submitted", "started", "completed")]

    assert times == sorted(times), shown
    assert moment(record["updated_at"]) >= times[2] - timedelta(seconds=1)
    assert shown["row_count"] == record["number_records_processed"] == 7
    assert shown.get("execution_time_ms", 0) >= 0
    for name in ("started_at", "completed_at"):
        hold("BLK-45", record.get(name) or shown[name], shown[name], name)


@decides("BLK-44", "JOB-09", "JOB-24", "ERR-21", "BLK-46", "LIM-03", bulk_creations=1, queries=0)
def test_a_failed_export_says_why(owner: Client, failed_export: str) -> None:
    record, shown = bulk.record(owner, failed_export), owner.get(f"/jobs/{failed_export}").json()

    assert shown["status"] == "FAILED"
    assert shown["error"]["code"], shown
    assert shown["error"]["message"], shown
    hold("BLK-44", bool((record.get("error") or {}).get("message")), True, "error.message is given")
    hold("BLK-44", (record.get("error") or {}).get("code"), shown["error"]["code"], "error.code, in both APIs")
    assert (record["number_records_processed"], record["number_records_failed"]) == (0, 0)


@decides("BLK-17", "BLK-44", "TEN-07", profile="full", bulk_creations=1, queries=0)
def test_a_table_that_does_not_exist_fails_the_job(either: Client) -> None:
    answer = either.bulk(operation="query", object=NOWHERE, query=f"SELECT a FROM {NOWHERE}")
    if answer.status != CREATED:
        assert answer.status in {BAD_REQUEST, 404}, answer.shown
        note("a table that does not exist is found out at creation")
        return
    bulk.begun(either, answer.json()["job_id"])
    record = bulk.ended(either, answer.json()["job_id"], "Failed")

    hold("BLK-17", (record.get("error") or {}).get("code"), "INVALID_SQL", "error.code")
