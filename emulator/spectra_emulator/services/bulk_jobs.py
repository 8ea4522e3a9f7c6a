"""The Bulk API's jobs: create, list, close, abort."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

from spectra_emulator.domain.bulk_jobs import (
    BulkJob,
    BulkJobFilter,
    BulkJobRequest,
    BulkJobState,
    Operation,
    moved_by_client,
)
from spectra_emulator.domain.errors import Conflict, NotFound
from spectra_emulator.domain.idempotency import IdempotencyKey
from spectra_emulator.domain.jobs import JobError
from spectra_emulator.domain.principal import Principal
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.ports import Clock, NewId, StateStore
from spectra_emulator.services.idempotency import Idempotency, Once
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.source import require_length

_PATIENCE = timedelta(seconds=10)
"""How long a request waits for another under its key."""
_NO_DATA_YET = "This version of the emulator keeps bulk jobs but moves no data yet"


class BulkJobService:
    def __init__(
        self, state: StateStore, idempotency: Idempotency, rules: SqlRules, clock: Clock, new_id: NewId
    ) -> None:
        self._state = state
        self._idempotency = idempotency
        self._rules = rules
        self._clock = clock
        self._new_id = new_id

    def create(self, principal: Principal, request: BulkJobRequest, key: IdempotencyKey | None) -> tuple[BulkJob, bool]:
        """Return the new job, or the one that the key created, and whether it is a replay.

        Raises: Forbidden, InvalidSql, SqlBlocked, Conflict.
        """
        require_length(request.query or "", self._rules.max_length)
        if key is None:
            return self._created(principal, request), False

        def exists(job_id: str) -> bool:
            return self._state.bulk_job(principal.tenant_id, job_id) is not None

        def late() -> Conflict:
            return Conflict("Another request under this idempotency key is still running", field="X-Idempotency-Key")

        work = Once(lambda: self._created(principal, request).job_id, exists, self._clock() + _PATIENCE, late)
        job_id, replayed = self._idempotency.once(key, work)
        return self._as_created(self.found(principal, job_id)), replayed

    def found(self, principal: Principal, job_id: str) -> BulkJob:
        """Return the tenant's job.

        Raises: NotFound.
        """
        job = self._state.bulk_job(principal.tenant_id, job_id)
        if job is None:
            raise NotFound("Job not found", job_id=job_id)
        return job

    def listed(self, principal: Principal, wanted: BulkJobFilter) -> list[BulkJob]:
        """Return the jobs of one page, and one more where another page follows."""
        return self._state.bulk_jobs(principal.tenant_id, replace(wanted, limit=wanted.limit + 1))

    def close(self, principal: Principal, job_id: str) -> BulkJob:
        """Take the job's upload as complete and begin its work.

        Raises: Forbidden, NotFound, Conflict.
        """
        principal.require("bulk:create")
        closed = self._moved(principal, job_id, BulkJobState.UPLOAD_COMPLETE)
        self._fail(closed)
        return closed

    def abort(self, principal: Principal, job_id: str) -> BulkJob:
        """Give the job up.

        Raises: Forbidden, NotFound, Conflict.
        """
        job = self.found(principal, job_id)
        principal.require("bulk:cancel")
        return self._moved(principal, job.job_id, BulkJobState.ABORTED)

    def upload_url(self, principal: Principal, job_id: str) -> NoReturn:
        """Refuse: nothing can be uploaded yet.

        Raises: NotFound, Conflict.
        """
        job = self.found(principal, job_id)
        if job.request.operation is Operation.QUERY:
            raise Conflict("A query job takes no upload", current_state=job.state)
        if job.state is not BulkJobState.OPEN:
            raise Conflict(f"A bulk job in state {job.state} takes no upload", current_state=job.state)
        raise Conflict(_NO_DATA_YET, current_state=job.state)

    def results(self, principal: Principal, job_id: str) -> NoReturn:
        """Refuse: no job completes yet.

        Raises: NotFound, Conflict.
        """
        job = self.found(principal, job_id)
        raise Conflict(f"The bulk job is {job.state}: it has no results", current_state=job.state)

    def _created(self, principal: Principal, request: BulkJobRequest) -> BulkJob:
        if request.query is not None:
            parse_read_only(request.query, self._rules)
        now = self._clock()
        job = BulkJob(f"bulk-{self._new_id()}", principal.tenant_id, request, BulkJobState.OPEN, now, now)
        self._state.add_bulk_job(job)
        return job

    def _fail(self, job: BulkJob) -> None:
        """End the job with its reason: no data can have been uploaded, and none can be exported yet."""
        if job.request.operation is Operation.QUERY:
            error = JobError("INTERNAL_ERROR", _NO_DATA_YET, {})
        else:
            error = JobError("INVALID_REQUEST", "Nothing was uploaded for this job", {})
        now = self._clock()
        failed = replace(job, state=BulkJobState.FAILED, updated_at=now, completed_at=now, error=error)
        self._state.move_bulk_job(failed, expected=job.state)

    def _as_created(self, job: BulkJob) -> BulkJob:
        """Return the job as its creation answered, which is what a replay repeats."""
        return BulkJob(job.job_id, job.tenant_id, job.request, BulkJobState.OPEN, job.created_at, job.created_at)

    def _moved(self, principal: Principal, job_id: str, state: BulkJobState) -> BulkJob:
        while True:
            job = self.found(principal, job_id)
            moved = moved_by_client(job, state, self._clock())
            if self._state.move_bulk_job(moved, expected=job.state):
                return moved
