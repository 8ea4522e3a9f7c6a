"""The Job API: one view over query jobs and bulk jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from spectra_emulator.domain.bulk_files import ExportedFile
from spectra_emulator.domain.bulk_jobs import as_job
from spectra_emulator.domain.errors import Conflict, NotFound
from spectra_emulator.domain.jobs import Job, JobStatus, elapsed_milliseconds, job_id_of
from spectra_emulator.domain.principal import Principal
from spectra_emulator.domain.queries import QueryAnswer
from spectra_emulator.ports import AnswerStore, Clock, QueryEngine, StateStore
from spectra_emulator.services.bulk_jobs import BulkJobService


class JobService:
    def __init__(
        self, engine: QueryEngine, state: StateStore, answers: AnswerStore, bulk_jobs: BulkJobService, clock: Clock
    ) -> None:
        self._engine = engine
        self._state = state
        self._answers = answers
        self._bulk_jobs = bulk_jobs
        self._clock = clock

    def job(self, principal: Principal, job_id: str) -> Job:
        """Return the record of a query (by its query id or job id) or of a bulk job.

        Raises: NotFound, Forbidden.
        """
        principal.require("query:execute", "bulk:read")
        job = self._query_job(principal.tenant_id, job_id)
        return job or as_job(self._bulk_jobs.found(principal, job_id))

    def results(self, principal: Principal, job_id: str, base_url: str) -> QueryAnswer | ExportedFile:
        """Return what the query answered, or the file of a bulk export.

        Raises: NotFound, Forbidden, Conflict.
        """
        principal.require("query:execute", "bulk:read")
        job = self._query_job(principal.tenant_id, job_id)
        if job is None:
            return self._exported(principal, job_id, base_url)
        if job.status is not JobStatus.COMPLETED:
            raise Conflict(f"The job is {job.status}: it has no results", status=job.status)
        answer = self._answers.get(principal.tenant_id, job.job_id)
        if answer is None:
            raise NotFound("The job's results are no longer kept", job_id=job.job_id)
        return answer

    def cancel(self, principal: Principal, job_id: str) -> Job:
        """Cancel a job that has not finished.

        Raises: NotFound, Forbidden, Conflict.
        """
        principal.require("query:execute", "bulk:cancel")
        job = self._query_job(principal.tenant_id, job_id)
        if job is None:
            return as_job(self._bulk_jobs.abort(principal, job_id))
        principal.require("query:execute")
        now = self._clock()
        elapsed = elapsed_milliseconds(job.submitted_at, now)
        cancelled = replace(job, status=JobStatus.CANCELLED, completed_at=now, execution_time_ms=elapsed)
        if not self._state.move_job(cancelled):
            raise Conflict(f"The job is already {self._status(job)}", status=self._status(job))
        self._engine.cancel(principal.tenant_id, job.job_id.removeprefix("job-"))
        return cancelled

    def _exported(self, principal: Principal, job_id: str, base_url: str) -> ExportedFile:
        job = as_job(self._bulk_jobs.found(principal, job_id))
        if job.status is not JobStatus.COMPLETED:
            raise Conflict(f"The job is {job.status}: it has no results", status=job.status)
        found = self._bulk_jobs.results(principal, job_id, base_url)
        if isinstance(found, ExportedFile):
            return found
        raise Conflict("An import has no rows to give: the bulk job has its counters", status=job.status)

    def _status(self, job: Job) -> JobStatus:
        latest = self._state.job(job.tenant_id, job.job_id)
        return latest.status if latest else job.status

    def _query_job(self, tenant_id: str, job_id: str) -> Job | None:
        found = (self._state.job(tenant_id, name) for name in _names(job_id))
        return next((job for job in found if job is not None), None) or self._state.job_of_query(tenant_id, job_id)


def _names(job_id: str) -> Iterator[str]:
    yield job_id
    yield job_id_of(job_id)
