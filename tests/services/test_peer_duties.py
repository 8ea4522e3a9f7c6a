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


class Late(SoleServer):
    """Tells once that a query was ended elsewhere."""

    def __init__(self, bench: BulkBench) -> None:
        super().__init__(bench.state)
        self.ended = [("tenant-456", "job-2")]

    def ended_elsewhere(self) -> list[tuple[str, str]]:
        told, self.ended = self.ended, []
        return told


def test_a_query_that_was_missed_is_stopped_again_ever_more_seldom_and_then_forgotten(tmp_path: Path) -> None:
    bench, engine = BulkBench(tmp_path), FarEngine()
    duties = PeerDuties(Late(bench), bench.state, bench.work, engine, FixedClock())
    counts = []
    for _ in range(140):
        duties.attend()
        counts.append(len(engine.cancelled))
    assert counts[:9] == [1, 2, 2, 3, 3, 3, 3, 4, 4]
    assert (counts[63], counts[-1]) == (7, 7)


def test_a_query_that_cannot_be_stopped_keeps_no_other_from_being_stopped(tmp_path: Path) -> None:
    bench, engine = BulkBench(tmp_path), FarEngine()
    PeerDuties(Ended(bench.state), bench.state, bench.work, engine, FixedClock()).attend()
    assert engine.cancelled == ["2"]
