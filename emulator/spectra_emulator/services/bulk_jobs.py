"""The Bulk API's jobs: create, list, close, abort, and the links to their files."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from spectra_emulator.domain.bulk_files import (
    ExportedFile,
    failed_key,
    file_format,
    job_of_upload,
    object_prefixes,
    upload_key,
)
from spectra_emulator.domain.bulk_jobs import (
    BulkJob,
    BulkJobFilter,
    BulkJobRequest,
    BulkJobState,
    Link,
    Operation,
    as_created,
    moved_by_client,
)
from spectra_emulator.domain.errors import Conflict, NotFound
from spectra_emulator.domain.idempotency import IdempotencyKey
from spectra_emulator.domain.principal import Principal
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.ports import Clock, NewId, ObjectStore, StateStore
from spectra_emulator.services.bulk_work import BulkWork
from spectra_emulator.services.idempotency import Idempotency, Once
from spectra_emulator.sql.source import require_length

_PATIENCE_SECONDS = 10.0
"""How long a request waits for another under its key."""


@dataclass(frozen=True)
class BulkPorts:
    state: StateStore
    objects: ObjectStore
    clock: Clock
    new_id: NewId
    link_lifetime: timedelta


class BulkJobService:
    """`base_url` is where the caller reaches this server; links begin with it where they lead here."""

    def __init__(self, ports: BulkPorts, work: BulkWork, idempotency: Idempotency, rules: SqlRules) -> None:
        self._state = ports.state
        self._objects = ports.objects
        self._clock = ports.clock
        self._new_id = ports.new_id
        self._link_lifetime = ports.link_lifetime
        self._work = work
        self._idempotency = idempotency
        self._rules = rules

    def create(
        self, principal: Principal, request: BulkJobRequest, key: IdempotencyKey | None, base_url: str
    ) -> tuple[BulkJob, bool]:
        """Return the new job, or the one that the key created, and whether it is a replay.

        Raises: Forbidden, InvalidSql, SqlBlocked, Conflict.
        """
        require_length(request.query or "", self._rules.max_length)
        if key is None:
            return self._created(principal, request, base_url), False

        def exists(job_id: str) -> bool:
            return self._state.bulk_job(principal.tenant_id, job_id) is not None

        def late() -> Conflict:
            return Conflict("Another request under this idempotency key is still running", field="X-Idempotency-Key")

        def run() -> str:
            return self._created(principal, request, base_url).job_id

        once = Once(run, exists, time.monotonic() + _PATIENCE_SECONDS, late)
        job_id, replayed = self._idempotency.once(key, once)
        return as_created(self.found(principal, job_id)), replayed

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
        while True:
            job = self.found(principal, job_id)
            closed = moved_by_client(job, BulkJobState.UPLOAD_COMPLETE, self._clock())
            if self._state.move_bulk_job(closed, expected=job.state):
                self._work.begin(closed)
                return closed

    def abort(self, principal: Principal, job_id: str) -> BulkJob:
        """Give the job up: what it changed so far is taken back.

        Raises: Forbidden, NotFound, Conflict.
        """
        job = self.found(principal, job_id)
        principal.require("bulk:cancel")

        def ending(latest: BulkJob) -> BulkJob:
            return moved_by_client(latest, BulkJobState.ABORTED, self._clock())

        return self._work.end(job.tenant_id, job.job_id, ending)

    def upload_url(self, principal: Principal, job_id: str, base_url: str) -> Link:
        """Return a link that takes the job's file.

        Raises: NotFound, Conflict.
        """
        job = self.found(principal, job_id)
        if job.request.operation is Operation.QUERY:
            raise Conflict("A query job takes no upload", current_state=job.state)
        if job.state is not BulkJobState.OPEN:
            raise Conflict(f"A bulk job in state {job.state} takes no upload", current_state=job.state)
        return self._upload_link(job, base_url)

    def may_upload(self, key: str) -> bool:
        """Tell whether a client may write the object: an upload is open as long as its job is."""
        named = job_of_upload(key)
        job = None if named is None else self._state.bulk_job(*named)
        return job is not None and job.state is BulkJobState.OPEN and upload_key(job) == key

    def results(self, principal: Principal, job_id: str, base_url: str) -> BulkJob | ExportedFile:
        """Return an export's file, or the import itself for its counters.

        Raises: NotFound, Conflict.
        """
        job = self._complete(principal, job_id)
        if job.result_key is None:
            return job
        size_bytes = self._objects.size_bytes(job.result_key)
        if size_bytes is None:
            raise NotFound("The job's file is no longer kept", job_id=job_id)
        expires_at = self._clock() + self._link_lifetime
        url = self._objects.download_link(job.result_key, self._link_lifetime, base_url)
        return ExportedFile(Link(url, expires_at), file_format(job.request), size_bytes)

    def failed_records(self, principal: Principal, job_id: str) -> BinaryIO:
        """Return the records that the import refused, as CSV; the caller closes the file.

        Raises: NotFound, Conflict.
        """
        job = self._complete(principal, job_id)
        if not job.number_records_failed:
            raise NotFound("No record of the job failed", job_id=job_id)
        key = failed_key(job)
        if self._objects.size_bytes(key) is None:
            raise NotFound("The job's refused records are no longer kept", job_id=job_id)
        with tempfile.TemporaryDirectory(prefix="spectra-failed-") as folder:
            file = Path(folder) / "failed.csv"
            self._objects.fetch(key, file)
            return file.open("rb")

    def forget_before(self, moment: datetime) -> None:
        """Delete the files of jobs created before `moment`."""
        for job in self._state.bulk_jobs_created_before(moment, BulkJobState):
            for prefix in object_prefixes(job):
                self._objects.delete(prefix)

    def _complete(self, principal: Principal, job_id: str) -> BulkJob:
        job = self.found(principal, job_id)
        if job.state is not BulkJobState.JOB_COMPLETE:
            raise Conflict(f"The bulk job is {job.state}: it has no results", current_state=job.state)
        return job

    def _created(self, principal: Principal, request: BulkJobRequest, base_url: str) -> BulkJob:
        if request.query is not None:
            self._work.check(request.query, principal.tenant_id, principal.db_user)
        self._objects.warm_up()
        now = self._clock()
        job_id, user = f"bulk-{self._new_id()}", principal.db_user
        job = BulkJob(job_id, principal.tenant_id, request, BulkJobState.OPEN, now, now, db_user=user)
        if request.operation is not Operation.QUERY:
            job = replace(job, upload_link=self._upload_link(job, base_url))
        self._state.add_bulk_job(job)
        return job

    def _upload_link(self, job: BulkJob, base_url: str) -> Link:
        expires_at = self._clock() + self._link_lifetime
        return Link(self._objects.upload_link(upload_key(job), self._link_lifetime, base_url), expires_at)
