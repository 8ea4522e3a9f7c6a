"""A tenant that asks for more than the engine takes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.credentials import query_as
from tests.emulator import Emulator, Emulators, eventually
from tests.long_running import SLOW, running_jobs
from tests.requirements import requirement

MORE_THAN_ITS_SHARE = 20


@pytest.fixture(scope="module")
def crowded(emulators: Emulators) -> Iterator[Emulator]:
    """Start a server on whose single lane a tenant's slow query runs, with many more behind it."""
    own = emulators.start("--rate-limits", "off", "--engine-lanes", "1")
    with ThreadPoolExecutor(MORE_THAN_ITS_SHARE) as threads:
        for _ in range(MORE_THAN_ITS_SHARE):
            threads.submit(own.query, SLOW, timeout_seconds=60)
        eventually(lambda: running_jobs(own))
        yield own
        own.stop()


@requirement("QRY-62")
def test_a_query_in_line_ends_with_its_timeout(crowded: Emulator) -> None:
    answer = crowded.query("SELECT 1 AS a", timeout_seconds=1)

    assert (answer.status, answer.code, answer.details["timeout_seconds"]) == (504, "QUERY_TIMEOUT", 1)


@requirement("LIM-12")
def test_another_tenant_is_served(crowded: Emulator) -> None:
    assert query_as(crowded, "other", "SELECT 1 AS a").status == 200


def test_the_tenants_own_jobs_are_read_and_cancelled(crowded: Emulator) -> None:
    job_id = min(running_jobs(crowded))

    assert crowded.call("GET", f"/jobs/{job_id}").json["status"] == "RUNNING"
    assert crowded.call("DELETE", f"/jobs/{job_id}").json["status"] == "CANCELLED"
