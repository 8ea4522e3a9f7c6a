"""The kit stays within the documented limits, whatever the deployment says."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from spectra_conformance.pacing import Pacer, PacingError, bucket_of
from spectra_conformance.target import DOCUMENTED_LIMITS

START = 1_000_000.0


@dataclass
class Clock:
    now: float = START
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def paced(clock: Clock, **options: object) -> Pacer:
    return Pacer(DOCUMENTED_LIMITS, now=lambda: clock.now, sleep=clock.sleep, **options)  # type: ignore[arg-type]  # options of a dataclass


def sent_at(pacer: Pacer, clock: Clock, count: int, tenant: str = "a", bucket: str = "bulk_creations") -> list[float]:
    moments = []
    for _ in range(count):
        pacer.before(tenant, bucket)
        moments.append(clock.now - START)
    return moments


@pytest.mark.parametrize(
    ("method", "path", "bucket"),
    [
        ("POST", "/queries", "queries"),
        ("GET", "/jobs/a", "job_reads"),
        ("GET", "/jobs/a/results?x=1", "job_reads"),
        ("HEAD", "/jobs/a", "job_reads"),
        ("POST", "/bulk/jobs", "bulk_creations"),
        ("GET", "/bulk/jobs?limit=1", "bulk_reads"),
        ("GET", "/bulk/jobs/a/upload-url", "bulk_reads"),
        ("PATCH", "/bulk/jobs/a", None),
        ("DELETE", "/jobs/a", None),
        ("GET", "/openapi.json", None),
    ],
)
def test_a_call_counts_in_its_documented_bucket(method: str, path: str, bucket: str | None) -> None:
    assert bucket_of(method, path) == bucket


def test_nine_tenths_of_the_limit_go_out_at_once_and_the_next_after_a_minute() -> None:
    clock = Clock()

    assert sent_at(paced(clock), clock, 20) == [0.0] * 9 + [60.0] * 9 + [120.0] * 2


def test_tenants_and_buckets_do_not_wait_for_each_other() -> None:
    clock = Clock()
    pacer = paced(clock)
    sent_at(pacer, clock, 9)

    assert sent_at(pacer, clock, 9, tenant="b") + sent_at(pacer, clock, 90, bucket="queries") == [0.0] * 99


def test_what_has_no_limit_never_waits() -> None:
    clock = Clock()
    pacer = paced(clock)
    for _ in range(500):
        pacer.before("a", None)

    assert clock.pauses == []


def test_without_pacing_nothing_waits_and_all_is_counted() -> None:
    clock = Clock()
    pacer = paced(clock, enabled=False)

    assert sent_at(pacer, clock, 50) == [0.0] * 50
    assert pacer.busiest() == {"bulk_creations": 50}


def test_a_window_that_others_used_up_is_waited_for() -> None:
    clock = Clock()
    pacer = paced(clock)
    pacer.before("a", "queries")
    pacer.after("a", "queries", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(START) + 40)})

    assert sent_at(pacer, clock, 1, bucket="queries") == [41.0]


def test_another_process_goes_on_where_one_stopped(tmp_path: Path) -> None:
    clock = Clock()
    sent_at(paced(clock, kept_in=tmp_path / "windows.json"), clock, 9)
    next_one = paced(clock, kept_in=tmp_path / "windows.json")
    next_one.restore()

    assert sent_at(next_one, clock, 1) == [60.0]


def test_calls_at_one_time_are_all_counted_and_kept(tmp_path: Path) -> None:
    pacer = paced(Clock(), enabled=False, kept_in=tmp_path / "windows.json")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: pacer.before("a", "queries"), range(400)))
    another = paced(Clock(), kept_in=pacer.kept_in)
    another.restore()

    assert another.calls == {"a queries": 400}


@pytest.mark.parametrize(
    ("headers", "retry_after", "seconds"),
    [({}, 7, 7.0), ({"retry-after": "9"}, None, 9.0), ({}, None, 60.0), ({}, 100_000, 120.0)],
    ids=["body", "header", "neither", "absurd"],
)
def test_a_refusal_says_how_long_to_wait(headers: Mapping[str, str], retry_after: object, seconds: float) -> None:
    assert paced(Clock()).refused(headers, retry_after) == seconds


def test_more_than_three_unexpected_refusals_end_the_run() -> None:
    pacer = paced(Clock())
    for _ in range(3):
        pacer.refused({}, 1)

    with pytest.raises(PacingError, match="refused with 429"):
        pacer.refused({}, 1)
