"""The whole server in front of a warehouse."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.emulator import COMMAND, DEMO_FIXTURES, Emulator, Emulators, bare_environment, free_port
from tests.redshift.asking import Beside
from tests.redshift.redshift_like import RedshiftLike
from tests.requirements import requirement

TOKEN = "a-token-of-tests"


def flags(redshift: RedshiftLike, *more: str) -> list[str]:
    return [
        *("--backend", redshift.url, "--fixtures", str(DEMO_FIXTURES), "--rate-limits", "off"),
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


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param(("--s3", "embedded"), "a warehouse reaches no embedded S3", id="s3"),
        pytest.param(("--auth-mode", "headers"), "auth_mode", id="headers"),
        pytest.param(("--control", "on"), "set control_token", id="control"),
        pytest.param(("--backend", "redshift://user:word@host/db"), "holds a password", id="password"),
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
