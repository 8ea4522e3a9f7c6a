"""What a server owes the others on its state, time and again."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.ports import Clock, Peers, QueryEngine, StateStore
from spectra_emulator.services.bulk_work import BulkWork

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PeerDuties:
    peers: Peers
    state: StateStore
    bulk_work: BulkWork
    engine: QueryEngine
    clock: Clock

    def beat(self) -> None:
        """Tell that this server lives, and end what dead ones had been asked.

        Raises: InternalError.
        """
        self.peers.beat()
        self.state.recover(self.clock())

    def attend(self) -> None:
        """Stop the queries that others have ended, and settle with them who works on which bulk job.

        Raises: InternalError.
        """
        for tenant_id, job_id in self.peers.ended_elsewhere():
            self._stop(tenant_id, job_id)
        self.bulk_work.attend()

    def _stop(self, tenant_id: str, job_id: str) -> None:
        """Stop a query where that can be done; the others' turn comes all the same."""
        try:
            self.engine.cancel(tenant_id, job_id.removeprefix("job-"))
        except SpectraError:
            _log.warning("query %s, which another server has ended, could not be stopped", job_id, exc_info=True)
