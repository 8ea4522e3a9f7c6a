"""One key, one execution."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.domain.errors import Conflict, InvalidSql, QueryTimeout
from spectra_emulator.domain.idempotency import Held, IdempotencyKey
from spectra_emulator.services.idempotency import Idempotency, Once

from tests.fakes import NOON, FixedClock
from tests.requirements import requirement

KEY = IdempotencyKey("tenant-123", "POST /queries", "key-1", "sha-1")
OTHER_BODY = replace(KEY, body_sha256="sha-2")
DAY = timedelta(hours=24)
PATIENCE = timedelta(seconds=60)


class Work:
    """Counts its runs; `kept` holds the jobs whose answers exist."""

    def __init__(self) -> None:
        self.runs = 0
        self.kept: set[str] = set()
        self.failure: Exception | None = None
        self.may_end = threading.Event()
        self.may_end.set()
        self.began = threading.Event()
        self._lock = threading.Lock()

    @property
    def once(self) -> Once:
        return Once(self.run, self.kept.__contains__, PATIENCE.total_seconds(), lambda: QueryTimeout("too late"))

    def run(self) -> str:
        with self._lock:
            self.runs += 1
            job_id = f"job-{self.runs}"
        self.began.set()
        assert self.may_end.wait(timeout=30)
        if self.failure is not None:
            raise self.failure
        self.kept.add(job_id)
        return job_id


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def state() -> Iterator[SqliteState]:
    opened = SqliteState()
    yield opened
    opened.close()


@pytest.fixture
def idempotency(state: SqliteState, clock: FixedClock) -> Idempotency:
    return Idempotency(state, clock, DAY, strict=False, steady=clock.steady)


@pytest.fixture
def work() -> Work:
    return Work()


@requirement("IDM-02")
def test_the_first_use_runs_and_the_second_replays(idempotency: Idempotency, work: Work) -> None:
    answers = [idempotency.once(KEY, work.once) for _ in range(2)]

    assert answers == [("job-1", False), ("job-1", True)]
    assert work.runs == 1


@requirement("IDM-02", "IDM-08")
def test_a_hundred_at_once_run_once(idempotency: Idempotency, work: Work) -> None:
    barrier = threading.Barrier(100)

    def submitted(_: int) -> tuple[str, bool]:
        barrier.wait(timeout=30)
        return idempotency.once(KEY, work.once)

    with ThreadPoolExecutor(100) as threads:
        answers = list(threads.map(submitted, range(100)))

    assert work.runs == 1
    assert sorted(answers) == [("job-1", False)] + [("job-1", True)] * 99


@requirement("IDM-08")
def test_a_repeat_waits_for_the_first_and_replays_it(idempotency: Idempotency, work: Work) -> None:
    work.may_end.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(idempotency.once, KEY, work.once)
        assert work.began.wait(timeout=30)
        second = threads.submit(idempotency.once, KEY, work.once)
        work.may_end.set()

        assert (first.result(), second.result()) == (("job-1", False), ("job-1", True))


@requirement("IDM-06")
def test_a_failed_request_leaves_the_key_free(idempotency: Idempotency, work: Work) -> None:
    work.failure = InvalidSql("SQL syntax error")
    with pytest.raises(InvalidSql):
        idempotency.once(KEY, work.once)
    work.failure = None

    assert idempotency.once(KEY, work.once) == ("job-2", False)


@requirement("IDM-06", "IDM-08")
def test_who_waited_for_a_request_that_failed_runs_itself(idempotency: Idempotency, work: Work) -> None:
    work.may_end.clear()
    work.failure = InvalidSql("SQL syntax error")
    second = Work()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(idempotency.once, KEY, work.once)
        assert work.began.wait(timeout=30)
        waiting = threads.submit(idempotency.once, KEY, second.once)
        work.may_end.set()

        assert isinstance(first.exception(), InvalidSql)
        assert waiting.result() == ("job-1", False)


@requirement("IDM-08")
def test_who_waits_gives_up_at_the_deadline(idempotency: Idempotency, clock: FixedClock, work: Work) -> None:
    work.may_end.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(idempotency.once, KEY, work.once)
        assert work.began.wait(timeout=30)
        waiting = threads.submit(idempotency.once, KEY, work.once)
        clock.now += PATIENCE

        assert isinstance(waiting.exception(timeout=30), QueryTimeout)
        work.may_end.set()
        assert first.result() == ("job-1", False)


class ForgetfulState(SqliteState):
    """Cannot note who answered."""

    broken = True

    def fulfil(self, key: IdempotencyKey, token: str, job_id: str) -> None:
        if self.broken:
            raise OSError
        super().fulfil(key, token, job_id)


def test_a_key_whose_answer_could_not_be_noted_is_free(clock: FixedClock, work: Work) -> None:
    forgetful = ForgetfulState()
    idempotency = Idempotency(forgetful, clock, DAY, strict=False)
    with pytest.raises(OSError):  # noqa: PT011 - it has no message
        idempotency.once(KEY, work.once)
    forgetful.broken = False

    assert idempotency.once(KEY, work.once) == ("job-2", False)
    forgetful.close()


def test_who_lost_the_key_cannot_answer_for_its_next_holder(
    idempotency: Idempotency, state: SqliteState, work: Work
) -> None:
    work.may_end.clear()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(idempotency.once, KEY, work.once)
        assert work.began.wait(timeout=30)
        state.clear(KEY.tenant_id)
        state.reserve(KEY, NOON, NOON + DAY)
        work.may_end.set()
        first.result()

    assert state.reserve(KEY, NOON, NOON + DAY).held is Held.RUNNING


@requirement("IDM-03")
@pytest.mark.parametrize(
    ("later", "answer"),
    [
        pytest.param(DAY - timedelta(seconds=1), ("job-1", True), id="within 24 hours"),
        pytest.param(DAY, ("job-2", False), id="after 24 hours"),
    ],
)
def test_a_key_is_known_for_its_time(
    idempotency: Idempotency, clock: FixedClock, work: Work, later: timedelta, answer: tuple[str, bool]
) -> None:
    idempotency.once(KEY, work.once)
    clock.now += later

    assert idempotency.once(KEY, work.once) == answer


@requirement("IDM-07")
def test_another_body_gets_the_first_answer_by_default(idempotency: Idempotency, work: Work) -> None:
    idempotency.once(KEY, work.once)

    assert idempotency.once(OTHER_BODY, work.once) == ("job-1", True)


@requirement("IDM-07")
def test_another_body_is_refused_where_keys_are_strict(state: SqliteState, clock: FixedClock, work: Work) -> None:
    strict = Idempotency(state, clock, DAY, strict=True)
    strict.once(KEY, work.once)
    with pytest.raises(Conflict):
        strict.once(OTHER_BODY, work.once)

    assert strict.once(KEY, work.once) == ("job-1", True)


@requirement("IDM-04")
def test_two_tenants_may_use_one_key(idempotency: Idempotency, work: Work) -> None:
    idempotency.once(KEY, work.once)

    assert idempotency.once(replace(KEY, tenant_id="tenant-456"), work.once) == ("job-2", False)


def test_a_key_whose_answer_is_gone_runs_again(idempotency: Idempotency, work: Work) -> None:
    idempotency.once(KEY, work.once)
    work.kept.clear()

    assert idempotency.once(KEY, work.once) == ("job-2", False)


def test_fifty_at_once_run_once_where_the_stored_answer_is_gone(idempotency: Idempotency, work: Work) -> None:
    idempotency.once(KEY, work.once)
    work.kept.clear()
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: idempotency.once(KEY, work.once), range(50)))

    assert sorted(answers) == [("job-2", False)] + [("job-2", True)] * 49


@requirement("IDM-03", "IDM-08")
def test_a_request_that_outlasts_the_key_s_time_still_runs_once(
    state: SqliteState, clock: FixedClock, work: Work
) -> None:
    brief = Idempotency(state, clock, timedelta(seconds=1), strict=False, steady=clock.steady)
    work.may_end.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(brief.once, KEY, work.once)
        assert work.began.wait(timeout=30)
        clock.advance(milliseconds=1500)
        second = threads.submit(brief.once, KEY, work.once)
        clock.advance(milliseconds=-1500)
        work.may_end.set()

        assert (first.result(), second.result()) == (("job-1", False), ("job-1", True))
