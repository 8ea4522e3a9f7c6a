"""How jobs step from state to state: by themselves, after a delay, or when a tester says so."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

_LOOK_AGAIN_SECONDS = 0.2
"""How often a waiting job looks whether it has been given up meanwhile."""


class Pace(StrEnum):
    AUTOMATIC = "automatic"
    DELAYED = "delayed"
    MANUAL = "manual"


@dataclass(frozen=True)
class Steps:
    """How every job steps that is not held; `delay` counts before each step of a DELAYED one."""

    pace: Pace = Pace.AUTOMATIC
    delay: timedelta = timedelta(0)


class JobSteps:
    """A job asks before each step; MANUAL and held jobs wait for one `advance` a step."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._steps = Steps()
        self._held: set[str] = set()
        self._tenants: dict[str, str] = {}
        self._allowed: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    @property
    def steps(self) -> Steps:
        return self._steps

    @property
    def free(self) -> bool:
        """Tell whether every job steps by itself, so that asking costs nothing."""
        return self._steps.pace is Pace.AUTOMATIC and not self._held

    def set(self, steps: Steps) -> None:
        """Let jobs step so from now on, those that wait too."""
        with self._changed:
            self._steps = steps
            self._changed.notify_all()

    def hold(self, job_id: str, tenant_id: str) -> None:
        """Let the job wait before its next step, whatever the pace, until it is released or forgotten."""
        with self._changed:
            self._tenants[job_id] = tenant_id
            self._held.add(job_id)

    def advance(self, job_id: str, tenant_id: str) -> None:
        """Let the job take one more step."""
        with self._changed:
            self._tenants[job_id] = tenant_id
            self._allowed[job_id] += 1
            self._changed.notify_all()

    def release(self, job_id: str) -> None:
        """Hold the job no longer."""
        with self._changed:
            self._held.discard(job_id)
            self._changed.notify_all()

    def steered(self, tenant_id: str) -> tuple[str, ...]:
        """Return the tenant's jobs that something is remembered of."""
        with self._changed:
            return tuple(job_id for job_id, owner in self._tenants.items() if owner == tenant_id)

    def forget(self, job_id: str) -> None:
        """Remember nothing of a job that has ended."""
        if job_id in self._tenants:
            with self._changed:
                self._tenants.pop(job_id, None)
                self._held.discard(job_id)
                self._allowed.pop(job_id, None)

    def waits(self, job_id: str) -> bool:
        """Tell whether the job waits before a step."""
        return self._waiting[job_id] > 0

    def reset(self) -> None:
        """Let every job step by itself."""
        with self._changed:
            self._tenants.clear()
            self._held.clear()
            self._allowed.clear()
            self._steps = Steps()
            self._changed.notify_all()

    def passed(self, job_id: str, given_up: Callable[[], bool]) -> bool:
        """Wait until the job may take its next step; False where it is given up meanwhile."""
        if self.free:
            return True
        since = time.monotonic()
        with self._changed:
            self._waiting[job_id] += 1
            try:
                return self._waited(job_id, since, given_up)
            finally:
                self._waiting -= Counter((job_id,))

    def _waited(self, job_id: str, since: float, given_up: Callable[[], bool]) -> bool:
        while not self._may_step(job_id, since):
            if given_up():
                return False
            self._changed.wait(min(_LOOK_AGAIN_SECONDS, max(self._left(since), 0.001)))
        return True

    def _may_step(self, job_id: str, since: float) -> bool:
        if self._allowed[job_id] > 0:
            self._allowed -= Counter((job_id,))
            return True
        if job_id in self._held or self._steps.pace is Pace.MANUAL:
            return False
        return self._steps.pace is Pace.AUTOMATIC or self._left(since) <= 0

    def _left(self, since: float) -> float:
        """Return the seconds that the delay still has for who waits since then; a new delay counts for all."""
        waits = self._steps.pace is Pace.DELAYED
        return since + self._steps.delay.total_seconds() - time.monotonic() if waits else _LOOK_AGAIN_SECONDS
