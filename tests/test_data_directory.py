"""The directory that a server keeps its data in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from spectra_emulator.data_directory import DataDirectory, DirectoryTakenError

HOLDER = """
import sys
from pathlib import Path
from spectra_emulator.data_directory import DataDirectory
directory = DataDirectory(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_directory_that_is_not_there_is_made(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "deep" / "data")
    directory.close()

    assert (directory.path.is_dir(), directory.durable) == (True, True)


def test_what_lies_in_a_kept_directory_stays(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    (directory.path / "state.sqlite").write_text("kept")
    directory.close()
    again = DataDirectory(tmp_path / "data")
    again.close()

    assert (tmp_path / "data" / "state.sqlite").read_text() == "kept"


def test_a_temporary_directory_is_gone_after_its_life() -> None:
    directory = DataDirectory(None)
    (directory.path / "file").write_text("gone")
    directory.close()

    assert (directory.durable, directory.path.exists()) == (False, False)


def test_two_temporary_directories_are_apart() -> None:
    first, second = DataDirectory(None), DataDirectory(None)
    paths = {first.path, second.path}
    first.close()
    second.close()

    assert len(paths) == 2


def test_a_directory_serves_one_server_at_a_time(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    with pytest.raises(DirectoryTakenError, match="in use by another server"):
        DataDirectory(tmp_path)
    directory.close()

    DataDirectory(tmp_path).close()


def test_a_killed_server_frees_its_directory(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(DirectoryTakenError):
            DataDirectory(tmp_path)
        holder.kill()
        holder.wait()

    DataDirectory(tmp_path).close()


def test_a_directory_of_another_version_is_refused_and_left_free(tmp_path: Path) -> None:
    (tmp_path / "format").write_text("99")
    with pytest.raises(DirectoryTakenError, match="another version"):
        DataDirectory(tmp_path)
    (tmp_path / "format").unlink()

    DataDirectory(tmp_path).close()


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DirectoryTakenError, match="cannot be used"):
        DataDirectory(tmp_path / "file")
