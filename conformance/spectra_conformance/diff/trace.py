"""What a deployment answered to the workload, in a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from spectra_conformance.diff.workload import Step

FORMAT = 1


class TraceError(Exception):
    """A file is no trace that this kit can read."""


@dataclass(frozen=True)
class Record:
    """One answer, masked; `curl` repeats its request and is not kept in files."""

    status: int
    body: Any
    headers: list[str]
    curl: str = ""


@dataclass
class Trace:
    """The answers by the name of their step, with the steps themselves where they were just played."""

    records: dict[str, Record] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)

    def add(self, step: Step, record: Record) -> None:
        self.steps[step.name] = step
        self.records[step.name] = record

    def forget(self, names: Iterable[str]) -> None:
        for name in list(names):
            del self.steps[name], self.records[name]


def write(trace: Trace, path: Path) -> None:
    """Keep a trace in a file, one step a line."""
    lines = [f"{json.dumps(name)}: {_line(record)}" for name, record in trace.records.items()]
    text = ",\n".join(lines)
    path.write_text(f'{{"format": {FORMAT}, "steps": {{\n{text}\n}}}}\n', encoding="utf-8")


def read(path: Path) -> Trace:
    """Return the trace in a file.

    Raises: TraceError.
    """
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TraceError(f"{path} is no trace: {error}") from error
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        raise TraceError(f"{path} is no trace of format {FORMAT}: record it anew")
    return Trace({name: Record(**record) for name, record in kept["steps"].items()})


def _line(record: Record) -> str:
    kept = asdict(record)
    del kept["curl"]
    return json.dumps(kept, ensure_ascii=False)
