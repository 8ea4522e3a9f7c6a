"""What a server owes the others on its state, time and again."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.ports import Clock, Peers, QueryEngine, StateStore
from spectra_emulator.services.bulk_work import BulkWork

_Ended = tuple[str, str]
_LEAST_LOOKS, _MOST_LOOKS = 7, 63
"""For how many looks a query that another server has ended is stopped again: at 0, 1, 3, 7 and so on."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PeerDuties:
    peers: Peers
    state: StateStore
    bulk_work: BulkWork
    engine: QueryEngine
    clock: Clock
    _looks: dict[_Ended, int] = field(default_factory=dict)

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
        self._looks.update(dict.fromkeys(self.peers.ended_elsewhere(), 0))
        for ended, looks in tuple(self._looks.items()):
            self._look_after(ended, looks)
        self.bulk_work.attend()

    def _look_after(self, ended: _Ended, looks: int) -> None:
        """Stop the query, at looks that lie ever further apart: it may have been about to begin."""
        self._looks[ended] = looks + 1
        due = looks & (looks + 1) == 0
        gone = due and not self._stopped(*ended) and looks >= _LEAST_LOOKS
        if gone or looks >= _MOST_LOOKS:
            del self._looks[ended]

    def _stopped(self, tenant_id: str, job_id: str) -> bool:
        """Stop a query where that can be done, and tell whether there may be something left to stop."""
        try:
            return self.engine.cancel(tenant_id, job_id.removeprefix("job-"))
        except SpectraError:
            _log.warning("query %s, which another server has ended, could not be stopped", job_id, exc_info=True)
            return True
