"""Jobs and rate windows in PostgreSQL, for any number of servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

from spectra_emulator.adapters.postgres.connections import Connection, Connections
from spectra_emulator.adapters.postgres.membership import ALIVE, Member
from spectra_emulator.adapters.postgres.reservations import Reservations
from spectra_emulator.adapters.state_rows import (
    bulk_job_of,
    bulk_job_row,
    encoded,
    failing,
    job_of,
    job_row,
)
from spectra_emulator.domain.bulk_jobs import UNDER_WAY, BulkJob, BulkJobFilter, BulkJobState
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.domain.idempotency import IdempotencyKey, Reservation
from spectra_emulator.domain.jobs import Job, JobError, JobStatus
from spectra_emulator.domain.rate_limits import Window
from spectra_emulator.ports import MAX_LISTED_JOBS

_ADD_JOB = "INSERT INTO spectra_jobs VALUES (%s, %s, %s, %s, %s, %s, %s)"
_JOB = "SELECT record FROM spectra_jobs WHERE job_id = %s AND tenant_id = %s"
_JOB_OF_QUERY = """SELECT record FROM spectra_jobs WHERE query_id = %s AND tenant_id = %s AND query_id <> ''
    ORDER BY submitted_at DESC, job_id LIMIT 1"""
_JOBS = """SELECT record FROM spectra_jobs WHERE tenant_id = %s
    ORDER BY submitted_at DESC, job_id LIMIT %s"""
_JOBS_OF_A_STATUS = """SELECT record FROM spectra_jobs WHERE tenant_id = %s AND status = %s
    ORDER BY submitted_at DESC, job_id LIMIT %s"""
_MOVE_JOB = """UPDATE spectra_jobs SET status = %s, record = %s, query_id = %s, ended_elsewhere = server_id <> %s
    WHERE job_id = %s AND status IN ('QUEUED', 'RUNNING') RETURNING 1"""
_FAIL_UNDER_WAY = f"""UPDATE spectra_jobs SET status = 'FAILED', record = (record::jsonb || jsonb_build_object(
        'status', 'FAILED', 'error', %(error)s::jsonb, 'completed_at', %(at)s::jsonb,
        'execution_time_ms', round(1000 * greatest(0, %(now)s::numeric - submitted_at::numeric))::bigint))::text
    WHERE status IN ('QUEUED', 'RUNNING') AND server_id NOT IN ({ALIVE})"""  # noqa: S608 - our own words
_ADD_BULK_JOB = "INSERT INTO spectra_bulk_jobs VALUES (%s, %s, %s, %s, %s, %s, %s)"
_BULK_JOB = "SELECT record FROM spectra_bulk_jobs WHERE job_id = %s AND tenant_id = %s"
_BULK_JOBS = """SELECT record FROM spectra_bulk_jobs
    WHERE tenant_id = %s AND %s IN (state, '') AND %s IN (operation, '')
      AND (created_at < %s OR created_at = %s AND job_id > %s)
    ORDER BY created_at DESC, job_id LIMIT %s"""
_OLD_BULK_JOBS = """SELECT record FROM spectra_bulk_jobs
    WHERE state = ANY(%s) AND created_at < %s ORDER BY created_at, job_id"""
_MOVE_BULK_JOB = """UPDATE spectra_bulk_jobs SET state = %(state)s, record = %(record)s,
        server_id = CASE WHEN %(under_way)s THEN %(me)s END, wanted_by = CASE WHEN %(under_way)s THEN wanted_by END
    WHERE job_id = %(job_id)s AND state = %(expected)s AND (%(open)s OR server_id = %(me)s) RETURNING 1"""
# Servers' clocks differ a little, so a call may seem to come before its window, which goes forward alone.
_COUNT_CALL = """INSERT INTO spectra_rate_windows AS w VALUES (%(tenant_id)s, %(bucket)s, %(now)s, 1)
    ON CONFLICT (tenant_id, bucket) DO UPDATE SET
        started_at = CASE WHEN %(now)s - w.started_at < %(seconds)s THEN w.started_at ELSE %(now)s END,
        count = CASE WHEN %(now)s - w.started_at < %(seconds)s THEN w.count + 1 ELSE 1 END
    WHERE %(now)s - w.started_at >= %(seconds)s OR w.count < %(limit)s
    RETURNING started_at, count"""
_WINDOW = "SELECT started_at, count FROM spectra_rate_windows WHERE tenant_id = %(tenant_id)s AND bucket = %(bucket)s"
_FORGET_JOBS = """DELETE FROM spectra_jobs WHERE job_id IN
    (SELECT job_id FROM spectra_jobs WHERE submitted_at < %s LIMIT %s) RETURNING job_id"""
_FORGET_BULK_JOBS = """DELETE FROM spectra_bulk_jobs WHERE job_id IN
    (SELECT job_id FROM spectra_bulk_jobs WHERE created_at < %s LIMIT %s) RETURNING job_id"""
_CLEAR: tuple[LiteralString, ...] = (
    "DELETE FROM spectra_jobs WHERE tenant_id = %s",
    "DELETE FROM spectra_bulk_jobs WHERE tenant_id = %s",
    "DELETE FROM spectra_idempotency_keys WHERE tenant_id = %s",
    "DELETE FROM spectra_rate_windows WHERE tenant_id = %s",
)
_TENANT_IDS = """SELECT tenant_id FROM spectra_jobs UNION SELECT tenant_id FROM spectra_bulk_jobs
    UNION SELECT tenant_id FROM spectra_idempotency_keys UNION SELECT tenant_id FROM spectra_rate_windows"""
_FORGETTING = 7_215_330_118_446_202
"""The advisory lock of the one server that forgets what is old."""

_BATCH = 500
_PAUSE_SECONDS = 0.001
"""Lets others at the store between two batches."""
_NUL = "\0"
"""No text of PostgreSQL holds it, so nothing is found under it."""


class PostgresState:
    """Every call is one transaction; a job under way is moved by the server alone that has it."""

    durable = True

    def __init__(self, connections: Connections, member: Member) -> None:
        self._connections = connections
        self._member = member
        self._reservations = Reservations(connections, member)
        self._closed = threading.Event()
        self._owed: dict[str, Job] = {}

    def add_job(self, job: Job) -> None:
        self._run(_ADD_JOB, (*_textual(job_row(job)), self._member.server_id, job.query_id))

    def job(self, tenant_id: str, job_id: str) -> Job | None:
        rows = self._found(_JOB, job_id, tenant_id)
        return job_of(rows[0][0]) if rows else None

    def job_of_query(self, tenant_id: str, query_id: str) -> Job | None:
        rows = self._found(_JOB_OF_QUERY, query_id, tenant_id)
        return job_of(rows[0][0]) if rows else None

    def jobs(self, tenant_id: str, status: JobStatus | None = None) -> list[Job]:
        if status is None:
            rows = self._run(_JOBS, (tenant_id, MAX_LISTED_JOBS))
        else:
            rows = self._run(_JOBS_OF_A_STATUS, (tenant_id, status, MAX_LISTED_JOBS))
        return [job_of(record) for (record,) in rows]

    def move_job(self, job: Job) -> bool:
        try:
            return self._moved(job)
        except InternalError:
            if job.finished:
                self._owed[job.job_id] = _unknown(job)
            raise

    def _moved(self, job: Job) -> bool:
        values = (job.status, encoded(job).decode(), job.query_id, self._member.server_id, job.job_id)
        return bool(self._run(_MOVE_JOB, values))

    def add_bulk_job(self, job: BulkJob) -> None:
        owner = self._member.server_id if job.state in UNDER_WAY else None
        self._run(_ADD_BULK_JOB, (*_textual(bulk_job_row(job)), owner))

    def bulk_job(self, tenant_id: str, job_id: str) -> BulkJob | None:
        rows = self._found(_BULK_JOB, job_id, tenant_id)
        return bulk_job_of(rows[0][0]) if rows else None

    def bulk_jobs(self, tenant_id: str, wanted: BulkJobFilter) -> list[BulkJob]:
        moment, job_id = wanted.before or (datetime.max.replace(tzinfo=UTC), "")
        after = moment.timestamp()
        values = (tenant_id, wanted.state or "", wanted.operation or "", after, after, job_id, wanted.limit)
        return [bulk_job_of(record) for (record,) in self._run(_BULK_JOBS, values)]

    def bulk_jobs_created_before(self, moment: datetime, states: Iterable[BulkJobState]) -> list[BulkJob]:
        rows = self._run(_OLD_BULK_JOBS, (sorted(map(str, states)), moment.timestamp()))
        return [bulk_job_of(record) for (record,) in rows]

    def move_bulk_job(self, job: BulkJob, expected: BulkJobState) -> bool:
        values = {
            "state": job.state,
            "record": encoded(job).decode(),
            "under_way": job.state in UNDER_WAY,
            "me": self._member.server_id,
            "job_id": job.job_id,
            "expected": expected,
            "open": expected not in UNDER_WAY,
        }
        return bool(self._run(_MOVE_BULK_JOB, values))

    def reserve(self, key: IdempotencyKey, now: datetime, expires_at: datetime) -> Reservation:
        return self._reservations.reserve(key, now, expires_at)

    def fulfil(self, key: IdempotencyKey, token: str, job_id: str) -> None:
        self._reservations.fulfil(key, token, job_id)

    def release(self, key: IdempotencyKey, token: str) -> None:
        self._reservations.release(key, token)

    def count_call(self, tenant_id: str, bucket: str, limit: int, length: timedelta, now: datetime) -> Window:
        values = {
            "tenant_id": tenant_id,
            "bucket": bucket,
            "limit": limit,
            "seconds": length.total_seconds(),
            "now": now.timestamp(),
        }
        counted = self._run(_COUNT_CALL, values)
        started_at, count = (counted or self._run(_WINDOW, values) or [(now.timestamp(), limit)])[0]
        return Window(limit, count, datetime.fromtimestamp(started_at, UTC) + length, admitted=bool(counted))

    def recover(self, now: datetime) -> None:
        """Fail and free what no living server answers, and make good what could not be written before."""
        for job_id, job in tuple(self._owed.items()):
            self._moved(job)
            self._owed.pop(job_id, None)
        error, at, moment = failing(now)
        values = {**self._member.values, "error": error.decode(), "at": at.decode(), "now": moment}
        self._run(_FAIL_UNDER_WAY, values)
        self._reservations.free_abandoned()

    def forget_before(self, moment: datetime) -> list[str]:
        """Drop what is old, unless another server is at it."""
        if self._closed.is_set():
            return []
        with self._connections.lent() as connection:
            (mine,) = connection.execute("SELECT pg_try_advisory_lock(%s)", (_FORGETTING,)).fetchone() or (False,)
            if not mine:
                return []
            try:
                return self._forgotten(connection, moment)
            finally:
                with suppress(Exception):
                    connection.execute("SELECT pg_advisory_unlock(%s)", (_FORGETTING,))

    def _forgotten(self, connection: Connection, moment: datetime) -> list[str]:
        gone: list[str] = []
        for sql in (_FORGET_JOBS, _FORGET_BULK_JOBS):
            while not self._closed.is_set():
                batch = connection.execute(sql, (moment.timestamp(), _BATCH)).fetchall()
                if not batch:
                    break
                gone += [job_id for (job_id,) in batch]
                time.sleep(_PAUSE_SECONDS)
        self._reservations.forget_before(connection, moment)
        return gone

    def clear(self, tenant_id: str) -> None:
        with self._connections.lent() as connection, connection.transaction():
            for sql in _CLEAR:
                connection.execute(sql, (tenant_id,))

    def tenant_ids(self) -> tuple[str, ...]:
        return tuple(tenant_id for (tenant_id,) in self._run(_TENANT_IDS, ()))

    def close(self) -> None:
        self._closed.set()
        self._connections.close()

    def _found(self, sql: LiteralString, job_id: str, tenant_id: str) -> list[tuple[Any, ...]]:
        return [] if _NUL in job_id else self._run(sql, (job_id, tenant_id))

    def _run(self, sql: LiteralString, values: Sequence[object] | Mapping[str, object]) -> list[tuple[Any, ...]]:
        with self._connections.lent() as connection:
            cursor = connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []


def _textual(row: tuple[object, ...]) -> tuple[object, ...]:
    """Return the row with its record, which comes last, as text."""
    *head, record = row
    return (*head, bytes(record).decode() if isinstance(record, bytes) else record)


def _unknown(job: Job) -> Job:
    """Return how a job ends whose end could not be written: whoever waited for it was told of an error."""
    if job.status is not JobStatus.COMPLETED:
        return job
    error = JobError(InternalError.code, "The state store could not be reached as the query ended", {})
    return replace(job, status=JobStatus.FAILED, row_count=None, error=error)
