"""The command as a team would use it, on the real emulator and on deployments that break their promises."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from spectra_conformance.diff import layer as diff
from spectra_conformance.read_only import allows

from tests.conformance.command import COMMAND, EMULATOR, REPORTS, KitRun, kit, open_jobs, played_on
from tests.conformance.deployments import Received, Reply, answering
from tests.conformance.wrapped import Passing
from tests.emulator import DEMO_KEY, Emulator, Emulators, bare_environment, eventually

CANARIES = {
    "SPECTRA_API_KEY": "canary-key-of-the-owner",
    "SPECTRA_PEER_API_KEY": "canary-key-of-the-peer",
    "SPECTRA_JWT": "eyJjYW5hcnkiOjF9.eyJjYW5hcnkiOjJ9.Y2FuYXJ5LXNpZ25hdHVyZQ",
    "SPECTRA_SIGV4_ACCESS_KEY": "CANARYACCESSKEY:canary-secret-of-sigv4",
}
SIGNATURE = "canary-of-a-signed-link"
LAYERS = ("contract", "diff", "scenarios")
LONG = pytest.mark.skipif(not os.environ.get("SPECTRA_LONG_TESTS"), reason="takes minutes: set SPECTRA_LONG_TESTS=1")


def test_the_emulator_conforms(conforming: KitRun) -> None:
    assert conforming.code == 0, conforming.output
    assert conforming.report["counts"].keys() <= {"pass", "not-applicable"}
    assert conforming.report["counts"]["pass"] > 200
    assert "conforming" in conforming.output.splitlines()


@LONG
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_emulator_conforms_in_full(own_server: Emulator, tmp_path: Path, seed: int) -> None:
    run = played_on(tmp_path, own_server.url, "--profile", "full", "--no-pacing", "--seed", seed)

    assert run.code == 0, run.output


def test_every_layer_makes_many_checks(conforming: KitRun) -> None:
    told = (one for requirement in conforming.report["requirements"] for one in requirement["deciders"])
    made = Counter(layer for layer, _ in {(one["layer"], one["check"]) for one in told})

    assert {layer: made[layer] > least for layer, least in zip(LAYERS, (80, 10, 200), strict=True)} == dict.fromkeys(
        LAYERS, True
    )


def test_a_sound_deployment_answers_as_the_trace_that_comes_with_the_kit(conforming: KitRun) -> None:
    told = {check: verdict for check, verdict in conforming.checks.items() if check.startswith("diff:")}

    assert told.keys() <= diff.deciders().keys()
    assert set(told.values()) == {"pass"}


def test_the_plan_is_told_first(conforming: KitRun) -> None:
    assert "plan: about" in conforming.output.split("layer:")[0]


def test_no_more_jobs_are_created_than_the_profile_has(conforming: KitRun) -> None:
    assert 0 < conforming.report["run"]["calls"]["bulk_creations"] <= 45


def test_a_run_leaves_no_open_job_and_no_journal(conforming: KitRun, own_server: Emulator) -> None:
    assert open_jobs(own_server) == []
    assert list((conforming.folder / ".spectra-conformance").iterdir()) == []


def test_the_demo_key_is_in_no_report(conforming: KitRun) -> None:
    written = "".join((conforming.folder / file).read_text() for file in REPORTS.values())

    assert DEMO_KEY not in written + conforming.output


def test_a_read_only_run_conforms_and_sends_reads_alone(reading: tuple[KitRun, list[Passing]]) -> None:
    run, sent = reading

    assert run.code == 0, run.output
    assert {passing.method for passing in sent} <= {"GET", "HEAD", "POST"}
    posted = [passing for passing in sent if passing.method == "POST"]
    assert {passing.path for passing in posted} == {"/v1/queries"}
    assert [passing.sent for passing in posted if not allows("POST", "/queries", passing.sent)] == []


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


@pytest.fixture(scope="module")
def narrowed(own_server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> KitRun:
    """Run a few checks on a target that declares a table and a tenant which are not there."""
    only = ("--only", "row_cap.the_limit_parameter*", "--only", "capability:*")
    absent = ("--sandbox-table", "spectra_conformance_absent", "--peer-api-key", "a-key-of-nobody")
    return played_on(tmp_path_factory.mktemp("narrowed"), own_server.url, *only, *absent)


def test_one_check_runs_alone(narrowed: KitRun) -> None:
    assert {check.partition(":")[0] for check in narrowed.checks} == {
        "row_cap.the_limit_parameter_caps_the_rows",
        "capability",
    }


def test_what_is_declared_and_absent_fails(narrowed: KitRun) -> None:
    assert narrowed.code == 1
    failed = {check for check, verdict in narrowed.checks.items() if verdict == "fail"}
    assert failed == {"capability:sandbox_table", "capability:second_tenant"}


def test_a_gateways_own_words_are_counted_and_no_failure(emulators: Emulators, tmp_path: Path) -> None:
    server = emulators.start("--rate-limits", "off", "--gateway", "aws")
    run = played_on(tmp_path, server.url, "--profile", "smoke", "--layer", "scenarios")

    assert run.code == 0, run.output
    assert run.report["run"]["deviations"]["401 worded by API Gateway"] >= 1


def test_a_gateway_that_refuses_by_itself_keeps_to_the_limits(emulators: Emulators, tmp_path: Path) -> None:
    server = emulators.start("--gateway", "aws")
    run = played_on(tmp_path, server.url, "--layer", "scenarios", "--rate-limits", "--only", "rate_limits.*")

    assert run.code == 0, run.output
    assert run.report["run"]["deviations"]["429 worded by API Gateway"] >= 1


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


def test_no_secret_is_in_anything_that_the_kit_writes(tmp_path: Path) -> None:
    with answering(leaking) as deployment:
        flags = ("--tenant", "a", "--peer-tenant", "b", "--settle-seconds", "0.1", "--no-pacing", "--profile", "smoke")
        files = [argument for name, file in REPORTS.items() for argument in (f"--{name}", file)]
        run = kit(tmp_path, "run", "--url", deployment.url, *flags, *files, environ=CANARIES)
    written = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file()) + run.output

    assert run.code == 1, run.output
    for canary in (SIGNATURE, *(part for secret in CANARIES.values() for part in secret.split(":"))):
        assert canary not in written
