"""The jobs that a run created, on disk, so that each is closed whatever ends the run."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

CLOSED = frozenset({200, 404, 409, 400, 403})
"""Answers to an abort after which there is nothing left to close."""


@dataclass
class Journal:
    """One line a job, `{"tenant": …, "job_id": …}`; a second line with `"closed": true` ends it."""

    path: Path
    opened: dict[str, str] = field(default_factory=dict)

    def created(self, tenant: str, job_id: str) -> None:
        """Note a new job before anything else happens to it."""
        if job_id not in self.opened:
            self.opened[job_id] = tenant
            self._append({"tenant": tenant, "job_id": job_id})

    def closed(self, job_id: str) -> None:
        """Note that a job has ended."""
        if self.opened.pop(job_id, None) is not None:
            self._append({"job_id": job_id, "closed": True})

    def close_all(self, abort: Callable[[str, str], int]) -> list[str]:
        """Abort what is open and return the ids that stay so; `abort` takes tenant and id and returns a status."""
        for job_id, tenant in list(self.opened.items()):
            if abort(tenant, job_id) in CLOSED:
                self.closed(job_id)
        return list(self.opened)

    def _append(self, line: dict[str, Any]) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")


def read(path: Path) -> Journal:
    """Return the journal of an earlier run."""
    journal = Journal(path)
    for line in _lines(path):
        if line.get("closed"):
            journal.opened.pop(line["job_id"], None)
        else:
            journal.opened[line["job_id"]] = line["tenant"]
    return journal


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text().splitlines():
        try:
            yield json.loads(line)
        except ValueError:  # the last line of a run that was killed as it wrote
            continue


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until a created job is written down; in another thread they do not arrive anyway."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[tuple[int, FrameType | None]] = []
    before = {number: signal.getsignal(number) or signal.SIG_DFL for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda *one: arrived.append(one))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if arrived:
            signal.raise_signal(arrived[0][0])
