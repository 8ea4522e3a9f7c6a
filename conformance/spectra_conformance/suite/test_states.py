"""Every operation, on a job in every state, by everybody."""

from __future__ import annotations

from itertools import product

import pytest

from spectra_conformance.client import Client
from spectra_conformance.identities import bearer
from spectra_conformance.suite.asides import hold
from spectra_conformance.suite.operations import NEW_STATE, OK, REQUIREMENTS, Expected, assert_expected, call
from spectra_conformance.suite.refusals import assert_code_fits, assert_refused, assert_unauthenticated
from spectra_conformance.suite.registry import decides

UNKNOWN = "spectra-conformance-no-such-job"
STATES = {
    "open_export": "Open",
    "open_import": "Open",
    "finished_export": "JobComplete",
    "finished_import": "JobComplete",
    "failed_export": "Failed",
    "aborted_export": "Aborted",
}
STATUSES = {
    "Open": "QUEUED",
    "InProgress": "RUNNING",
    "JobComplete": "COMPLETED",
    "Failed": "FAILED",
    "Aborted": "CANCELLED",
}
NEEDS = {"finished_import": ("sandbox_table",)}
ALL = tuple(dict.fromkeys(requirement for named in REQUIREMENTS.values() for requirement in named))
FINE = Expected(OK)
CONFLICT = Expected("CONFLICT", frozenset({400}))
NO_RESULTS_YET = Expected("CONFLICT", frozenset({400, 404, 425}))
NO_RESULTS_EVER = Expected("CONFLICT", frozenset({200, 400, 404, 410}))
NO_SUCH_STATE = Expected("INVALID_REQUEST")
ABSENT = Expected("NOT_FOUND")
UNFINISHED = {
    "get_job": FINE,
    "job_results": NO_RESULTS_YET,
    "get_bulk_job": FINE,
    "set_open": NO_SUCH_STATE,
    "upload_url": CONFLICT,
    "results": NO_RESULTS_YET,
}
ENDED = {
    "get_job": FINE,
    "job_results": NO_RESULTS_EVER,
    "cancel": Expected("CONFLICT"),
    "get_bulk_job": FINE,
    "complete": CONFLICT,
    "abort": CONFLICT,
    "set_open": NO_SUCH_STATE,
    "upload_url": CONFLICT,
    "results": NO_RESULTS_EVER,
}
RUNNING = UNFINISHED | {"complete": CONFLICT}
TABLE: dict[str, dict[str, Expected]] = {
    "open_export": UNFINISHED,
    "open_import": UNFINISHED | {"upload_url": FINE},
    "finished_export": ENDED | {"job_results": FINE, "results": FINE},
    "finished_import": ENDED
    | {"job_results": Expected("CONFLICT", frozenset({200})), "results": Expected(OK, frozenset({400, 404, 409}))},
    "failed_export": ENDED,
    "aborted_export": ENDED | {"cancel": Expected("CONFLICT", frozenset({200}))},
    "finished_query": dict.fromkeys(REQUIREMENTS, ABSENT)
    | {
        "get_job": FINE,
        "job_results": FINE,
        "cancel": Expected("CONFLICT"),
        "set_open": Expected("INVALID_REQUEST", frozenset({404})),
    },
}
"""What the owner is answered; a call that would change a job is made elsewhere, on a job of its own."""

OWNERS = [(subject, operation) for subject, row in TABLE.items() for operation in row]
EVERYBODY = list(product(TABLE, REQUIREMENTS))


def job_of(request: pytest.FixtureRequest, subject: str) -> str:
    return str(request.getfixturevalue(subject))


@pytest.mark.parametrize(("subject", "operation"), OWNERS, ids=[f"{each[0]}-{each[1]}" for each in OWNERS])
@decides(*ALL, needs=("sandbox_table",), writes=True, queries=0)
def test_each_operation_answers_as_the_state_of_the_job_says(
    owner: Client, request: pytest.FixtureRequest, subject: str, operation: str
) -> None:
    answer = call(owner, operation, job_of(request, subject))

    assert_expected(answer, TABLE[subject][operation])
    if answer.code == "CONFLICT" and operation in {"complete", "abort"}:
        asked = NEW_STATE[operation]
        hold("BLK-22", answer.details.get("current_state", STATES[subject]), STATES[subject], "details.current_state")
        hold("BLK-22", answer.details.get("requested_state", asked), asked, "details.requested_state")
    if answer.code == "CONFLICT" and operation == "job_results":
        status = STATUSES[STATES[subject]]
        hold("JOB-24", answer.details.get("status", status), status, "details.status")


@pytest.mark.parametrize("subject", STATES)
@decides("JOB-11", "JOB-10", "JOB-03", "BLK-20", "JOB-15", needs=("sandbox_table",), writes=True, queries=0)
def test_a_bulk_job_shows_as_a_job(owner: Client, request: pytest.FixtureRequest, subject: str) -> None:
    job_id = job_of(request, subject)
    record = owner.get(f"/bulk/jobs/{job_id}").json()
    assert (record["job_id"], record["state"]) == (job_id, STATES[subject])
    shown = owner.get(f"/jobs/{job_id}").json()

    assert (shown["job_id"], shown["status"]) == (job_id, STATUSES[STATES[subject]])
    assert owner.identity.tenant in {None, shown.get("tenant_id", owner.identity.tenant)}
    hold("JOB-11", shown["submitted_at"], record["created_at"], "submitted_at, by created_at")


@pytest.mark.parametrize("subject", STATES)
@decides("JOB-05", "JOB-06", "JOB-07", "JOB-08", "JOB-09", "JOB-12", needs=("sandbox_table",), writes=True, queries=0)
def test_a_job_says_what_is_known_in_its_state_and_no_more(
    owner: Client, request: pytest.FixtureRequest, subject: str
) -> None:
    shown = owner.get(f"/jobs/{job_of(request, subject)}").json()
    state = STATES[subject]
    ended = state in {"JobComplete", "Failed", "Aborted"}

    assert (shown["completed_at"] is not None) is ended, shown
    if "execution_time_ms" in shown:
        assert (shown["execution_time_ms"] is not None) is ended, shown
    assert (shown["row_count"] is not None) is (state == "JobComplete"), shown
    assert (shown["error"] is not None) is (state == "Failed"), shown
    if state in {"Open", "InProgress", "JobComplete"}:
        assert (shown["started_at"] is not None) is (state != "Open"), shown


@pytest.mark.parametrize(("subject", "operation"), EVERYBODY, ids=[f"{each[0]}-{each[1]}" for each in EVERYBODY])
@decides("TEN-01", "TEN-02", "JOB-16", "ERR-15", needs=("second_tenant", "sandbox_table"), writes=True, queries=0)
def test_another_tenant_finds_no_job_in_any_state(
    peer: Client, request: pytest.FixtureRequest, subject: str, operation: str
) -> None:
    job_id = job_of(request, subject)
    answer = call(peer, operation, job_id)

    tolerated = {403, 400} if operation == "set_open" else {403}
    assert_refused(answer, "NOT_FOUND", tolerated=tolerated)
    hold("TEN-02", answer.status in {404, 400}, True, "status is as for an unknown job")


@pytest.mark.parametrize(("subject", "operation"), EVERYBODY, ids=[f"{each[0]}-{each[1]}" for each in EVERYBODY])
@decides("AUTH-04", "AUTH-03", "HDR-01", "ERR-13", profile="full", needs=("sandbox_table",), writes=True, queries=0)
def test_nobody_is_served_a_job_in_any_state(
    anonymous: Client, request: pytest.FixtureRequest, subject: str, operation: str
) -> None:
    assert_unauthenticated(call(anonymous, operation, job_of(request, subject)))


@pytest.mark.parametrize("operation", REQUIREMENTS)
@decides("AUTH-04", "AUTH-03", "HDR-01", "ERR-13", bulk_creations=1, queries=0)
def test_no_operation_on_a_job_serves_a_caller_without_credentials(
    owner: Client, anonymous: Client, open_export: str, operation: str
) -> None:
    stranger = Client(owner.wire, bearer("stranger", owner.identity.tenant, "spectra_nobody_0000000000"))

    assert_unauthenticated(call(anonymous, operation, open_export))
    assert_unauthenticated(call(stranger, operation, open_export))


UNKNOWN_IDS = {
    "unknown": UNKNOWN,
    "of-another-form": "job-00000000-0000-4000-8000-000000000000",
    "longest": "j" * 128,
}
IMPOSSIBLE_IDS = {
    "too-long": "j" * 129,
    "with-a-dot": "no.such.job",
    "with-a-blank": "no%20such%20job",
    "with-a-star": "*",
    "with-a-percent": "%25",
}


@pytest.mark.parametrize("operation", REQUIREMENTS)
@pytest.mark.parametrize("job_id", UNKNOWN_IDS.values(), ids=UNKNOWN_IDS)
@decides("JOB-16", "BLK-33", "BLK-55", "ERR-15", writes=True, queries=0, profile="full")
def test_an_unknown_job_is_not_found_by_any_operation(owner: Client, operation: str, job_id: str) -> None:
    answer = call(owner, operation, job_id)

    assert_refused(answer, "NOT_FOUND", tolerated={400} if operation == "set_open" else ())


@pytest.mark.parametrize("operation", REQUIREMENTS)
@pytest.mark.parametrize("job_id", IMPOSSIBLE_IDS.values(), ids=IMPOSSIBLE_IDS)
@decides("GEN-12", "GEN-11", "ERR-15", profile="full", writes=True, queries=0)
def test_an_id_that_cannot_exist_is_not_found(owner: Client, operation: str, job_id: str) -> None:
    answer = call(owner, operation, job_id)

    assert answer.status in {400, 403, 404}, answer.shown
    assert_code_fits(answer)
    if operation != "set_open":
        hold("GEN-12", answer.status, 404, "status")


@pytest.mark.parametrize(
    "state", ["Open", "InProgress", "JobComplete", "Failed", "uploadcomplete", "ABORTED", "", 1, None]
)
@decides("BLK-21", "BLK-20", "ERR-10", bulk_creations=1, queries=0)
def test_a_client_sets_no_other_state(owner: Client, open_export: str, state: object) -> None:
    assert_refused(owner.set_state(open_export, state), "INVALID_REQUEST")
    assert owner.get(f"/bulk/jobs/{open_export}").json()["state"] == "Open"


@pytest.mark.parametrize("body", [{}, {"State": "Aborted"}, {"status": "Aborted"}, [], "Aborted"])
@decides("BLK-21", "BLK-30", "BLK-33", "ERR-10", bulk_creations=1, queries=0, profile="full")
def test_a_change_needs_its_state(owner: Client, open_export: str, body: object) -> None:
    assert_refused(owner.patch(f"/bulk/jobs/{open_export}", json=body), "INVALID_REQUEST")


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"\xff"])
@decides("BLK-33", "GEN-02", "ERR-10", bulk_creations=1, queries=0)
def test_a_change_without_json_is_refused(owner: Client, open_export: str, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = owner.patch(f"/bulk/jobs/{open_export}", content=content, headers=headers)

    assert_refused(answer, "INVALID_REQUEST")


@decides("TEN-01", "BLK-22", "JOB-12", "BLK-21", needs=("sandbox_table",), writes=True, queries=0)
def test_no_refused_call_has_changed_a_job(owner: Client, request: pytest.FixtureRequest) -> None:
    found = {subject: owner.get(f"/bulk/jobs/{job_of(request, subject)}").json()["state"] for subject in STATES}

    assert found == STATES
