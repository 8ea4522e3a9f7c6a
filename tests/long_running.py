"""Queries that run until somebody ends them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.emulator import DEMO_KEY, TENANT, Answer, Emulator, eventually

SLOW = (
    "SELECT COUNT(*) AS n FROM sales a CROSS JOIN sales b CROSS JOIN orders c WHERE a.amount + b.amount + c.total < 0"
)
"""Would take hours on the demo's tables."""


@dataclass(frozen=True)
class RunningQuery:
    """`answer` comes once the query has ended; `job_id` is its job's."""

    job_id: str
    answer: Future[Answer]


@contextmanager
def running_query(
    server: Emulator, *, key: str = DEMO_KEY, tenant: str = TENANT, headers: dict[str, str] | None = None
) -> Iterator[RunningQuery]:
    """Run the slow query in a thread; whoever enters waits until it runs, and it is cancelled at the end.

    The server may be gone by then.
    """
    body = {"sql": SLOW, "parameters": {"timeout_seconds": 60}}
    with ThreadPoolExecutor(1) as threads:
        before = running_jobs(server, tenant)
        answer = threads.submit(server.call, "POST", "/queries", body, key=key, tenant=tenant, headers=headers)
        (job_id,) = eventually(lambda: running_jobs(server, tenant) - before)
        yield RunningQuery(job_id, answer)
        with suppress(OSError):
            server.call("DELETE", f"/jobs/{job_id}", key=key, tenant=tenant)


def running_jobs(server: Emulator, tenant: str = TENANT) -> set[str]:
    jobs = server.control("GET", f"/tenants/{tenant}/jobs?status=RUNNING").json["jobs"]
    return {job["job_id"] for job in jobs}
