"""The scenarios run as tests of somebody's own pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conformance.deployments import Reply, answering
from tests.emulator import Emulator, bare_environment

EMULATOR = Path(__file__).parents[2] / "conformance" / "targets" / "emulator.toml"
PLUGIN = ("-p", "spectra_conformance.suite.pytest_options", "--pyargs", "spectra_conformance.suite.test_queries")


def own_suite(folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    flags = ("--spectra-target", EMULATOR, "--spectra-url", url, "--spectra-no-pacing", "--spectra-profile", "smoke")
    command = [sys.executable, "-m", "pytest", *PLUGIN, *map(str, flags), "-rA"]
    return subprocess.run(
        command, cwd=folder, env=bare_environment(), capture_output=True, text=True, timeout=120, check=False
    )


def test_the_scenarios_pass_on_the_emulator_and_leave_nothing(server: Emulator, tmp_path: Path) -> None:
    run = own_suite(tmp_path, f"{server.url}/v1")

    assert run.returncode == 0, run.stdout + run.stderr
    assert "PASSED" in run.stdout
    assert list((tmp_path / ".spectra-conformance").iterdir()) == []


def test_the_scenarios_fail_where_nothing_of_the_api_is_there(tmp_path: Path) -> None:
    with answering(lambda _: Reply(200, "{}")) as deployment:
        run = own_suite(tmp_path, deployment.url)

    assert run.returncode == 1, run.stdout + run.stderr
