"""The Bulk API's use cases: creation, links, results and refusals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from spectra_emulator.domain.bulk_files import ExportedFile
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobFilter, BulkJobState, Operation
from spectra_emulator.domain.errors import Conflict, Forbidden, InvalidSql, NotFound, SqlBlocked
from spectra_emulator.domain.idempotency import IdempotencyKey

from tests.fakes import NOON, caller
from tests.fakes_bulk import BASE, EXPORT, INSERT, BulkBench
from tests.requirements import requirement

KEY = IdempotencyKey("tenant-123", "POST /bulk/jobs", "key", "sha")
HOUR = timedelta(hours=1)


@pytest.fixture
def bench(tmp_path: Path) -> BulkBench:
    return BulkBench(tmp_path / "bulk")


@requirement("BLK-12", "BLK-13", "BLK-41", "BLK-42")
@pytest.mark.parametrize("operation", Operation)
def test_every_job_begins_open_and_has_counted_nothing(bench: BulkBench, operation: Operation) -> None:
    query = EXPORT.query if operation is Operation.QUERY else None
    request = replace(EXPORT, operation=operation, query=query)
    job = bench.created(request)

    assert replace(job, upload_link=None, db_user="") == BulkJob(
        job.job_id, "tenant-123", request, BulkJobState.OPEN, NOON, NOON
    )
    assert bench.seen(job) == job


@requirement("BLK-14", "LIM-08")
def test_a_data_job_is_created_with_a_link_for_an_hour(bench: BulkBench) -> None:
    link = bench.created(INSERT).upload_link

    assert link is not None
    assert (link.url, link.expires_at) == (f"{BASE}/put/tenant-123/uploads/bulk-1.csv?for=3600", NOON + HOUR)


@requirement("BLK-14")
def test_an_export_is_created_without_a_link(bench: BulkBench) -> None:
    assert bench.created(EXPORT).upload_link is None


@requirement("SQL-18", "BLK-15")
@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        pytest.param("DROP TABLE sales", SqlBlocked, id="blocked"),
        pytest.param("SELECT 1; DROP TABLE sales", SqlBlocked, id="stacked"),
        pytest.param("SELECT FROM WHERE", InvalidSql, id="malformed"),
    ],
)
def test_a_query_that_may_not_run_creates_no_job(bench: BulkBench, query: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        bench.created(replace(EXPORT, query=query))

    assert bench.jobs.listed(bench.me, BulkJobFilter(limit=25)) == []


@requirement("IDM-09", "IDM-05")
@pytest.mark.parametrize("meanwhile", ["close", "abort"])
def test_a_replayed_creation_answers_as_the_first(bench: BulkBench, meanwhile: str) -> None:
    first, _ = bench.jobs.create(bench.me, INSERT, KEY, BASE)
    getattr(bench.jobs, meanwhile)(bench.me, first.job_id)
    bench.clock.advance(minutes=30)

    assert bench.jobs.create(bench.me, INSERT, KEY, "http://elsewhere") == (first, True)


@requirement("IDM-09", "IDM-08")
def test_a_hundred_creations_under_one_key_make_one_job(bench: BulkBench) -> None:
    with ThreadPoolExecutor(100) as threads:
        answers = list(threads.map(lambda _: bench.jobs.create(bench.me, INSERT, KEY, BASE), range(100)))

    assert {job.job_id for job, _ in answers} == {"bulk-1"}
    assert [replayed for _, replayed in answers].count(False) == 1


@requirement("BLK-50", "BLK-54")
def test_a_link_asked_for_again_lasts_an_hour_from_then(bench: BulkBench) -> None:
    job = bench.created(INSERT)
    bench.clock.advance(minutes=30)

    link = bench.jobs.upload_url(bench.me, job.job_id, "http://there")

    assert link.expires_at == NOON + timedelta(minutes=90)
    assert link.url == "http://there/put/tenant-123/uploads/bulk-1.csv?for=3600"


@pytest.mark.parametrize(
    ("key", "open_"),
    [
        ("tenant-123/uploads/bulk-1.csv", True),
        ("tenant-123/uploads/bulk-1.json", False),
        ("tenant-456/uploads/bulk-1.csv", False),
        ("tenant-123/uploads/bulk-2.csv", False),
        ("tenant-123/exports/bulk-1/attempt-1.csv", False),
        ("tenant-123", False),
    ],
)
def test_only_the_upload_of_an_open_job_may_be_written(bench: BulkBench, key: str, open_: bool) -> None:
    bench.created(INSERT)

    assert bench.jobs.may_upload(key) is open_


def test_the_upload_of_a_closed_job_may_not_be_written(bench: BulkBench) -> None:
    bench.closed(INSERT, b"1")

    assert not bench.jobs.may_upload("tenant-123/uploads/bulk-1.csv")


@requirement("BLK-52")
def test_an_export_takes_no_upload(bench: BulkBench) -> None:
    with pytest.raises(Conflict):
        bench.jobs.upload_url(bench.me, bench.created(EXPORT).job_id, BASE)


@requirement("BLK-53")
@pytest.mark.parametrize("move", ["close", "abort"])
def test_a_job_that_is_not_open_takes_no_upload(bench: BulkBench, move: str) -> None:
    job = bench.created(INSERT)
    getattr(bench.jobs, move)(bench.me, job.job_id)

    with pytest.raises(Conflict) as refused:
        bench.jobs.upload_url(bench.me, job.job_id, BASE)

    assert refused.value.details == {"current_state": bench.seen(job).state}


@requirement("BLK-27", "BLK-32")
def test_closing_answers_with_the_state_asked_for(bench: BulkBench) -> None:
    assert bench.closed(INSERT, b"1").state is BulkJobState.UPLOAD_COMPLETE


@requirement("BLK-22")
def test_a_job_is_closed_once(bench: BulkBench) -> None:
    job = bench.closed(INSERT, b"1")

    with pytest.raises(Conflict) as refused:
        bench.jobs.close(bench.me, job.job_id)

    assert refused.value.details == {"current_state": "UploadComplete", "requested_state": "UploadComplete"}
    assert len(bench.tasks) == 1


@requirement("BLK-26", "BLK-44")
def test_a_job_closed_with_nothing_uploaded_fails_and_says_so(bench: BulkBench) -> None:
    failed = bench.worked_off(INSERT)

    assert failed.error is not None
    assert (failed.state, failed.error.code, failed.completed_at) == ("Failed", "INVALID_REQUEST", NOON)
    assert "create a new job" in failed.error.message


@requirement("BLK-22", "BLK-23")
@pytest.mark.parametrize("move", ["close", "abort"])
@pytest.mark.parametrize("end", ["close", "abort"])
def test_a_finished_job_refuses_every_move(bench: BulkBench, end: str, move: str) -> None:
    job = bench.created(INSERT)
    getattr(bench.jobs, end)(bench.me, job.job_id)
    bench.work_off()
    finished = bench.seen(job)
    with pytest.raises(Conflict):
        getattr(bench.jobs, move)(bench.me, job.job_id)

    assert bench.seen(job) == finished


@requirement("BLK-23")
@pytest.mark.parametrize("state", ["Open", "UploadComplete", "InProgress"])
def test_an_unfinished_job_can_be_aborted(bench: BulkBench, state: str) -> None:
    job = bench.created(INSERT)
    bench.state.move_bulk_job(replace(job, state=BulkJobState(state)), expected=BulkJobState.OPEN)

    assert bench.jobs.abort(bench.me, job.job_id).state is BulkJobState.ABORTED


def test_of_many_aborts_at_once_one_succeeds(bench: BulkBench) -> None:
    job = bench.created(INSERT)

    def aborted(_: int) -> bool:
        try:
            bench.jobs.abort(bench.me, job.job_id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(aborted, range(32))) == 1


@requirement("BLK-60", "BLK-61", "BLK-64", "LIM-08")
def test_an_export_has_a_link_for_an_hour_and_its_size_as_stored(bench: BulkBench) -> None:
    job = bench.worked_off(EXPORT)

    found = bench.jobs.results(bench.me, job.job_id, BASE)

    assert isinstance(found, ExportedFile)
    assert (found.size_bytes, found.link.expires_at) == (5, NOON + HOUR)
    assert found.link.url == f"{BASE}/get/tenant-123/exports/bulk-1/attempt-1.csv.gz?for=3600"


@requirement("BLK-67")
def test_an_import_has_its_counters(bench: BulkBench) -> None:
    found = bench.jobs.results(bench.me, bench.worked_off(INSERT, b"1\nbad").job_id, BASE)

    assert isinstance(found, BulkJob)
    assert (found.number_records_processed, found.number_records_failed) == (1, 1)


@requirement("BLK-65", "BLK-66")
@pytest.mark.parametrize("ask", ["results", "failed_records"])
@pytest.mark.parametrize("state", ["Open", "UploadComplete", "Failed", "Aborted"])
def test_a_job_that_is_not_complete_has_no_results(bench: BulkBench, state: str, ask: str) -> None:
    job = bench.created(INSERT)
    bench.state.move_bulk_job(replace(job, state=BulkJobState(state)), expected=BulkJobState.OPEN)
    asked = {
        "results": lambda: bench.jobs.results(bench.me, job.job_id, BASE),
        "failed_records": lambda: bench.jobs.failed_records(bench.me, job.job_id),
    }

    with pytest.raises(Conflict) as refused:
        asked[ask]()

    assert refused.value.details == {"current_state": state}


def test_a_file_that_is_gone_is_not_found(bench: BulkBench) -> None:
    job = bench.worked_off(EXPORT)
    bench.objects.objects.clear()

    with pytest.raises(NotFound):
        bench.jobs.results(bench.me, job.job_id, BASE)


def test_the_refused_records_are_those_that_the_engine_wrote(bench: BulkBench) -> None:
    job = bench.worked_off(INSERT, b"1\nbad record")

    with bench.jobs.failed_records(bench.me, job.job_id) as file:
        assert file.read() == b"bad record"


def test_a_job_without_refused_records_has_no_file_of_them(bench: BulkBench) -> None:
    job = bench.worked_off(INSERT, b"1")

    with pytest.raises(NotFound):
        bench.jobs.failed_records(bench.me, job.job_id)


@requirement("TEN-02", "BLK-33", "BLK-55")
@pytest.mark.parametrize("ask", ["found", "close", "abort", "upload_url", "results", "failed_records"])
@pytest.mark.parametrize(("tenant_id", "job_id"), [("tenant-123", "bulk-unknown"), ("tenant-456", "bulk-1")])
def test_an_unknown_and_a_foreign_job_are_not_found(bench: BulkBench, ask: str, tenant_id: str, job_id: str) -> None:
    bench.created(INSERT)
    more = (BASE,) if ask in {"upload_url", "results"} else ()

    with pytest.raises(NotFound) as told:
        getattr(bench.jobs, ask)(caller(tenant_id=tenant_id), job_id, *more)

    assert (told.value.message, told.value.details) == ("Job not found", {"job_id": job_id})


@requirement("PRM-01", "PRM-03")
@pytest.mark.parametrize(("ask", "permission"), [("close", "bulk:cancel"), ("abort", "bulk:create")])
def test_a_move_needs_its_own_permission(bench: BulkBench, ask: str, permission: str) -> None:
    job = bench.created(INSERT)

    with pytest.raises(Forbidden):
        getattr(bench.jobs, ask)(caller(permission), job.job_id)


@requirement("LIM-14")
def test_files_of_jobs_past_their_retention_are_deleted(bench: BulkBench) -> None:
    bench.worked_off(EXPORT)
    bench.worked_off(INSERT, b"1\nbad")
    bench.clock.advance(days=8)
    kept = bench.worked_off(EXPORT)

    bench.jobs.forget_before(bench.clock() - timedelta(days=7))

    assert list(bench.objects.objects) == [kept.result_key]


@requirement("BLK-72")
def test_a_page_is_followed_by_one_more_where_there_is_one(bench: BulkBench) -> None:
    for _ in range(5):
        bench.created(INSERT)

    assert len(bench.jobs.listed(bench.me, BulkJobFilter(limit=3))) == 4
    assert len(bench.jobs.listed(bench.me, BulkJobFilter(limit=5))) == 5
