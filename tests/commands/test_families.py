"""The commands that steer a running server: faults, jobs, requests, tenants, reset, sql."""

from __future__ import annotations

import json
import signal
import subprocess
import threading

import pytest

from tests.emulator import COMMAND, TENANT, Emulator, Emulators, bare_environment

RULE = {"id": "busy", "match": {"operation": "executeQuery"}, "times": 1, "action": {"error": "RATE_LIMITED"}}


@pytest.fixture(scope="module")
def server(emulators: Emulators) -> Emulator:
    return emulators.start("--rate-limits", "off")


def ran(server: Emulator, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    environ = bare_environment() | {"SPECTRA_URL": f"{server.url}/v1"}
    command = [COMMAND, *arguments]
    return subprocess.run(command, input=typed, capture_output=True, text=True, check=False, env=environ, timeout=60)


def test_a_fault_is_added_seen_and_cleared(server: Emulator) -> None:
    added = ran(server, "faults", "add", json.dumps(RULE)).stdout
    refused = server.query("SELECT 1 AS n").status
    listed = ran(server, "faults", "list").stdout

    assert added.startswith("busy fired 0 of 1, matched 0: ")
    assert (refused, listed[:27]) == (429, "busy fired 1 of 1, matched ")
    assert ran(server, "faults", "clear").stdout == ""
    assert server.control("GET", "/faults").json == {"rules": []}


def test_a_fault_is_removed_by_its_id(server: Emulator) -> None:
    ran(server, "faults", "add", json.dumps(RULE))

    assert ran(server, "faults", "remove", "busy").stdout == ""
    assert "no fault rule of that id" in ran(server, "faults", "remove", "busy").stderr


def test_jobs_are_paced_and_moved(server: Emulator) -> None:
    paces = [ran(server, "jobs", "pace", *value).stdout for value in (["manual"], ["2s"], [])]
    ran(server, "jobs", "pace", "manual")
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(server.query("SELECT 1 AS n").status))
    asking.start()
    job_id = _waiting_job(server)
    moved = ran(server, "jobs", "fail", job_id).stdout
    ran(server, "jobs", "pace", "automatic")
    asking.join()

    assert paces == ["manual\n", "delayed 2 s\n", "delayed 2 s\n"]
    assert moved.startswith(f"{job_id} {TENANT} FAILED")
    assert answers == [500]


def _waiting_job(server: Emulator) -> str:
    jobs: list[dict[str, str]] = []
    while not jobs:
        found = server.control("GET", f"/tenants/{TENANT}/jobs").json["jobs"]
        jobs = [job for job in found if job["status"] in {"QUEUED", "RUNNING"}]
    return jobs[0]["job_id"]


def test_the_journal_is_one_line_a_call(server: Emulator) -> None:
    server.query("SELECT 7 AS journalled")
    server.query("SELEC")
    lines = ran(server, "requests", "--operation", "executeQuery", "--limit", "2").stdout.splitlines()
    (whole,) = ran(server, "requests", "--status", "400", "--limit", "1", "--json").stdout.splitlines()

    assert lines[0].endswith(f"{TENANT} POST /v1/queries SELECT 7 AS journalled")
    assert lines[1].endswith("INVALID_SQL")
    assert json.loads(whole)["status"] == 400


def test_calls_are_followed_as_they_end(server: Emulator) -> None:
    environ = bare_environment() | {"SPECTRA_URL": server.url}
    command = [COMMAND, "requests", "--follow", "--operation", "executeQuery"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as following:
        stopped = threading.Event()
        asking = threading.Thread(target=lambda: _ask_until(stopped, server))
        asking.start()
        line = following.stdout.readline() if following.stdout else ""
        stopped.set()
        asking.join()
        following.send_signal(signal.SIGINT)

        assert "POST /v1/queries SELECT 8 AS followed" in line
        assert following.wait(20) == 0


def _ask_until(stopped: threading.Event, server: Emulator) -> None:
    while not stopped.wait(0.05):
        server.query("SELECT 8 AS followed")


def test_a_tenant_is_made_listed_and_removed(server: Emulator) -> None:
    tenant_id, key = ran(server, "tenants", "create", "made").stdout.split()
    answer = server.call("POST", "/queries", {"sql": "SELECT 1 AS n"}, key=key, tenant=tenant_id)

    assert (tenant_id, answer.status) == ("made", 200)
    assert "made" in ran(server, "tenants", "list").stdout.splitlines()
    assert ran(server, "tenants", "remove", "made").stdout == "removed made\n"
    assert json.loads(ran(server, "tenants", "list", "--json").stdout)["tenants"].count("made") == 0


def test_a_script_that_cannot_run_says_where(server: Emulator) -> None:
    ended = ran(server, "sql", TENANT, "-", typed="DELETE FROM sales WHERE amont = 1")

    assert "; position 25; hint Perhaps you meant amount. (INVALID_SQL)" in ended.stderr


def test_a_script_runs_and_a_reset_undoes_it(server: Emulator) -> None:
    done = ran(server, "sql", TENANT, "-", typed="CREATE TABLE typed (n INT); INSERT INTO typed VALUES (1), (2)")
    seen = server.query("SELECT COUNT(*) AS n FROM typed").json["data"]
    reset = ran(server, "reset", TENANT)

    assert (done.stdout, seen) == ("2 statements, 2 rows affected\n", [{"n": 2}])
    assert reset.stdout == f"reset: {TENANT}\n"
    assert server.query("SELECT COUNT(*) AS n FROM typed").code == "INVALID_SQL"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("faults", "add"), "faults add needs a rule as JSON"),
        (("faults", "add", "{"), "faults add needs a rule as JSON, such as '{"),
        (("faults", "list", "x"), "faults list takes no x"),
        (("jobs", "pace", "fast"), "jobs pace needs automatic, manual or a time such as 2s, not fast"),
        (("jobs", "hold"), "jobs hold needs a job's id"),
        (("tenants", "remove"), "tenants remove needs a tenant's id"),
        (("sql", "tenant-123", "/nowhere.sql"), "/nowhere.sql cannot be read"),
        (("sql", "tenant-123"), "the following arguments are required: FILE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_is_one_line(server: Emulator, arguments: tuple[str, ...], said: str) -> None:
    ended = ran(server, *arguments)

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"spectra-emulator: {said}")
