"""The examples of docs/testing.md, run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.emulator import COMMAND, Emulators, bare_environment

PAGE = Path(__file__).parent.parent / "docs" / "testing.md"
FENCED = re.compile(r"^## (.+?)$|^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A block of code under a heading."""

    heading: str
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.heading} ({self.language})"


def examples(text: str) -> list[Example]:
    """Return the blocks that can be run, in their order."""
    found: list[Example] = []
    heading = ""
    for match in FENCED.finditer(text):
        heading = match[1] or heading
        found += [Example(heading, match[2], match[3])] if match[2] else []
    return found


EXAMPLES = examples(PAGE.read_text(encoding="utf-8"))
TESTS = [example for example in EXAMPLES if "def test_" in example.code]
SCRIPTS = [example for example in EXAMPLES if example.language == "python" and example not in TESTS]
COMMANDS = [example for example in EXAMPLES if example.language == "sh"]


def ran(folder: Path, *command: object, environ: Mapping[str, str] | None = None) -> str:
    """Run the command in the folder, with the emulator's own on the path, and return what it prints."""
    path = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=bare_environment() | {"PATH": path} | dict(environ or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize("example", TESTS, ids=str)
def test_an_example_for_pytest_passes(example: Example, tmp_path: Path) -> None:
    (tmp_path / "test_example.py").write_text(example.code, encoding="utf-8")

    assert "passed" in ran(tmp_path, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "test_example.py")


@pytest.mark.parametrize("example", SCRIPTS, ids=str)
def test_a_script_runs(example: Example, tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(example.code, encoding="utf-8")

    assert ran(tmp_path, sys.executable, "example.py")


@pytest.mark.parametrize("example", COMMANDS, ids=str)
def test_commands_run(example: Example, emulators: Emulators, tmp_path: Path) -> None:
    url = emulators.start().url

    ran(tmp_path, "bash", "-euo", "pipefail", "-c", example.code, environ={"SPECTRA_URL": url})


def test_the_page_holds_an_example_of_each_kind() -> None:
    assert (len(TESTS), len(SCRIPTS), len(COMMANDS)) == (3, 1, 3)
