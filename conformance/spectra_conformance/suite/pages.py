"""Walk the pages of the list of bulk jobs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from spectra_conformance.client import LONGEST_POLL_SECONDS, Client

OK = 200
MOST_PAGES = 40
MOST_OF_A_PAGE = 100
FIRST_PAUSE = 0.25


def page(client: Client, **parameters: object) -> dict[str, Any]:
    """Return one page of the list."""
    answer = client.get("/bulk/jobs", params=parameters)
    assert answer.status == OK, answer.shown
    found: dict[str, Any] = answer.json()
    return found


def pages(client: Client, **parameters: Any) -> Iterator[dict[str, Any]]:
    """Walk the pages of a list from the token `after` on; each has to be as was asked for."""
    token = parameters.pop("after", None)
    for _ in range(MOST_PAGES):
        found = page(client, **parameters, **({"offset": token} if token else {}))
        for name in parameters.keys() & {"state", "operation"}:
            assert {job[name] for job in found["jobs"]} <= {parameters[name]}
        assert len(found["jobs"]) <= parameters.get("limit", MOST_OF_A_PAGE)
        yield found
        token = found.get("next_offset")
        if not token:
            return


def filled(client: Client, **parameters: object) -> dict[str, Any]:
    """Return the first page with a job in it, since a token may lead to an empty page; the last one in doubt."""
    found: dict[str, Any] = {}
    for found in pages(client, **parameters):
        if found["jobs"]:
            return found
    return found


def until_filled(most: int, found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield pages until that many held a job: a token may lead to an empty page."""
    filled = 0
    for each in found:
        yield each
        filled += bool(each["jobs"])
        if filled == most:
            return


def walked(client: Client, wanted: set[str], **parameters: Any) -> list[dict[str, Any]]:
    """Return the jobs of one page after another, until all that are wanted came or the list ends.

    A list may lag behind: it is walked again until it holds the wanted or the target's time to settle is over.
    """
    give_up_at, pause = time.monotonic() + client.wire.target.settle_seconds, FIRST_PAUSE
    jobs = _walked_once(client, wanted, parameters)
    while not wanted <= ids(jobs) and time.monotonic() < give_up_at:
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_POLL_SECONDS)
        jobs = _walked_once(client, wanted, parameters)
    return jobs


def _walked_once(client: Client, wanted: set[str], parameters: dict[str, Any]) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = []
    for number, found in enumerate(pages(client, **parameters), 1):
        jobs += found["jobs"]
        if wanted and wanted <= ids(jobs):
            break
        if number == MOST_PAGES and found.get("next_offset"):
            pytest.skip(f"the list goes on after {MOST_PAGES} pages, and its order is free")
    return jobs


def ids(jobs: list[dict[str, Any]]) -> set[str]:
    """Return the ids of some listed jobs."""
    return {job["job_id"] for job in jobs}
