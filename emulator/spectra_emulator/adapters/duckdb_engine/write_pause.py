"""Who writes in a tenant's database, so that it can be copied while nobody does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from spectra_emulator.domain.errors import Conflict
from spectra_emulator.ports import StatementTimeoutError


class WritePause:
    """Any number write at once; a pause waits for those under way, and those that come wait for its end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._writers = 0
        self._paused = False

    @contextmanager
    def writing(self, deadline: float | None = None) -> Iterator[None]:
        """Let no pause begin meanwhile.

        Raises: StatementTimeoutError.
        """
        patience = None if deadline is None else max(deadline - time.monotonic(), 0)
        with self._changed:
            if not self._changed.wait_for(lambda: not self._paused, patience):
                raise StatementTimeoutError
            self._writers += 1
        try:
            yield
        finally:
            with self._changed:
                self._writers -= 1
                self._changed.notify_all()

    @contextmanager
    def paused(self, patience_seconds: float) -> Iterator[None]:
        """Let nobody write meanwhile.

        Raises: Conflict where those under way do not end in time.
        """
        self._begin(patience_seconds)
        try:
            yield
        finally:
            self._end()

    def _begin(self, patience_seconds: float) -> None:
        give_up_at = time.monotonic() + patience_seconds
        with self._changed:
            first = self._changed.wait_for(lambda: not self._paused, patience_seconds)
            self._paused = self._paused or first
            if first and self._changed.wait_for(lambda: not self._writers, max(give_up_at - time.monotonic(), 0)):
                return
        if first:
            self._end()
        raise Conflict(f"A script or an import has written to the tenant's tables for {patience_seconds:.0f} s")

    def _end(self) -> None:
        with self._changed:
            self._paused = False
            self._changed.notify_all()
