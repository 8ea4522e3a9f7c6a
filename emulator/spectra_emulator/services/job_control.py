"""A tester's hand on single jobs of both APIs: hold, advance, release, fail."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobState, as_job, failed
from spectra_emulator.domain.errors import BY_CODE, Conflict, NotFound
from spectra_emulator.domain.jobs import Job, JobError, JobStatus, elapsed_milliseconds, job_id_of
from spectra_emulator.ports import Clock, QueryEngine, StateStore
from spectra_emulator.services.bulk_work import BulkWork
from spectra_emulator.services.job_steps import JobSteps

_STEP_SECONDS = 0.5
_LOOK_AGAIN_SECONDS = 0.005


@dataclass(frozen=True)
class ControlledJob:
    """`state` is the bulk job's own, None of a query; `waits` tells that it stands before a step."""

    job: Job
    state: str | None
    waits: bool


@dataclass(frozen=True)
class JobControl:
    engine: QueryEngine
    state: StateStore
    bulk_work: BulkWork
    steps: JobSteps
    clock: Clock

    def shown(self, job_id: str) -> ControlledJob:
        """Return the job of any tenant.

        Raises: NotFound.
        """
        found = self._found(job_id)
        if isinstance(found, BulkJob):
            return ControlledJob(as_job(found), found.state, self.steps.waits(found.job_id))
        return ControlledJob(found, None, self.steps.waits(found.job_id))

    def hold(self, job_id: str) -> ControlledJob:
        """Let the job wait before its next step.

        Raises: NotFound, Conflict.
        """
        found = self._unfinished(job_id)
        self.steps.hold(found.job_id, found.tenant_id)
        return self.shown(job_id)

    def release(self, job_id: str) -> ControlledJob:
        """Hold the job no longer.

        Raises: NotFound.
        """
        self.steps.release(self._found(job_id).job_id)
        return self.shown(job_id)

    def advance(self, job_id: str) -> ControlledJob:
        """Let the job take one more step, and return it as it stands then where that is told soon.

        Raises: NotFound, Conflict.
        """
        found = self._unfinished(job_id)
        if isinstance(found, BulkJob) and found.state is BulkJobState.OPEN:
            raise Conflict("The job is Open: it takes no step before its upload is complete", status=str(found.state))
        before = self.shown(job_id)
        self.steps.advance(found.job_id, found.tenant_id)
        return self._stepped(job_id, before) if before.waits else before

    def _stepped(self, job_id: str, before: ControlledJob) -> ControlledJob:
        """Return the job once it has stepped, or as it is after a moment."""
        give_up_at = time.monotonic() + _STEP_SECONDS
        while True:
            now = self.shown(job_id)
            if (now.state, now.job.status) != (before.state, before.job.status) or time.monotonic() >= give_up_at:
                return now
            time.sleep(_LOOK_AGAIN_SECONDS)

    def fail(self, job_id: str, error: JobError) -> ControlledJob:
        """End the job as failed, whatever it does.

        Raises: NotFound, Conflict, InvalidRequest.
        """
        found = self._unfinished(job_id)
        if isinstance(found, BulkJob):
            self.bulk_work.end(found.tenant_id, found.job_id, lambda job: failed(job, self.clock(), error))
        else:
            self._fail_query(found, error)
        return self.shown(job_id)

    def _fail_query(self, job: Job, error: JobError) -> None:
        now = self.clock()
        elapsed = elapsed_milliseconds(job.submitted_at, now)
        ended = replace(job, status=JobStatus.FAILED, completed_at=now, execution_time_ms=elapsed, error=error)
        if not self.state.move_job(ended):
            raise Conflict("The job has ended meanwhile")
        self.engine.cancel(job.tenant_id, job.job_id.removeprefix("job-"))

    def _unfinished(self, job_id: str) -> Job | BulkJob:
        found = self._found(job_id)
        if found.finished:
            shown = found.state if isinstance(found, BulkJob) else found.status
            raise Conflict(f"The job is {shown}: it has ended", status=str(shown))
        return found

    def _found(self, job_id: str) -> Job | BulkJob:
        for tenant_id in self.state.tenant_ids():
            query = self.state.job(tenant_id, job_id) or self.state.job(tenant_id, job_id_of(job_id))
            found = query or self.state.bulk_job(tenant_id, job_id)
            if found is not None:
                return found
        raise NotFound("Job not found", job_id=job_id)


def job_error(code: str, message: str | None) -> JobError:
    """Return why a tester's job fails.

    Raises: KeyError where the contract has no such code.
    """
    kind = BY_CODE[code]
    return JobError(kind.code, message or "The job failed as a test asked for", {})
