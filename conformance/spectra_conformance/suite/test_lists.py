"""The list of bulk jobs: its pages, its filters, and whose jobs are in it."""

from __future__ import annotations

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import hold, note, warn_unless
from spectra_conformance.suite.asking import NOWHERE
from spectra_conformance.suite.moments import moment
from spectra_conformance.suite.pages import MOST_PAGES, filled, ids, page, pages, until_filled, walked
from spectra_conformance.suite.refusals import assert_refused, hold_field
from spectra_conformance.suite.registry import decides

OK, BAD_REQUEST = 200, 400
DEFAULT, MOST = 25, 100
FEW_PAGES = 8
MEMBERS = ("job_id", "state", "operation", "object", "created_at")
STATES = ("Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted")
OPERATIONS = ("query", "insert", "update", "upsert", "delete")
INSERT = {"operation": "insert", "object": NOWHERE}


@pytest.fixture(scope="module")
def made(owner: Client) -> list[str]:
    """Return the ids of three aborted deletes, the oldest first; among them is an open insert.

    A page that forgets a filter then shows it, wherever the page before ended.
    """
    first, other, *rest = (
        bulk.created(owner, **members) for members in (bulk.DELETE, INSERT, bulk.DELETE, bulk.DELETE)
    )
    job_ids = [first, *rest]
    for job_id in job_ids:
        owner.set_state(job_id, "Aborted")
    walked(owner, {*job_ids, other}, limit=MOST)
    walked(owner, set(job_ids), limit=MOST, state="Aborted", operation="delete")
    return job_ids


@decides("BLK-74", "BLK-40", "GEN-07", "BLK-76", bulk_creations=4, queries=0)
def test_a_listed_job_is_as_its_record_says(owner: Client, made: list[str]) -> None:
    listed = {job["job_id"]: job for job in walked(owner, set(made), limit=MOST)}

    for job_id in made:
        record = bulk.record(owner, job_id)
        assert {name: listed[job_id][name] for name in MEMBERS} == {name: record[name] for name in MEMBERS}


@pytest.mark.parametrize("limit", [1, 2, 3])
@decides("BLK-77", "BLK-72", "BLK-73", "BLK-74", "BLK-75", "BLK-80", bulk_creations=4, queries=0)
def test_pages_neither_repeat_nor_drop_a_job(owner: Client, made: list[str], limit: int) -> None:
    jobs = walked(owner, set(made), limit=limit, state="Aborted", operation="delete")
    names = [job["job_id"] for job in jobs]

    assert len(names) == len(set(names)), "a job came twice"
    if len(names) >= MOST_PAGES * limit:
        note(f"the first {MOST_PAGES} pages are full of other jobs")
    else:
        assert set(made) <= set(names), "a job is missing"


@pytest.mark.parametrize("filters", [{"state": "Aborted"}, {"operation": "delete"}], ids=["state", "operation"])
@decides("BLK-70", "BLK-71", "BLK-73", "BLK-77", bulk_creations=4, queries=0)
def test_a_filter_holds_on_every_page(owner: Client, made: list[str], filters: dict[str, str]) -> None:
    found = list(until_filled(FEW_PAGES, pages(owner, limit=1, **filters)))
    names = [job["job_id"] for each in found for job in each["jobs"]]

    assert len(names) == len(set(names)), "a job came twice"
    if len(found) == MOST_PAGES:
        note(f"most of the first {MOST_PAGES} pages are empty")
        return
    assert len(names) >= len(made), "pages came to their end too soon"


@decides("BLK-75", "BLK-77", "BLK-72", bulk_creations=4, queries=0)
def test_pages_come_to_an_end(owner: Client, made: list[str]) -> None:
    found = list(pages(owner, limit=MOST, operation="delete"))
    sizes = [len(each["jobs"]) for each in found]

    assert sum(sizes) >= len(made)
    hold("BLK-75", found[-1].get("next_offset") == "", False, "next_offset of the last page is an empty text")
    if found[-1].get("next_offset"):
        note(f"the list has more than {MOST_PAGES} pages")
    if 0 in sizes:
        note("a page may be empty")
    assert max(sizes) <= MOST


@pytest.mark.parametrize("limit", [1, 2])
@decides("BLK-72", "BLK-74", "LIM-09", bulk_creations=4, queries=0)
def test_a_page_holds_as_many_jobs_as_asked_for(owner: Client, made: list[str], limit: int) -> None:
    found = page(owner, limit=limit)

    assert (len(made), len(found["jobs"])) == (3, limit)
    assert found["next_offset"]


@decides("BLK-72", "LIM-09", "BLK-75", bulk_creations=4, queries=0)
def test_a_page_holds_25_jobs_unless_asked_otherwise(tenants: list[Client], made: list[str]) -> None:
    there = [assert_default_size(client) for client in tenants]

    assert there[0] >= len(made)
    if max(there) <= DEFAULT:
        note("too few jobs to see the default size of a page")


def assert_default_size(client: Client) -> int:
    """Assert that a page is of the default size, and return how many jobs there are, as far as a page can hold."""
    before, found = page(client, limit=MOST), page(client)
    one_more, after = page(client, limit=DEFAULT + 1), page(client, limit=MOST)
    there = len(before["jobs"])
    if ids(before["jobs"]) != ids(after["jobs"]):
        note("the list changes while it is read")
        return there

    warn_unless("BLK-72", len(found["jobs"]), min(DEFAULT, there), "jobs of a page without a limit")
    assert bool(found.get("next_offset")) or there <= len(found["jobs"])
    assert len(one_more["jobs"]) == min(DEFAULT + 1, there)
    return there


@decides("BLK-77", "BLK-73", "BLK-76", bulk_creations=5, queries=0, profile="full")
def test_a_job_made_meanwhile_shifts_no_page(owner: Client, made: list[str]) -> None:
    filters = {"limit": 1, "operation": "delete", "state": "Aborted"}
    first = filled(owner, **filters)
    owner.set_state(bulk.created(owner, **bulk.DELETE), "Aborted")
    rest = [job for found in pages(owner, **filters, after=first["next_offset"]) for job in found["jobs"]]

    assert made
    assert rest
    assert first["jobs"][0]["job_id"] not in ids(rest)


@decides("BLK-76", bulk_creations=4, queries=0, profile="full")
def test_the_newest_job_comes_first(owner: Client, made: list[str]) -> None:
    jobs = page(owner, limit=MOST)["jobs"]
    times = [moment(job["created_at"]) for job in jobs]

    assert times == sorted(times, reverse=True)
    assert made[-1] in {job["job_id"] for job in jobs}


@pytest.mark.parametrize("state", STATES)
@decides("BLK-70", "BLK-74", bulk_creations=4, queries=0)
def test_the_list_is_filtered_by_state(owner: Client, made: list[str], state: str) -> None:
    wanted = set(made) if state == "Aborted" else set()
    jobs = walked(owner, wanted, state=state, limit=MOST)

    assert {job["state"] for job in jobs} <= {state}
    assert wanted <= ids(jobs)


@pytest.mark.parametrize("operation", OPERATIONS)
@decides("BLK-71", "BLK-74", bulk_creations=4, queries=0)
def test_the_list_is_filtered_by_operation(owner: Client, made: list[str], operation: str) -> None:
    wanted = {made[-1]} if operation == "delete" else set()
    jobs = walked(owner, wanted, operation=operation, limit=MOST)

    assert {job["operation"] for job in jobs} <= {operation}
    assert wanted <= ids(jobs)


@pytest.mark.parametrize(
    ("subject", "filters"),
    [
        pytest.param("finished_export", {}, id="none"),
        pytest.param("failed_export", {}, id="none-failed"),
        pytest.param("aborted_export", {}, id="none-aborted"),
        pytest.param("open_import", {}, id="none-open"),
        pytest.param("failed_export", {"operation": "query"}, id="failed-exports"),
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


@pytest.mark.parametrize(
    "filters", [{}, {"state": "JobComplete"}, {"operation": "insert"}], ids=["none", "state", "operation"]
)
@decides("BLK-70", "BLK-71", "BLK-74", needs=("sandbox_table",), bulk_creations=1, queries=0)
def test_a_finished_import_is_listed(owner: Client, finished_import: str, filters: dict[str, str]) -> None:
    listed = {job["job_id"]: job for job in walked(owner, {finished_import}, limit=MOST, **filters)}

    assert (listed[finished_import]["state"], listed[finished_import]["operation"]) == ("JobComplete", "insert")


@decides("BLK-73", "BLK-77", bulk_creations=4, queries=0, profile="full")
def test_a_token_goes_on_with_pages_of_another_size(owner: Client, made: list[str]) -> None:
    filters = {"operation": "delete", "state": "Aborted"}
    first = filled(owner, **filters, limit=1)
    second = filled(owner, **filters, limit=2, after=first["next_offset"])
    names = [job["job_id"] for job in (*first["jobs"], *second["jobs"])]
    at_once = [job["job_id"] for job in filled(owner, **filters, limit=len(made))["jobs"]]

    # A page may hold fewer jobs than it could, where the list lags behind what it is made of.
    assert names[: len(at_once)] == at_once[: len(names)]


@decides("BLK-70", "BLK-71", bulk_creations=4, queries=0, profile="full")
def test_filters_work_together_and_on_every_page(owner: Client, made: list[str]) -> None:
    jobs = walked(owner, set(made), state="Aborted", operation="delete", limit=2)

    assert {(job["state"], job["operation"]) for job in jobs} == {("Aborted", "delete")}


@decides("BLK-70", "BLK-23", "BLK-74", bulk_creations=1, queries=0, profile="full")
def test_a_job_moves_from_one_filter_to_another(owner: Client) -> None:
    job_id = bulk.created(owner, **bulk.DELETE)
    while_open = ids(walked(owner, {job_id}, state="Open", operation="delete", limit=MOST))
    owner.set_state(job_id, "Aborted")
    moved = ids(walked(owner, {job_id}, state="Aborted", operation="delete", limit=MOST))
    still_open = ids(walked(owner, set(), state="Open", operation="delete", limit=MOST))

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


@decides("BLK-73", "BLK-80", bulk_creations=4, queries=0, profile="full")
def test_half_a_token_is_refused(owner: Client, made: list[str]) -> None:
    token = page(owner, limit=1)["next_offset"]
    answer = owner.get("/bulk/jobs", params={"limit": 1, "offset": token[: len(token) // 2]})

    assert made
    assert_refused(answer, "INVALID_REQUEST")


@decides("BLK-78", bulk_creations=4, queries=0, profile="full")
def test_a_token_with_other_filters_is_no_server_error(owner: Client, made: list[str]) -> None:
    token = page(owner, limit=1, operation="delete")["next_offset"]
    answer = owner.get("/bulk/jobs", params={"limit": 5, "offset": token, "operation": "query"})

    assert made
    assert answer.status in {OK, BAD_REQUEST}, answer.shown
    assert answer.status == BAD_REQUEST or {job["operation"] for job in answer.json()["jobs"]} <= {"query"}


@decides("TEN-01", "BLK-79", needs=("second_tenant",), bulk_creations=5, queries=0)
def test_a_list_holds_only_the_tenants_own_jobs(owner: Client, peer: Client, made: list[str], theirs: str) -> None:
    mine_listed = {job["job_id"] for job in walked(owner, set(made), operation="delete", limit=MOST)}
    theirs_listed = {job["job_id"] for job in walked(peer, {theirs}, operation="delete", limit=MOST)}

    assert theirs in theirs_listed
    assert theirs not in mine_listed
    assert set(made) & theirs_listed == set()
    assert mine_listed & theirs_listed == set()


@decides("TEN-01", "BLK-79", "BLK-80", needs=("second_tenant",), bulk_creations=4, queries=0)
def test_another_tenants_token_shows_nothing_of_theirs(owner: Client, peer: Client, made: list[str]) -> None:
    token = page(owner, limit=1, operation="delete")["next_offset"]
    answer = peer.get("/bulk/jobs", params={"limit": MOST, "offset": token})

    assert answer.status in {OK, BAD_REQUEST, 403}, answer.shown
    assert answer.status != OK or set(made) & {job["job_id"] for job in answer.json()["jobs"]} == set()


@decides("BLK-74", "BLK-72", queries=0, profile="full")
def test_an_unknown_parameter_of_the_list_is_ignored(owner: Client) -> None:
    assert owner.get("/bulk/jobs", params={"limit": 1, "cursor": "x"}).status == OK
    hold("BLK-72", owner.get("/bulk/jobs", params={"limit": MOST}).status, OK, "status of the largest page")
