"""What one answer about a job promises about itself. Each returns what is wrong, None where nothing is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from spectra_conformance.client import TERMINAL_STATES, TERMINAL_STATUSES
from spectra_conformance.contract_layer.exchange import Exchange

SAME_STATUS = {"SUBMITTED": "QUEUED", "TIMEOUT": "FAILED"}
"""Statuses that are reported as others than the documented, and mean these."""

STATUS_OF: dict[str, str] = {"JobComplete": "COMPLETED", "Failed": "FAILED", "Aborted": "CANCELLED", "Open": "QUEUED"}
LATER_STATES = {"UploadComplete": {"UploadComplete", "InProgress", *TERMINAL_STATES}, "Aborted": {"Aborted"}}
FIRST_STATES = {"query": {"Open", "InProgress"}}
DEFAULT_PAGE = 25


def the_job_is_the_one_asked_for(exchange: Exchange) -> str | None:
    told = exchange.body.get("job_id")
    if exchange.job_id not in exchange.fixtures.states and exchange.operation_id in ("getJob", "cancelJob"):
        return None  # a query_id finds a record with a job_id of its own
    return None if told == exchange.job_id else f"asked for {exchange.job_id}, the answer is of {told}"


def the_record_names_the_callers_tenant(exchange: Exchange) -> str | None:
    caller = exchange.answer.sent_headers.get("x-tenant-id")
    told = exchange.body.get("tenant_id", caller)
    return None if caller in (None, told) else f"tenant_id is {told}, the caller's is {caller}"


def a_record_fits_its_status(exchange: Exchange) -> str | None:
    record = exchange.body
    status = _status(record)
    if status in TERMINAL_STATUSES and record.get("completed_at") is None:
        return f"[JOB-06] completed_at is null although the job is {status}"
    if status not in TERMINAL_STATUSES and any(record.get(name) is not None for name in ("completed_at", "row_count")):
        return f"[JOB-06 JOB-07] a {status} job has an end or a row_count: {_shown(record)}"
    if status == "COMPLETED" and record.get("row_count") is None:
        return "[JOB-07] row_count is null although the job is complete"
    if (record.get("error") is None) is (status == "FAILED"):
        return f"[JOB-09] error is {record.get('error')} for a {status} job"
    return None


def times_are_in_order(exchange: Exchange) -> str | None:
    names = ("submitted_at", "started_at", "completed_at")
    return _out_of_order(exchange.body, names)


def a_change_is_not_before_the_creation(exchange: Exchange) -> str | None:
    return _out_of_order(exchange.body, ("created_at", "updated_at"))


def an_ended_job_stays_as_it_ended(exchange: Exchange) -> str | None:
    state = exchange.fixtures.states.get(exchange.job_id)
    told = exchange.body.get("state") or _status(exchange.body)
    expected = {state, STATUS_OF.get(state or "")}
    return None if state is None or told in expected else f"the job ended as {state} and now is {told}"


def a_bulk_job_fits_its_state(exchange: Exchange) -> str | None:
    record = exchange.body
    state, counters = record.get("state"), [record.get(f"number_records_{kind}") for kind in ("processed", "failed")]
    if state == "Open" and counters != [0, 0]:
        return f"[BLK-41 BLK-42] an Open job has the counters {counters}"
    if state == "Failed" and not record.get("error"):
        return "[BLK-44] a Failed job has no error"
    return (
        f"[BLK-44] error is {record['error']} in state {state}" if record.get("error") and state != "Failed" else None
    )


def a_new_job_is_as_it_was_asked_for(exchange: Exchange) -> str | None:
    told, asked = exchange.body, exchange.sent
    if told.get("state") not in FIRST_STATES.get(str(asked.get("operation")), {"Open"}):
        return f"[BLK-13] a new job is {told.get('state')}"
    names = ("operation", "object", "content_type", "compression")
    wrong = [name for name in names if name in told and name in asked and told[name] != asked[name]]
    return f"[BLK-12] asked for {_picked(asked, wrong)}, got {_picked(told, wrong)}" if wrong else None


def the_state_is_the_one_asked_for(exchange: Exchange) -> str | None:
    asked, told = str(exchange.sent.get("state")), exchange.body.get("state")
    return None if told in LATER_STATES.get(asked, {told}) else f"asked for {asked}, the answer is {told}"


def a_page_holds_at_most_its_limit(exchange: Exchange) -> str | None:
    limit = exchange.query.get("limit", str(DEFAULT_PAGE))
    there = len(_jobs(exchange))
    return None if not limit.isdigit() or there <= int(limit) else f"{there} jobs for a limit of {limit}"


def a_page_holds_what_the_filters_let_through(exchange: Exchange) -> str | None:
    for name in ("state", "operation"):
        asked = exchange.query.get(name)
        if asked and (wrong := next((job for job in _jobs(exchange) if job.get(name) != asked), None)):
            return f"[{'BLK-70' if name == 'state' else 'BLK-71'}] {name}={asked} gave {_shown(wrong)}"
    return None


def a_page_names_no_job_twice(exchange: Exchange) -> str | None:
    ids = [job.get("job_id") for job in _jobs(exchange)]
    return None if len(set(ids)) == len(ids) else "one job stands twice on a page"


def counters_of_an_import_fit(exchange: Exchange) -> str | None:
    if "download_url" in exchange.body or "state" not in exchange.body:
        return None
    told = exchange.body.get("job_id")
    return None if told == exchange.job_id else f"asked for {exchange.job_id}, the counters are of {told}"


def failed_records_end_with_the_error(exchange: Exchange) -> str | None:
    header = exchange.answer.text.partition("\n")[0].strip().rstrip("\r")
    return None if not header or header.rpartition(",")[2].strip('"') == "error" else f"the header is {header!r}"


def _status(record: Any) -> Any:
    told = record.get("status")
    return SAME_STATUS.get(told, told)


def _jobs(exchange: Exchange) -> list[dict[str, Any]]:
    jobs = exchange.body.get("jobs")
    return [job for job in jobs if isinstance(job, dict)] if isinstance(jobs, list) else []


def _out_of_order(record: Any, names: tuple[str, ...]) -> str | None:
    times = [_moment(record[name]) for name in names if isinstance(record.get(name), str)]
    known = [time for time in times if time]
    return None if known == sorted(known) else f"out of order: {_picked(record, list(names))}"


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _picked(record: Any, names: list[str]) -> dict[str, Any]:
    return {name: record.get(name) for name in names}


def _shown(record: Any) -> str:
    return str(record)[:200]
