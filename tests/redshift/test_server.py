"""The whole server in front of a warehouse."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.credentials import token
from tests.emulator import (
    COMMAND,
    DEMO_FIXTURES,
    OWN_FIXTURES,
    Emulator,
    Emulators,
    bare_environment,
    eventually,
    free_port,
)
from tests.redshift.asking import Beside
from tests.redshift.redshift_like import RedshiftLike
from tests.requirements import requirement

TOKEN = "a-token-of-tests"


def flags(redshift: RedshiftLike, *more: str) -> list[str]:
    return [
        *("--backend", redshift.url, "--fixtures", str(OWN_FIXTURES), "--rate-limits", "off"),
        *("--s3", f"http://127.0.0.1:{free_port()}/bucket", *more),
    ]


@pytest.fixture(scope="module")
def front(redshift: RedshiftLike, emulators: Emulators) -> Emulator:
    environ = {"SPECTRA_DB_PASSWORDS": json.dumps(redshift.passwords), "SPECTRA_CONTROL_TOKEN": TOKEN}
    return emulators.start(*flags(redshift), environ=environ)


@requirement("QRY-27", "JOB-10")
def test_the_query_id_is_redshifts_own_and_leads_to_the_job(front: Emulator) -> None:
    metadata = front.query("SELECT id FROM sales ORDER BY id").json["metadata"]
    assert metadata["query_id"].isdecimal()
    by_query = front.call("GET", f"/jobs/{metadata['query_id']}").json
    assert by_query["job_id"] == metadata["job_id"]
    assert front.call("GET", f"/jobs/{metadata['job_id']}").json == by_query
    assert front.call("GET", f"/jobs/{metadata['query_id']}/results").json["data"] == [{"id": 1}, {"id": 2}]


def test_the_query_id_of_one_tenant_is_not_anothers(front: Emulator) -> None:
    query_id = front.query("SELECT 1 AS x").json["metadata"]["query_id"]
    answer = front.call("GET", f"/jobs/{query_id}", key="spk_tenant-456_demo", tenant="tenant-456")
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@requirement("IDM-05")
def test_a_replay_repeats_redshifts_id(front: Emulator) -> None:
    headers = {"X-Idempotency-Key": "once"}
    first = front.call("POST", "/queries", {"sql": "SELECT count(*) AS n FROM sales"}, headers=headers)
    again = front.call("POST", "/queries", {"sql": "SELECT count(*) AS n FROM sales"}, headers=headers)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"


@requirement("QRY-62", "QRY-66")
def test_a_query_beyond_its_timeout_is_ended_in_the_warehouse(front: Emulator, redshift: RedshiftLike) -> None:
    redshift.sql("CREATE OR REPLACE VIEW endless AS SELECT pg_sleep(60)::text AS a; GRANT SELECT ON endless TO PUBLIC")
    answer = front.query("SELECT a FROM endless", timeout_seconds=1)
    assert (answer.status, answer.code) == (504, "QUERY_TIMEOUT")
    redshift.ends("FROM endless")


@requirement("JOB-10")
def test_a_running_query_is_labelled_with_its_id_and_ends_when_its_job_is_cancelled(
    front: Emulator, redshift: RedshiftLike
) -> None:
    redshift.sql("CREATE OR REPLACE VIEW wasted AS SELECT pg_sleep(60)::text AS a; GRANT SELECT ON wasted TO PUBLIC")
    running = Beside(lambda: front.query("SELECT a FROM wasted"))
    redshift.begins("FROM wasted")
    label = redshift.label("FROM wasted")
    assert front.call("DELETE", f"/jobs/job-{label}").json["status"] == "CANCELLED"
    redshift.ends("FROM wasted")
    running.ended()


@requirement("QRY-64")
def test_a_lost_connection_is_an_internal_error_with_a_request_id(front: Emulator, redshift: RedshiftLike) -> None:
    redshift.sql("CREATE OR REPLACE VIEW lonely AS SELECT pg_sleep(60)::text AS a; GRANT SELECT ON lonely TO PUBLIC")
    answers = []
    running = Beside(lambda: answers.append(front.query("SELECT a FROM lonely")))
    redshift.begins("FROM lonely")
    redshift.relay.cut()
    running.ended()
    assert (answers[0].status, answers[0].code) == (500, "INTERNAL_ERROR")
    assert answers[0].details["request_id"]


def test_the_control_plane_is_closed_without_its_token_and_does_not_touch_tables(front: Emulator) -> None:
    assert front.control("GET", "/ready").status == 401
    headers = {"X-Spectra-Control-Token": TOKEN, "Content-Type": "application/json"}
    answer = front.request("POST", "/_spectra/tenants/tenant-123/sql", {"sql": "DROP TABLE sales"}, headers)
    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert "fronts a warehouse" in answer.json["error"]["message"]


def test_functions_of_the_warehouses_own_are_its_to_know(front: Emulator, redshift: RedshiftLike) -> None:
    redshift.sql("CREATE SCHEMA IF NOT EXISTS tools; GRANT USAGE ON SCHEMA tools TO PUBLIC")
    for name in ("f_twice", "tools.f_twice"):
        redshift.sql(f"CREATE OR REPLACE FUNCTION {name}(n bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1 * 2'")
    answer = front.query("SELECT f_twice(id) AS a, tools.F_Twice(id + 1) AS b FROM sales ORDER BY id LIMIT 1")
    assert answer.json["data"] == [{"a": 2, "b": 4}]
    unknown = front.query("SELECT f_thrice(1) AS a")
    assert (unknown.status, unknown.code, unknown.details["sql_state"]) == (400, "INVALID_SQL", "42883")


@pytest.mark.parametrize("call", ["pg_sleep(1)", "tools.pg_sleep(1)", "set_config('a', 'b', false)", "pg_catalog.f(1)"])
def test_what_the_guard_blocks_stays_blocked_in_front_of_a_warehouse(front: Emulator, call: str) -> None:
    assert front.query(f"SELECT {call} AS a").code == "SQL_BLOCKED"


@pytest.mark.parametrize("call", ["a.b.f(1)", '"a b"(1)'])
def test_a_call_that_could_not_be_sent_as_it_stands_is_refused(front: Emulator, call: str) -> None:
    assert front.query(f"SELECT {call} AS a").code == "INVALID_SQL"


def test_a_client_learns_nothing_of_what_its_operator_must_mend(redshift: RedshiftLike, emulators: Emulators) -> None:
    server = emulators.start(*flags(redshift))
    answer = server.query("SELECT 1 AS a")
    assert (answer.status, answer.code, set(answer.details)) == (500, "INTERNAL_ERROR", {"request_id"})
    assert not any(word in answer.content for word in (b"password", b"db_user"))
    assert "has no password: set db_passwords or db_secret (db_user db_user_tenant-123)" in server.log.read_text()


@pytest.fixture(scope="module")
def by_token(redshift: RedshiftLike, emulators: Emulators) -> Emulator:
    environ = {"SPECTRA_DB_PASSWORDS": json.dumps(redshift.passwords)}
    return emulators.start(*flags(redshift, "--db-users", "token"), environ=environ)


@pytest.mark.parametrize("key", [token(), "spk_tenant-123_demo"], ids=["token", "key"])
def test_who_names_no_database_user_is_refused_where_callers_name_it(by_token: Emulator, key: str) -> None:
    answer = by_token.call("POST", "/queries", {"sql": "SELECT 1 AS a"}, key=key)
    assert (answer.status, answer.code) == (403, "FORBIDDEN")


def test_a_token_is_the_database_user_that_it_names(by_token: Emulator) -> None:
    answer = by_token.call(
        "POST", "/queries", {"sql": "SELECT count(*) AS n FROM sales"}, key=token(db_user="db_user_tenant-123")
    )
    assert (answer.status, answer.json["data"]) == (200, [{"n": 2}])


def test_the_ready_line_shows_no_key_of_a_warehouse(redshift: RedshiftLike) -> None:
    environ = {**bare_environment(), "SPECTRA_DB_PASSWORDS": json.dumps(redshift.passwords)}
    command = [COMMAND, "serve", "--port", "0", *flags(redshift)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        server.terminate()
    assert line.startswith("Ready: http")
    assert "key=" not in line


def test_readiness_passes_over_tenants_without_a_database_user(redshift: RedshiftLike, emulators: Emulators) -> None:
    environ = {"SPECTRA_DB_PASSWORDS": json.dumps(redshift.passwords), "SPECTRA_CONTROL_TOKEN": TOKEN}
    server = emulators.start(*flags(redshift, "--db-users", "tenant-456=db_user_tenant-456"), environ=environ)

    def warehouse() -> str:
        answer = server.request("GET", "/_spectra/ready", headers={"X-Spectra-Control-Token": TOKEN})
        states = {check["name"]: check["state"] for check in answer.json["checks"]}
        return "" if states["warehouse"] == "waiting" else str(states["warehouse"])

    assert eventually(warehouse) == "passed"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param(("--s3", "embedded"), "a warehouse reaches no embedded S3", id="s3"),
        pytest.param(("--auth-mode", "headers"), "auth_mode", id="headers"),
        pytest.param(("--control", "on"), "set control_token", id="control"),
        pytest.param(("--backend", "redshift://user:word@host/db"), "holds a password", id="password"),
        pytest.param(("--fixtures", str(DEMO_FIXTURES)), "everybody knows the keys", id="demo's keys"),
        pytest.param(("--db-users", "somebody"), "is neither token", id="users"),
        pytest.param(("--db-users", "acme=alice, globex=Alice"), "two tenants one database user", id="one user of two"),
        pytest.param(("--db-users", "acme=alice,acme=bob"), "names a tenant twice", id="two users of one"),
    ],
)
def test_settings_that_would_be_unsafe_in_front_of_a_warehouse_are_refused(
    redshift: RedshiftLike, given: tuple[str, str], told: str
) -> None:
    command = [COMMAND, "serve", "--port", "0", *flags(redshift), *given]
    done = subprocess.run(command, capture_output=True, text=True, env=bare_environment(), timeout=60, check=False)
    assert done.returncode == 2
    assert told in done.stderr
