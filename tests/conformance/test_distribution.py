"""The kit is a distribution of its own, which carries all that it needs and nothing of the emulator."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
import yaml
from spectra_conformance.cli_flags import parser
from spectra_conformance.target import CAPABILITIES

ROOT = Path(__file__).parents[2]
KIT = ROOT / "conformance"
PACKAGE = KIT / "spectra_conformance"
CARRIED = [path for path in sorted(PACKAGE.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
FOREIGN = {"duckdb", "litestar", "moto", "boto3", "botocore", "sqlglot", "spectra_emulator"}
PAGE = (KIT / "README.md").read_text()
ACTION = yaml.safe_load((KIT / "action.yml").read_text())
SANDBOX = re.compile(r"CREATE TABLE spectra_conformance_sandbox \(.*?\);", re.DOTALL)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel by way of the source distribution, as a package index would get it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, KIT]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


def flags() -> set[str]:
    """Return every flag of `run`."""
    run = subprocess.run(
        [sys.executable, "-m", "spectra_conformance", "run", "--help"], capture_output=True, text=True, check=True
    )
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", run.stdout)) - {"--help"}


def test_the_wheel_carries_every_file_of_the_kit(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = {path: archive.read(str(path.relative_to(KIT))) for path in CARRIED}

    assert [path for path in CARRIED if carried[path] != path.read_bytes()] == []


def test_the_kit_requires_nothing_of_the_emulators(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = message_from_string(archive.read(name).decode())
    required = {re.split(r"[^\w.-]", line)[0].lower() for line in metadata.get_all("Requires-Dist", [])}

    assert required == {"httpx", "jsonschema-rs", "pytest", "pyyaml", "schemathesis"}


def test_the_kit_runs_from_its_wheel_without_the_emulators_libraries(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    script = "import sys; from spectra_conformance import cli, __file__; print(__file__, *sys.modules)"
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    file, *modules = run.stdout.split()

    assert Path(file).is_relative_to(tmp_path)
    assert {name.partition(".")[0] for name in modules} & FOREIGN == set()


def test_the_page_names_every_flag_and_capability() -> None:
    assert [flag for flag in flags() if flag not in PAGE] == []
    assert [name for name in CAPABILITIES if name.replace("_", "-") not in PAGE and name not in PAGE] == []


def test_the_page_names_no_flag_that_is_not_there() -> None:
    table = re.findall(r"^\| (`--.*?) \|", PAGE, re.MULTILINE)

    assert {flag for row in table for flag in re.findall(r"--[a-z][a-z0-9-]+", row)} <= flags()


def test_the_page_gives_the_sandbox_table_that_the_demo_has() -> None:
    (on_redshift,) = SANDBOX.findall(PAGE)
    (in_the_demo,) = SANDBOX.findall((ROOT / "fixtures" / "all" / "00_tables.sql").read_text())

    assert re.sub(r"\s", "", on_redshift) == re.sub(r"\s", "", in_the_demo)


def test_the_action_uses_flags_that_the_command_knows() -> None:
    script = ACTION["runs"]["steps"][-1]["run"]

    assert set(re.findall(r"--[a-z][a-z-]+", script)) <= flags()
    assert set(re.findall(r"\$\{\{ inputs\.([a-z-]+) \}\}", str(ACTION["runs"]))) == ACTION["inputs"].keys()


@pytest.mark.parametrize("command", ["run", "diff", "record", "clean", "requirements"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([command, "--help"])

    assert ended.value.code == 0
    assert "usage: spectra-conformance" in capsys.readouterr().out
