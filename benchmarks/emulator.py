"""The emulator as a child process, and a copy of its tables for the floors."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.connection import Connection, query
from benchmarks.measurement import CannotRunError

ROOT = Path(__file__).parent.parent
COMMAND = Path(sys.executable).with_name("spectra-emulator")
_END_SECONDS = 20


@dataclass(frozen=True)
class Emulator:
    """A running server; what it keeps for its life lies under `folder`."""

    port: int
    pid: int
    folder: Path

    def connection(self) -> Connection:
        return Connection(self.port)

    def tables(self) -> duckdb.DuckDBPyConnection:
        """Return a bare DuckDB connection to a copy of the demo tenant's tables."""
        with self.connection() as client:
            client.ask(query("SELECT 1 FROM sales LIMIT 1"))
        return self._copied("pristine.duckdb")

    def written_tables(self) -> duckdb.DuckDBPyConnection:
        """Return the same for the tables that scripts have changed since, while none runs."""
        return self._copied("tenant.duckdb")

    def _copied(self, name: str) -> duckdb.DuckDBPyConnection:
        """Attach a copy of a database of the only tenant that was used, and of its log, as a worker does."""
        found = next(self.folder.glob(f"spectra-emulator-*/tenants/*/{name}"), None)
        if found is None:
            raise CannotRunError(f"no database of the tenant under {self.folder}")
        copy = self.folder / "copy.duckdb"
        for file in found.parent.glob(f"{name}*"):
            shutil.copyfile(file, copy.with_name(file.name.replace(name, copy.name)))
        connection = duckdb.connect()
        connection.execute(f"ATTACH '{copy}' AS tables")
        connection.execute("USE tables.public")
        return connection


@contextmanager
def scratch() -> Iterator[Path]:
    """Lend an empty directory."""
    with tempfile.TemporaryDirectory(prefix="spectra-benchmark-") as folder:
        yield Path(folder)


@contextmanager
def serving(command: Path = COMMAND, options: Sequence[str] = ()) -> Iterator[Emulator]:
    """Run the emulator on a free port, without a data directory and without rate limits.

    Raises: CannotRunError.
    """
    with scratch() as folder, (folder / "log").open("w") as log:
        process = started([*serve_command(command, 0), *options], folder, stdout=subprocess.PIPE, stderr=log.fileno())
        try:
            line = process.stdout.readline().decode() if process.stdout else ""
            ready = re.match(r"Ready: http://[^/]*:(\d+)/", line)
            if ready is None:
                raise CannotRunError(f"{command} is not ready: {line or (folder / 'log').read_text()[-500:]}")
            yield Emulator(int(ready[1]), process.pid, folder)
        finally:
            ended(process)


def serve_command(command: Path, port: int) -> list[str]:
    return [str(command), "serve", "--port", str(port), "--no-rate-limits"]


def started(command: list[str], folder: Path, *, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    """Start a process in the folder, with no setting of the emulator around it.

    Raises: CannotRunError.
    """
    try:
        return subprocess.Popen(command, cwd=folder, env=_environment(folder), stdout=stdout, stderr=stderr)
    except OSError as error:
        raise CannotRunError(f"{command[0]} does not start: {error.strerror}") from error


def ended(process: subprocess.Popen[bytes]) -> None:
    """End the process and wait until it has."""
    process.terminate()
    try:
        process.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _environment(folder: Path) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPECTRA_", "PYTHON"))}
    return {**kept, "TMPDIR": str(folder)}
