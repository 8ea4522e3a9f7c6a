"""Admit calls by the documented limits, per tenant and bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from spectra_emulator.domain.rate_limits import Window
from spectra_emulator.ports import Clock, StateStore


class Bucket(StrEnum):
    QUERIES = "queries"
    JOBS = "jobs"
    BULK_CREATE = "bulk_create"
    BULK_READ = "bulk_read"


@dataclass(frozen=True)
class RateLimiter:
    """`length` is the window's; where `enforced` is False every call finds its window untouched."""

    state: StateStore
    clock: Clock
    limits: Mapping[Bucket, int]
    length: timedelta
    enforced: bool = True

    @property
    def waits_for_disk(self) -> bool:
        """Tell whether counting may take milliseconds, so that no event loop should wait for it."""
        return self.enforced and self.state.durable

    def counted(self, tenant_id: str, bucket: Bucket) -> Window:
        """Count a call and return its window."""
        limit, now = self.limits[bucket], self.clock()
        if not self.enforced:
            return Window(limit, count=0, ends_at=now + self.length, admitted=True)
        return self.state.count_call(tenant_id, bucket, limit, self.length, now)
