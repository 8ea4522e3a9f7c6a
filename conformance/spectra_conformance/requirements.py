"""What a deployment promises, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from spectra_conformance.verdicts import Level

CHAPTERS: Mapping[str, str] = {
    "GEN": "General",
    "HDR": "Headers",
    "AUTH": "Authentication",
    "TEN": "Tenants",
    "PRM": "Permissions",
    "QRY": "Queries",
    "SQL": "SQL rules",
    "IDM": "Idempotency",
    "JOB": "Jobs",
    "BLK": "Bulk jobs",
    "FMT": "Files",
    "URL": "Links",
    "TYP": "Types and values",
    "RTL": "Rate limits",
    "ERR": "Errors",
    "LIM": "Limits and lifetimes",
    "OPS": "Operations",
}
"""Title by the letters that an id begins with, in the order of the page."""


@dataclass(frozen=True)
class Requirement:
    """`beyond` says why no deployment can be asked, where none can; such a requirement has no decider here."""

    id: str
    level: Level
    source: str
    promise: str
    beyond: str | None = None

    @property
    def chapter(self) -> str:
        return CHAPTERS[self.id.partition("-")[0]]


@cache
def requirements() -> Mapping[str, Requirement]:
    """Return every requirement by its id, in the order of the list."""
    entries: list[dict[str, Any]] = yaml.safe_load((files("spectra_conformance") / "requirements.yaml").read_text())
    return {entry["id"]: Requirement(**entry) for entry in entries}


@cache
def levels() -> Mapping[str, Level]:
    return {id_: requirement.level for id_, requirement in requirements().items()}
