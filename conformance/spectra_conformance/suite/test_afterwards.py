"""What has to hold some time after: keys are kept, jobs are still there."""

from __future__ import annotations

import time

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asking import exact
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_imports import NEEDS, rows_of

LEAST_SECONDS = 3.0
HEADER = "x-idempotency-key"
CHANCE = "SELECT RANDOM() AS r"


@decides("IDM-03", "LIM-07", "IDM-02", "JOB-27", "LIM-14", "JOB-22", queries=2)
def test_an_answer_is_kept_under_its_key_and_its_job(owner: Client, early_answer: tuple[str, float, bytes]) -> None:
    key, given_at, body = early_answer
    time.sleep(max(0.0, LEAST_SECONDS - (time.monotonic() - given_at)))
    again = owner.query(CHANCE, {HEADER: key})
    query_id = exact(again)["metadata"]["query_id"]

    assert again.body == body
    assert owner.get(f"/jobs/{query_id}/results").json()["data"] == again.json()["data"]


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
