"""Carry bulk jobs out, off the request: one attempt after another until the job has ended."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from spectra_emulator.domain.bulk_files import exports_prefix, upload_key
from spectra_emulator.domain.bulk_jobs import (
    MAX_ATTEMPTS,
    TIME_LIMIT,
    UNDER_WAY,
    UNFINISHED,
    BulkJob,
    BulkJobState,
    Operation,
    begun,
    begun_again,
    completed,
    failed,
    out_of_time,
)
from spectra_emulator.domain.errors import Conflict, InternalError, NotFound, SpectraError
from spectra_emulator.domain.jobs import JobError
from spectra_emulator.ports import Applied, Clock, Peers, Progress, StatementCancelledError, StateStore
from spectra_emulator.services.bulk_handover import BulkHandover
from spectra_emulator.services.bulk_queue import BulkTask, RunLater
from spectra_emulator.services.bulk_runs import Phase, Run, RunInterruptedError, Runs
from spectra_emulator.services.bulk_transfers import BulkTransfers, Outcome
from spectra_emulator.services.hindrances import Hindrances, JobFaultError, before_work, refused_first

_IMPORT = "import"
"""None meets the rows of another that is not committed."""
_PROGRESS_SECONDS = 0.25
_SPENT = f"The job was begun {MAX_ATTEMPTS} times and never completed"
_ANY_TIME = datetime.max.replace(tzinfo=UTC)
_log = logging.getLogger(__name__)


class _SpentError(Exception):
    """The last attempt was made, and it did not change a record."""


@dataclass(frozen=True)
class Workshop:
    """Where work is noted and when; each job under way has a folder of its own below `folder`."""

    state: StateStore
    clock: Clock
    folder: Path
    run_later: RunLater
    hindrances: Hindrances
    peers: Peers


class BulkWork:
    def __init__(self, transfers: BulkTransfers, workshop: Workshop) -> None:
        self._transfers = transfers
        self._state = workshop.state
        self._clock = workshop.clock
        self._folder = workshop.folder
        self._run_later = workshop.run_later
        self._hindrances = workshop.hindrances
        self._runs = Runs(transfers.cancel)
        self._in_hand: set[str] = set()
        self._handover = BulkHandover(workshop.peers, self._runs, self.begin)
        self._stilled: set[str] = set()
        self._closed = False

    def check(self, sql: str, tenant_id: str, db_user: str) -> None:
        """Pass a query that a job may export.

        Raises: InvalidSql, SqlBlocked, InternalError.
        """
        self._transfers.query(sql, tenant_id, db_user)

    def begin(self, job: BulkJob) -> None:
        """Work on the job as soon as its turn comes; a tenant's imports wait for each other where they can be ended."""
        alone = None if job.request.operation is Operation.QUERY else _IMPORT
        work = BulkTask(job.tenant_id, job.job_id, lambda: self._carry_out(job.tenant_id, job.job_id), alone)
        self._in_hand.add(job.job_id)
        self._run_later(work)

    def end(self, tenant_id: str, job_id: str, ending: Callable[[BulkJob], BulkJob]) -> BulkJob:
        """Stop what runs of the job and store it as `ending` makes it, unless it completes before.

        Raises: NotFound, Conflict, whatever `ending` raises of a job that has ended.
        """
        while True:
            job = self._state.bulk_job(tenant_id, job_id)
            if job is None:
                raise NotFound("Job not found", job_id=job_id)
            ended = ending(job)
            if self._stopped(job, ended):
                self._drop_upload(ended)
                self._hindrances.forget_ended(self._state, tenant_id)
                return ended
            if self._state.bulk_job(tenant_id, job_id) == job:
                raise Conflict(
                    "The bulk job's records are in, or its statement does not stop: read its state, or try again",
                    current_state=job.state,
                    requested_state=ended.state,
                )

    def _stopped(self, job: BulkJob, ended: BulkJob) -> bool:
        """Stop what runs of the job and store its end; wherever that does not come about the work goes on."""
        stored = False
        try:
            harmless = self._handover.stopped(job) and self._applied_before(job) is None
            stored = harmless and self._state.move_bulk_job(ended, expected=job.state)
        finally:
            if not stored:
                self._handover.go_on(job)
        return stored

    def forget(self, tenant_id: str) -> None:
        """Stop what runs of a tenant whose jobs are gone."""
        self._runs.interrupt_tenant(tenant_id)
        self._hindrances.forget_ended(self._state, tenant_id)

    def expire(self) -> None:
        """Fail the jobs that have taken too long, Open ones too."""
        now = self._clock()
        for job in self._state.bulk_jobs_created_before(now - TIME_LIMIT, UNFINISHED):
            try:
                self.end(job.tenant_id, job.job_id, lambda late: out_of_time(late, now))
            except (NotFound, Conflict) as error:
                _log.info("bulk job %s ended before its time was up: %s", job.job_id, error)
            except SpectraError:
                _log.warning("bulk job %s is late and could not be ended", job.job_id, exc_info=True)

    def recover(self) -> None:
        """Take up what was under way when the last server on this data stopped."""
        known = {job.job_id for job in self._state.bulk_jobs_created_before(_ANY_TIME, UNDER_WAY)}
        for leftover in [path for path in self._folder.glob("*") if path.name not in known]:
            shutil.rmtree(leftover, ignore_errors=True)
        self._handover.adopt(frozenset())

    def attend(self) -> None:
        """Settle with the other servers who works on which job."""
        self._handover.attend(frozenset(self._in_hand))

    @contextmanager
    def stilled(self, tenant_id: str) -> Iterator[None]:
        """Let no job of the tenant be worked on meanwhile; then take up what its records say is under way.

        Raises: Conflict where a job's work does not end.
        """
        self._stilled.add(tenant_id)
        try:
            if not self._runs.ended(tenant_id):
                raise Conflict("A bulk job of the tenant does not stop: try again")
            yield
        finally:
            self._stilled.discard(tenant_id)
            self._hindrances.forget_ended(self._state, tenant_id)
            self._take_up(tenant_id)

    def _take_up(self, tenant_id: str) -> None:
        for job in self._state.bulk_jobs_created_before(_ANY_TIME, UNDER_WAY):
            if job.tenant_id == tenant_id:
                self.begin(job)

    def close(self) -> None:
        """Take the end of any statement from now on as the server's end, not as the job's."""
        self._closed = True

    def _carry_out(self, tenant_id: str, job_id: str) -> None:
        try:
            self._carried_out(tenant_id, job_id)
        except InternalError:
            _log.warning("bulk job %s stays as it is for now: its record is out of reach", job_id, exc_info=True)
        finally:
            self._in_hand.discard(job_id)

    def _carried_out(self, tenant_id: str, job_id: str) -> None:
        job = self._state.bulk_job(tenant_id, job_id)
        if job is None or job.state not in UNDER_WAY or self._closed:
            return
        with self._runs.started(job) as run:
            while job is not None and tenant_id not in self._stilled:
                job = self._attempted(run, job)
        self._hindrances.forget_ended(self._state, tenant_id)
        if not self._closed:
            shutil.rmtree(self._folder / job_id, ignore_errors=True)

    def _attempted(self, run: Run, job: BulkJob) -> BulkJob | None:
        """Work on the job once; return it where another attempt is to follow."""
        claimed = self._claimed(run, job)
        if claimed is None:
            return None
        try:
            self._step(run, claimed)
            self._finish(claimed, self._outcome(run, claimed))
        except RunInterruptedError:
            return None
        except JobFaultError as error:
            self._fail(claimed, error.error)
        except _SpentError:
            self._fail(claimed, JobError(InternalError.code, f"{_SPENT}{run.failure}", {}))
        except (InternalError, StatementCancelledError) as error:
            return self._failed_attempt(run, claimed, error)
        except SpectraError as error:
            self._fail(claimed, JobError(error.code, error.message, error.details))
        except Exception:  # noqa: BLE001 - the edge of the job: whatever happens, it ends with a reason
            _log.exception("bulk job %s failed", claimed.job_id)
            self._fail(claimed, JobError(InternalError.code, "The server failed while it worked on the job", {}))
        return None

    def _claimed(self, run: Run, job: BulkJob) -> BulkJob | None:
        """Return the job as this attempt's own, or None where it has ended meanwhile."""
        run.fault = self._hindrances.met(job)
        try:
            self._step(run, job)
        except RunInterruptedError:
            return None
        except JobFaultError as error:
            self._state.move_bulk_job(failed(job, self._clock(), error.error), expected=job.state)
            return None
        now = self._clock()
        claimed = begun(job, now) if job.state is BulkJobState.UPLOAD_COMPLETE else begun_again(job, now)
        return claimed if self._state.move_bulk_job(claimed, expected=job.state) else None

    def _step(self, run: Run, job: BulkJob) -> None:
        """Wait until the job may go on from its state.

        Raises: RunInterruptedError, JobFaultError, InternalError.
        """
        if job.attempt <= 1 and not self._hindrances.steps.passed(job.job_id, lambda: run.interrupted or self._closed):
            raise RunInterruptedError
        before_work(run.fault, job.state, run.pause)

    def _outcome(self, run: Run, job: BulkJob) -> Outcome:
        folder = self._folder / job.job_id
        applied = self._applied_before(job) if job.attempt > 1 else None
        if applied is not None:
            run.enter(Phase.APPLIED)
        if applied is not None and self._transfers.kept(applied, folder):
            return self._transfers.applied(job, folder, applied)
        if job.attempt > MAX_ATTEMPTS and applied is None:
            raise _SpentError
        folder.mkdir(parents=True, exist_ok=True)
        return self._transfers.carried_out(
            job, folder, run, self._progress(job), refused_first=refused_first(run.fault)
        )

    def _applied_before(self, job: BulkJob) -> Applied | None:
        if job.state is not BulkJobState.IN_PROGRESS or job.request.operation is Operation.QUERY:
            return None
        return self._transfers.engine.applied(job.tenant_id, job.job_id, job.db_user)

    def _progress(self, job: BulkJob) -> Progress:
        told_at = float("-inf")

        def note(records: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= _PROGRESS_SECONDS:
                told_at = time.monotonic()
                moved = replace(job, number_records_processed=records, updated_at=self._clock())
                self._state.move_bulk_job(moved, expected=BulkJobState.IN_PROGRESS)

        return note

    def _finish(self, job: BulkJob, outcome: Outcome) -> None:
        """Complete the job by the one write that names its file, and drop what other attempts left."""
        complete = completed(
            job, self._clock(), processed=outcome.processed, failed=outcome.failed, result_key=outcome.result_key
        )
        stored = self._state.move_bulk_job(complete, expected=BulkJobState.IN_PROGRESS)
        if stored:
            self._drop_upload(job)
        if outcome.result_key is not None:
            # A later attempt may be another server's, which is at it or has completed the job.
            for attempt in range(1, job.attempt + (0 if stored else 1)):
                self._transfers.objects.delete(f"{exports_prefix(job)}attempt-{attempt}.")

    def _drop_upload(self, job: BulkJob) -> None:
        """Delete what was uploaded for a job that has ended; what cannot be deleted now goes with its retention."""
        if job.request.operation is Operation.QUERY:
            return
        try:
            self._transfers.objects.delete(upload_key(job))
        except SpectraError:
            _log.warning("the upload of bulk job %s stays for now", job.job_id, exc_info=True)

    def _failed_attempt(self, run: Run, job: BulkJob, error: Exception) -> BulkJob | None:
        if run.abandoned:
            return None
        if self._closed:
            self._state.move_bulk_job(replace(job, attempt=job.attempt - 1), expected=BulkJobState.IN_PROGRESS)
            return None
        _log.warning("attempt %s at bulk job %s failed", job.attempt, job.job_id, exc_info=error)
        told = error.message if isinstance(error, InternalError) else str(error)
        run.failure = f": {told}" if told else ""
        if job.attempt <= MAX_ATTEMPTS:
            return job
        self._fail(job, JobError(InternalError.code, f"{_SPENT}{run.failure}", {}))
        return None

    def _fail(self, job: BulkJob, error: JobError) -> None:
        if self._state.move_bulk_job(failed(job, self._clock(), error), expected=BulkJobState.IN_PROGRESS):
            self._drop_upload(job)
