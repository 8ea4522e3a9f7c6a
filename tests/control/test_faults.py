"""Calls that go wrong as a test asked for."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import contract_answers
from tests.api.bulk_client import BulkClient
from tests.emulator import Answer, Emulator, Emulators

SELECT = {"sql": "SELECT 1 AS n"}


@pytest.fixture(scope="module")
def faulty(emulators: Emulators) -> Emulator:
    return emulators.start("--rate-limits", "off")


@pytest.fixture
def server(faulty: Emulator) -> Iterator[Emulator]:
    """Lend the server without rules, and leave none behind."""
    faulty.control("DELETE", "/faults")
    yield faulty
    faulty.control("DELETE", "/faults")


def rule(server: Emulator, action: object, **members: object) -> Any:
    answer = server.control("POST", "/faults", {"action": action, **members})
    assert answer.status == 201, answer.content
    return answer.json


def query(server: Emulator, sql: str = "SELECT 1 AS n", **headers: str) -> Answer:
    return server.call("POST", "/queries", {"sql": sql}, headers=headers)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("INVALID_REQUEST", 400),
        ("SQL_BLOCKED", 400),
        ("UNAUTHORIZED", 401),
        ("FORBIDDEN", 403),
        ("PAYLOAD_TOO_LARGE", 413),
        ("RATE_LIMITED", 429),
        ("INTERNAL_ERROR", 500),
        ("QUERY_TIMEOUT", 504),
    ],
)
def test_any_error_of_the_contract_can_be_asked_for(server: Emulator, code: str, status: int) -> None:
    rule(server, {"error": code}, match={"operation": "executeQuery"})
    answer = query(server)

    assert (answer.status, answer.code) == (status, code)
    assert contract_answers.faults("executeQuery", answer) == []


def test_a_rule_fires_so_often_and_no_more(server: Emulator) -> None:
    rule(server, {"error": "RATE_LIMITED"}, times=2, after=1)

    assert [query(server).status for _ in range(4)] == [200, 429, 429, 200]


def test_the_first_rule_that_fires_decides(server: Emulator) -> None:
    rule(server, {"error": "CONFLICT"}, times=1)
    rule(server, {"error": "RATE_LIMITED"}, times=1)

    assert [query(server).status for _ in range(3)] == [409, 429, 200]


@pytest.mark.parametrize(
    "match",
    [
        {"operation": "getBulkJob"},
        {"tenant_id": "tenant-456"},
        {"header": {"name": "X-Test", "value": "other"}},
        {"header": {"name": "X-Other"}},
        {"sql": "sales"},
        {"job_id": "bulk-1"},
    ],
    ids=["operation", "tenant", "header's value", "header", "sql", "job"],
)
def test_a_call_that_does_not_match_passes(server: Emulator, match: object) -> None:
    rule(server, {"error": "CONFLICT"}, match=match)

    assert query(server, **{"X-Test": "one"}).status == 200


@pytest.mark.parametrize(
    "match",
    [
        {},
        {"operation": "executeQuery", "tenant_id": "tenant-123"},
        {"header": {"name": "x-test", "value": "one"}},
        {"sql": "select 1"},
    ],
    ids=["all", "operation and tenant", "header", "sql"],
)
def test_a_call_that_matches_meets_the_fault(server: Emulator, match: object) -> None:
    rule(server, {"error": "CONFLICT"}, match=match)

    assert query(server, **{"X-Test": "one"}).status == 409


def test_a_seeded_run_repeats(server: Emulator) -> None:
    runs = []
    for _ in range(2):
        server.control("PUT", "/faults", {"rules": [{"action": {"error": "CONFLICT"}, "probability": 0.5, "seed": 7}]})
        runs.append([query(server).status for _ in range(20)])

    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 409}


def test_a_rule_ends_with_its_time_to_live(server: Emulator) -> None:
    rule(server, {"error": "CONFLICT"}, ttl="10m")
    before = query(server).status
    server.control("PUT", "/clock", {"action": "advance", "by": "10m"})
    after = query(server).status
    server.control("PUT", "/clock", {"action": "reset"})

    assert (before, after) == (409, 200)


def test_a_rule_says_how_often_it_matched_and_fired(server: Emulator) -> None:
    rule(server, {"error": "CONFLICT"}, id="mine", times=1)
    query(server)
    query(server)
    (shown,) = server.control("GET", "/faults").json["rules"]

    assert (shown["id"], shown["matched"], shown["fired"]) == ("mine", 2, 1)


def test_an_answer_is_late_by_the_latency(server: Emulator) -> None:
    rule(server, {"latency": {"fixed_ms": 300}})
    started = time.monotonic()
    answer = query(server)

    assert answer.status == 200
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_connection_is_dropped_without_an_answer(server: Emulator, moment: str) -> None:
    rule(server, {"drop": moment}, times=1)

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        query(server)
    assert query(server).status == 200


def test_work_whose_answer_was_lost_was_done(server: Emulator) -> None:
    rule(server, {"drop": "after"}, times=1, match={"operation": "executeQuery"})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        query(server, "SELECT 2 AS n", **{"X-Idempotency-Key": "lost"})
    again = query(server, "SELECT 2 AS n", **{"X-Idempotency-Key": "lost"})

    assert again.headers["idempotency-replayed"] == "true"


def test_an_answer_breaks_off(server: Emulator) -> None:
    rule(server, {"body": {"cut_after_bytes": 7}}, times=1)

    with pytest.raises(http.client.IncompleteRead) as broken:
        query(server)
    assert broken.value.partial == b'{"data"'


def test_a_slow_answer_is_whole(server: Emulator) -> None:
    rule(server, {"body": {"bytes_per_second": 2000}}, times=1)

    assert query(server).json["data"] == [{"n": 1}]


def test_one_request_asks_for_its_own_fault(server: Emulator) -> None:
    answer = query(server, **{"X-Spectra-Fault": "QUERY_TIMEOUT"})

    assert (answer.status, answer.code) == (504, "QUERY_TIMEOUT")
    assert query(server, **{"X-Spectra-Fault": "NO_SUCH"}).details["field"] == "X-Spectra-Fault"


def test_an_upload_is_refused_by_the_object_store_and_taken_again(server: Emulator) -> None:
    rule(server, {"object_store": "SlowDown"}, match={"operation": "putObject"}, times=1)
    job = server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "customers"}).json
    parts = urlsplit(job["upload_url"])
    link = f"{parts.path}?{parts.query}"
    first, second = (server.request("PUT", link, b"id\n") for _ in range(2))

    assert (first.status, second.status) == (503, 200)
    assert b"<Code>SlowDown</Code>" in first.content


@pytest.mark.parametrize("state", ["UploadComplete", "InProgress"])
def test_a_bulk_job_fails_in_a_state(server: Emulator, state: str) -> None:
    rule(server, {"job": {"fail_in": state}, "error": "QUERY_TIMEOUT"}, match={"operation": "bulkWork"})
    job = BulkClient(server).exported("SELECT 1 AS n")

    assert (job["state"], job["error"]["code"]) == ("Failed", "QUERY_TIMEOUT")


def test_the_first_records_of_an_import_are_refused(server: Emulator) -> None:
    server.sql("CREATE TABLE IF NOT EXISTS refusing (n INT); DELETE FROM refusing")
    rule(server, {"job": {"failed_records": 2}}, match={"operation": "bulkWork"})
    bulk = BulkClient(server)
    job = bulk.imported(b"n\n1\n2\n3\n", operation="insert", object="refusing")

    assert (job["number_records_processed"], job["number_records_failed"]) == (1, 2)
    assert server.query("SELECT n FROM refusing").json["data"] == [{"n": 3}]


def test_a_job_outlives_an_object_store_that_fails_once(server: Emulator) -> None:
    rule(server, {"object_store": "SlowDown"}, match={"operation": "bulkWork"}, times=1)

    assert BulkClient(server).exported("SELECT 1 AS n")["state"] == "JobComplete"


def test_a_dropped_connection_is_not_spent_on_the_work_of_a_job(server: Emulator) -> None:
    rule(server, {"drop": "before"}, match={"sql": "SELECT 1 AS n"}, times=1, after=1)

    assert BulkClient(server).exported("SELECT 1 AS n")["state"] == "JobComplete"
    assert server.control("GET", "/faults").json["rules"][0]["fired"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": {}}, "action"),
        ({"action": {"error": "NOPE"}}, "action.error"),
        ({"action": {"drop": "now"}}, "action.drop"),
        ({"action": {"latency": {}}}, "action.latency"),
        ({"action": {"latency": {"fixed_ms": -1}}}, "action.latency"),
        ({"action": {"body": {}}}, "action.body"),
        ({"action": {"object_store": "Nope"}}, "action.object_store"),
        ({"action": {"job": {"fail_in": "Open"}}}, "action.job.fail_in"),
        ({"action": {"error": "CONFLICT"}, "match": {"operation": "nope"}}, "match.operation"),
        ({"action": {"object_store": "SlowDown"}, "match": {"operation": "executeQuery"}}, "action.object_store"),
        ({"action": {"job": {"failed_records": 1}}, "match": {"operation": "executeQuery"}}, "action.job"),
        ({"action": {"drop": "before"}, "match": {"operation": "bulkWork"}}, "action.drop"),
        ({"action": {"body": {"cut_after_bytes": 1}}, "match": {"operation": "bulkWork"}}, "action.body"),
        ({"action": {"error": "CONFLICT", "drop": "after"}}, "action.drop"),
        ({"action": {"latency": {"uniform_ms": [5, 1]}}}, "action.latency.uniform_ms"),
        ({"action": {"error": "CONFLICT"}, "times": 0}, "times"),
        ({"action": {"error": "CONFLICT"}, "probability": 0}, "probability"),
        ({"action": {"error": "CONFLICT"}, "ttl": "soon"}, "ttl"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rule_that_cannot_be_names_its_member(server: Emulator, body: object, field: str) -> None:
    answer = server.control("POST", "/faults", body)

    assert (answer.status, answer.details["field"]) == (400, field)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"action": {"errro": "CONFLICT"}}, "did you mean `error`? There are error, message,"),
        ({"action": {"latency": {"ms": 1}}}, "There are fixed_ms, uniform_ms, lognormal_ms"),
        ({"action": {"error": "CONFLICT"}, "match": {"header": {"names": "X"}}}, "did you mean `name`?"),
    ],
    ids=["action", "latency", "header"],
)
def test_an_unknown_member_is_told_what_there_is(server: Emulator, body: object, said: str) -> None:
    assert said in server.control("POST", "/faults", body).json["error"]["message"]


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [
        ("RATE_LIMITED", 503, b"SlowDown"),
        ("QUERY_TIMEOUT", 400, b"RequestTimeout"),
        ("PAYLOAD_TOO_LARGE", 413, b"EntityTooLarge"),
    ],
)
def test_an_error_on_a_link_is_one_of_s3(server: Emulator, code: str, status: int, name: bytes) -> None:
    rule(server, {"error": code}, match={"operation": "putObject"}, times=1)
    job = server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "customers"}).json
    parts = urlsplit(job["upload_url"])
    answer = server.request("PUT", f"{parts.path}?{parts.query}", b"id\n")

    assert (answer.status, b"<Code>" + name + b"</Code>" in answer.content) == (status, True)


def test_a_server_without_a_control_plane_heeds_no_faults(emulators: Emulators) -> None:
    server = emulators.start("--control", "off")

    assert query(server, **{"X-Spectra-Fault": "CONFLICT"}).status == 200
