"""What the process of schemathesis is told, in a file that only this user reads."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from pathlib import Path

from spectra_conformance.contract_layer.effort import Effort
from spectra_conformance.contract_layer.priming import Fixtures
from spectra_conformance.target import Target

VARIABLE = "SPECTRA_CONTRACT_LAYER"
"""The environment variable that names the file."""


@dataclass(frozen=True)
class Assignment:
    """`journal` and `windows` are files that the run shares between its processes."""

    target: Target
    fixtures: Fixtures
    effort: Effort
    journal: Path
    windows: Path

    def write(self, path: Path) -> None:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            pickle.dump(self, file)


def assigned() -> Assignment:
    """Return what this process was told."""
    written = Path(os.environ[VARIABLE]).read_bytes()
    assignment: Assignment = pickle.loads(written)  # noqa: S301 -- our own process wrote it, in a folder of this user
    return assignment
