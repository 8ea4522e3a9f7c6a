"""Run queries: check, cap, execute once, keep the record and the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import timedelta

from spectra_emulator.domain.errors import BY_CODE, Conflict, InternalError, QueryTimeout, SpectraError
from spectra_emulator.domain.idempotency import IdempotencyKey
from spectra_emulator.domain.jobs import Job, JobError, JobStatus, elapsed_milliseconds, job_id_of
from spectra_emulator.domain.principal import Principal
from spectra_emulator.domain.queries import QueryAnswer, QueryRequest, Rows
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.ports import (
    AnswerStore,
    Clock,
    NewId,
    PreparedQuery,
    QueryEngine,
    StatementCancelledError,
    StatementTimeoutError,
    StateStore,
    Steady,
    TablesReplacedError,
)
from spectra_emulator.services.idempotency import Idempotency, Once
from spectra_emulator.services.job_steps import JobSteps
from spectra_emulator.services.prepared_queries import PreparedQueries
from spectra_emulator.sql.source import require_length


@dataclass(frozen=True)
class QueryPorts:
    engine: QueryEngine
    state: StateStore
    answers: AnswerStore
    clock: Clock
    new_id: NewId
    steady: Steady = time.monotonic
    steps: JobSteps = field(default_factory=JobSteps)


class QueryService:
    def __init__(self, ports: QueryPorts, idempotency: Idempotency, rules: SqlRules) -> None:
        self._ports = ports
        self._idempotency = idempotency
        self._rules = rules
        self._prepared = PreparedQueries(ports.engine, rules)

    def submit(
        self, principal: Principal, request: QueryRequest, key: IdempotencyKey | None
    ) -> tuple[QueryAnswer, bool]:
        """Return the answer, and whether it is a replay.

        Raises: InvalidSql, SqlBlocked, QueryTimeout, Conflict, InternalError.
        """
        require_length(request.sql, self._rules.max_length)
        if key is None:
            return self._answered(principal, request, keyed=False), False
        answers: list[QueryAnswer] = []

        def run() -> str:
            answers.append(self._answered(principal, request, keyed=True))
            return job_id_of(answers[0].query_id)

        def exists(job_id: str) -> bool:
            found = self._ports.answers.get(principal.tenant_id, job_id)
            answers.extend([found] if found else [])
            return found is not None

        _, replayed = self._idempotency.once(key, Once(run, exists, request.deadline, lambda: timed_out(request)))
        return answers[-1], replayed

    def _answered(self, principal: Principal, request: QueryRequest, *, keyed: bool) -> QueryAnswer:
        """Return the answer; a query whose tables were replaced under it is asked of those that came."""
        while True:
            try:
                return self._asked(principal, request, keyed=keyed)
            except TablesReplacedError:
                continue

    def _asked(self, principal: Principal, request: QueryRequest, *, keyed: bool) -> QueryAnswer:
        left = timedelta(seconds=request.deadline - self._ports.steady())
        if left <= timedelta(0):
            raise timed_out(request)
        prepared = self._prepared.of(principal, request.sql, request.limit)
        request.note(prepared.sql)
        job = self._new_job(principal.tenant_id)
        try:
            return self._carried_out(job, prepared, request, left, keyed=keyed)
        finally:
            self._ports.steps.forget(job.job_id)

    def _carried_out(
        self, job: Job, prepared: PreparedQuery, request: QueryRequest, left: timedelta, *, keyed: bool
    ) -> QueryAnswer:
        stepped = not self._ports.steps.free
        if stepped:
            job = self._stepped(job)
        query_id = job.job_id.removeprefix("job-")
        rows = self._rows(job, prepared, request, left, stored=stepped)
        finished = self._finished(replace(job, query_id=rows.query_id), JobStatus.COMPLETED, row_count=rows.row_count)
        answer = QueryAnswer(query_id, rows, finished.execution_time_ms or 0)
        self._ports.answers.put(job.tenant_id, job.job_id, answer, keyed=keyed)
        return answer

    def _new_job(self, tenant_id: str) -> Job:
        now = self._ports.clock()
        return Job(job_id_of(self._ports.new_id()), tenant_id, JobStatus.RUNNING, submitted_at=now, started_at=now)

    def _stepped(self, job: Job) -> Job:
        """Let the job be seen as QUEUED and RUNNING for as long as a tester holds it; that costs it no time."""
        queued = replace(job, status=JobStatus.QUEUED, started_at=None)
        self._ports.state.add_job(queued)
        self._await_step(queued)
        running = replace(job, started_at=self._ports.clock())
        if not self._ports.state.move_job(running):
            raise self._ended(job)
        self._await_step(running)
        return running

    def _await_step(self, job: Job) -> None:
        if not self._ports.steps.passed(job.job_id, lambda: self._has_ended(job)):
            raise self._ended(job)

    def _has_ended(self, job: Job) -> bool:
        found = self._ports.state.job(job.tenant_id, job.job_id)
        return found is None or found.finished

    def _ended(self, job: Job) -> SpectraError:
        """Return what the caller of a job is told that others ended."""
        found = self._ports.state.job(job.tenant_id, job.job_id)
        if found is None:
            message = "A snapshot was loaded, or the tenant reset, while the query ran: send it again"
            return Conflict(message, job_id=job.job_id)
        if found.error is None:
            return self._cancelled(job)
        return BY_CODE[found.error.code](found.error.message, **found.error.details)

    def _rows(self, job: Job, prepared: PreparedQuery, request: QueryRequest, left: timedelta, *, stored: bool) -> Rows:
        """Run the query, and let its job say how that ended where it did not end well."""
        try:
            return self._run(job, prepared, request.limit, left, stored=stored)
        except StatementTimeoutError as error:
            timeout = timed_out(request)
            self._failed(job, timeout)
            raise timeout from error
        except StatementCancelledError as error:
            raise self._stopped(job) from error
        except TablesReplacedError:
            self._note_replaced(job)
            raise
        except SpectraError as error:
            self._failed(job, error)
            raise
        except BaseException:
            self._failed(job, InternalError("The query failed inside the server"))
            raise

    def _run(self, job: Job, prepared: PreparedQuery, cap: int, left: timedelta, *, stored: bool) -> Rows:
        """Run the query; its job is stored no sooner than a cancel of it takes effect, or when it fails before."""

        def begun() -> None:
            nonlocal stored
            if not stored:
                self._ports.state.add_job(job)
                stored = True
            elif self._has_ended(job):
                raise self._ended(job)

        try:
            return prepared.run(job.job_id.removeprefix("job-"), cap, left, begun)
        finally:
            if not stored:
                begun()

    def _stopped(self, job: Job) -> SpectraError:
        """Return what the caller is told; where another than its client cancelled the query, its job says so too."""
        if not self._has_ended(job):
            self._finished(job, JobStatus.CANCELLED)
        return self._ended(job)

    def _note_replaced(self, job: Job) -> None:
        """End the record, unless it went with the tables."""
        error = JobError(Conflict.code, "A snapshot was loaded while the query ran: the tables were replaced", {})
        self._ports.state.move_job(replace(job, status=JobStatus.FAILED, completed_at=self._ports.clock(), error=error))

    def _failed(self, job: Job, error: SpectraError) -> None:
        record = JobError(error.code, error.message, error.details)
        self._finished(job, JobStatus.FAILED, error=record)

    def _finished(
        self, job: Job, status: JobStatus, row_count: int | None = None, error: JobError | None = None
    ) -> Job:
        """Store the finished record.

        Raises: Conflict where the job was cancelled meanwhile.
        """
        now = self._ports.clock()
        finished = replace(
            job,
            status=status,
            completed_at=now,
            row_count=row_count,
            execution_time_ms=elapsed_milliseconds(job.submitted_at, now),
            error=error,
        )
        if not self._ports.state.move_job(finished):
            raise self._ended(job)
        return finished

    def _cancelled(self, job: Job) -> Conflict:
        return Conflict("The query was cancelled", job_id=job.job_id, status=JobStatus.CANCELLED)


def timed_out(request: QueryRequest) -> QueryTimeout:
    seconds = int(request.timeout.total_seconds())
    return QueryTimeout(
        f"Query exceeded its timeout of {seconds} s",
        timeout_seconds=seconds,
        suggestion="Narrow the query, raise parameters.timeout_seconds (at most 300), or use the Bulk API",
    )
