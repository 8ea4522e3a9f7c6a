"""The kit's layers on a deployment, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spectra_conformance import clean_up, wire
from spectra_conformance.journal import Journal
from spectra_conformance.pacing import Pacer
from spectra_conformance.session import Session
from spectra_conformance.target_sources import target
from spectra_conformance.verdicts import Outcome, Verdict

DEMO: dict[str, Any] = {
    "api_key": "spk_tenant-123_demo",
    "tenant": "tenant-123",
    "peer_api_key": "spk_tenant-456_demo",
    "peer_tenant": "tenant-456",
    "sandbox_table": "spectra_conformance_sandbox",
    "rate_limits": True,
    "no_pacing": True,
}


@contextmanager
def session_on(
    url: str, folder: Path, only: tuple[str, ...] = (), **settings: Any
) -> Iterator[tuple[Session, list[Outcome]]]:
    """Yield a session on the demo data with the list that its outcomes go to; `url` has no path."""
    described = target({**DEMO, "url": f"{url}/v1", **settings})
    pacer = Pacer(described.limits, described.pacing, folder / "windows.json")
    outcomes: list[Outcome] = []
    session = Session(
        described, wire.opened(described, pacer, Journal(folder / "journal.jsonl")), folder, outcomes.append, only
    )
    try:
        yield session, outcomes
    finally:
        clean_up.close_all(session)
        session.wire.http.close()


def failed(outcomes: list[Outcome]) -> set[str]:
    """Return the checks that found something broken."""
    return {outcome.check for outcome in outcomes if outcome.verdict is Verdict.FAIL}
