"""Findings as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measurement import Finding

_HEADINGS = ("benchmark", "measured", "floor", "ratio", "middle half", "goal", "")
_LIBRARIES = ("duckdb", "arro3-io", "sqlglot", "litestar", "uvicorn", "uvloop", "httptools", "msgspec")


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "cores": os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def table(findings: Sequence[Finding]) -> str:
    """Return the findings, one a line under headings."""
    rows = [_HEADINGS, *map(_row, findings)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths).rstrip() for row in rows)


def machine_lines(facts: Mapping[str, Any]) -> str:
    loads = " ".join(map(str, facts["load_average"]))
    versions = ", ".join(f"{name} {facts[name]}" for name in ("python", *_LIBRARIES))
    return f"{facts['cores']} cores, load average at the start {loads}, {facts['system']}\n{versions}"


def write_json(file: Path, facts: Mapping[str, object], findings: Sequence[Finding]) -> None:
    shown = [
        {
            "name": finding.name,
            "unit": finding.unit,
            "value": finding.value,
            "floor": finding.floor,
            "ratio": finding.ratio,
            "ratios": finding.ratios,
            "goal": finding.goal,
            "verdict": finding.verdict,
        }
        for finding in findings
    ]
    file.write_text(json.dumps({"machine": facts, "findings": shown}, indent=2) + "\n", encoding="utf-8")


def _row(finding: Finding) -> tuple[str, ...]:
    return (
        finding.name,
        f"{finding.value:.2f} {finding.unit}",
        "" if finding.floor is None else f"{finding.floor:.2f} {finding.unit}",
        "" if finding.ratio is None else f"{finding.ratio:.2f}",
        _middle_half(finding.ratios),
        "" if finding.goal is None else f"<= {finding.goal:g}",
        finding.verdict,
    )


def _middle_half(ratios: Sequence[float]) -> str:
    if not ratios:
        return ""
    lower, _, upper = statistics.quantiles(ratios, n=4)
    return f"{lower:.2f}-{upper:.2f}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = row
    cells = (f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
    return f"{first:<{widths[0]}}  " + "  ".join(cells)
