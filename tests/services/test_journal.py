"""The journal's bounds."""

from __future__ import annotations

from datetime import UTC, datetime

from spectra_emulator.domain.journal import Caller, Entry, EntryFilter, Kind, Sent
from spectra_emulator.services.journal import Journal

NOON = datetime(2026, 1, 29, 12, tzinfo=UTC)


def entry(request: Sent) -> Entry:
    return Entry(0, NOON, Kind.REQUEST, "id", "GET", "/v1", None, Caller(), 200, 1.0, request)


def test_long_headers_make_room_like_long_bodies() -> None:
    journal = Journal(max_entries=100, max_bytes=64 * 1024)
    for _ in range(100):
        journal.add(entry(Sent(headers=((b"x-long", b"h" * 16_000),))))

    assert len(journal.found(EntryFilter(), 100)) == 3
