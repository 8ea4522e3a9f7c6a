"""How a bulk job under way passes from one server to another, or stays."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from spectra_emulator.domain.bulk_jobs import UNDER_WAY, BulkJob
from spectra_emulator.ports import Peers
from spectra_emulator.services.bulk_runs import Runs

_log = logging.getLogger(__name__)


class BulkHandover:
    """`begin` works on a job as soon as its turn comes."""

    def __init__(self, peers: Peers, runs: Runs, begin: Callable[[BulkJob], None]) -> None:
        self._peers = peers
        self._runs = runs
        self._begin = begin

    def stopped(self, job: BulkJob) -> bool:
        """Make the job this server's and its work stop; False where either does not come about."""
        return self._peers.taken(job) and self._runs.interrupt(job.job_id)

    def go_on(self, job: BulkJob) -> None:
        """Let the job's run go on, and another follow where that has left already."""
        self._runs.resume(job.job_id)
        if job.state in UNDER_WAY:
            self._begin(job)

    def adopt(self, known: Collection[str]) -> None:
        """Take up what no living server works on; `known` is what this one has in hand."""
        for job in self._peers.adopted(known):
            self._begin(job)

    def attend(self, known: Collection[str]) -> None:
        """Heed the other servers: leave them what they ask for and what they have, take up what the dead ones had."""
        for job in self._peers.asked_for():
            self._leave(job)
        for job_id in self._peers.lost(self._runs.job_ids()):
            _log.info("bulk job %s is not this server's any more", job_id)
            self._runs.interrupt(job_id)
        self.adopt(known)

    def _leave(self, job: BulkJob) -> None:
        """Stop what runs of the job and leave it to the server that asks; else the work goes on."""
        left = False
        try:
            left = self._runs.interrupt(job.job_id) and self._peers.let_go(job)
        finally:
            if not left:
                self._peers.keep(job)
                self.go_on(job)
