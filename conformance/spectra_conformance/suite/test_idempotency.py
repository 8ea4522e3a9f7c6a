"""What a second request with the same key gets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import hold, note, warn_unless
from spectra_conformance.suite.asking import NOWHERE, exact, numbers, slow_count
from spectra_conformance.suite.pages import walked
from spectra_conformance.suite.refusals import assert_refused, assert_unauthenticated, hold_field
from spectra_conformance.suite.registry import decides

OK, CREATED, BAD_REQUEST, CONFLICT = 200, 201, 400, 409
MOST_OF_A_PAGE = 100
HEADER = "x-idempotency-key"
CHANCE = "SELECT RANDOM() AS r, 'é' AS t"
EXPORT = {"operation": "query", "object": NOWHERE, "query": bulk.SEVEN_ROWS}


def query_id(answer: object) -> str:
    return str(exact(answer)["metadata"]["query_id"])  # type: ignore[arg-type] # an Answer, whatever made it


@decides("IDM-02", "IDM-12", "IDM-01", "IDM-05", "HDR-06", "IDM-09", profile="smoke", queries=2)
def test_a_key_gives_the_first_answer_again(owner: Client, key: str) -> None:
    first = owner.query(CHANCE, {HEADER: key})
    second = owner.query(CHANCE, {HEADER: key})

    assert (first.status, second.status) == (OK, OK), second.shown
    assert exact(second)["data"] == exact(first)["data"]
    assert query_id(second) == query_id(first)
    assert exact(second) == exact(first)
    hold("IDM-05", second.body == first.body, True, "the replay is the same to the byte")


@decides("HDR-09", queries=2, profile="full")
def test_a_replay_says_that_it_is_one(owner: Client, key: str) -> None:
    first, second = (owner.query("SELECT 1 AS a", {HEADER: key}) for _ in range(2))

    assert first.headers.get("idempotency-replayed") is None
    assert second.headers.get("idempotency-replayed") == "true"


@decides("IDM-02", "IDM-05", queries=3, profile="full")
def test_a_third_request_gets_the_first_answer_too(owner: Client, key: str) -> None:
    answers = [owner.query(CHANCE, {HEADER: key}) for _ in range(3)]

    assert len({query_id(answer) for answer in answers}) == 1


@decides("IDM-02", "IDM-05", "IDM-12", queries=2)
def test_a_large_answer_comes_again_too(owner: Client, key: str) -> None:
    many = f"{numbers(4)} SELECT n, RANDOM() AS r FROM numbers"
    first, second = (owner.query(many, {HEADER: key}) for _ in range(2))

    assert query_id(second) == query_id(first)
    assert exact(second)["data"] == exact(first)["data"]
    hold("IDM-05", second.body == first.body, True, "the replay is the same to the byte")


@decides("IDM-02", "IDM-01", queries=3)
def test_another_key_and_no_key_run_anew(owner: Client, key: str) -> None:
    named = owner.query(CHANCE, {HEADER: key})
    other = owner.query(CHANCE, {HEADER: f"{key}-2"})
    without = owner.query(CHANCE)

    assert len({query_id(named), query_id(other), query_id(without)}) == 3


@decides("IDM-02", "IDM-12", queries=2, profile="full")
def test_keys_differ_by_case_and_by_their_ends(owner: Client) -> None:
    first = owner.query(CHANCE, {HEADER: "spectra-conformance-Key-A"})
    second = owner.query(CHANCE, {HEADER: "spectra-conformance-key-a"})

    assert query_id(first) != query_id(second)


@decides("IDM-02", "IDM-10", queries=2, profile="full")
def test_the_longest_keys_differ_by_their_last_character(owner: Client, key: str) -> None:
    first, second = (owner.query(CHANCE, {HEADER: f"{key:k<127}{end}"}) for end in "ab")

    assert query_id(first) != query_id(second)


@decides("IDM-07", queries=2, writes=True, profile="full")
def test_a_key_with_another_body_replays_or_conflicts(owner: Client, key: str) -> None:
    first = owner.query("SELECT 1 AS a", {HEADER: key})
    other = owner.send("POST", "/queries", json={"sql": "SELECT 2 AS a"}, headers={HEADER: key}, check=False)

    assert other.status in {OK, BAD_REQUEST, CONFLICT, 422}, other.shown
    note(f"a key with another body answers {other.status}")
    if other.status == OK:
        assert exact(other) == exact(first)


@decides("IDM-04", "TEN-01", needs=("second_tenant",), queries=3)
def test_another_tenants_key_is_another_key(owner: Client, peer: Client, key: str) -> None:
    mine = owner.query(CHANCE, {HEADER: key})
    theirs = peer.query(CHANCE, {HEADER: key})

    assert query_id(theirs) != query_id(mine)
    assert exact(theirs)["data"] != exact(mine)["data"]
    assert exact(owner.query(CHANCE, {HEADER: key})) == exact(mine)
    assert exact(peer.query(CHANCE, {HEADER: key})) == exact(theirs)


@decides("IDM-04", "IDM-09", "TEN-01", needs=("second_tenant",), bulk_creations=2, queries=0)
def test_another_tenants_key_creates_another_bulk_job(owner: Client, peer: Client, theirs: str, their_key: str) -> None:
    answer = owner.bulk({HEADER: their_key}, **bulk.DELETE)

    assert answer.status == CREATED, answer.shown
    assert answer.json()["job_id"] != theirs
    assert bulk.record(owner, answer.json()["job_id"])["operation"] == "delete"
    assert bulk.record(peer, theirs)["job_id"] == theirs


@decides("IDM-02", "AUTH-04", queries=2, profile="full")
def test_a_key_opens_nothing_to_a_caller_without_credentials(owner: Client, anonymous: Client, key: str) -> None:
    owner.query("SELECT 1 AS a", {HEADER: key})

    assert_unauthenticated(anonymous.query("SELECT 1 AS a", {HEADER: key}))


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        pytest.param("SELECT 1 AS a", {"limit": -1}, id="bad-request"),
        pytest.param("SELECT (1", {}, id="bad-sql"),
        pytest.param(f"DROP TABLE {NOWHERE}", {}, id="blocked"),
        pytest.param("SELECT CAST(t AS INTEGER) AS a FROM (SELECT 'x' AS t) AS s", {}, id="failed-as-it-ran"),
    ],
)
@decides("IDM-06", "IDM-02", queries=2, writes=True)
def test_a_failed_request_may_be_repeated_with_its_key(
    owner: Client, key: str, sql: str, parameters: dict[str, int]
) -> None:
    failed = owner.send(
        "POST", "/queries", json={"sql": sql, "parameters": parameters}, headers={HEADER: key}, check=False
    )
    repeated = owner.query("SELECT 7 AS a", {HEADER: key})

    assert failed.status >= BAD_REQUEST, failed.shown
    assert exact(repeated)["data"] == [{"a": 7}]


@decides("IDM-08", "IDM-02", "IDM-12", queries=4)
def test_requests_at_one_time_run_once(owner: Client, key: str) -> None:
    def asked(_place: int) -> tuple[int, str]:
        answer = owner.query(slow_count(7), {HEADER: key})
        return answer.status, answer.text

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(asked, range(4)))

    assert {status for status, _ in answers} <= {OK, CONFLICT}
    assert len({text for status, text in answers if status == OK}) == 1
    hold("IDM-08", CONFLICT in {status for status, _ in answers}, False, "a request at the same time is refused")


@pytest.mark.parametrize("length", [1, 127, 128])
@decides("IDM-10", "IDM-01", queries=2, profile="full")
def test_a_key_has_up_to_128_characters(owner: Client, key: str, length: int) -> None:
    text = (key * 4)[-length:] if length > 1 else "~"
    first, second = (owner.query(CHANCE, {HEADER: text}) for _ in range(2))

    assert query_id(first) == query_id(second)


@decides("IDM-10", "IDM-12", queries=2, profile="full")
def test_a_key_may_hold_any_printable_character(owner: Client, key: str) -> None:
    text = f"{key} !\"#$%&'()*+,-./:;<=>?@[]^_`{{|}}~"
    first, second = (owner.query(CHANCE, {HEADER: text}) for _ in range(2))

    assert query_id(first) == query_id(second)


@pytest.mark.parametrize(
    "text", [pytest.param("k" * 129, id="129"), pytest.param("k" * 1000, id="1000"), pytest.param("k\tk", id="tab")]
)
@decides("IDM-10", "ERR-10", writes=True, profile="full")
def test_a_key_that_is_too_long_or_not_printable_is_refused(owner: Client, text: str) -> None:
    answer = owner.query("SELECT 1 AS a", {HEADER: text})

    hold("IDM-10", answer.status, BAD_REQUEST, "status of a bad key")
    if answer.status != OK:
        assert_refused(answer, "INVALID_REQUEST")
        hold_field(answer, "IDM-10", "X-Idempotency-Key")


@decides("IDM-09", "IDM-02", "IDM-05", bulk_creations=2, queries=0)
def test_a_key_creates_one_bulk_job(either: Client, key: str) -> None:
    first = either.bulk({HEADER: key}, **EXPORT)
    bulk.begun(either, first.json()["job_id"])
    bulk.ended(either, first.json()["job_id"], "JobComplete")
    second = either.bulk({HEADER: key}, **EXPORT)

    assert second.status == CREATED, second.shown
    warn_unless("IDM-09", second.json()["job_id"] == first.json()["job_id"], True, "the replay names the first job")
    warn_unless("IDM-05", second.json()["state"], first.json()["state"], "state of the replay")
    warn_unless("IDM-05", second.body == first.body, True, "the replay is the same to the byte")


@decides("IDM-09", "IDM-02", bulk_creations=2, queries=0, profile="full")
def test_a_replayed_creation_leaves_one_job_in_the_list(either: Client, key: str) -> None:
    members = {"operation": "insert", "object": f"{NOWHERE}_{key[-12:]}"}
    first, _ = (either.bulk({HEADER: key}, **members) for _ in range(2))
    listed = walked(either, {first.json()["job_id"]}, limit=MOST_OF_A_PAGE, operation="insert")
    either.set_state(first.json()["job_id"], "Aborted")

    warn_unless("IDM-09", [job["object"] for job in listed].count(members["object"]), 1, "jobs of one key")


@decides("IDM-09", profile="full", bulk_creations=2, queries=0)
def test_another_key_creates_another_bulk_job(either: Client, key: str) -> None:
    first = either.bulk({HEADER: key}, **EXPORT)
    second = either.bulk({HEADER: f"{key}-2"}, **EXPORT)

    assert (first.status, second.status) == (CREATED, CREATED), second.shown
    assert first.json()["job_id"] != second.json()["job_id"]


@decides("IDM-04", "IDM-02", bulk_creations=1, profile="full")
def test_the_key_of_a_query_is_free_for_a_bulk_job(either: Client, key: str) -> None:
    asked = either.query(CHANCE, {HEADER: key})
    made = either.bulk({HEADER: key}, **EXPORT)

    assert (asked.status, made.status) == (OK, CREATED), made.shown
    assert made.json()["state"] in {"Open", "InProgress"}
    assert exact(either.query(CHANCE, {HEADER: key})) == exact(asked)


@decides("IDM-09", "BLK-30", bulk_creations=1, queries=0, profile="full")
def test_a_key_has_no_effect_on_other_operations(either: Client, key: str) -> None:
    job_id = bulk.created(either, operation="insert", object=bulk.TABLE)
    for state, status in (("Bogus", BAD_REQUEST), ("Aborted", OK), ("Aborted", CONFLICT)):
        answer = either.patch(f"/bulk/jobs/{job_id}", json={"state": state}, headers={HEADER: key})
        assert answer.status in {status, BAD_REQUEST if status == CONFLICT else status}, answer.shown
    assert either.get(f"/bulk/jobs/{job_id}", headers={HEADER: key}).json()["state"] == "Aborted"
