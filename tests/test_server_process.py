"""The server as an operator meets it: its Ready line, its exit codes, its log, and what is left of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.credentials import JWT_SECRET, SECRET_ACCESS_KEY, query_as, signed_headers, token
from tests.emulator import (
    COMMAND,
    DEMO_KEY,
    Answer,
    Emulator,
    Emulators,
    bare_environment,
    eventually,
    free_port,
)
from tests.long_running import SLOW, running_query
from tests.requirements import requirement

READY = re.compile(r"Ready: http://127\.0\.0\.1:\d+/v1 key=spk_tenant-123_demo tenant=tenant-123 \(\d+\.\d\d s\)\n")
REQUEST_LINE = re.compile(r"\d\d:\d\d:\d\d INFO POST /v1/queries => 200 [\d.]+ ms tenant=tenant-123 request_id=log-1")
RANDOM = {"sql": "SELECT RANDOM() AS v"}
KEPT = "kept"
INSERT = {"operation": "insert", "object": "sales"}
ADD = "INSERT INTO spectra_conformance_sandbox VALUES (1, 'a', 1.50, '2026-01-29')"
COUNT = "SELECT COUNT(*) AS n FROM spectra_conformance_sandbox"
LONGER = 60
"""Seconds that an idle connection lasts, and a query at the least: a server that waited for them would be noticed."""
ENDINGS = pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)


@pytest.fixture
def own(emulators: Emulators) -> Iterator[Emulator]:
    started = emulators.start("--rate-limits", "off")
    yield started
    if started.process.poll() is None:
        started.stop()


@pytest.fixture
def temporary(tmp_path: Path, emulators: Emulators) -> Iterator[Emulator]:
    """Start a server whose temporary files lie in the test's own folder."""
    started = emulators.start("--rate-limits", "off", environ={"TMPDIR": str(tmp_path)})
    yield started
    if started.process.poll() is None:
        started.stop()


def refused(*flags: str) -> subprocess.CompletedProcess[str]:
    """Start a server that cannot start."""
    command = [COMMAND, "serve", *flags]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20, env=bare_environment())


def ended(server: Emulator, ending: signal.Signals = signal.SIGTERM) -> int:
    """Ask the server to end and return its exit code.

    Raises: TimeoutExpired where it waits for what lasts `LONGER`.
    """
    server.process.send_signal(ending)
    return server.process.wait(timeout=LONGER / 2)


def descendants(pid: int) -> set[int]:
    """Return the processes below that one."""
    found = {int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()}
    return found.union(*(descendants(child) for child in found)) if found else found


def alive(pids: set[int]) -> set[int]:
    """Return those that still run; one that has ended and was not yet waited for does not."""
    states = {pid: Path(f"/proc/{pid}/stat") for pid in pids if Path(f"/proc/{pid}/stat").exists()}
    return {pid for pid, stat in states.items() if stat.read_text().rpartition(")")[2].split()[0] != "Z"}


def keyed(server: Emulator, key: str) -> Answer:
    return server.call("POST", "/queries", RANDOM, key=token(KEPT), tenant=KEPT, headers={"X-Idempotency-Key": key})


def read(server: Emulator, path: str) -> Answer:
    return server.call("GET", path, key=token(KEPT), tenant=KEPT)


def log_lines(server: Emulator) -> list[str]:
    return server.log.read_text().splitlines()


def test_the_ready_line_names_address_key_and_tenant(server: Emulator) -> None:
    assert READY.fullmatch(server.ready_line)


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ('[[api_keys]]\nkey = "own"\ntenant_id = "acme"', "key=own tenant=acme "),
        ('[[api_keys]]\nkey = "any"\ntenant_id = "*"', ""),
        (f'[[api_keys]]\nkey_sha256 = "{"0" * 64}"\ntenant_id = "acme"', ""),
    ],
    ids=["a key", "of no tenant", "a digest"],
)
def test_the_ready_line_names_a_key_of_ones_own_where_it_can(
    emulators: Emulators, tmp_path: Path, keys: str, named: str
) -> None:
    (tmp_path / "tenants.toml").write_text(f'[[tenants]]\ntenant_id = "acme"\n{keys}\n')
    line = emulators.start("--fixtures", str(tmp_path)).ready_line

    assert re.fullmatch(rf"Ready: http://127\.0\.0\.1:\d+/v1 {named}\(\d+\.\d\d s\)\n", line)


def test_the_server_answers_once_it_says_that_it_is_ready(own: Emulator) -> None:
    assert own.request("GET", "/health").status == 200


def test_the_ready_line_is_all_that_stdout_gets(own: Emulator) -> None:
    query_as(own, "empty", "SELECT 1 AS a")
    query_as(own, "empty", "DROP TABLE sales")
    own.stop()

    assert own.process.stdout is not None
    assert own.process.stdout.read() == ""


def test_port_0_takes_a_free_port_each_time(server: Emulator, limited_server: Emulator) -> None:
    assert server.url != limited_server.url


def test_a_server_with_fixtures_of_its_own_shows_no_demo_key(emulators: Emulators, tmp_path: Path) -> None:
    started = emulators.start("--fixtures", str(tmp_path))

    assert "spk_" not in started.ready_line
    started.stop()


@ENDINGS
def test_an_idle_server_ends_when_it_is_asked_to(own: Emulator, ending: signal.Signals) -> None:
    assert ended(own, ending) == 0


def test_a_busy_server_waits_for_no_query_and_ends_as_cleanly(temporary: Emulator, tmp_path: Path) -> None:
    with running_query(temporary):
        assert ended(temporary) == 0

    assert list(tmp_path.iterdir()) == []


def test_a_server_with_an_idle_connection_ends_all_the_same(own: Emulator) -> None:
    parts = urlsplit(own.url)
    with subprocess.Popen(
        ["bash", "-c", f"exec 3<>/dev/tcp/{parts.hostname}/{parts.port}; exec sleep {LONGER}"]
    ) as idle:
        own.request("GET", "/health")
        code = ended(own)
        idle.terminate()

    assert code == 0


def test_a_taken_port_is_one_clear_line_and_exit_3(server: Emulator) -> None:
    answer = refused("--port", str(urlsplit(server.url).port))

    assert (answer.returncode, answer.stdout) == (3, "")
    assert re.fullmatch(r"spectra-emulator: 127\.0\.0\.1:\d+ cannot be listened on: .+\n", answer.stderr)


def test_an_address_of_another_machine_is_exit_3() -> None:
    answer = refused("--port", "0", "--host", "192.0.2.1")

    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (3, "", 1)


def test_a_taken_data_directory_is_one_clear_line_and_exit_3(emulators: Emulators, tmp_path: Path) -> None:
    first = emulators.start("--data-dir", str(tmp_path))
    answer = refused("--port", "0", "--data-dir", str(tmp_path))
    first.stop()

    assert (answer.returncode, answer.stdout) == (3, "")
    assert answer.stderr == f"spectra-emulator: the data directory {tmp_path} is in use by another server\n"


def test_a_data_directory_that_is_a_file_is_exit_3(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answer = refused("--port", "0", "--data-dir", str(tmp_path / "file"))

    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (3, "", 1)


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (("--fixtures", "/nonexistent"), "fixtures"),
        (("--jwt-secret", "short"), "jwt"),
    ],
    ids=["fixtures", "short-secret"],
)
def test_a_wrong_option_is_one_line_and_exit_2(flags: tuple[str, str], word: str) -> None:
    answer = refused("--port", "0", *flags)

    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)
    assert word in answer.stderr


def test_a_broken_tenants_file_is_one_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "tenants.toml").write_text("[[api_keys]\n")
    answer = refused("--port", "0", "--fixtures", str(tmp_path))

    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)
    assert "tenants.toml" in answer.stderr


def test_a_port_is_free_again_at_once(emulators: Emulators) -> None:
    port = str(free_port())
    emulators.start("--port", port).stop()
    again = emulators.start("--port", port)

    assert again.request("GET", "/health").status == 200
    again.stop()


@requirement("HDR-04", "HDR-05")
def test_a_request_is_one_line_in_the_log_with_its_id(server: Emulator) -> None:
    server.call("POST", "/queries", RANDOM, headers={"X-Request-ID": "log-1"})
    lines = eventually(lambda: [line for line in log_lines(server) if "log-1" in line])

    assert [bool(REQUEST_LINE.fullmatch(line)) for line in lines] == [True]


def test_a_json_log_has_one_object_a_line(emulators: Emulators) -> None:
    own = emulators.start("--log-format", "json", "--rate-limits", "off")
    query_as(own, "empty", "SELECT 1 AS a")
    own.call("GET", "/nothing", headers={"X-Request-ID": "log-1"})
    own.stop()
    first, second = (json.loads(line) for line in log_lines(own))

    assert first.items() >= {"level": "info", "method": "POST", "path": "/v1/queries", "tenant": "empty"}.items()
    assert second.items() >= {"status": 404, "request_id": "log-1"}.items()
    assert first["ms"] > 0


def test_a_log_level_silences_the_requests(emulators: Emulators) -> None:
    own = emulators.start("--log-level", "warning")
    own.request("GET", "/openapi.json")
    own.stop()

    assert log_lines(own) == []


def test_health_checks_and_what_the_console_looks_at_stand_in_no_log(own: Emulator) -> None:
    for path in ("/health", "/_spectra/ui", "/_spectra/ui/main.js", "/_spectra/clock"):
        own.request("GET", path, None, {"X-Spectra-Console": "1"})
    own.stop()

    assert log_lines(own) == []


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_request_cannot_write_lines_of_its_own(emulators: Emulators, log_format: str) -> None:
    own = emulators.start("--log-format", log_format)
    own.request("GET", "/v1/%0Aforged%0D%1B%5B31m", None, {"X-Request-ID": "a\tb"})
    own.stop()

    assert len(log_lines(own)) == 1
    assert "\x1b" not in own.log.read_text()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        pytest.param("log-1.a_B", "request_id=log-1.a_B", id="plain"),
        pytest.param("a b => 200", 'request_id="a b => 200"', id="blanks"),
        pytest.param('a" INFO "b', r'request_id="a\" INFO \"b"', id="quotes"),
    ],
)
def test_an_id_that_could_pass_for_more_is_quoted_in_the_log(own: Emulator, sent: str, shown: str) -> None:
    answer = own.request("GET", "/v1/nothing%20=%3E%20200", None, {"X-Request-ID": sent})
    own.stop()
    (line,) = log_lines(own)

    assert answer.headers["x-request-id"] == sent
    assert line.endswith(f" tenant=- {shown}")
    assert "GET /v1/nothing%20=%3E%20200 => 404 " in line


@requirement("ERR-23")
def test_no_secret_stands_in_the_log(own: Emulator) -> None:
    bearer = token("empty")
    signed = signed_headers(own.url, "GET", "/v1/bulk/jobs")
    own.call("POST", "/queries", {"sql": "SELECT 'private-words' AS a"}, key=bearer, tenant="empty")
    own.call("POST", "/queries", {"sql": "SELECT private_words FROM sales"}, key=bearer, tenant="empty")
    own.call("GET", "/bulk/jobs")
    own.call("GET", "/bulk/jobs", key="wrong-but-private")
    own.request("GET", "/v1/bulk/jobs", None, signed)
    own.stop()
    text = own.log.read_text()
    secrets = {DEMO_KEY, bearer, JWT_SECRET, SECRET_ACCESS_KEY, "private", signed["Authorization"].rpartition("=")[2]}

    assert [secret for secret in secrets if secret in text] == []
    assert text.count("\n") == 5


def test_nothing_is_left_in_the_temporary_folder(temporary: Emulator, tmp_path: Path) -> None:
    query_as(temporary, "empty", "SELECT 1 AS a")
    during = list(tmp_path.iterdir())
    temporary.stop()

    assert len(during) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_temporary_folder_is_its_owners_alone(temporary: Emulator, tmp_path: Path) -> None:
    query_as(temporary, "empty", "SELECT 1 AS a")

    assert [folder.stat().st_mode & 0o077 for folder in tmp_path.iterdir()] == [0]


def test_every_file_of_a_server_is_its_owners_alone(emulators: Emulators, tmp_path: Path) -> None:
    own = emulators.start("--data-dir", str(tmp_path / "data"))
    keyed(own, "private")
    open_to_others = [path for path in (tmp_path / "data").rglob("*") if path.stat().st_mode & 0o077]
    own.stop()

    assert ((tmp_path / "data").stat().st_mode & 0o077, open_to_others) == (0, [])


def test_a_damaged_state_is_one_clear_line_and_exit_3(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"no database" * 1000)
    answer = refused("--port", "0", "--data-dir", str(tmp_path))

    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (3, "", 1)
    assert f"{tmp_path}/state.sqlite" in answer.stderr


@requirement("QRY-64", "ERR-20")
def test_a_failure_of_the_server_is_told_with_the_requests_id(temporary: Emulator, tmp_path: Path) -> None:
    (folder,) = tmp_path.iterdir()
    (folder / "tenants").write_text("a file where a directory should be")

    answer = query_as(temporary, "a-new-tenant", "SELECT 1 AS a")

    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert answer.details["request_id"] == answer.headers["x-request-id"]


def test_what_a_killed_server_left_is_swept_by_the_next(
    temporary: Emulator, emulators: Emulators, tmp_path: Path
) -> None:
    query_as(temporary, "empty", "SELECT 1 AS a")
    (left,) = tmp_path.iterdir()
    temporary.kill()
    os.utime(left, (0, 0))
    following = emulators.start(environ={"TMPDIR": str(tmp_path)})
    following.stop()

    assert not left.exists()


def test_the_engine_processes_end_with_the_server(own: Emulator) -> None:
    query_as(own, "one", "SELECT 1 AS a")
    query_as(own, "other", "SELECT 1 AS a")
    engine = descendants(own.process.pid)
    own.stop()

    assert len(engine) >= 2
    assert eventually(lambda: not alive(engine))


def test_a_busy_engine_process_ends_when_the_server_is_killed(own: Emulator) -> None:
    with running_query(own):
        engine = descendants(own.process.pid)
        own.kill()

    assert len(engine) >= 2
    assert eventually(lambda: not alive(engine))


def test_the_engine_is_idle_again_after_a_timeout(server: Emulator) -> None:
    assert server.query(SLOW, timeout_seconds=1).status == 504
    engine = descendants(server.process.pid)
    first = sum(processor_ticks(pid) for pid in alive(engine))
    time.sleep(0.5)
    later = sum(processor_ticks(pid) for pid in alive(engine))

    assert later - first <= 0.1 * os.sysconf("SC_CLK_TCK")


def processor_ticks(pid: int) -> int:
    """Return how much processor time a process has taken."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times))


@pytest.fixture
def killed_and_restarted(emulators: Emulators, tmp_path: Path) -> Iterator[tuple[Answer, str, Emulator]]:
    """Yield what a server answered before `kill -9`, a bulk job's id, and the next server on its directory."""
    first = emulators.start("--data-dir", str(tmp_path))
    answer = keyed(first, "durable")
    first.sql(ADD, KEPT)
    bulk_id = first.call("POST", "/bulk/jobs", INSERT, key=token(KEPT), tenant=KEPT).json["job_id"]
    first.kill()
    second = emulators.start("--data-dir", str(tmp_path))
    yield answer, bulk_id, second
    second.stop()


@requirement("JOB-27", "IDM-03", "IDM-05", "QRY-27")
def test_what_was_acknowledged_survives_a_kill(killed_and_restarted: tuple[Answer, str, Emulator]) -> None:
    answer, bulk_id, server = killed_and_restarted
    job_id = answer.json["metadata"]["job_id"]
    replay = keyed(server, "durable")

    assert read(server, f"/jobs/{job_id}").json["status"] == "COMPLETED"
    assert read(server, f"/jobs/{job_id}/results").json["data"] == answer.json["data"]
    assert (replay.content, replay.headers["idempotency-replayed"]) == (answer.content, "true")
    assert read(server, f"/bulk/jobs/{bulk_id}").json["state"] == "Open"
    assert query_as(server, KEPT, COUNT).json["data"] == [{"n": 1}]


@requirement("JOB-12", "IDM-06")
def test_a_query_that_a_kill_interrupted_has_failed_and_its_key_is_free(emulators: Emulators, tmp_path: Path) -> None:
    first = emulators.start("--data-dir", str(tmp_path))
    headers = {"X-Idempotency-Key": "interrupted"}
    with running_query(first, headers=headers) as running:
        first.kill()
    second = emulators.start("--data-dir", str(tmp_path))
    job = second.call("GET", f"/jobs/{running.job_id}").json
    retried = second.call("POST", "/queries", RANDOM, headers=headers)
    second.stop()

    assert (job["status"], job["error"]["code"]) == ("FAILED", "INTERNAL_ERROR")
    assert job["completed_at"]
    assert (retried.status, retried.headers.get("idempotency-replayed")) == (200, None)


def test_a_data_directory_is_found_again_after_a_proper_end(emulators: Emulators, tmp_path: Path) -> None:
    first = emulators.start("--data-dir", str(tmp_path))
    first.sql(ADD, KEPT)
    job_id = keyed(first, "kept").json["metadata"]["job_id"]
    first.stop()
    second = emulators.start("--data-dir", str(tmp_path))
    rows, job = query_as(second, KEPT, COUNT).json["data"], read(second, f"/jobs/{job_id}").json
    second.stop()

    assert (rows, job["status"]) == ([{"n": 1}], "COMPLETED")


def test_without_a_data_directory_nothing_is_kept(emulators: Emulators, own: Emulator) -> None:
    job_id = keyed(own, "kept").json["metadata"]["job_id"]
    own.stop()
    following = emulators.start()
    status = read(following, f"/jobs/{job_id}").status
    following.stop()

    assert status == 404


def test_a_server_loads_no_engine_and_no_s3_of_its_own() -> None:
    """They live in processes of their own, started when first needed."""
    script = "import sys, spectra_emulator.server; print({'duckdb', 'boto3', 'moto', 'jwt'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert answer.stdout == "set()\n"
