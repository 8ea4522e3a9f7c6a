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
    """`limits` is empty where limits are switched off; `length` is the window's."""

    state: StateStore
    clock: Clock
    limits: Mapping[Bucket, int]
    length: timedelta

    def counted(self, tenant_id: str, bucket: Bucket) -> Window | None:
        """Count a call and return its window; None where nothing is limited."""
        if bucket not in self.limits:
            return None
        return self.state.count_call(tenant_id, bucket, self.limits[bucket], self.length, self.clock())
