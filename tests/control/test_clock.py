"""What waits for time to pass, seen to pass at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.credentials import token
from tests.emulator import TENANT, Answer, Emulator, Emulators, eventually
from tests.requirements import requirement

NOON = "2030-01-31T12:00:00Z"
SELECT = {"sql": "SELECT 1 AS n"}


@pytest.fixture(scope="module")
def timed(emulators: Emulators) -> Emulator:
    return emulators.start("--rate-limit-queries", "3")


@pytest.fixture
def server(timed: Emulator) -> Iterator[Emulator]:
    """Lend the server on the machine's time, to which it returns."""
    set_clock(timed, "reset")
    timed.control("POST", "/reset", {})
    yield timed
    set_clock(timed, "reset")


def set_clock(server: Emulator, action: str, **members: str) -> Any:
    return server.control("PUT", "/clock", {"action": action, **members}).json


def value(server: Emulator, expression: str) -> object:
    return server.query(f"SELECT {expression} AS v").json["data"][0]["v"]


def keyed(server: Emulator) -> Answer:
    return server.call("POST", "/queries", SELECT, headers={"X-Idempotency-Key": "once"})


def test_a_frozen_clock_shows_one_time_in_answers_and_in_sql(server: Emulator) -> None:
    reading = set_clock(server, "freeze", at=NOON)
    query_id = server.query("SELECT GETDATE() AS v").json["metadata"]["query_id"]

    assert (reading["now"], reading["frozen"]) == ("2030-01-31T12:00:00.000Z", True)
    assert value(server, "CAST(GETDATE() AS VARCHAR)") == "2030-01-31 12:00:00"
    assert server.call("GET", f"/jobs/{query_id}").json["submitted_at"].startswith("2030-01-31T12:00:00")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("CAST(CURRENT_DATE AS VARCHAR)", "2030-01-31"),
        ("CAST(SYSDATE AS VARCHAR)", "2030-01-31 12:00:00"),
        ("CAST(CURRENT_TIMESTAMP AS VARCHAR)", "2030-01-31 12:00:00+00"),
        ("CAST('today'::TIMESTAMP AS VARCHAR)", "2030-01-31 00:00:00"),
    ],
    ids=["CURRENT_DATE", "SYSDATE", "CURRENT_TIMESTAMP", "today"],
)
def test_sql_sees_the_clock(server: Emulator, expression: str, expected: str) -> None:
    set_clock(server, "freeze", at=NOON)

    assert value(server, expression) == expected


def test_a_default_of_a_column_sees_the_clock(server: Emulator) -> None:
    set_clock(server, "freeze", at=NOON)
    server.sql("CREATE TABLE noted (n INT, at TIMESTAMP DEFAULT GETDATE()); INSERT INTO noted (n) VALUES (1)")

    assert server.query("SELECT CAST(at AS VARCHAR) AS v FROM noted").json["data"] == [{"v": "2030-01-31 12:00:00"}]


def test_a_clock_set_back_to_the_machines_time_is_seen_by_the_next_query(server: Emulator) -> None:
    set_clock(server, "freeze", at=NOON)
    value(server, "GETDATE()")
    set_clock(server, "reset")

    assert value(server, "GETDATE() < DATE '2030-01-01'") is True


def test_a_running_clock_runs_on_from_where_it_was_set(server: Emulator) -> None:
    first = set_clock(server, "set", at=NOON)
    later = eventually(lambda: server.control("GET", "/clock").json["now"] > first["now"])

    assert first["now"].startswith("2030-01-31T12:00:0")
    assert later


def test_a_resumed_clock_runs_on_from_where_it_stood(server: Emulator) -> None:
    set_clock(server, "freeze", at=NOON)
    resumed = set_clock(server, "resume")

    assert resumed["frozen"] is False
    assert resumed["now"].startswith("2030-01-31T12:00:0")


@requirement("IDM-03", "LIM-07")
def test_an_idempotency_key_is_free_after_its_24_hours(server: Emulator) -> None:
    set_clock(server, "freeze", at=NOON)
    first = keyed(server)
    set_clock(server, "advance", by="86399s")
    replayed = keyed(server)
    set_clock(server, "advance", by="2s")
    again = keyed(server)

    assert replayed.json == first.json
    assert again.json["metadata"]["query_id"] != first.json["metadata"]["query_id"]


@requirement("URL-14", "LIM-08")
def test_a_link_is_refused_after_its_hour(server: Emulator) -> None:
    set_clock(server, "freeze", at=NOON)
    job = server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "customers"}).json
    parts = urlsplit(job["upload_url"])
    link = f"{parts.path}?{parts.query}"
    taken = server.request("PUT", link, b"id\n")
    set_clock(server, "advance", by="3601s")
    late = server.request("PUT", link, b"id\n")

    assert (taken.status, late.status) == (200, 403)
    assert b"<Message>Request has expired</Message>" in late.content


@requirement("RTL-06")
def test_a_rate_window_ends_after_its_minute(server: Emulator) -> None:
    set_clock(server, "freeze", at=NOON)
    statuses = [server.call("POST", "/queries", SELECT).status for _ in range(4)]
    set_clock(server, "advance", by="60s")

    assert statuses == [200, 200, 200, 429]
    assert server.call("POST", "/queries", SELECT).status == 200


@requirement("AUTH-03")
def test_a_token_expires(server: Emulator) -> None:
    bearer = token(TENANT)
    valid = server.call("POST", "/queries", SELECT, key=bearer).status
    set_clock(server, "advance", by="2h")

    assert (valid, server.call("POST", "/queries", SELECT, key=bearer).status) == (200, 401)


@requirement("BLK-28", "LIM-04")
def test_a_bulk_job_fails_after_its_24_hours(server: Emulator) -> None:
    job_id = server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "customers"}).json["job_id"]
    set_clock(server, "advance", by="24h")
    set_clock(server, "advance", by="1s")

    assert server.call("GET", f"/bulk/jobs/{job_id}").json["state"] == "Failed"


def test_a_timeout_is_counted_in_the_machines_seconds(server: Emulator) -> None:
    set_clock(server, "freeze", at=NOON)
    slow = server.query("SELECT COUNT(*) AS n FROM orders a, orders b, orders c, orders d, orders e", timeout_seconds=1)

    assert (slow.status, slow.code) == (504, "QUERY_TIMEOUT")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "stop"}, "action"),
        ({"action": "set"}, "at"),
        ({"action": "set", "at": "2030-01-31"}, "at"),
        ({"action": "set", "at": "9999-12-31T23:59:59Z"}, "at"),
        ({"action": "advance", "by": "-1h"}, "by"),
        ({"action": "advance", "by": "1 week"}, "by"),
    ],
    ids=["unknown action", "no moment", "no zone", "too late", "backwards", "no unit"],
)
def test_a_move_that_cannot_be_understood_names_its_member(server: Emulator, body: object, field: str) -> None:
    answer = server.control("PUT", "/clock", body)

    assert (answer.status, answer.code, answer.details["field"]) == (400, "INVALID_REQUEST", field)


def test_there_is_no_clock_where_the_control_plane_is_off(emulators: Emulators) -> None:
    server = emulators.start("--control", "off")

    assert server.control("PUT", "/clock", {"action": "freeze"}).status == 404
