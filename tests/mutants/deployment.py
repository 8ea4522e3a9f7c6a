"""A mutated emulator as a process of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.emulator import bare_environment
from tests.mutants.mutant import PACKAGE

_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from spectra_emulator.cli import main; sys.exit(main())"
_READY = re.compile(r"Ready: (http://\S+?)/v1\b")
_END_SECONDS = 5


class StillbornError(Exception):
    """The mutated emulator does not start."""


@contextmanager
def deployed(file: str | None, source: str, *flags: str) -> Iterator[str]:
    """Serve a copy of the emulator in which one file has another text, and give its base URL.

    Raises: StillbornError.
    """
    with tempfile.TemporaryDirectory(prefix="spectra-mutant-") as folder:
        copy = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, copy)
        if file is not None:
            (copy / file).write_text(source)
        process = _started(folder, flags)
        try:
            yield _url(process)
        finally:
            _ended(process)


def _started(folder: str, flags: tuple[str, ...]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _START, folder, "serve", "--port", "0", "--log-level", "error", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=bare_environment(),
        cwd=folder,
    )


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    found = _READY.match(process.stdout.readline())
    if found is None:
        raise StillbornError
    return f"{found[1]}/v1"


def _ended(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
