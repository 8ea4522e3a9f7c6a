"""What a server owes the others on its state, time and again."""

from __future__ import annotations

from dataclasses import dataclass

from spectra_emulator.ports import Clock, Peers, QueryEngine, StateStore
from spectra_emulator.services.bulk_work import BulkWork


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
            self.engine.cancel(tenant_id, job_id.removeprefix("job-"))
        self.bulk_work.attend()
