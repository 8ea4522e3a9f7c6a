"""Run a request under an idempotency key once, however often and however concurrently it comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from spectra_emulator.domain.errors import Conflict, SpectraError
from spectra_emulator.domain.idempotency import Held, IdempotencyKey, Reservation
from spectra_emulator.ports import Clock, StateStore, Steady

_LOOK_AGAIN_SECONDS = 0.25
"""How often a waiting request looks at the store, where another server may have answered."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Once:
    """A request's work: `run` does it and gives the job's id, `exists` tells whether that job's answer is kept.

    A request that still waits for another under its key at its deadline ends with what `late` gives; `deadline` is in
    seconds of `time.monotonic`.
    """

    run: Callable[[], str]
    exists: Callable[[str], bool]
    deadline: float
    late: Callable[[], SpectraError]


class Idempotency:
    """`strict` refuses a key that comes back with another body; otherwise its first answer is replayed."""

    def __init__(
        self, state: StateStore, clock: Clock, time_to_live: timedelta, *, strict: bool, steady: Steady = time.monotonic
    ) -> None:
        self._state = state
        self._clock = clock
        self._steady = steady
        self._time_to_live = time_to_live
        self._strict = strict
        self._released = threading.Condition()

    def once(self, key: IdempotencyKey, work: Once) -> tuple[str, bool]:
        """Return the id of the job that answers the key, and whether it is a replay.

        Raises: Conflict, and whatever the work raises; a failed request leaves the key free.
        """
        while True:
            now = self._clock()
            held = self._state.reserve(key, now, now + self._time_to_live)
            if held.held is Held.TAKEN_NOW:
                return self._done(key, held.token, work), False
            if self._strict and not held.same_body:
                raise Conflict("The idempotency key was used with another body", field="X-Idempotency-Key")
            if held.job_id is not None and work.exists(held.job_id):
                return held.job_id, True
            if self._steady() >= work.deadline:
                raise work.late()
            self._wait_or_free(key, held)

    def _done(self, key: IdempotencyKey, token: str, work: Once) -> str:
        try:
            job_id = work.run()
            self._state.fulfil(key, token, job_id)
        except BaseException:
            self._state.release(key, token)
            raise
        else:
            return job_id
        finally:
            with self._released:
                self._released.notify_all()

    def _wait_or_free(self, key: IdempotencyKey, held: Reservation) -> None:
        """Wait for the request that holds the key; free the key where its stored answer is gone."""
        if held.held is Held.DONE:
            self._state.release(key, held.token)
            return
        with self._released:
            self._released.wait(_LOOK_AGAIN_SECONDS)
