"""The action's script, run as a runner would but for the installation, which is this environment's."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.emulator import COMMAND, bare_environment, free_port

ACTION = Path(__file__).parents[2] / "docs" / "github-action" / "action.yml"
[STEP] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
INSTALLER = f"""\
#!/bin/sh
mkdir -p "$3/bin"
ln -s {COMMAND} "$3/bin/spectra-emulator"
ln -s /bin/true "$3/bin/pip"
"""


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Return a runner's variables; what a step leaves running ends with the job."""
    installer = tmp_path / "python3"
    installer.write_text(INSTALLER, encoding="utf-8")
    installer.chmod(0o700)
    told = {"RUNNER_TEMP": tmp_path, "GITHUB_ENV": tmp_path / "env", "GITHUB_PATH": tmp_path / "path"}
    yield bare_environment() | {
        **{name: str(path) for name, path in told.items()},
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "SOURCE": str(ACTION.parents[2]),
        "PORT": str(free_port()),
    }
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)


def after(runner: dict[str, str], options: str) -> dict[str, str]:
    """Run the step and return the environment of the next one."""
    folder = Path(runner["RUNNER_TEMP"])
    script = f"{STEP['run']}\necho $! > {folder / 'pid'}"
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    ended = subprocess.run(
        shell, env=runner | {"OPTIONS": options}, capture_output=True, text=True, check=False, timeout=90
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = Path(runner["GITHUB_ENV"]).read_text(encoding="utf-8").splitlines()
    return bare_environment() | dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize(
    "options",
    ["", "--control-token s3cret --rate-limits off", "--rate-limits off --control-token=s3cret"],
    ids=["none", "a token", "a token after a sign"],
)
def test_the_steps_that_follow_reach_and_steer_the_server(runner: dict[str, str], options: str) -> None:
    environ = after(runner, options)
    command = [COMMAND, "clock", "freeze", "2030-01-31T12:00:00Z"]
    steered = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=30)

    assert environ["SPECTRA_API_URL"] == f"http://127.0.0.1:{runner['PORT']}/v1"
    assert (steered.returncode, environ.get("SPECTRA_CONTROL_TOKEN", "") in options) == (0, True)
