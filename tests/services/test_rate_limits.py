"""Calls admitted by the documented limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.services.rate_limits import Bucket, RateLimiter

from tests.fakes import NOON, FixedClock
from tests.requirements import requirement

DOCUMENTED = {Bucket.QUERIES: 100, Bucket.JOBS: 300, Bucket.BULK_CREATE: 10, Bucket.BULK_READ: 100}
MINUTE = timedelta(seconds=60)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def state() -> Iterator[SqliteState]:
    opened = SqliteState()
    yield opened
    opened.close()


@pytest.fixture
def limiter(state: SqliteState, clock: FixedClock) -> RateLimiter:
    return RateLimiter(state, clock, DOCUMENTED, MINUTE)


def admitted(limiter: RateLimiter, bucket: Bucket, calls: int, tenant_id: str = "tenant-123") -> int:
    windows = [limiter.counted(tenant_id, bucket) for _ in range(calls)]
    return sum(window.admitted for window in windows)


@requirement("RTL-01")
@pytest.mark.parametrize(("bucket", "limit"), DOCUMENTED.items(), ids=DOCUMENTED)
def test_exactly_the_limit_is_admitted_in_a_window(limiter: RateLimiter, bucket: Bucket, limit: int) -> None:
    assert admitted(limiter, bucket, limit + 5) == limit


@requirement("RTL-06")
def test_the_next_window_admits_again(limiter: RateLimiter, clock: FixedClock) -> None:
    admitted(limiter, Bucket.BULK_CREATE, 20)
    clock.advance(seconds=60)

    assert admitted(limiter, Bucket.BULK_CREATE, 20) == 10


@requirement("RTL-06")
def test_an_idle_bucket_s_window_begins_with_its_next_call(limiter: RateLimiter, clock: FixedClock) -> None:
    admitted(limiter, Bucket.QUERIES, 1)
    clock.advance(seconds=90)
    window = limiter.counted("tenant-123", Bucket.QUERIES)

    assert (window.count, window.ends_at) == (1, NOON + timedelta(seconds=150))


@requirement("RTL-05")
def test_a_full_bucket_leaves_other_buckets_and_tenants_alone(limiter: RateLimiter) -> None:
    admitted(limiter, Bucket.BULK_CREATE, 20)

    assert admitted(limiter, Bucket.BULK_READ, 1) == 1
    assert admitted(limiter, Bucket.BULK_CREATE, 1, tenant_id="tenant-456") == 1


@requirement("RTL-04")
def test_a_refused_caller_is_told_how_long_to_wait(limiter: RateLimiter, clock: FixedClock) -> None:
    admitted(limiter, Bucket.BULK_CREATE, 10)
    clock.advance(seconds=29.5)
    window = limiter.counted("tenant-123", Bucket.BULK_CREATE)

    assert (window.admitted, window.remaining, window.retry_after(clock())) == (False, 0, 31)


def test_limits_that_are_not_enforced_admit_every_call_and_count_none(state: SqliteState, clock: FixedClock) -> None:
    relaxed = RateLimiter(state, clock, DOCUMENTED, MINUTE, enforced=False)

    assert admitted(relaxed, Bucket.BULK_CREATE, 50) == 50
    assert relaxed.counted("tenant-123", Bucket.BULK_CREATE).remaining == 10
    assert state.tenant_ids() == ()
