"""docs/data/errors.yaml: why each error code is sent, and what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

SOURCE = Path(__file__).parents[2] / "docs" / "data" / "errors.yaml"
FAULT_HEADER = "X-Spectra-Fault"


@dataclass(frozen=True)
class Cause:
    """`body` is sent as JSON, `text` as it stands; `needs` names what a call that is not played would need.

    `before` are a shell's lines that find the `JOB` of the path.
    """

    because: str
    call: str
    says: str
    act: str
    body: Mapping[str, Any] | None = None
    text: str | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    needs: str | None = None
    answer: Mapping[str, Any] | None = None
    before: str = ""

    @property
    def method(self) -> str:
        return self.call.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.call.partition(" ")[2]

    @property
    def content(self) -> str | None:
        return self.text if self.body is None else json.dumps(self.body)

    @property
    def provoked(self) -> bool:
        """Tell whether a fault is asked for, since no plain call fails so at once."""
        return FAULT_HEADER in self.headers


@dataclass(frozen=True)
class Entry:
    """`causes` begins with the one that the page shows."""

    code: str
    meaning: str
    again: str
    causes: tuple[Cause, ...]


def entries() -> list[Entry]:
    source = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return [
        Entry(code, one["meaning"], one["again"], tuple(Cause(**cause) for cause in one["causes"]))
        for code, one in source.items()
    ]
