"""Plays a deployment twice: what differs from itself tells nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spectra_conformance import clean_up, discovery, wire
from spectra_conformance.diff.comparison import noisy
from spectra_conformance.diff.player import Player
from spectra_conformance.diff.trace import Trace
from spectra_conformance.journal import Journal
from spectra_conformance.pacing import Pacer
from spectra_conformance.session import Session
from spectra_conformance.target import Target


def controlled(target: Target) -> tuple[Trace, frozenset[str]]:
    """Return what a deployment answers in the steps that it answers always alike, and the names of the others.

    Raises: UnusableTargetError.
    """
    first, again = played(target), played(target)
    noise = noisy(first, again)
    quiet = {name: record for name, record in first.records.items() if name not in noise}
    return Trace(quiet, {name: first.steps[name] for name in quiet}), noise


def played(target: Target) -> Trace:
    """Play the workload once.

    Raises: UnusableTargetError.
    """
    with _session(target) as session:
        discovery.diagnose(session)
        return Player(session).play()


@contextmanager
def _session(target: Target) -> Iterator[Session]:
    with tempfile.TemporaryDirectory(prefix="spectra-conformance-") as name:
        folder = Path(name)
        pacer = Pacer(target.limits, enabled=target.pacing, kept_in=folder / "windows.json")
        session = Session(target, wire.opened(target, pacer, Journal(folder / "journal.jsonl")), folder, lambda _: None)
        try:
            yield session
        finally:
            clean_up.close_all(session)
            session.wire.http.close()
