"""What a server owes the others, where one of its duties cannot be done."""

from __future__ import annotations

from pathlib import Path

from spectra_emulator.adapters.sole_server import SoleServer
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.services.peer_duties import PeerDuties

from tests.fakes import FakeEngine, FixedClock
from tests.fakes_bulk import BulkBench


class FarEngine(FakeEngine):
    """An engine that cannot be reached for the query `1`."""

    def cancel(self, tenant_id: str, query_id: str) -> bool:
        if query_id == "1":
            raise InternalError("The warehouse cannot be reached")
        return super().cancel(tenant_id, query_id)


class Ended(SoleServer):
    def ended_elsewhere(self) -> list[tuple[str, str]]:
        return [("tenant-123", "job-1"), ("tenant-456", "job-2")]


def test_a_query_that_cannot_be_stopped_keeps_no_other_from_being_stopped(tmp_path: Path) -> None:
    bench, engine = BulkBench(tmp_path), FarEngine()
    PeerDuties(Ended(bench.state), bench.state, bench.work, engine, FixedClock()).attend()
    assert engine.cancelled == ["2"]
