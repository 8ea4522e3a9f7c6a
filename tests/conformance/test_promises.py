"""Each check of the contract layer, on an answer that breaks its promise and on one that keeps it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from spectra_conformance import openapi
from spectra_conformance.answer import Answer
from spectra_conformance.contract_layer.exchange import Exchange
from spectra_conformance.contract_layer.priming import Fixtures
from spectra_conformance.contract_layer.promises import deciders, promises

from tests.conformance.deployments import Reply, answering
from tests.conformance.kit import session_on

JOB = "bulk-1"
FIXTURES = Fixtures(states={JOB: "JobComplete"})
RATE = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "99", "x-ratelimit-reset": "0"}


@dataclass(frozen=True)
class Case:
    """`good` keeps the promise of the check, `bad` breaks it; both are the answer's body or its text."""

    check: str
    call: str
    bad: Any
    good: Any
    sent: Any = None
    status: int = 200
    bad_headers: dict[str, str] = field(default_factory=dict)
    good_headers: dict[str, str] = field(default_factory=dict)
    bad_status: int = 0
    request_headers: dict[str, str] = field(default_factory=dict)


def result(rows: list[Any], **members: Any) -> dict[str, Any]:
    usual = {"columns": ["a"], "column_types": ["INTEGER"], "row_count": len(rows), "total_rows": len(rows)}
    return {"data": rows, "metadata": {**usual, "truncated": False, **members}}


def record(**members: Any) -> dict[str, Any]:
    usual = {"status": "COMPLETED", "completed_at": "2026-01-29T10:00:01Z", "row_count": 1, "error": None}
    times = {"submitted_at": "2026-01-29T10:00:00Z", "started_at": "2026-01-29T10:00:00Z"}
    return {"job_id": JOB, "tenant_id": "tenant-123", **times, **usual, **members}


def bulk(**members: Any) -> dict[str, Any]:
    times = {"created_at": "2026-01-29T10:00:00Z", "updated_at": "2026-01-29T10:00:01Z"}
    counters = {"number_records_processed": 0, "number_records_failed": 0}
    return {"job_id": JOB, "state": "JobComplete", "operation": "query", "object": "t", **times, **counters, **members}


def job(**members: Any) -> dict[str, Any]:
    return {"job_id": JOB, "state": "Open", "operation": "query", "object": "t", **members}


EXPORT = {"operation": "query", "object": "t", "query": "SELECT 1 AS one"}
ROW = [{"a": 1}]
CASES = (
    Case("row_count_is_the_number_of_rows", "POST /queries", result(ROW, row_count=2), result(ROW)),
    Case("rows_have_the_columns_in_order", "POST /queries", result([{"b": 1}]), result(ROW)),
    Case("every_column_has_a_type", "POST /queries", result(ROW, column_types=["varchar(5)"]), result(ROW)),
    Case(
        "rows_are_within_the_limit",
        "POST /queries",
        result(ROW * 2),
        result(ROW),
        sent={"sql": "x", "parameters": {"limit": 1}},
    ),
    Case("truncated_says_whether_rows_were_cut", "POST /queries", result(ROW, total_rows=2), result(ROW)),
    Case(
        "known_rows_come_back",
        "POST /queries",
        result([{"one": "1"}]),
        result([{"one": 1}]),
        sent={"sql": "SELECT 1 AS one"},
    ),
    Case("the_job_is_the_one_asked_for", f"GET /bulk/jobs/{JOB}", bulk(job_id="other"), bulk()),
    Case(
        "the_record_names_the_callers_tenant",
        f"GET /jobs/{JOB}",
        record(tenant_id="other"),
        record(),
        request_headers={"x-tenant-id": "tenant-123"},
    ),
    Case("a_record_fits_its_status", f"GET /jobs/{JOB}", record(completed_at=None), record()),
    Case("times_are_in_order", f"GET /jobs/{JOB}", record(completed_at="2026-01-29T09:00:00Z"), record()),
    Case(
        "a_change_is_not_before_the_creation", f"GET /bulk/jobs/{JOB}", bulk(updated_at="2026-01-29T09:59:59Z"), bulk()
    ),
    Case("an_ended_job_stays_as_it_ended", f"GET /bulk/jobs/{JOB}", bulk(state="Open"), bulk()),
    Case("a_bulk_job_fits_its_state", f"GET /bulk/jobs/{JOB}", bulk(state="Failed"), bulk()),
    Case("a_new_job_is_as_it_was_asked_for", "POST /bulk/jobs", job(object="u"), job(), sent=EXPORT, status=201),
    Case(
        "the_state_is_the_one_asked_for",
        f"PATCH /bulk/jobs/{JOB}",
        {"job_id": JOB, "state": "Open"},
        {"job_id": JOB, "state": "Aborted"},
        sent={"state": "Aborted"},
    ),
    Case("a_page_holds_at_most_its_limit", "GET /bulk/jobs?limit=1", {"jobs": [job(), job()]}, {"jobs": [job()]}),
    Case(
        "a_page_holds_what_the_filters_let_through",
        "GET /bulk/jobs?state=Failed",
        {"jobs": [job()]},
        {"jobs": [job(state="Failed")]},
    ),
    Case("a_page_names_no_job_twice", "GET /bulk/jobs", {"jobs": [job(), job()]}, {"jobs": [job()]}),
    Case(
        "counters_of_an_import_fit",
        f"GET /bulk/jobs/{JOB}/results",
        {"job_id": "other", "state": "JobComplete"},
        {"job_id": JOB, "state": "JobComplete"},
    ),
    Case(
        "failed_records_end_with_the_error",
        f"GET /bulk/jobs/{JOB}/failed-results",
        "id,error,name\n",
        "id,name,error\n",
    ),
    Case(
        "the_link_expires_in_the_future",
        f"GET /bulk/jobs/{JOB}/results",
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2020-01-01T01:00:00Z"},
        good_headers={"date": "Wed, 01 Jan 2020 00:00:00 GMT"},
    ),
    Case(
        "a_faulty_request_is_refused",
        "POST /queries",
        result(ROW),
        {},
        sent={"sql": "SELECT 1 AS one", "parameters": {"limit": 0}},
        status=400,
        bad_status=200,
    ),
    Case("a_valid_request_is_accepted", "POST /bulk/jobs", {}, job(), sent=EXPORT, status=201, bad_status=400),
    Case("an_undeclared_method_is_refused", "PUT /queries", {}, {}, status=404, bad_status=200),
    Case("nobody_succeeds_without_credentials", "GET /bulk/jobs", {"jobs": []}, {}, status=401, bad_status=200),
    Case(
        "nobody_acts_for_another_tenant",
        f"GET /jobs/{JOB}",
        record(tenant_id="tenant-456"),
        record(),
        request_headers={"x-tenant-id": "tenant-456"},
    ),
    Case(
        "the_rate_headers_fit_together",
        "GET /bulk/jobs",
        {},
        {},
        bad_headers={**RATE, "x-ratelimit-remaining": "101"},
        good_headers={**RATE, "x-ratelimit-reset": str(int(time.time()) + 30)},
    ),
    Case(
        "the_limit_is_the_documented_one",
        "GET /bulk/jobs",
        {},
        {},
        bad_headers={**RATE, "x-ratelimit-limit": "50"},
        good_headers=RATE,
    ),
    Case(
        "the_answer_is_as_described",
        f"PATCH /bulk/jobs/{JOB}",
        {"job_id": JOB},
        {"job_id": JOB, "state": "Aborted"},
        bad_headers={"content-type": "application/json", "x-request-id": "1"},
        good_headers={"content-type": "application/json", "x-request-id": "1"},
    ),
)
LINK_CHECKS = {"the_upload_link_takes_a_file", "the_download_link_gives_the_file"}


def complaint(case: Case, body: Any, status: int, headers: dict[str, str], folder: Path) -> str | None:
    """Return what the case's check says of an answer."""
    method, path = case.call.split(" ")
    text = body if isinstance(body, str) else json.dumps(body)
    sent = json.dumps(case.sent).encode() if case.sent else None
    request_headers = {"content-type": "application/json"} if sent else {}
    with session_on("http://127.0.0.1:9", folder) as (session, _):
        url = session.target.url + path
        sent_headers = {**request_headers, "x-tenant-id": "tenant-123", **case.request_headers}
        answer = Answer(method, url, status, headers, text.encode(), 0.0, sent_headers, sent)
        exchange = Exchange(openapi.operation_of(method, path), path, answer, session.target, FIXTURES)
        assert promises()[case.check].looks_at(exchange)
        return deciders()[case.check](exchange, session.client(session.target.owner))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.check)
def test_a_broken_promise_is_told_of(case: Case, tmp_path: Path) -> None:
    assert complaint(case, case.bad, case.bad_status or case.status, case.bad_headers, tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.check)
def test_a_kept_promise_is_not(case: Case, tmp_path: Path) -> None:
    assert complaint(case, case.good, case.status, case.good_headers, tmp_path) is None


@pytest.mark.parametrize(
    ("told", "file"),
    [
        pytest.param({"size_bytes": 3}, "n\n7\n", id="another size"),
        pytest.param({"size_bytes": 4, "compression": "gzip"}, "n\n7\n", id="no gzip"),
        pytest.param({"size_bytes": 4, "compression": "none", "format": "csv"}, "n\n8\n", id="other rows"),
    ],
)
def test_a_link_to_another_file_than_the_answer_says_is_told_of(
    told: dict[str, Any], file: str, tmp_path: Path
) -> None:
    with answering(lambda _: Reply(200, file)) as store:
        body = {"download_url": f"{store.url}/file", **told}
        case = Case("the_download_link_gives_the_file", f"GET /bulk/jobs/{JOB}/results", body, body)
        assert complaint(case, body, 200, {}, tmp_path)


@pytest.mark.parametrize(
    ("check", "call", "name"),
    [
        pytest.param("the_upload_link_takes_a_file", f"GET /bulk/jobs/{JOB}/upload-url", "upload_url", id="upload"),
        pytest.param(
            "the_download_link_gives_the_file", f"GET /bulk/jobs/{JOB}/results", "download_url", id="download"
        ),
    ],
)
def test_a_dead_link_is_told_of(check: str, call: str, name: str, tmp_path: Path) -> None:
    with answering(lambda _: Reply(403)) as store:
        body = {name: f"{store.url}/file"}
        assert complaint(Case(check, call, body, body), body, 200, {}, tmp_path)


def test_every_check_of_the_kits_own_is_seen_to_fail() -> None:
    assert {case.check for case in CASES} | LINK_CHECKS == deciders().keys()


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        pytest.param("POST /queries", {"sql": "SELECT 1 AS one", "parameters": {"limit": 10001}}, id="limit cut"),
        pytest.param("POST /queries", {"sql": "SELECT 1 AS one", "more": 1}, id="unknown member"),
        pytest.param("POST /bulk/jobs", {"operation": "query", "query": "SELECT 1 AS one"}, id="export without object"),
        pytest.param("GET /bulk/jobs?limit=101", None, id="page size cut"),
        pytest.param("GET /bulk/jobs?state=Nowhere", None, id="unknown state ignored"),
    ],
)
def test_what_a_deployment_may_accept_is_not_told_of(call: str, sent: Any, tmp_path: Path) -> None:
    case = Case("a_faulty_request_is_refused", call, {}, {}, sent=sent)
    assert complaint(case, {}, 200, {}, tmp_path) is None
