"""`spectra-emulator snapshot` against a running server."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.emulator import COMMAND, TENANT, Emulator, Emulators, bare_environment

NOTED = "SELECT COUNT(*) AS n FROM noted"


@pytest.fixture(scope="module")
def server(emulators: Emulators) -> Emulator:
    started = emulators.start("--rate-limits", "off")
    started.sql("CREATE TABLE noted AS SELECT 1 AS n")
    return started


def snapshot(server: Emulator, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = bare_environment() | {"SPECTRA_URL": server.url}
    return subprocess.run([COMMAND, "snapshot", *arguments], capture_output=True, text=True, check=False, env=environ)


def test_a_tenant_is_saved_and_brought_back(server: Emulator) -> None:
    saved = snapshot(server, "save", "one", "--tenant", TENANT)
    server.sql("DELETE FROM noted")
    loaded = snapshot(server, "load", "one")

    assert (saved.stdout, loaded.stdout) == (f"saved one: {TENANT}\n", f"loaded one: {TENANT}\n")
    assert server.query(NOTED).json["data"] == [{"n": 1}]


def test_a_snapshot_is_listed_exported_imported_and_removed(server: Emulator, tmp_path: Path) -> None:
    snapshot(server, "save", "two", "--tenant", TENANT, "--no-objects")
    file = tmp_path / "three.zip"
    steps = [("export", "two", str(file)), ("import", str(file)), ("remove", "two"), ("remove", "three")]
    said = [snapshot(server, *step) for step in steps]
    listed = snapshot(server, "list").stdout

    assert [done.returncode for done in said] == [0, 0, 0, 0]
    assert said[1].stdout == "imported three\n"
    assert "two" not in listed
    assert "three" not in listed


def test_the_list_tells_when_how_large_and_of_whom(server: Emulator) -> None:
    snapshot(server, "save", "seen", "--tenant", TENANT)
    line = next(line for line in snapshot(server, "list").stdout.splitlines() if line.startswith("seen "))

    assert line.endswith(f" MB  {TENANT}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("save",), "snapshot save takes a name"),
        (("list", "one"), "snapshot list takes no name"),
        (("export", "one"), "snapshot export takes a name and a file"),
        (("import",), "snapshot import takes a file, and a name where its own is not meant"),
    ],
    ids=["no name", "a name too many", "no file", "nothing"],
)
def test_wrong_usage_is_one_line(server: Emulator, arguments: tuple[str, ...], said: str) -> None:
    ended = snapshot(server, *arguments)

    assert (ended.returncode, ended.stderr) == (2, f"spectra-emulator: {said}\n")


def test_what_cannot_be_done_is_said(server: Emulator, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no zip")
    ended = [
        snapshot(server, "load", "absent"),
        snapshot(server, "import", str(tmp_path / "none.zip")),
        snapshot(server, "import", str(broken)),
        snapshot(server, "export", "absent", str(tmp_path / "absent.zip")),
    ]

    assert [each.returncode for each in ended] == [1, 1, 1, 1]
    assert "There is no snapshot of that name (NOT_FOUND)" in ended[0].stderr
    assert "No such file or directory" in ended[1].stderr
    assert "The snapshot is broken: it is no whole zip file" in ended[2].stderr
    assert not (tmp_path / "absent.zip").exists()
