"""Closes what runs left open on a deployment."""

from __future__ import annotations

from pathlib import Path

from spectra_conformance import journal
from spectra_conformance.answer import UnansweredError
from spectra_conformance.session import Session

JOURNALS = Path(".spectra-conformance")
"""Where runs keep their journals, in the current directory; a run that left nothing open leaves no journal either."""

UNANSWERED = 0
OK = 200


def close_all(session: Session) -> list[str]:
    """Abort every job that the run left open and return the ids of those that stay so."""
    kept = session.wire.journal
    left = kept.close_all(lambda name, job_id: _abort(session, name, job_id))
    if not left:
        kept.path.unlink(missing_ok=True)
    return left


def earlier(folder: Path = JOURNALS) -> list[Path]:
    """Return the journals that earlier runs left."""
    return sorted(folder.glob("*.jsonl"))


def _abort(session: Session, name: str, job_id: str) -> int:
    """Abort a job as the identity that created it; where that does not work, cancel it."""
    target = session.target
    by_name = {one.name: one for one in (target.owner, target.peer, target.jwt, target.sigv4) if one is not None}
    client = session.client(by_name.get(name, target.owner))
    try:
        answer = client.patch(f"/bulk/jobs/{job_id}", json={"state": "Aborted"}, check=False)
        if answer.status not in journal.CLOSED:
            answer = client.delete(f"/jobs/{job_id}", check=False)
    except UnansweredError:
        return UNANSWERED
    return answer.status
