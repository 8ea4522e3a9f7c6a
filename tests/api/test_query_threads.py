"""Whose queries get a thread, and what those do that wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from spectra_emulator.api.query_threads import NoTurnError, QueryThreads

PATIENT = timedelta(seconds=30)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as threads:
        yield threads


def test_a_tenant_that_waits_leaves_threads_to_others(pool: ThreadPoolExecutor) -> None:
    may_end = threading.Event()

    async def crowded() -> str:
        threads = QueryThreads(pool, of_one_tenant=2)
        waiting = [asyncio.create_task(threads.run("busy", PATIENT, lambda: may_end.wait(30))) for _ in range(10)]
        answer = await threads.run("other", PATIENT, lambda: "answered")
        may_end.set()
        assert all(await asyncio.gather(*waiting))
        return answer

    assert asyncio.run(crowded()) == "answered"


def test_a_query_whose_turn_does_not_come_ends(pool: ThreadPoolExecutor) -> None:
    may_end = threading.Event()

    async def crowded() -> bool:
        threads = QueryThreads(pool, of_one_tenant=1)
        first = asyncio.create_task(threads.run("busy", PATIENT, lambda: may_end.wait(30)))
        await asyncio.sleep(0)
        with pytest.raises(NoTurnError):
            await threads.run("busy", timedelta(milliseconds=20), lambda: True)
        may_end.set()
        return await first

    assert asyncio.run(crowded())


def test_a_query_that_fails_gives_its_turn_back(pool: ThreadPoolExecutor) -> None:
    def fail() -> None:
        raise KeyError

    async def one_after_another() -> str:
        threads = QueryThreads(pool, of_one_tenant=1)
        with pytest.raises(KeyError):
            await threads.run("tenant-123", PATIENT, fail)
        return await threads.run("tenant-123", PATIENT, lambda: "answered")

    assert asyncio.run(one_after_another()) == "answered"
