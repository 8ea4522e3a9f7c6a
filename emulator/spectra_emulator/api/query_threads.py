"""The threads that queries run in, shared out so that no tenant can take them all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar
from weakref import WeakValueDictionary

Answer = TypeVar("Answer")


class NoTurnError(Exception):
    """The query's time was over before its turn came."""


class QueryThreads:
    """At most `of_one_tenant` queries of each tenant hold a thread; the others wait in line without one."""

    def __init__(self, threads: ThreadPoolExecutor, of_one_tenant: int) -> None:
        self._threads = threads
        self._of_one_tenant = of_one_tenant
        self._lines: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def run(self, tenant_id: str, patience: timedelta, call: Callable[[], Answer]) -> Answer:
        """Run what blocks in a thread, once it is its turn.

        Raises: NoTurnError where its turn does not come within `patience`, and whatever the call raises.
        """
        async with self._turn(tenant_id, patience):
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    @asynccontextmanager
    async def _turn(self, tenant_id: str, patience: timedelta) -> AsyncIterator[None]:
        line = self._lines.setdefault(tenant_id, asyncio.Semaphore(self._of_one_tenant))
        try:
            await self._place_in(line, patience)
        except TimeoutError as error:
            raise NoTurnError from error
        try:
            yield
        finally:
            line.release()

    async def _place_in(self, line: asyncio.Semaphore, patience: timedelta) -> None:
        """Take a place at once where one is free: to wait within a time costs a task and a timer."""
        if line.locked():
            await asyncio.wait_for(line.acquire(), patience.total_seconds())
        else:
            await line.acquire()
