"""Bulk jobs as their clients drive them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobFilter, BulkJobRequest, BulkJobState, Operation
from spectra_emulator.domain.errors import Conflict, Forbidden, InvalidSql, NotFound, SqlBlocked
from spectra_emulator.domain.idempotency import IdempotencyKey
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.services.bulk_jobs import BulkJobService
from spectra_emulator.services.idempotency import Idempotency

from tests.fakes import NOON, FixedClock, caller, numbers
from tests.requirements import requirement

INSERT = BulkJobRequest(Operation.INSERT, "public.sales")
EXPORT = BulkJobRequest(Operation.QUERY, "sales", query="SELECT id FROM sales")
KEY = IdempotencyKey("tenant-123", "POST /bulk/jobs", "key-1", "sha-1")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def state() -> Iterator[SqliteState]:
    opened = SqliteState()
    yield opened
    opened.close()


@pytest.fixture
def bulk_jobs(state: SqliteState, clock: FixedClock) -> BulkJobService:
    idempotency = Idempotency(state, clock, timedelta(hours=24), strict=False)
    return BulkJobService(state, idempotency, SqlRules(), clock, numbers())


def created(bulk_jobs: BulkJobService, request: BulkJobRequest = INSERT) -> BulkJob:
    job, _ = bulk_jobs.create(caller(), request, None)
    return job


@requirement("BLK-12", "BLK-13", "BLK-41", "BLK-42")
@pytest.mark.parametrize("request_", [INSERT, EXPORT], ids=["insert", "query"])
def test_a_new_job_is_open_and_has_counted_nothing(bulk_jobs: BulkJobService, request_: BulkJobRequest) -> None:
    job = created(bulk_jobs, request_)

    assert job == BulkJob("bulk-1", "tenant-123", request_, BulkJobState.OPEN, NOON, NOON)
    assert bulk_jobs.found(caller(), "bulk-1") == job


@requirement("SQL-18", "BLK-15")
@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        pytest.param("DROP TABLE sales", SqlBlocked, id="blocked"),
        pytest.param("SELECT 1; DROP TABLE sales", SqlBlocked, id="stacked"),
        pytest.param("SELECT FROM WHERE", InvalidSql, id="malformed"),
    ],
)
def test_a_query_that_may_not_run_creates_no_job(
    bulk_jobs: BulkJobService, query: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        created(bulk_jobs, replace(EXPORT, query=query))

    assert bulk_jobs.listed(caller(), BulkJobFilter(limit=5)) == []


@requirement("IDM-09")
def test_a_replayed_creation_gives_the_job_as_it_was_created(bulk_jobs: BulkJobService, clock: FixedClock) -> None:
    first, _ = bulk_jobs.create(caller(), INSERT, KEY)
    clock.advance(minutes=5)
    bulk_jobs.abort(caller(), first.job_id)

    assert bulk_jobs.create(caller(), INSERT, KEY) == (first, True)


class HastyClock(FixedClock):
    """Eleven seconds pass between two looks at it."""

    def __call__(self) -> datetime:
        self.advance(seconds=11)
        return self.now


@requirement("IDM-08")
def test_a_creation_waits_for_another_under_its_key_for_ten_seconds(state: SqliteState) -> None:
    hasty = HastyClock()
    idempotency = Idempotency(state, hasty, timedelta(hours=24), strict=False)
    state.reserve(KEY, NOON, NOON + timedelta(hours=24))
    with pytest.raises(Conflict, match="still running"):
        BulkJobService(state, idempotency, SqlRules(), hasty, numbers()).create(caller(), INSERT, KEY)


@requirement("IDM-09", "IDM-08")
def test_a_hundred_creations_under_one_key_make_one_job(bulk_jobs: BulkJobService) -> None:
    with ThreadPoolExecutor(100) as threads:
        answers = list(threads.map(lambda _: bulk_jobs.create(caller(), INSERT, KEY), range(100)))

    assert {job.job_id for job, _ in answers} == {"bulk-1"}
    assert [replayed for _, replayed in answers].count(False) == 1


@requirement("BLK-33", "TEN-02")
@pytest.mark.parametrize("call", ["found", "close", "abort", "upload_url", "results"])
@pytest.mark.parametrize("tenant_id", ["tenant-123", "tenant-456"])
def test_an_unknown_and_a_foreign_job_are_not_found(bulk_jobs: BulkJobService, call: str, tenant_id: str) -> None:
    created(bulk_jobs)
    job_id = {"tenant-123": "bulk-unknown", "tenant-456": "bulk-1"}[tenant_id]
    with pytest.raises(NotFound) as told:
        getattr(bulk_jobs, call)(caller(tenant_id=tenant_id), job_id)

    assert (told.value.message, told.value.details) == ("Job not found", {"job_id": job_id})


@requirement("BLK-23", "BLK-27", "BLK-31", "BLK-32")
def test_a_closed_job_answers_the_state_asked_for_and_is_open_no_more(bulk_jobs: BulkJobService) -> None:
    closed = bulk_jobs.close(caller(), created(bulk_jobs).job_id)

    assert closed.state is BulkJobState.UPLOAD_COMPLETE
    assert bulk_jobs.found(caller(), closed.job_id).state is not BulkJobState.OPEN


@requirement("BLK-26", "BLK-44")
def test_a_job_closed_with_nothing_uploaded_fails_and_says_so(bulk_jobs: BulkJobService) -> None:
    bulk_jobs.close(caller(), created(bulk_jobs).job_id)
    failed = bulk_jobs.found(caller(), "bulk-1")

    assert failed.error is not None
    assert (failed.state, failed.error.code, failed.completed_at) == ("Failed", "INVALID_REQUEST", NOON)


@requirement("BLK-22", "BLK-23")
@pytest.mark.parametrize("move", ["close", "abort"])
@pytest.mark.parametrize("end", ["close", "abort"])
def test_a_finished_job_refuses_every_move(bulk_jobs: BulkJobService, end: str, move: str) -> None:
    created(bulk_jobs)
    getattr(bulk_jobs, end)(caller(), "bulk-1")
    finished = bulk_jobs.found(caller(), "bulk-1")
    with pytest.raises(Conflict):
        getattr(bulk_jobs, move)(caller(), "bulk-1")

    assert bulk_jobs.found(caller(), "bulk-1") == finished


@requirement("BLK-23")
@pytest.mark.parametrize("state_", ["Open", "UploadComplete", "InProgress"])
def test_an_unfinished_job_can_be_aborted(bulk_jobs: BulkJobService, state: SqliteState, state_: str) -> None:
    job = created(bulk_jobs)
    state.move_bulk_job(replace(job, state=BulkJobState(state_)), expected=BulkJobState.OPEN)

    assert bulk_jobs.abort(caller(), job.job_id).state is BulkJobState.ABORTED


def test_of_many_aborts_at_once_one_succeeds(bulk_jobs: BulkJobService) -> None:
    created(bulk_jobs)

    def aborted(_: int) -> bool:
        try:
            bulk_jobs.abort(caller(), "bulk-1")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(aborted, range(32))) == 1


@requirement("PRM-01", "PRM-03")
@pytest.mark.parametrize(("call", "permission"), [("close", "bulk:cancel"), ("abort", "bulk:create")])
def test_a_move_needs_its_own_permission(bulk_jobs: BulkJobService, call: str, permission: str) -> None:
    created(bulk_jobs)
    with pytest.raises(Forbidden):
        getattr(bulk_jobs, call)(caller(permission), "bulk-1")


@requirement("BLK-52", "BLK-53")
@pytest.mark.parametrize("request_", [EXPORT, INSERT], ids=["a query", "not yet served"])
def test_no_upload_url_is_invented(bulk_jobs: BulkJobService, request_: BulkJobRequest) -> None:
    created(bulk_jobs, request_)
    with pytest.raises(Conflict):
        bulk_jobs.upload_url(caller(), "bulk-1")


@requirement("BLK-65")
def test_an_unfinished_job_has_no_results(bulk_jobs: BulkJobService) -> None:
    created(bulk_jobs)
    with pytest.raises(Conflict) as told:
        bulk_jobs.results(caller(), "bulk-1")

    assert told.value.details == {"current_state": "Open"}


@requirement("BLK-72")
def test_a_page_is_followed_by_one_more_where_there_is_one(bulk_jobs: BulkJobService) -> None:
    for _ in range(5):
        created(bulk_jobs)

    assert len(bulk_jobs.listed(caller(), BulkJobFilter(limit=3))) == 4
    assert len(bulk_jobs.listed(caller(), BulkJobFilter(limit=5))) == 5
