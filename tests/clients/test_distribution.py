"""What is installed from the wheel has all that the emulator serves."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.clients.conftest import ROOT

CARRIED = [ROOT / "openapi.yaml", *(path for path in sorted(ROOT.glob("fixtures/**/*")) if path.is_file())]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel by way of the source distribution, as a package index would get it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_the_console(wheel: Path) -> None:
    folder = ROOT / "emulator" / "spectra_emulator" / "console" / "assets"
    files = {f"spectra_emulator/console/assets/{path.relative_to(folder)}" for path in folder.rglob("*.*")}
    with zipfile.ZipFile(wheel) as archive:
        assert files <= set(archive.namelist())


@pytest.mark.parametrize("path", CARRIED, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_wheel_carries_the_file(wheel: Path, path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = archive.read(f"spectra_emulator/{path.relative_to(ROOT)}")

    assert carried == path.read_bytes()
