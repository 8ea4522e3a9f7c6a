"""What every store of state promises: SQLite in memory and on file, and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobFilter, BulkJobRequest, BulkJobState, Operation
from spectra_emulator.domain.idempotency import Held, IdempotencyKey, Reservation
from spectra_emulator.domain.jobs import JobError, JobStatus
from spectra_emulator.ports import StateStore

from tests.fakes import NOON, job
from tests.requirements import requirement
from tests.shared_state import SharedDatabase

KEY = IdempotencyKey("tenant-123", "POST /queries", "key-1", "sha-1")
DAY = timedelta(hours=24)
MINUTE = timedelta(seconds=60)
ALL = BulkJobFilter(limit=100)


def on_postgres(request: pytest.FixtureRequest) -> StateStore:
    database: SharedDatabase = request.getfixturevalue("shared_database")
    return database.state()


OPENED: dict[str, Callable[[pytest.FixtureRequest, Path], StateStore]] = {
    "SQLite in memory": lambda _request, _folder: SqliteState(),
    "SQLite on file": lambda _request, folder: SqliteState(folder / "state.sqlite"),
    "PostgreSQL": lambda request, _folder: on_postgres(request),
}


@pytest.fixture(params=list(OPENED))
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    opened = OPENED[request.param](request, tmp_path)
    yield opened
    opened.close()


def bulk_job(
    job_id: str, *, age: int = 0, operation: Operation = Operation.INSERT, tenant_id: str = "tenant-123"
) -> BulkJob:
    created_at = NOON - timedelta(seconds=age)
    request = BulkJobRequest(operation, "public.sales", column_mappings=(("a", "b"),))
    return BulkJob(job_id, tenant_id, request, BulkJobState.OPEN, created_at, created_at)


def answered(state: StateStore, age: timedelta = timedelta()) -> Reservation:
    """Take the key, answer it with `job-1` and return what was taken."""
    taken = state.reserve(KEY, NOON - age, NOON - age + DAY)
    state.fulfil(KEY, taken.token, "job-1")
    return taken


def test_a_job_is_found_as_it_was_stored(state: StateStore) -> None:
    state.add_job(job())

    assert state.job("tenant-123", "job-1") == job()


@requirement("TEN-02", "JOB-16")
def test_another_tenant_cannot_see_the_job(state: StateStore) -> None:
    state.add_job(job())

    assert state.job("tenant-456", "job-1") is None


def test_a_finished_job_keeps_its_facts(state: StateStore) -> None:
    error = JobError("INVALID_SQL", "division by zero", {"sql_state": "22012"})
    failed = replace(job(), status=JobStatus.FAILED, completed_at=NOON, execution_time_ms=12, error=error)
    state.add_job(job())

    assert (state.move_job(failed), state.job("tenant-123", "job-1")) == (True, failed)


@requirement("JOB-12")
@pytest.mark.parametrize("first", ["COMPLETED", "FAILED", "CANCELLED"])
def test_a_finished_job_never_finishes_again(state: StateStore, first: str) -> None:
    finished = replace(job(), status=JobStatus(first), completed_at=NOON)
    state.add_job(job())
    state.move_job(finished)

    assert not state.move_job(replace(job(), status=JobStatus.CANCELLED, completed_at=NOON + MINUTE))
    assert state.job("tenant-123", "job-1") == finished


@requirement("JOB-12")
def test_of_many_that_finish_a_job_at_once_one_wins(state: StateStore) -> None:
    state.add_job(job())
    ends = [replace(job(), status=JobStatus.COMPLETED, row_count=number) for number in range(32)]
    with ThreadPoolExecutor(32) as threads:
        won = list(threads.map(state.move_job, ends))

    assert won.count(True) == 1
    assert state.job("tenant-123", "job-1") == ends[won.index(True)]


def test_a_job_that_is_not_there_cannot_be_finished(state: StateStore) -> None:
    assert not state.move_job(replace(job(), status=JobStatus.COMPLETED))


def test_jobs_are_listed_newest_first_and_by_status(state: StateStore) -> None:
    old = replace(job("job-old"), submitted_at=NOON - MINUTE)
    done = replace(job("job-done"), status=JobStatus.COMPLETED)
    for each in (old, done, job("job-new"), job("job-foreign", tenant_id="tenant-456")):
        state.add_job(each)

    assert state.jobs("tenant-123") == [done, job("job-new"), old]
    assert state.jobs("tenant-123", JobStatus.RUNNING) == [job("job-new"), old]


def test_a_bulk_job_is_found_as_it_was_stored(state: StateStore) -> None:
    state.add_bulk_job(bulk_job("bulk-1"))

    assert state.bulk_job("tenant-123", "bulk-1") == bulk_job("bulk-1")
    assert state.bulk_job("tenant-456", "bulk-1") is None


@requirement("BLK-22")
def test_a_bulk_job_moves_only_from_the_state_that_was_seen(state: StateStore) -> None:
    closed = replace(bulk_job("bulk-1"), state=BulkJobState.UPLOAD_COMPLETE)
    state.add_bulk_job(bulk_job("bulk-1"))

    assert not state.move_bulk_job(closed, expected=BulkJobState.IN_PROGRESS)
    assert state.bulk_job("tenant-123", "bulk-1") == bulk_job("bulk-1")
    assert state.move_bulk_job(closed, expected=BulkJobState.OPEN)
    assert state.bulk_job("tenant-123", "bulk-1") == closed


def test_bulk_jobs_of_all_tenants_are_found_by_age_and_state_oldest_first(state: StateStore) -> None:
    state.add_bulk_job(bulk_job("bulk-1", age=60))
    state.add_bulk_job(bulk_job("bulk-2", age=120, tenant_id="tenant-456"))
    state.add_bulk_job(replace(bulk_job("bulk-ended", age=90), state=BulkJobState.ABORTED))
    state.add_bulk_job(bulk_job("bulk-new"))

    found = state.bulk_jobs_created_before(NOON, {BulkJobState.OPEN, BulkJobState.IN_PROGRESS})

    assert [job.job_id for job in found] == ["bulk-2", "bulk-1"]


def test_of_many_that_move_a_bulk_job_at_once_one_wins(state: StateStore) -> None:
    state.add_bulk_job(bulk_job("bulk-1"))
    moved = [
        replace(bulk_job("bulk-1"), state=BulkJobState.ABORTED, number_records_failed=number) for number in range(32)
    ]
    with ThreadPoolExecutor(32) as threads:
        won = list(threads.map(lambda each: state.move_bulk_job(each, expected=BulkJobState.OPEN), moved))

    assert won.count(True) == 1
    assert state.bulk_job("tenant-123", "bulk-1") == moved[won.index(True)]


@requirement("BLK-76")
def test_bulk_jobs_are_listed_newest_first_and_ties_by_id(state: StateStore) -> None:
    for job_id, age in (("bulk-b", 0), ("bulk-old", 60), ("bulk-a", 0)):
        state.add_bulk_job(bulk_job(job_id, age=age))

    assert [each.job_id for each in state.bulk_jobs("tenant-123", ALL)] == ["bulk-a", "bulk-b", "bulk-old"]


@requirement("BLK-70", "BLK-71", "BLK-79")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(ALL, ["bulk-1", "bulk-2"], id="all of the tenant"),
        pytest.param(replace(ALL, operation=Operation.DELETE), ["bulk-2"], id="by operation"),
        pytest.param(replace(ALL, state=BulkJobState.ABORTED), ["bulk-1"], id="by state"),
        pytest.param(replace(ALL, state=BulkJobState.ABORTED, operation=Operation.DELETE), [], id="by both"),
        pytest.param(replace(ALL, limit=1), ["bulk-1"], id="limited"),
    ],
)
def test_a_filter_finds_what_fits(state: StateStore, wanted: BulkJobFilter, found: list[str]) -> None:
    state.add_bulk_job(replace(bulk_job("bulk-1"), state=BulkJobState.ABORTED))
    state.add_bulk_job(bulk_job("bulk-2", age=1, operation=Operation.DELETE))
    state.add_bulk_job(bulk_job("bulk-3", tenant_id="tenant-456"))

    assert [each.job_id for each in state.bulk_jobs("tenant-123", wanted)] == found


@requirement("BLK-77")
def test_pages_neither_repeat_nor_drop_a_job_while_others_arrive(state: StateStore) -> None:
    ages = [(f"bulk-{number:02}", number // 3) for number in range(20)]
    for job_id, age in ages:
        state.add_bulk_job(bulk_job(job_id, age=age))
    first = state.bulk_jobs("tenant-123", replace(ALL, limit=7))
    state.add_bulk_job(bulk_job("bulk-new", age=-60))
    last = first[-1]
    rest = state.bulk_jobs("tenant-123", replace(ALL, before=(last.created_at, last.job_id)))

    assert [each.job_id for each in first + rest] == [job_id for job_id, _ in ages]


@requirement("IDM-02")
def test_a_new_key_is_taken(state: StateStore) -> None:
    assert state.reserve(KEY, NOON, NOON + DAY).held is Held.TAKEN_NOW


@requirement("IDM-08")
def test_a_key_under_way_is_held(state: StateStore) -> None:
    taken = state.reserve(KEY, NOON, NOON + DAY)

    assert state.reserve(KEY, NOON, NOON + DAY) == replace(taken, held=Held.RUNNING)


@requirement("IDM-02", "IDM-07")
@pytest.mark.parametrize(("body", "same"), [("sha-1", True), ("sha-2", False)])
def test_an_answered_key_tells_its_job_and_whether_the_body_is_the_same(
    state: StateStore, body: str, same: bool
) -> None:
    taken = answered(state)
    found = state.reserve(replace(KEY, body_sha256=body), NOON, NOON + DAY)

    assert found == Reservation(Held.DONE, taken.token, same, "job-1")


@requirement("IDM-04")
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(KEY, tenant_id="tenant-456"), id="another tenant"),
        pytest.param(replace(KEY, route="POST /bulk/jobs"), id="another route"),
        pytest.param(replace(KEY, text="KEY-1"), id="another spelling"),
    ],
)
def test_keys_of_other_scopes_are_other_keys(state: StateStore, other: IdempotencyKey) -> None:
    state.reserve(KEY, NOON, NOON + DAY)

    assert state.reserve(other, NOON, NOON + DAY).held is Held.TAKEN_NOW


@requirement("IDM-03")
@pytest.mark.parametrize(
    ("later", "held"),
    [
        pytest.param(DAY - timedelta(microseconds=1), Held.DONE, id="a microsecond before"),
        pytest.param(DAY, Held.TAKEN_NOW, id="at the end"),
    ],
)
def test_a_key_is_new_after_its_time(state: StateStore, later: timedelta, held: Held) -> None:
    answered(state)

    assert state.reserve(KEY, NOON + later, NOON + later + DAY).held is held


@requirement("IDM-08")
def test_a_key_under_way_does_not_expire(state: StateStore) -> None:
    state.reserve(KEY, NOON, NOON + MINUTE)

    assert state.reserve(KEY, NOON + DAY, NOON + DAY).held is Held.RUNNING


@requirement("IDM-06")
def test_a_released_key_is_free(state: StateStore) -> None:
    taken = state.reserve(KEY, NOON, NOON + DAY)
    state.release(KEY, taken.token)

    assert state.reserve(KEY, NOON, NOON + DAY).held is Held.TAKEN_NOW


def test_who_frees_an_answered_key_cannot_free_it_from_its_next_holder(state: StateStore) -> None:
    gone = answered(state)
    state.release(KEY, gone.token)
    state.reserve(KEY, NOON, NOON + DAY)
    state.release(KEY, gone.token)

    assert state.reserve(KEY, NOON, NOON + DAY).held is Held.RUNNING


def test_who_lost_a_key_cannot_answer_for_its_next_holder(state: StateStore) -> None:
    lost = state.reserve(KEY, NOON, NOON + DAY)
    state.clear(KEY.tenant_id)
    state.reserve(KEY, NOON, NOON + DAY)
    state.fulfil(KEY, lost.token, "job-1")

    assert state.reserve(KEY, NOON, NOON + DAY).held is Held.RUNNING


@requirement("IDM-02")
def test_of_a_hundred_that_reserve_a_key_at_once_one_takes_it(state: StateStore) -> None:
    with ThreadPoolExecutor(100) as threads:
        held = list(threads.map(lambda _: state.reserve(KEY, NOON, NOON + DAY).held, range(100)))

    assert (held.count(Held.TAKEN_NOW), held.count(Held.RUNNING)) == (1, 99)


@requirement("RTL-02", "RTL-06")
def test_a_window_begins_with_its_first_call(state: StateStore) -> None:
    window = state.count_call("tenant-123", "queries", 100, MINUTE, NOON)

    assert (window.admitted, window.limit, window.remaining, window.ends_at) == (True, 100, 99, NOON + MINUTE)


@requirement("RTL-01", "RTL-06")
def test_a_refused_call_is_not_counted(state: StateStore) -> None:
    windows = [state.count_call("tenant-123", "queries", 2, MINUTE, NOON) for _ in range(4)]

    assert [(window.admitted, window.count) for window in windows] == [(True, 1), (True, 2), (False, 2), (False, 2)]


@requirement("RTL-06")
@pytest.mark.parametrize(
    ("later", "admitted", "ends_after"),
    [
        pytest.param(MINUTE - timedelta(microseconds=1), False, MINUTE, id="a microsecond before the end"),
        pytest.param(MINUTE, True, 2 * MINUTE, id="at the end"),
    ],
)
def test_a_window_is_sixty_seconds_exactly(
    state: StateStore, later: timedelta, admitted: bool, ends_after: timedelta
) -> None:
    start = NOON + timedelta(microseconds=123_457)
    state.count_call("tenant-123", "queries", 1, MINUTE, start)
    window = state.count_call("tenant-123", "queries", 1, MINUTE, start + later)

    assert (window.admitted, window.ends_at) == (admitted, start + ends_after)


@requirement("RTL-06")
def test_a_call_late_in_a_window_does_not_move_its_end(state: StateStore) -> None:
    state.count_call("tenant-123", "queries", 9, MINUTE, NOON)

    assert state.count_call("tenant-123", "queries", 9, MINUTE, NOON + MINUTE / 2).ends_at == NOON + MINUTE


@requirement("RTL-05")
@pytest.mark.parametrize(("tenant_id", "bucket"), [("tenant-456", "queries"), ("tenant-123", "jobs")])
def test_a_full_window_leaves_others_alone(state: StateStore, tenant_id: str, bucket: str) -> None:
    state.count_call("tenant-123", "queries", 1, MINUTE, NOON)

    assert state.count_call(tenant_id, bucket, 1, MINUTE, NOON).admitted


@requirement("RTL-01")
def test_of_a_storm_exactly_the_limit_is_admitted(state: StateStore) -> None:
    with ThreadPoolExecutor(32) as threads:
        windows = threads.map(lambda _: state.count_call("tenant-123", "queries", 100, MINUTE, NOON), range(400))

    assert sum(window.admitted for window in windows) == 100


@requirement("LIM-14")
def test_jobs_past_their_retention_are_forgotten_and_named(state: StateStore) -> None:
    state.add_job(replace(job("job-old"), submitted_at=NOON - DAY))
    state.add_job(job("job-new"))
    state.add_bulk_job(bulk_job("bulk-old", age=86_400))

    assert sorted(state.forget_before(NOON)) == ["bulk-old", "job-old"]
    assert (state.job("tenant-123", "job-old"), state.job("tenant-123", "job-new")) == (None, job("job-new"))


def test_of_more_than_one_batch_all_are_forgotten(state: StateStore) -> None:
    old = [f"job-{number}" for number in range(1100)]
    for job_id in old:
        state.add_job(replace(job(job_id), submitted_at=NOON - DAY))

    assert sorted(state.forget_before(NOON)) == sorted(old)
    assert state.jobs("tenant-123") == []


def test_a_store_that_is_closed_has_nothing_to_forget(state: StateStore) -> None:
    state.close()

    assert state.forget_before(NOON) == []


def test_no_more_jobs_are_listed_than_the_bound_and_those_are_the_newest(state: StateStore) -> None:
    made = [replace(job(f"job-{number}"), submitted_at=NOON + timedelta(seconds=number)) for number in range(1005)]
    for each in made:
        state.add_job(each)

    assert state.jobs("tenant-123") == made[:-1001:-1]


def test_expired_keys_are_forgotten_too(state: StateStore) -> None:
    answered(state, age=2 * DAY)
    state.forget_before(NOON)

    assert state.tenant_ids() == ()


def test_a_cleared_tenant_has_nothing_left_and_others_keep_theirs(state: StateStore) -> None:
    for tenant_id in ("tenant-123", "tenant-456"):
        state.add_job(job(f"job-{tenant_id}", tenant_id=tenant_id))
        state.add_bulk_job(bulk_job(f"bulk-{tenant_id}", tenant_id=tenant_id))
        state.reserve(replace(KEY, tenant_id=tenant_id), NOON, NOON + DAY)
        state.count_call(tenant_id, "queries", 1, MINUTE, NOON)
    state.clear("tenant-123")

    assert state.tenant_ids() == ("tenant-456",)
    assert state.reserve(KEY, NOON, NOON + DAY).held is Held.TAKEN_NOW


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param(lambda state: state.add_job(job()), id="job"),
        pytest.param(lambda state: state.add_bulk_job(bulk_job("bulk-1")), id="bulk job"),
        pytest.param(lambda state: state.reserve(KEY, NOON, NOON + DAY), id="key"),
        pytest.param(lambda state: state.count_call("tenant-123", "queries", 1, MINUTE, NOON), id="window"),
    ],
)
def test_every_trace_makes_a_tenant_known(state: StateStore, leave: Callable[[StateStore], object]) -> None:
    leave(state)

    assert state.tenant_ids() == ("tenant-123",)


@requirement("JOB-08")
@pytest.mark.parametrize("status", ["QUEUED", "RUNNING"])
def test_recovery_fails_the_jobs_that_were_under_way(state: StateStore, status: str) -> None:
    state.add_job(job(status=JobStatus(status)))
    state.recover(NOON + MINUTE)
    error = JobError("INTERNAL_ERROR", "The server stopped", {})

    ended = replace(job(), status=JobStatus.FAILED, completed_at=NOON + MINUTE, error=error)
    failed = replace(ended, execution_time_ms=60_000)
    assert state.job("tenant-123", "job-1") == failed
    assert state.jobs("tenant-123", JobStatus.FAILED) == [failed]


def test_recovery_leaves_finished_jobs_alone(state: StateStore) -> None:
    done = replace(job(), status=JobStatus.COMPLETED, completed_at=NOON)
    state.add_job(done)
    state.recover(NOON + MINUTE)

    assert state.job("tenant-123", "job-1") == done


@requirement("IDM-06")
def test_recovery_frees_the_keys_of_requests_that_were_never_answered(state: StateStore) -> None:
    other = replace(KEY, text="key-2")
    answered(state)
    state.reserve(other, NOON, NOON + DAY)
    state.recover(NOON)

    assert state.reserve(KEY, NOON, NOON + DAY).job_id == "job-1"
    assert state.reserve(other, NOON, NOON + DAY).held is Held.TAKEN_NOW


def test_a_job_is_found_by_the_warehouses_own_id_of_its_query_and_by_its_tenant_alone(state: StateStore) -> None:
    old = replace(job("job-old"), query_id="9001", submitted_at=NOON - DAY)
    new = replace(job("job-new"), status=JobStatus.COMPLETED, query_id="9001")
    state.add_job(old)
    state.add_job(job("job-new"))
    state.move_job(new)

    assert state.job_of_query("tenant-123", "9001") == new
    assert (state.job_of_query("tenant-456", "9001"), state.job_of_query("tenant-123", "")) == (None, None)


@pytest.mark.parametrize("job_id", ["", "a\0b", "\ufffd", "x" * 9000], ids=["empty", "a NUL", "no text", "long"])
def test_an_id_that_nothing_has_finds_nothing(state: StateStore, job_id: str) -> None:
    found = (state.job("tenant-123", job_id), state.bulk_job("tenant-123", job_id))

    assert (*found, state.job_of_query("tenant-123", job_id)) == (None, None, None)
