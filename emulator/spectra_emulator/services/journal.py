"""The last calls, bounded in number and memory, and those who watch them come."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

from spectra_emulator.domain.journal import Entry, EntryFilter

Watcher = Callable[[Entry], None]


class Journal:
    """The oldest entries make room for new ones; one that holds no entries costs nothing."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self._held_bytes = 0
        self._last = 0
        self._watchers: list[Watcher] = []

    @property
    def on(self) -> bool:
        return self._max_entries > 0

    def add(self, entry: Entry) -> None:
        """Keep the entry under the next number."""
        with self._lock:
            self._last += 1
            numbered = replace(entry, number=self._last)
            self._entries.append(numbered)
            self._held_bytes += numbered.held_bytes
            while len(self._entries) > self._max_entries or self._held_bytes > self._max_bytes:
                self._held_bytes -= self._entries.popleft().held_bytes
            watchers = tuple(self._watchers)
        for watcher in watchers:
            watcher(numbered)

    def found(self, wanted: EntryFilter, limit: int) -> tuple[Entry, ...]:
        """Return the newest entries that fit, newest first."""
        with self._lock:
            entries = tuple(self._entries)
        return tuple(islice((entry for entry in reversed(entries) if wanted.fits(entry)), limit))

    def entry(self, entry_id: str) -> Entry | None:
        """Return the newest entry of a request's id."""
        with self._lock:
            return next((entry for entry in reversed(self._entries) if entry.id == entry_id), None)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._held_bytes = 0

    @contextmanager
    def watched(self, watcher: Watcher) -> Iterator[None]:
        """Tell the watcher of every entry, on the thread that adds it."""
        with self._lock:
            self._watchers.append(watcher)
        try:
            yield
        finally:
            with self._lock:
                self._watchers.remove(watcher)
