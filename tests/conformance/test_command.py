"""The command as a team would use it, on the real emulator and on deployments that break their promises."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.deployments import Received, Reply, answering
from tests.emulator import DEMO_KEY, Emulator, Emulators, bare_environment, eventually

COMMAND = Path(sys.executable).with_name("spectra-conformance")
EMULATOR = Path(__file__).parents[2] / "conformance" / "targets" / "emulator.toml"
REPORTS = {name: f"report.{name}" for name in ("json", "junit", "html", "markdown")}
WRITING = [argument for name, file in REPORTS.items() for argument in (f"--{name}", file)]
CANARIES = {
    "SPECTRA_API_KEY": "canary-key-of-the-owner",
    "SPECTRA_PEER_API_KEY": "canary-key-of-the-peer",
    "SPECTRA_JWT": "eyJjYW5hcnkiOjF9.eyJjYW5hcnkiOjJ9.Y2FuYXJ5LXNpZ25hdHVyZQ",
    "SPECTRA_SIGV4_ACCESS_KEY": "CANARYACCESSKEY:canary-secret-of-sigv4",
}
SIGNATURE = "canary-of-a-signed-link"


def kit(folder: Path, *arguments: object, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        cwd=folder,
        env={**bare_environment(), **(environ or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def played_on(folder: Path, server: Emulator, *arguments: object) -> subprocess.CompletedProcess[str]:
    return kit(folder, "run", "--target", EMULATOR, "--url", f"{server.url}/v1", "--no-pacing", *arguments)


def open_jobs(server: Emulator) -> list[dict[str, Any]]:
    answers = [server.call("GET", f"/bulk/jobs?limit=100&state={state}") for state in ("Open", "InProgress")]
    return [job for answer in answers for job in answer.json["jobs"]]


@pytest.fixture(scope="module")
def own_server(emulators: Emulators) -> Emulator:
    return emulators.start("--rate-limits", "off")


@pytest.fixture(scope="module")
def smoke(own_server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder and the output of a smoke run with all reports."""
    folder = tmp_path_factory.mktemp("smoke")
    run = played_on(folder, own_server, "--profile", "smoke", *WRITING)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder, run.stdout + run.stderr


def test_the_emulator_conforms(smoke: tuple[Path, str]) -> None:
    folder, output = smoke
    report = json.loads((folder / REPORTS["json"]).read_text())

    assert report["counts"].keys() <= {"pass", "not-applicable"}
    assert report["counts"]["pass"] > 100
    assert "conforming" in output.splitlines()[-len(REPORTS) - 1]


def test_the_plan_is_told_first(smoke: tuple[Path, str]) -> None:
    assert "plan: about" in smoke[1].split("layer:")[0]


def test_a_run_leaves_no_open_job_and_no_journal(smoke: tuple[Path, str], own_server: Emulator) -> None:
    assert open_jobs(own_server) == []
    assert list((smoke[0] / ".spectra-conformance").iterdir()) == []


def test_a_read_only_run_changes_nothing(own_server: Emulator, tmp_path: Path) -> None:
    before = own_server.call("GET", "/bulk/jobs?limit=100").json["jobs"]
    run = played_on(tmp_path, own_server, "--profile", "smoke", "--read-only", "--json", "report.json")

    assert run.returncode == 0, run.stdout
    assert own_server.call("GET", "/bulk/jobs?limit=100").json["jobs"] == before


def test_an_interrupted_run_closes_its_jobs(own_server: Emulator, tmp_path: Path) -> None:
    arguments = ["run", "--target", EMULATOR, "--url", f"{own_server.url}/v1", "--no-pacing", "--layer", "scenarios"]
    process = subprocess.Popen(
        [COMMAND, *arguments], cwd=tmp_path, env=bare_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    eventually(lambda: open_jobs(own_server))
    os.kill(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 130, output
    assert b"interrupted" in output
    assert open_jobs(own_server) == []


def test_one_check_runs_alone(own_server: Emulator, tmp_path: Path) -> None:
    run = played_on(tmp_path, own_server, "--only", "row_cap.*", "--json", "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    checks = {one["check"] for requirement in report["requirements"] for one in requirement["deciders"]}

    assert run.returncode == 0, run.stdout
    assert {check.partition(".")[0] for check in checks} == {"row_cap"}


def test_what_is_declared_and_absent_fails(own_server: Emulator, tmp_path: Path) -> None:
    run = played_on(tmp_path, own_server, "--only", "capability:*", "--sandbox-table", "spectra_conformance_absent")

    assert run.returncode == 1
    assert "capability:sandbox_table" in run.stdout


def test_a_gateways_own_words_are_counted_and_no_failure(emulators: Emulators, tmp_path: Path) -> None:
    server = emulators.start("--rate-limits", "off", "--gateway", "aws")
    run = played_on(tmp_path, server, "--profile", "smoke", "--layer", "scenarios", "--json", "report.json")
    deviations = json.loads((tmp_path / "report.json").read_text())["run"]["deviations"]

    assert run.returncode == 0, run.stdout
    assert deviations["401 worded by API Gateway"] >= 1


def leaking(received: Received) -> Reply:
    """Answer what looks like the API and repeats every secret."""
    secrets = {name: value for name, value in received.headers.items() if name not in {"host", "content-length"}}
    link = f"https://files.example/a.csv?X-Amz-Signature={SIGNATURE}&Expires=1"
    body = {
        "jobs": [],
        "next_offset": secrets,
        "download_url": link,
        "upload_url": link,
        "job_id": "a",
        "data": secrets,
    }
    return Reply(200, json.dumps(body))


@pytest.mark.parametrize("layer", ["scenarios", "contract"])
def test_no_secret_is_in_anything_that_the_kit_writes(tmp_path: Path, layer: str) -> None:
    with answering(leaking) as deployment:
        arguments = [
            "--url",
            deployment.url,
            "--tenant",
            "a",
            "--peer-tenant",
            "b",
            "--settle-seconds",
            "0.1",
            "--no-pacing",
        ]
        run = kit(tmp_path, "run", *arguments, "--profile", "smoke", "--layer", layer, *WRITING, environ=CANARIES)
    written = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file()) + run.stdout + run.stderr

    assert run.returncode == 1, run.stderr
    for canary in (SIGNATURE, *(part for secret in CANARIES.values() for part in secret.split(":"))):
        assert canary not in written


def test_the_demo_key_is_in_no_report(smoke: tuple[Path, str]) -> None:
    written = "".join((smoke[0] / file).read_text() for file in REPORTS.values())

    assert DEMO_KEY not in written + smoke[1]
