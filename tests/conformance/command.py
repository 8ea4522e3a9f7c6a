"""The command as a team would use it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.emulator import Emulator, bare_environment

COMMAND = Path(sys.executable).with_name("spectra-conformance")
EMULATOR = Path(__file__).parents[2] / "conformance" / "targets" / "emulator.toml"
REPORTS = {name: f"report.{name}" for name in ("json", "junit", "html", "markdown")}
WRITING = [argument for name, file in REPORTS.items() for argument in (f"--{name}", file)]
UNLIMITED = "\n[limits]\nqueries = 60000\njob_reads = 60000\nbulk_creations = 60000\nbulk_reads = 60000\n"
"""Under these a paced run waits for nothing, and sends no more than a paced run does."""


@dataclass(frozen=True)
class KitRun:
    """A run that has ended: where it wrote its reports, and what it said."""

    folder: Path
    code: int
    output: str

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / REPORTS["json"]).read_text())
        return found

    @property
    def checks(self) -> dict[str, str]:
        """Each check with its verdict."""
        told = (one for requirement in self.report["requirements"] for one in requirement["deciders"])
        return {one["check"]: one["verdict"] for one in told}


def kit(folder: Path, *arguments: object, environ: Mapping[str, str] | None = None) -> KitRun:
    ran = subprocess.run(
        [COMMAND, *map(str, arguments)],
        cwd=folder,
        env={**bare_environment(), **(environ or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return KitRun(folder, ran.returncode, ran.stdout + ran.stderr)


def played_on(folder: Path, url: str, *arguments: object) -> KitRun:
    """Run on the demo data as fast as it goes, with all reports; `url` has no path."""
    target = folder / "target.toml"
    target.write_text(EMULATOR.read_text() + UNLIMITED)
    return kit(folder, "run", "--target", target, "--url", f"{url}/v1", *WRITING, *arguments)


def open_jobs(server: Emulator) -> list[dict[str, Any]]:
    answers = [server.call("GET", f"/bulk/jobs?limit=100&state={state}") for state in ("Open", "InProgress")]
    return [job for answer in answers for job in answer.json["jobs"]]
