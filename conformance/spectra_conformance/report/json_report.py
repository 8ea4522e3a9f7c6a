"""The report for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from spectra_conformance.results import Result, Results
from spectra_conformance.verdicts import Outcome

SCHEMA_VERSION = 1
"""Grows when a member goes or changes its meaning; new members do not count."""


def written(results: Results) -> str:
    """Return the report as JSON."""
    return json.dumps(report(results), indent=2, ensure_ascii=False) + "\n"


def report(results: Results) -> dict[str, Any]:
    """Return the report as plain values."""
    circumstances = results.circumstances
    facts = asdict(circumstances)
    facts["started_at"] = circumstances.started_at.isoformat()
    return {
        "schema_version": SCHEMA_VERSION,
        "exit_code": int(results.exit_code),
        "counts": {verdict.value: count for verdict, count in results.counted.items()},
        "run": facts,
        "waiver_complaints": list(results.waiver_complaints),
        "faults": list(results.faults),
        "requirements": [_requirement(result) for result in results.results],
    }


def _requirement(result: Result) -> dict[str, Any]:
    requirement = result.requirement
    told: dict[str, Any] = {
        "id": requirement.id,
        "level": requirement.level,
        "source": requirement.source,
        "promise": requirement.promise,
        "verdict": result.verdict.value,
        "deciders": [_outcome(outcome) for outcome in result.outcomes],
    }
    if result.reason:
        told["reason"] = result.reason
    if result.waiver:
        told["waiver"] = {"reason": result.waiver.reason, "expires": result.waiver.expires.isoformat()}
    return told


def _outcome(outcome: Outcome) -> dict[str, Any]:
    told = {name: value for name, value in asdict(outcome).items() if value not in ("", None, 0.0)}
    del told["requirements"]
    return told
