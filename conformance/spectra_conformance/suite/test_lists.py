"""The list of bulk jobs: its pages, its filters, and whose jobs are in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from spectra_conformance.client import LONGEST_POLL_SECONDS, Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import hold, note
from spectra_conformance.suite.asking import NOWHERE
from spectra_conformance.suite.moments import moment
from spectra_conformance.suite.refusals import assert_refused, hold_field
from spectra_conformance.suite.registry import decides

OK, BAD_REQUEST = 200, 400
DEFAULT, MOST = 25, 100
MOST_PAGES = 40
FIRST_PAUSE = 0.25
MEMBERS = ("job_id", "state", "operation", "object", "created_at")
STATES = ("Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted")
OPERATIONS = ("query", "insert", "update", "upsert", "delete")
DELETE = {"operation": "delete", "object": NOWHERE, "external_id_field": "id"}


def page(client: Client, **parameters: object) -> dict[str, Any]:
    """Return one page of the list."""
    answer = client.get("/bulk/jobs", params=parameters)
    assert answer.status == OK, answer.shown
    found: dict[str, Any] = answer.json()
    return found


def pages(client: Client, **parameters: object) -> Iterator[dict[str, Any]]:
    """Walk the pages of a list from the token `after` on; each of their jobs has to match what was asked for."""
    token = parameters.pop("after", None)
    for _ in range(MOST_PAGES):
        found = page(client, **parameters, **({"offset": token} if token else {}))
        for name in parameters.keys() & {"state", "operation"}:
            assert {job[name] for job in found["jobs"]} <= {parameters[name]}
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


def walked(client: Client, wanted: set[str], **parameters: object) -> list[dict[str, Any]]:
    """Return the jobs of one page after another, until all that are wanted came or the list ends.

    A list may lag behind: it is walked again until it holds the wanted or the target's time to settle is over.
    """
    give_up_at, pause = time.monotonic() + client.wire.target.settle_seconds, FIRST_PAUSE
    jobs = _walked_once(client, wanted, parameters)
    while not wanted <= _ids(jobs) and time.monotonic() < give_up_at:
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_POLL_SECONDS)
        jobs = _walked_once(client, wanted, parameters)
    return jobs


def _walked_once(client: Client, wanted: set[str], parameters: dict[str, Any]) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = []
    for found in pages(client, **parameters):
        jobs += found["jobs"]
        if wanted and wanted <= _ids(jobs):
            break
    return jobs


def _ids(jobs: list[dict[str, Any]]) -> set[str]:
    return {job["job_id"] for job in jobs}


@pytest.fixture(scope="module")
def made(owner: Client) -> list[str]:
    """Return the ids of three aborted deletes, the oldest first."""
    job_ids = [bulk.created(owner, **DELETE) for _ in range(3)]
    for job_id in job_ids:
        owner.set_state(job_id, "Aborted")
    walked(owner, set(job_ids), limit=MOST)
    walked(owner, set(job_ids), limit=MOST, state="Aborted", operation="delete")
    return job_ids


@decides("BLK-74", "BLK-40", "GEN-07", "BLK-76", bulk_creations=3, queries=0)
def test_a_listed_job_is_as_its_record_says(owner: Client, made: list[str]) -> None:
    listed = {job["job_id"]: job for job in walked(owner, set(made), limit=MOST)}

    for job_id in made:
        record = bulk.record(owner, job_id)
        assert {name: listed[job_id][name] for name in MEMBERS} == {name: record[name] for name in MEMBERS}


@pytest.mark.parametrize("limit", [1, 2, 3])
@decides("BLK-77", "BLK-72", "BLK-73", "BLK-74", "BLK-75", "BLK-80", bulk_creations=3, queries=0)
def test_pages_neither_repeat_nor_drop_a_job(owner: Client, made: list[str], limit: int) -> None:
    jobs = walked(owner, set(made), limit=limit, state="Aborted", operation="delete")
    names = [job["job_id"] for job in jobs]

    assert len(names) == len(set(names)), "a job came twice"
    assert set(made) <= set(names), "a job is missing"


@decides("BLK-75", "BLK-77", "BLK-72", bulk_creations=3, queries=0)
def test_pages_come_to_an_end(owner: Client, made: list[str]) -> None:
    found = list(pages(owner, limit=MOST, operation="delete"))
    sizes = [len(each["jobs"]) for each in found]

    assert sum(sizes) >= len(made)
    if found[-1].get("next_offset"):
        note(f"the list has more than {MOST_PAGES} pages")
    if 0 in sizes:
        note("a page may be empty")
    assert max(sizes) <= MOST


@pytest.mark.parametrize("limit", [1, 2])
@decides("BLK-72", "BLK-74", "LIM-09", bulk_creations=3, queries=0)
def test_a_page_holds_as_many_jobs_as_asked_for(owner: Client, made: list[str], limit: int) -> None:
    found = page(owner, limit=limit)

    assert (len(made), len(found["jobs"])) == (3, limit)
    assert found["next_offset"]


@decides("BLK-72", "LIM-09", "BLK-75", bulk_creations=3, queries=0)
def test_a_page_holds_25_jobs_unless_asked_otherwise(owner: Client, made: list[str]) -> None:
    found, large = page(owner), page(owner, limit=MOST)
    there = len(large["jobs"])

    assert there >= len(made)
    assert len(found["jobs"]) == min(DEFAULT, there)
    assert bool(found.get("next_offset")) or there <= DEFAULT
    assert len(page(owner, limit=DEFAULT + 1)["jobs"]) == min(DEFAULT + 1, there)
    if there <= DEFAULT:
        note("too few jobs to see the default size of a page")


@decides("BLK-77", "BLK-73", "BLK-76", bulk_creations=4, queries=0, profile="full")
def test_a_job_made_meanwhile_shifts_no_page(owner: Client, made: list[str]) -> None:
    filters = {"limit": 1, "operation": "delete", "state": "Aborted"}
    first = filled(owner, **filters)
    owner.set_state(bulk.created(owner, **DELETE), "Aborted")
    rest = [job for found in pages(owner, **filters, after=first["next_offset"]) for job in found["jobs"]]

    assert made
    assert rest
    assert first["jobs"][0]["job_id"] not in _ids(rest)


@decides("BLK-76", bulk_creations=3, queries=0, profile="full")
def test_the_newest_job_comes_first(owner: Client, made: list[str]) -> None:
    jobs = page(owner, limit=MOST)["jobs"]
    times = [moment(job["created_at"]) for job in jobs]

    assert times == sorted(times, reverse=True)
    assert made[-1] in {job["job_id"] for job in jobs}


@pytest.mark.parametrize("state", STATES)
@decides("BLK-70", "BLK-74", bulk_creations=3, queries=0)
def test_the_list_is_filtered_by_state(owner: Client, made: list[str], state: str) -> None:
    wanted = set(made) if state == "Aborted" else set()
    jobs = walked(owner, wanted, state=state, limit=MOST)

    assert {job["state"] for job in jobs} <= {state}
    assert wanted <= _ids(jobs)


@pytest.mark.parametrize("operation", OPERATIONS)
@decides("BLK-71", "BLK-74", bulk_creations=3, queries=0)
def test_the_list_is_filtered_by_operation(owner: Client, made: list[str], operation: str) -> None:
    wanted = {made[-1]} if operation == "delete" else set()
    jobs = walked(owner, wanted, operation=operation, limit=MOST)

    assert {job["operation"] for job in jobs} <= {operation}
    assert wanted <= _ids(jobs)


@pytest.mark.parametrize(
    ("subject", "filters"),
    [
        pytest.param("finished_export", {}, id="none"),
        pytest.param("finished_export", {"state": "JobComplete"}, id="complete"),
        pytest.param("failed_export", {"state": "Failed"}, id="failed"),
        pytest.param("aborted_export", {"state": "Aborted"}, id="aborted"),
        pytest.param("open_import", {"state": "Open"}, id="open"),
        pytest.param("finished_export", {"operation": "query"}, id="exports"),
        pytest.param("open_import", {"operation": "insert"}, id="inserts"),
        pytest.param("open_import", {"operation": "insert", "state": "Open"}, id="open-inserts"),
    ],
)
@decides("BLK-70", "BLK-71", "BLK-74", "BLK-40", writes=True, queries=0)
def test_a_filter_keeps_every_job_that_matches(
    owner: Client, request: pytest.FixtureRequest, subject: str, filters: dict[str, str]
) -> None:
    job_id = str(request.getfixturevalue(subject))
    listed = {job["job_id"]: job for job in walked(owner, {job_id}, limit=MOST, **filters)}
    record = bulk.record(owner, job_id)

    assert job_id in listed, f"a job in state {record['state']} is missing"
    assert {name: listed[job_id][name] for name in MEMBERS} == {name: record[name] for name in MEMBERS}


@decides("BLK-73", "BLK-77", bulk_creations=3, queries=0, profile="full")
def test_a_token_goes_on_with_pages_of_another_size(owner: Client, made: list[str]) -> None:
    filters = {"operation": "delete", "state": "Aborted"}
    first = filled(owner, **filters, limit=1)
    second = filled(owner, **filters, limit=2, after=first["next_offset"])
    names = [job["job_id"] for job in (*first["jobs"], *second["jobs"])]

    assert names == [job["job_id"] for job in filled(owner, **filters, limit=len(made))["jobs"]]


@decides("BLK-70", "BLK-71", bulk_creations=3, queries=0, profile="full")
def test_filters_work_together_and_on_every_page(owner: Client, made: list[str]) -> None:
    jobs = walked(owner, set(made), state="Aborted", operation="delete", limit=2)

    assert {(job["state"], job["operation"]) for job in jobs} == {("Aborted", "delete")}


@decides("BLK-70", "BLK-23", "BLK-74", bulk_creations=1, queries=0, profile="full")
def test_a_job_moves_from_one_filter_to_another(owner: Client) -> None:
    job_id = bulk.created(owner, **DELETE)
    while_open = _ids(walked(owner, {job_id}, state="Open", operation="delete", limit=MOST))
    owner.set_state(job_id, "Aborted")
    moved = _ids(walked(owner, {job_id}, state="Aborted", operation="delete", limit=MOST))
    still_open = _ids(walked(owner, set(), state="Open", operation="delete", limit=MOST))

    assert job_id in while_open
    assert job_id in moved
    assert job_id not in still_open


@pytest.mark.parametrize(
    ("parameters", "field", "tolerated"),
    [
        pytest.param({"limit": 0}, "limit", set(), id="limit-0"),
        pytest.param({"limit": -1}, "limit", set(), id="limit-negative"),
        pytest.param({"limit": 101}, "limit", {OK}, id="limit-101"),
        pytest.param({"limit": 1000}, "limit", {OK}, id="limit-1000"),
        pytest.param({"limit": "x"}, "limit", set(), id="limit-word"),
        pytest.param({"limit": "1.5"}, "limit", set(), id="limit-fraction"),
        pytest.param({"limit": ""}, "limit", {OK}, id="limit-empty"),
        pytest.param({"state": "Nowhere"}, "state", {OK}, id="state-unknown"),
        pytest.param({"state": "aborted"}, "state", {OK}, id="state-in-small-letters"),
        pytest.param({"operation": "truncate"}, "operation", {OK}, id="operation-unknown"),
        pytest.param({"operation": "QUERY"}, "operation", {OK}, id="operation-in-capitals"),
        pytest.param({"offset": "nonsense"}, "offset", set(), id="offset-nonsense"),
        pytest.param({"offset": "!"}, "offset", set(), id="offset-of-odd-letters"),
        pytest.param({"offset": "e30"}, "offset", set(), id="offset-of-an-empty-object"),
    ],
)
@decides("BLK-70", "BLK-71", "BLK-72", "BLK-73", "LIM-09", "ERR-10", writes=True, queries=0)
def test_a_wrong_parameter_of_the_list_is_refused(
    owner: Client, parameters: dict[str, object], field: str, tolerated: set[int]
) -> None:
    answer = owner.get("/bulk/jobs", params=parameters)

    assert_refused(answer, "INVALID_REQUEST", tolerated=tolerated)
    if answer.status == OK:
        assert len(answer.json()["jobs"]) <= MOST
    else:
        hold_field(answer, "BLK-73", field)


@decides("BLK-73", "BLK-80", bulk_creations=3, queries=0, profile="full")
def test_half_a_token_is_refused(owner: Client, made: list[str]) -> None:
    token = page(owner, limit=1)["next_offset"]
    answer = owner.get("/bulk/jobs", params={"limit": 1, "offset": token[: len(token) // 2]})

    assert made
    assert_refused(answer, "INVALID_REQUEST")


@decides("BLK-78", bulk_creations=3, queries=0, profile="full")
def test_a_token_with_other_filters_is_no_server_error(owner: Client, made: list[str]) -> None:
    token = page(owner, limit=1, operation="delete")["next_offset"]
    answer = owner.get("/bulk/jobs", params={"limit": 5, "offset": token, "operation": "query"})

    assert made
    assert answer.status in {OK, BAD_REQUEST}, answer.shown
    assert answer.status == BAD_REQUEST or {job["operation"] for job in answer.json()["jobs"]} <= {"query"}


@decides("TEN-01", "BLK-79", needs=("second_tenant",), bulk_creations=4, queries=0)
def test_a_list_holds_only_the_tenants_own_jobs(owner: Client, peer: Client, made: list[str]) -> None:
    theirs = bulk.created(peer, **DELETE)
    peer.set_state(theirs, "Aborted")
    mine_listed = {job["job_id"] for job in walked(owner, set(made), operation="delete", limit=MOST)}
    theirs_listed = {job["job_id"] for job in walked(peer, {theirs}, operation="delete", limit=MOST)}

    assert theirs in theirs_listed
    assert theirs not in mine_listed
    assert set(made) & theirs_listed == set()
    assert mine_listed & theirs_listed == set()


@decides("TEN-01", "BLK-79", "BLK-80", needs=("second_tenant",), bulk_creations=3, queries=0)
def test_another_tenants_token_shows_nothing_of_theirs(owner: Client, peer: Client, made: list[str]) -> None:
    token = page(owner, limit=1, operation="delete")["next_offset"]
    answer = peer.get("/bulk/jobs", params={"limit": MOST, "offset": token})

    assert answer.status in {OK, BAD_REQUEST, 403}, answer.shown
    assert answer.status != OK or set(made) & {job["job_id"] for job in answer.json()["jobs"]} == set()


@decides("BLK-74", "BLK-72", queries=0, profile="full")
def test_an_unknown_parameter_of_the_list_is_ignored(owner: Client) -> None:
    assert owner.get("/bulk/jobs", params={"limit": 1, "cursor": "x"}).status == OK
    hold("BLK-72", owner.get("/bulk/jobs", params={"limit": MOST}).status, OK, "status of the largest page")
