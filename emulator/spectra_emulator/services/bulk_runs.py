"""The bulk jobs that are being worked on, and how each is made to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from threading import Event, Lock

from spectra_emulator.domain.bulk_jobs import BulkJob
from spectra_emulator.services.faults import Fault

_ASK_AGAIN_SECONDS = 0.25
_ASKED_AT_MOST = 100

Cancel = Callable[[str, str], bool]
"""Stops a tenant's statement by its job's id."""


class RunInterruptedError(Exception):
    """Somebody else ends the job: its run leaves without a word."""


class Phase(Enum):
    """`FILES` may be left at any moment, `ENGINE` when its statement has ended, `APPLIED` once the job is complete."""

    FILES = "files"
    ENGINE = "engine"
    APPLIED = "applied"


class Run:
    """One job's work: `failure` says why its last attempt failed, `fault` what befalls this one.

    `interrupt` is for others to call.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.phase = Phase.FILES
        self.interrupted = False
        self.failure = ""
        self.fault: Fault | None = None
        self.ended = Event()

    def enter(self, phase: Phase) -> None:
        """Go on to the next phase; from `APPLIED` there is no way back.

        Raises: RunInterruptedError.
        """
        with self._lock:
            if self.phase is Phase.APPLIED:
                return
            if self.interrupted and phase is not Phase.APPLIED:
                raise RunInterruptedError
            self.phase = phase

    def pause(self, seconds: float) -> None:
        """Sleep, unless somebody interrupts.

        Raises: RunInterruptedError.
        """
        ends_at = time.monotonic() + seconds
        while (left := ends_at - time.monotonic()) > 0 and not self.interrupted:
            time.sleep(min(left, _ASK_AGAIN_SECONDS))
        if self.interrupted:
            raise RunInterruptedError

    def interrupt(self, *, interrupted: bool = True) -> None:
        with self._lock:
            self.interrupted = interrupted

    @property
    def abandoned(self) -> bool:
        """Tell whether the run leaves the job's end to whoever interrupted it."""
        return self.interrupted and self.phase is not Phase.APPLIED

    @property
    def harmless(self) -> bool:
        """Tell whether the run, once interrupted, can change nothing any more."""
        return self.phase is Phase.FILES or self.ended.is_set()


class Runs:
    def __init__(self, cancel: Cancel) -> None:
        self._cancel = cancel
        self._runs: dict[str, tuple[str, Run]] = {}

    @contextmanager
    def started(self, job: BulkJob) -> Iterator[Run]:
        run = Run()
        self._runs[job.job_id] = (job.tenant_id, run)
        try:
            yield run
        finally:
            del self._runs[job.job_id]
            run.ended.set()

    def job_ids(self) -> list[str]:
        return list(self._runs)

    def interrupt(self, job_id: str) -> bool:
        """Make the job's run stop and wait until it can change nothing; False where it does not stop."""
        tenant_id, run = self._runs.get(job_id, ("", None))
        if run is None:
            return True
        run.interrupt()
        for _ in range(_ASKED_AT_MOST):
            if run.harmless:
                break
            self._cancel(tenant_id, job_id)
            run.ended.wait(_ASK_AGAIN_SECONDS)
        return run.harmless

    def resume(self, job_id: str) -> None:
        """Let the job's run end the job after all."""
        _, run = self._runs.get(job_id, ("", None))
        if run is not None:
            run.interrupt(interrupted=False)

    def ended(self, tenant_id: str) -> bool:
        """Make all runs of the tenant end; False, and all go on, where one does not."""
        owned = [(job_id, run) for job_id, (owner, run) in tuple(self._runs.items()) if owner == tenant_id]
        for _, run in owned:
            run.interrupt()
        for _ in range(_ASKED_AT_MOST):
            left = [(job_id, run) for job_id, run in owned if not run.ended.is_set()]
            if not left:
                return True
            for job_id, _ in left:
                self._cancel(tenant_id, job_id)
            left[0][1].ended.wait(_ASK_AGAIN_SECONDS)
        for _, run in owned:
            run.interrupt(interrupted=False)
        return False

    def interrupt_tenant(self, tenant_id: str) -> None:
        for job_id in [job_id for job_id, (owner, _) in tuple(self._runs.items()) if owner == tenant_id]:
            self.interrupt(job_id)
