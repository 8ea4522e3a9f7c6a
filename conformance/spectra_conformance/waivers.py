"""Known deviations that do not fail a run, each with a reason and a last day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from spectra_conformance.verdicts import Verdict

BROKEN = frozenset({Verdict.FAIL, Verdict.WARN})
TABLE = "waivers"
MEMBERS = frozenset({"requirement", "reason", "expires"})


class WaiverError(Exception):
    """The file of waivers is not as it has to be."""


@dataclass(frozen=True)
class Waiver:
    """`expires` is the last day on which it counts."""

    requirement: str
    reason: str
    expires: date

    def complaint(self, verdict: Verdict | None, today: date) -> str | None:
        """Return why the waiver itself fails the run; None where it counts or nothing was decided."""
        if today > self.expires:
            return f"the waiver of {self.requirement} expired on {self.expires}: {self.reason}"
        if verdict is Verdict.PASS:
            return f"{self.requirement} is waived and passes: take the waiver away"
        return None


def read(file: Path, known: Mapping[str, object]) -> tuple[Waiver, ...]:
    """Return the waivers of a TOML file with `[[waivers]]` of requirement, reason and expires.

    Raises: WaiverError.
    """
    try:
        content = tomllib.loads(file.read_text())
    except OSError as error:
        raise WaiverError(f"{file} cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise WaiverError(f"{file} is no TOML: {error}") from error
    if others := sorted(content.keys() - {TABLE}):
        raise WaiverError(f"{file} has {', '.join(others)}: a file of waivers has [[{TABLE}]] and nothing else")
    return tuple(_waiver(entry, known) for entry in _entries(file, content))


def _entries(file: Path, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries = content.get(TABLE, [])
    if not (isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)):
        raise WaiverError(f"{file} has {TABLE} that are no tables: write each under [[{TABLE}]]")
    return entries


def _waiver(entry: Mapping[str, Any], known: Mapping[str, object]) -> Waiver:
    if entry.keys() != MEMBERS:
        raise WaiverError(f"a waiver has requirement, reason and expires, not {', '.join(sorted(entry)) or 'nothing'}")
    if entry["requirement"] not in known:
        raise WaiverError(f"there is no requirement {entry['requirement']!r}: see spectra-conformance requirements")
    if not str(entry["reason"]).strip():
        raise WaiverError(f"the waiver of {entry['requirement']} gives no reason")
    if type(entry["expires"]) is not date:
        raise WaiverError(f"the waiver of {entry['requirement']} expires on no day: expected a date as 2030-12-31")
    return Waiver(entry["requirement"], entry["reason"], entry["expires"])
