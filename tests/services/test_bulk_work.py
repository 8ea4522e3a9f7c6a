"""Bulk jobs are carried out: exports, imports, attempts, interruptions and what is left behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from spectra_emulator.domain.bulk_files import export_key, failed_key
from spectra_emulator.domain.bulk_jobs import MAX_ATTEMPTS, BulkJobState, as_job, begun
from spectra_emulator.domain.errors import Conflict, InternalError, InvalidRequest, OperatorError
from spectra_emulator.domain.files import MAX_UPLOAD_BYTES
from spectra_emulator.ports import Progress, StatementCancelledError
from spectra_emulator.services.bulk_runs import RunInterruptedError

from tests.fakes import caller
from tests.fakes_bulk import BASE, EXPORT, INSERT, BulkBench
from tests.requirements import requirement


@pytest.fixture
def bench(tmp_path: Path) -> BulkBench:
    return BulkBench(tmp_path / "bulk")


def refuse(error: Exception, times: int = 99) -> object:
    """Return work that fails `times` times."""
    left = [error] * times

    def work(_job_id: str, _progress: Progress) -> None:
        if left:
            raise left.pop()

    return work


@requirement("BLK-25", "BLK-46")
def test_an_export_completes_with_its_rows_and_the_name_of_its_object(bench: BulkBench) -> None:
    job = bench.worked_off(EXPORT)

    assert (job.state, job.number_records_processed, job.attempt) == (BulkJobState.JOB_COMPLETE, 3, 1)
    assert job.result_key == f"tenant-123/exports/{job.job_id}/attempt-1.csv.gz"
    assert bench.objects.objects == {job.result_key: b"1\n2\n3"}


@requirement("BLK-46", "BLK-47")
def test_an_import_completes_with_its_counts_and_keeps_what_it_refused(bench: BulkBench) -> None:
    job = bench.worked_off(INSERT, b"1\nbad\n2")

    assert (job.state, job.number_records_processed, job.number_records_failed) == (BulkJobState.JOB_COMPLETE, 2, 1)
    assert bench.objects.objects[failed_key(job)] == b"bad"


def test_an_import_without_refusals_leaves_no_failed_file(bench: BulkBench) -> None:
    job = bench.worked_off(INSERT, b"1\n2")

    assert failed_key(job) not in bench.objects.objects


def test_nothing_of_a_finished_job_stays_in_the_working_folder(bench: BulkBench) -> None:
    bench.worked_off(INSERT, b"1\nbad")

    assert list(bench.folder.iterdir()) == []


@requirement("BLK-26")
def test_a_data_job_closed_with_nothing_uploaded_fails(bench: BulkBench) -> None:
    job = bench.worked_off(INSERT)

    assert job.state is BulkJobState.FAILED
    assert job.error is not None
    assert job.error.code == "INVALID_REQUEST"


@requirement("LIM-10")
def test_an_upload_over_the_limit_fails_the_job(bench: BulkBench) -> None:
    job = bench.worked_off(INSERT, bytes(MAX_UPLOAD_BYTES + 1))

    assert job.error is not None
    assert (job.error.code, job.error.details["limit"]) == ("PAYLOAD_TOO_LARGE", MAX_UPLOAD_BYTES)


@requirement("BLK-44")
def test_a_failed_job_says_what_the_engine_said_and_that_nothing_went_in(bench: BulkBench) -> None:
    bench.engine.on_work = refuse(InvalidRequest("No column x", field="x"))

    job = bench.worked_off(INSERT, b"1")

    assert job.error is not None
    assert (job.state, job.error.code, job.error.message) == (BulkJobState.FAILED, "INVALID_REQUEST", "No column x")
    assert (job.number_records_processed, job.error.details) == (0, {"field": "x"})


def test_an_unknown_failure_ends_the_job_without_telling_secrets(bench: BulkBench) -> None:
    bench.engine.on_work = refuse(RuntimeError("/secret/path"))

    job = bench.worked_off(EXPORT)

    assert job.error is not None
    assert job.error.code == "INTERNAL_ERROR"
    assert "secret" not in job.error.message


@requirement("BLK-41")
def test_the_counter_moves_while_the_job_runs(bench: BulkBench) -> None:
    seen: list[object] = []

    def work(job_id: str, progress: Progress) -> None:
        progress(1000)
        job = bench.jobs.found(bench.me, job_id)
        seen.append((job.state, job.number_records_processed))

    bench.engine.on_work = work
    bench.worked_off(EXPORT)

    assert seen == [(BulkJobState.IN_PROGRESS, 1000)]


def test_a_lost_engine_is_asked_again(bench: BulkBench) -> None:
    bench.engine.on_work = refuse(InternalError("The worker ended"), times=2)

    job = bench.worked_off(EXPORT)

    assert (job.state, job.attempt, job.result_key) == (BulkJobState.JOB_COMPLETE, 3, export_key(job))


def test_after_the_last_attempt_the_job_fails(bench: BulkBench) -> None:
    bench.engine.on_work = refuse(InternalError("The worker ended"))

    job = bench.worked_off(INSERT, b"1")

    assert (job.state, bench.engine.changes) == (BulkJobState.FAILED, [])


def test_a_client_learns_nothing_of_what_the_operator_must_mend(bench: BulkBench) -> None:
    bench.engine.on_work = refuse(OperatorError("AccessDenied on redshift:GetClusterCredentials", secret="prod/alice"))

    job = bench.worked_off(EXPORT)

    assert job.error is not None
    assert not any(word in job.error.message for word in ("AccessDenied", "prod/alice"))


def test_records_that_went_in_before_the_engine_was_lost_are_not_applied_again(bench: BulkBench) -> None:
    bench.objects.on_store = lambda _: bench.objects.__setattr__("on_store", lambda _: None) or fail_once()

    job = bench.worked_off(INSERT, b"1\nbad")

    assert (job.state, job.attempt, len(bench.engine.changes)) == (BulkJobState.JOB_COMPLETE, 2, 1)
    assert bench.objects.objects[failed_key(job)] == b"bad"


def fail_once() -> None:
    raise InternalError("The store does not answer")


def test_only_the_last_attempts_file_stays(bench: BulkBench) -> None:
    job = bench.closed(EXPORT)
    bench.state.move_bulk_job(begun(job, bench.clock()), expected=BulkJobState.UPLOAD_COMPLETE)
    bench.objects.objects[f"tenant-123/exports/{job.job_id}/attempt-1.csv.gz"] = b"half"

    bench.work_off()

    assert list(bench.objects.objects) == [f"tenant-123/exports/{job.job_id}/attempt-2.csv.gz"]


@requirement("BLK-23")
@pytest.mark.parametrize("upload", [b"1", None], ids=["uploaded", "nothing uploaded"])
def test_an_aborted_job_is_not_begun(bench: BulkBench, upload: bytes | None) -> None:
    job = bench.closed(INSERT, upload)
    bench.jobs.abort(bench.me, job.job_id)

    bench.work_off()

    assert (bench.seen(job).state, bench.engine.changes) == (BulkJobState.ABORTED, [])


@requirement("BLK-24")
def test_an_abort_cancels_the_running_statement(bench: BulkBench) -> None:
    aborting: list[Thread] = []

    def work(job_id: str, _progress: Progress) -> None:
        aborting.append(Thread(target=bench.jobs.abort, args=(bench.me, job_id)))
        aborting[0].start()
        while not bench.engine.cancelled:
            aborting[0].join(0.01)
        raise StatementCancelledError

    bench.engine.on_work = work
    job = bench.worked_off(INSERT, b"1")
    aborting[0].join()

    assert (bench.seen(job).state, bench.engine.changes) == (BulkJobState.ABORTED, [])


@requirement("BLK-24")
def test_an_abort_that_comes_after_the_records_went_in_is_refused(bench: BulkBench) -> None:
    refused: list[Conflict] = []

    def abort() -> None:
        with pytest.raises(Conflict) as conflict:
            bench.jobs.abort(bench.me, job.job_id)
        refused.append(conflict.value)

    aborting = Thread(target=abort)

    def at_store(_key: str) -> None:
        aborting.start()
        while not bench.engine.cancelled:
            aborting.join(0.01)

    bench.objects.on_store = at_store
    job = bench.closed(INSERT, b"1\nbad")
    bench.work_off()
    aborting.join()

    assert (bench.seen(job).state, len(refused)) == (BulkJobState.JOB_COMPLETE, 1)


@requirement("BLK-24")
def test_an_abort_does_not_keep_an_applied_import_from_another_attempt(bench: BulkBench) -> None:
    bench.objects.on_store = lambda _: interrupt_and_fail()

    def interrupt_and_fail() -> None:
        bench.objects.on_store = lambda _: None
        bench.work._runs._runs[job.job_id][1].interrupt()  # noqa: SLF001 - what an abort does first
        raise InternalError("The store does not answer")

    job = bench.closed(INSERT, b"1\nbad")
    bench.work_off()

    assert (bench.seen(job).state, len(bench.engine.changes)) == (BulkJobState.JOB_COMPLETE, 1)


@requirement("BLK-24")
def test_an_abort_that_fails_leaves_the_job_to_complete(bench: BulkBench) -> None:
    def broken(_tenant_id: str, _job_id: str, _db_user: str) -> None:
        raise InternalError("The worker ended")

    def work(job_id: str, _progress: Progress) -> None:
        bench.engine.on_work = lambda _job_id, _progress: None
        bench.work._runs._runs[job_id][1].ended.set()  # noqa: SLF001 - as where the run is about to leave
        with pytest.raises(InternalError, match="worker ended"):
            bench.jobs.abort(bench.me, job_id)
        bench.engine.applied = type(bench.engine).applied.__get__(bench.engine)  # type: ignore[method-assign] # it answers again
        raise RunInterruptedError

    bench.engine.on_work = work
    bench.engine.applied = broken  # type: ignore[method-assign] # it does not answer
    job = bench.worked_off(INSERT, b"1")

    assert (job.state, len(bench.engine.changes)) == (BulkJobState.JOB_COMPLETE, 1)


@requirement("BLK-24")
def test_an_import_that_waits_for_another_can_be_aborted(bench: BulkBench) -> None:
    first, second = (bench.closed(INSERT, b"1") for _ in range(2))
    assert {task.alone for task in bench.tasks} == {bench.tasks[0].alone}
    bench.engine.on_work = lambda _job_id, _progress: bench.jobs.abort(bench.me, second.job_id)
    bench.tasks.pop(0).run()
    bench.work_off()

    assert (bench.seen(first).state, bench.seen(second).state) == (BulkJobState.JOB_COMPLETE, BulkJobState.ABORTED)
    assert len(bench.engine.changes) == 1


@pytest.mark.parametrize("upload", [b"1", bytes(MAX_UPLOAD_BYTES + 1)], ids=["complete", "failed"])
def test_an_upload_goes_with_its_job(bench: BulkBench, upload: bytes) -> None:
    bench.worked_off(INSERT, upload)
    bench.jobs.abort(bench.me, bench.closed(INSERT, upload).job_id)

    assert bench.objects.objects == {}


def test_an_export_aborted_while_its_file_is_stored_leaves_no_object(bench: BulkBench) -> None:
    job = bench.closed(EXPORT)
    bench.objects.on_store = lambda _: bench.jobs.abort(bench.me, job.job_id)

    bench.work_off()

    assert (bench.seen(job).state, bench.objects.objects) == (BulkJobState.ABORTED, {})


@requirement("BLK-28", "LIM-04")
@pytest.mark.parametrize("state", ["Open", "UploadComplete"])
def test_a_job_that_does_not_complete_within_a_day_fails(bench: BulkBench, state: str) -> None:
    job = bench.created(INSERT) if state == "Open" else bench.closed(INSERT, b"1")
    bench.clock.advance(hours=24, seconds=1)

    bench.work.expire()

    late = bench.seen(job)
    assert late.error is not None
    assert (late.state, late.error.code) == (BulkJobState.FAILED, "QUERY_TIMEOUT")


@requirement("BLK-28")
def test_a_job_has_its_whole_day(bench: BulkBench) -> None:
    job = bench.created(INSERT)
    bench.clock.advance(hours=23, minutes=59)

    bench.work.expire()

    assert bench.seen(job).state is BulkJobState.OPEN


@requirement("BLK-28")
def test_a_running_export_is_stopped_when_its_day_is_over(bench: BulkBench) -> None:
    job = bench.closed(EXPORT)

    def at_store(_key: str) -> None:
        bench.clock.advance(hours=25)
        bench.work.expire()

    bench.objects.on_store = at_store
    bench.work_off()

    late = bench.seen(job)
    assert late.error is not None
    assert (late.state, late.error.code, late.result_key) == (BulkJobState.FAILED, "QUERY_TIMEOUT", None)


@requirement("JOB-14")
def test_times_of_a_finished_job_are_in_order(bench: BulkBench) -> None:
    bench.engine.on_work = lambda _job_id, _progress: bench.clock.advance(seconds=5)

    job = as_job(bench.worked_off(EXPORT))

    assert job.started_at is not None
    assert job.completed_at is not None
    assert job.submitted_at <= job.started_at < job.completed_at
    assert job.execution_time_ms == 5000


@pytest.mark.parametrize("attempt", range(1, MAX_ATTEMPTS + 2))
def test_a_restart_completes_an_import_that_was_applied_and_applies_it_no_second_time(
    bench: BulkBench, attempt: int
) -> None:
    job = bench.worked_off(INSERT, b"1\n2")
    left = replace(begun(replace(job, state=BulkJobState.UPLOAD_COMPLETE), bench.clock()), attempt=attempt)
    bench.state.move_bulk_job(left, expected=BulkJobState.JOB_COMPLETE)

    bench.start()
    bench.work.recover()
    bench.work_off()

    assert (bench.seen(job).state, bench.seen(job).number_records_processed) == (BulkJobState.JOB_COMPLETE, 2)
    assert len(bench.engine.changes) == 1


@pytest.mark.parametrize(
    ("attempt", "state"), [(0, "JobComplete"), (1, "JobComplete"), (2, "JobComplete"), (3, "Failed")]
)
@pytest.mark.parametrize("request_", [EXPORT, INSERT], ids=["export", "import"])
def test_a_restart_retries_what_was_under_way_twice_at_most(
    bench: BulkBench, request_: object, attempt: int, state: str
) -> None:
    job = bench.closed(INSERT if request_ is INSERT else EXPORT, b"1")
    left = job if attempt == 0 else replace(begun(job, bench.clock()), attempt=attempt)
    bench.state.move_bulk_job(left, expected=BulkJobState.UPLOAD_COMPLETE)
    bench.tasks.clear()

    bench.start()
    bench.work.recover()
    bench.work_off()

    assert bench.seen(job).state == state


def test_a_restart_clears_what_forgotten_jobs_left(bench: BulkBench) -> None:
    (bench.folder / "bulk-gone").mkdir(parents=True)

    bench.work.recover()

    assert list(bench.folder.iterdir()) == []


def test_the_end_of_the_server_is_no_attempt(bench: BulkBench) -> None:
    def work(_job_id: str, _progress: Progress) -> None:
        bench.work.close()
        raise InternalError("The server is stopping")

    bench.engine.on_work = work
    job = bench.worked_off(EXPORT)

    assert (job.state, job.attempt) == (BulkJobState.IN_PROGRESS, 0)


def test_work_of_a_tenant_whose_jobs_are_gone_has_no_effect(bench: BulkBench) -> None:
    job = bench.closed(EXPORT)

    def at_store(_key: str) -> None:
        bench.state.clear("tenant-123")
        bench.work.forget("tenant-123")

    bench.objects.on_store = at_store
    bench.work_off()

    assert (bench.state.bulk_job("tenant-123", job.job_id), bench.objects.objects) == (None, {})


def test_a_job_under_way_cannot_be_ended_by_another_tenant(bench: BulkBench) -> None:
    job = bench.closed(EXPORT)

    with pytest.raises(Exception, match="Job not found"):
        bench.jobs.abort(caller(tenant_id="tenant-456"), job.job_id)

    bench.work_off()
    assert bench.jobs.results(bench.me, job.job_id, BASE)
