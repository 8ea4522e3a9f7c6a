"""Who this server is among those on one state, and who of them lives, by the database's own clock."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Member:
    """One server, from its start to its end; silent for `lease_seconds`, it counts as dead."""

    lease_seconds: float
    server_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def values(self) -> dict[str, object]:
        """Return what the conditions below refer to."""
        return {"me": self.server_id, "lease": self.lease_seconds}


ALIVE = """SELECT server_id FROM spectra_servers
    WHERE seen_at > clock_timestamp() - make_interval(secs => %(lease)s)"""

BEAT = """INSERT INTO spectra_servers VALUES (%(me)s, clock_timestamp())
    ON CONFLICT (server_id) DO UPDATE SET seen_at = clock_timestamp()"""
