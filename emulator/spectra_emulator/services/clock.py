"""The server's time: the machine's, until a tester stops or moves it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from spectra_emulator.domain.errors import Conflict
from spectra_emulator.ports import Clock

_STILL = timedelta(0)


def machine_time() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class ClockReading:
    """`offset` is how far the clock is from the machine's time at this moment."""

    now: datetime
    frozen: bool
    offset: timedelta


class SteerableClock:
    """Call it for the time; watchers are told after every move, on the mover's thread.

    `bound_by` says why it cannot be moved, where it cannot: every move is a Conflict then.
    """

    def __init__(self, machine: Clock = machine_time, bound_by: str = "") -> None:
        self._machine = machine
        self._bound_by = bound_by
        self._lock = threading.Lock()
        self._offset = _STILL
        self._frozen_at: datetime | None = None
        self._watchers: list[Callable[[], None]] = []

    def __call__(self) -> datetime:
        frozen_at = self._frozen_at
        return self._machine() + self._offset if frozen_at is None else frozen_at

    @property
    def told(self) -> datetime | None:
        """Return the time where it is not the machine's."""
        return None if self._frozen_at is None and self._offset == _STILL else self()

    def reading(self) -> ClockReading:
        with self._lock:
            now = self()
            frozen = self._frozen_at is not None
            return ClockReading(now, frozen, now - self._machine() if frozen else self._offset)

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` after every move."""
        self._watchers.append(watcher)

    def freeze(self, at: datetime | None = None) -> None:
        """Stop at a moment, or now."""
        self._require_free()
        with self._lock:
            self._frozen_at = at or self()
        self._tell()

    def set(self, at: datetime) -> None:
        """Move to a moment; a frozen clock stays frozen, a running one runs on from there."""
        self._require_free()
        with self._lock:
            self._move(at)
        self._tell()

    def advance(self, by: timedelta) -> None:
        """Move forward, frozen or running."""
        self._require_free()
        with self._lock:
            self._move(self() + by)
        self._tell()

    def resume(self) -> None:
        """Let a frozen clock run on from where it stands."""
        self._require_free()
        with self._lock:
            if self._frozen_at is not None:
                self._offset = self._frozen_at - self._machine()
                self._frozen_at = None
        self._tell()

    def reset(self) -> None:
        """Return to the machine's time."""
        with self._lock:
            self._frozen_at = None
            self._offset = _STILL
        self._tell()

    def restore(self, reading: ClockReading) -> None:
        """Return to how the clock stood: at the same moment where it was frozen, else at the same distance."""
        self._require_free()
        with self._lock:
            self._frozen_at = reading.now if reading.frozen else None
            self._offset = reading.offset
        self._tell()

    def _require_free(self) -> None:
        if self._bound_by:
            raise Conflict(f"{self._bound_by}: the clock is the machine's and cannot be moved")

    def _move(self, at: datetime) -> None:
        if self._frozen_at is not None:
            self._frozen_at = at
        else:
            self._offset = at - self._machine()

    def _tell(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()
