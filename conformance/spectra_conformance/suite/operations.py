"""Every operation on a job, and what it is expected to answer."""

from __future__ import annotations

from dataclasses import dataclass

from spectra_conformance.answer import Answer
from spectra_conformance.client import Client
from spectra_conformance.suite.refusals import assert_refused

OK = "OK"
REFUSED = 400
REQUIREMENTS = {
    "get_job": ("JOB-10", "JOB-11", "JOB-16", "JOB-03"),
    "job_results": ("JOB-23", "JOB-24", "JOB-25", "JOB-26", "ERR-16"),
    "cancel": ("JOB-31", "JOB-32", "JOB-33", "ERR-16"),
    "get_bulk_job": ("BLK-20", "BLK-40", "ERR-15"),
    "complete": ("BLK-22", "BLK-23", "BLK-33", "ERR-16"),
    "abort": ("BLK-22", "BLK-23", "BLK-33", "ERR-16"),
    "set_open": ("BLK-21", "BLK-20", "ERR-10"),
    "upload_url": ("BLK-51", "BLK-52", "BLK-53", "BLK-55", "ERR-16"),
    "results": ("BLK-60", "BLK-65", "BLK-66", "ERR-16"),
}
"""What each operation decides, by the name that `call` knows it by."""
NEW_STATE = {"complete": "UploadComplete", "abort": "Aborted", "set_open": "Open"}
GIVEN = frozenset({"data", "download_url", "upload_url"})
"""What a 200 in the place of a conflict must not give."""
TOLERANT = frozenset({"job_results", "upload_url", "results"})
"""Operations that may answer with a status which the OpenAPI document does not list."""


def call(client: Client, operation: str, job_id: str) -> Answer:
    """Call one operation on a job."""
    bulk_job, job = f"/bulk/jobs/{job_id}", f"/jobs/{job_id}"
    if operation in NEW_STATE:
        return client.set_state(job_id, NEW_STATE[operation])
    method, path = {
        "get_job": ("GET", job),
        "job_results": ("GET", f"{job}/results"),
        "cancel": ("DELETE", job),
        "get_bulk_job": ("GET", bulk_job),
        "upload_url": ("GET", f"{bulk_job}/upload-url"),
        "results": ("GET", f"{bulk_job}/results"),
    }[operation]
    return client.send(method, path, check=operation not in TOLERANT)


@dataclass(frozen=True)
class Expected:
    """`tolerated` are statuses that may stand in the place of the outcome's."""

    outcome: str
    tolerated: frozenset[int] = frozenset()


def assert_expected(answer: Answer, expected: Expected) -> None:
    if expected.outcome == OK:
        assert answer.status in {200, *expected.tolerated}, answer.shown
    else:
        assert_refused(answer, expected.outcome, tolerated=expected.tolerated)
        assert answer.status >= REFUSED or not GIVEN & answer.json().keys(), answer.shown
