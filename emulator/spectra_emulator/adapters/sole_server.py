"""A server whose state is its own: every job is its, and nobody asks for one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from spectra_emulator.domain.bulk_jobs import UNDER_WAY, BulkJob
from spectra_emulator.ports import StateStore

_ANY_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class SoleServer:
    state: StateStore
    shared: bool = False

    def beat(self) -> None:
        """Tell nobody."""

    def adopted(self, known: Collection[str]) -> list[BulkJob]:
        under_way = self.state.bulk_jobs_created_before(_ANY_TIME, UNDER_WAY)
        return [job for job in under_way if job.job_id not in known]

    def taken(self, job: BulkJob) -> bool:  # noqa: ARG002 - the port's shape
        return True

    def asked_for(self) -> list[BulkJob]:
        return []

    def let_go(self, job: BulkJob) -> bool:  # noqa: ARG002 - the port's shape
        return False

    def keep(self, job: BulkJob) -> None:
        """Keep what nobody wants."""

    def lost(self, job_ids: Collection[str]) -> list[str]:  # noqa: ARG002 - the port's shape
        return []

    def ended_elsewhere(self) -> list[tuple[str, str]]:
        return []

    def leave(self) -> None:
        """Leave nobody behind."""
