from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.credentials import OTHER_KEY, OTHER_TENANT
from tests.emulator import TENANT, Answer, Emulator, Emulators
from tests.long_running import running_query
from tests.raw_connection import AS_DEMO, connected
from tests.requirements import requirement

AT_ONCE = 100
RANDOM = {"sql": "SELECT RANDOM() AS v"}
BULK = {"operation": "insert", "object": "sales"}


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


def keyed(server: Emulator, key: str, body: object = RANDOM, path: str = "/queries") -> Answer:
    return server.call("POST", path, body, headers={"X-Idempotency-Key": key})


def query_id(answer: Answer) -> str:
    return str(answer.json["metadata"]["query_id"])


@requirement("IDM-01", "IDM-02", "IDM-05", "IDM-12", "HDR-06", "HDR-09")
def test_the_same_key_replays_the_answer_byte_for_byte(server: Emulator, key: str) -> None:
    first, second = keyed(server, key), keyed(server, key)

    assert (first.status, second.status) == (200, 200)
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


@requirement("IDM-01")
def test_without_a_key_every_query_runs(server: Emulator) -> None:
    first, second = server.call("POST", "/queries", RANDOM), server.call("POST", "/queries", RANDOM)

    assert query_id(first) != query_id(second)


@requirement("IDM-02")
def test_another_key_runs_anew(server: Emulator, key: str) -> None:
    assert query_id(keyed(server, key)) != query_id(keyed(server, f"{key}-2"))


@requirement("IDM-02", "IDM-05")
def test_a_large_answer_is_replayed_whole(server: Emulator, key: str) -> None:
    body = {"sql": "SELECT id, region, product FROM sales"}

    assert keyed(server, key, body).content == keyed(server, key, body).content


@requirement("IDM-02", "IDM-08")
def test_a_hundred_requests_at_once_run_once(server: Emulator, key: str) -> None:
    before = server.control("GET", f"/tenants/{TENANT}/jobs?limit=1").json["jobs"]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _: keyed(server, key), range(AT_ONCE)))

    assert {answer.content for answer in answers} == {answers[0].content}
    assert [answer.status for answer in answers] == [200] * AT_ONCE
    assert len([answer for answer in answers if "idempotency-replayed" not in answer.headers]) == 1
    assert server.control("GET", f"/tenants/{TENANT}/jobs?limit=2").json["jobs"][1:] == before


@requirement("IDM-08", "IDM-06")
def test_a_request_that_waits_runs_itself_once_the_first_has_failed(server: Emulator, key: str) -> None:
    with ThreadPoolExecutor(1) as threads, running_query(server, headers={"X-Idempotency-Key": key}) as running:
        waiting = threads.submit(keyed, server, key)
        server.call("DELETE", f"/jobs/{running.job_id}")
        answer = waiting.result(timeout=20)

    assert running.answer.result().status == 409
    assert (answer.status, answer.headers.get("idempotency-replayed")) == (200, None)


@requirement("IDM-06")
@pytest.mark.parametrize("sql", ["SELECT 1 FORM x", "DROP TABLE sales", "SELECT 1 / (id - id) AS v FROM sales"])
def test_a_failure_leaves_the_key_free(server: Emulator, key: str, sql: str) -> None:
    failed = keyed(server, key, {"sql": sql})
    retried = keyed(server, key)

    assert (failed.status, retried.status) == (400, 200)
    assert "idempotency-replayed" not in retried.headers


@requirement("IDM-07")
def test_another_body_under_the_key_gets_the_first_answer(server: Emulator, key: str) -> None:
    first = keyed(server, key)
    other = keyed(server, key, {"sql": "SELECT 'other' AS v"})

    assert other.content == first.content


@requirement("IDM-07", "ERR-16")
def test_the_strict_setting_refuses_another_body_and_replays_the_same(emulators: Emulators, key: str) -> None:
    own = emulators.start("--idempotency-strict", "--rate-limits", "off")
    first = keyed(own, key)
    other = keyed(own, key, {"sql": "SELECT 'other' AS v"})

    assert (other.status, other.code) == (409, "CONFLICT")
    assert keyed(own, key).content == first.content
    own.stop()


@requirement("IDM-03", "LIM-07")
def test_a_key_is_new_once_its_time_is_over(emulators: Emulators, key: str) -> None:
    own = emulators.start("--idempotency-ttl-seconds", "1", "--rate-limits", "off")
    keyed(own, "warm-up")
    first, replayed = keyed(own, key), keyed(own, key)
    time.sleep(1.1)

    assert query_id(first) == query_id(replayed)
    assert query_id(keyed(own, key)) != query_id(first)
    own.stop()


@requirement("IDM-04", "TEN-01")
def test_two_tenants_may_use_one_key(server: Emulator, key: str) -> None:
    headers = {"X-Idempotency-Key": key}
    first = keyed(server, key)
    foreign = server.call("POST", "/queries", RANDOM, key=OTHER_KEY, tenant=OTHER_TENANT, headers=headers)

    assert query_id(first) != query_id(foreign)
    assert "idempotency-replayed" not in foreign.headers


@requirement("IDM-04")
def test_the_key_of_a_query_is_free_for_a_bulk_job(server: Emulator, key: str) -> None:
    assert keyed(server, key).status == 200
    assert keyed(server, key, BULK, "/bulk/jobs").status == 201


@requirement("IDM-09", "IDM-05", "HDR-09")
def test_a_replayed_bulk_job_is_the_same_job(server: Emulator, key: str) -> None:
    first, second = keyed(server, key, BULK, "/bulk/jobs"), keyed(server, key, BULK, "/bulk/jobs")

    assert (first.status, second.status) == (201, 201)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"


@requirement("IDM-05", "IDM-09")
def test_a_replayed_creation_does_not_show_what_became_of_the_job(server: Emulator, key: str) -> None:
    first = keyed(server, key, BULK, "/bulk/jobs")
    server.call("PATCH", f"/bulk/jobs/{first.json['job_id']}", {"state": "Aborted"})

    assert keyed(server, key, BULK, "/bulk/jobs").content == first.content


@requirement("IDM-09")
@pytest.mark.parametrize("key_sent", ["x", "x" * 500], ids=["fine", "too-long"])
def test_the_key_is_ignored_on_other_routes(server: Emulator, key_sent: str) -> None:
    job_id = server.query("SELECT 1 AS a").json["metadata"]["job_id"]
    answer = server.call("GET", f"/jobs/{job_id}", headers={"X-Idempotency-Key": key_sent})

    assert (answer.status, answer.headers.get("idempotency-replayed")) == (200, None)


@requirement("IDM-10")
@pytest.mark.parametrize("text", ["k", "a b!~", "x" * 128], ids=["one", "printable", "longest"])
def test_a_key_of_printable_ascii_is_taken(server: Emulator, text: str) -> None:
    assert keyed(server, text).status == 200


@requirement("IDM-10", "ERR-10")
@pytest.mark.parametrize(
    "text",
    [b"", b"x" * 129, b"\xc3\xa9", b"a\tb"],
    ids=["empty", "too-long", "not-ascii", "tab"],
)
def test_any_other_key_is_refused_by_its_header(server: Emulator, text: bytes) -> None:
    with connected(server.url) as connection:
        headers = AS_DEMO + b"X-Idempotency-Key: %b\r\n" % text
        answer = connection.call("POST", "/v1/queries", headers, b'{"sql": "SELECT 1 AS a"}')

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")
    assert answer.details["field"] == "X-Idempotency-Key"


@requirement("IDM-10")
def test_two_keys_are_refused(server: Emulator) -> None:
    with connected(server.url) as connection:
        headers = AS_DEMO + b"X-Idempotency-Key: a\r\nX-Idempotency-Key: b\r\n"
        answer = connection.call("POST", "/v1/queries", headers, b'{"sql": "SELECT 1 AS a"}')

    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")


@requirement("IDM-11")
def test_a_replay_counts_against_the_rate_limit(limited_server: Emulator, key: str) -> None:
    first, replayed = keyed(limited_server, key), keyed(limited_server, key)
    left = [int(answer.headers["x-ratelimit-remaining"]) for answer in (first, replayed)]

    assert left[1] == left[0] - 1


def test_a_replay_needs_the_permission_all_the_same(server: Emulator, key: str) -> None:
    keyed(server, key)
    headers = {"X-Idempotency-Key": key}
    refused = server.call("POST", "/queries", RANDOM, key="spk_tenant-123_readonly", headers=headers)

    assert (refused.status, refused.code) == (403, "FORBIDDEN")


@requirement("IDM-02")
def test_a_key_is_free_again_once_its_answer_has_made_room(emulators: Emulators, key: str) -> None:
    own = emulators.start("--result-store-bytes", "1MiB", "--rate-limits", "off")
    large = {"sql": "SELECT REPEAT('x', 60000) AS v FROM sales LIMIT 10"}
    first = keyed(own, key, large)
    keyed(own, f"{key}-2", large)

    assert query_id(keyed(own, key, large)) != query_id(first)
    own.stop()
