"""State in SQLite: a file that survives the server, or memory that does not."""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from spectra_emulator.adapters.sqlite_rows import TENANT_ROWS, insert
from spectra_emulator.adapters.state_rows import (
    bulk_job_of,
    bulk_job_row,
    encoded,
    failing,
    job_of,
    job_row,
    tenant_records,
)
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobFilter, BulkJobState
from spectra_emulator.domain.errors import Conflict
from spectra_emulator.domain.idempotency import Held, IdempotencyKey, Reservation
from spectra_emulator.domain.jobs import Job, JobStatus
from spectra_emulator.domain.rate_limits import Window
from spectra_emulator.domain.snapshots import TenantRecords
from spectra_emulator.ports import MAX_LISTED_JOBS, UnreadableStateError

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS jobs (
        job_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, status TEXT NOT NULL, submitted_at REAL NOT NULL,
        record BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS jobs_of_tenant ON jobs (tenant_id, status, submitted_at);
    CREATE INDEX IF NOT EXISTS jobs_by_age ON jobs (submitted_at);
    CREATE INDEX IF NOT EXISTS jobs_by_query ON jobs (tenant_id, json_extract(CAST(record AS TEXT), '$.query_id'))
        WHERE json_extract(CAST(record AS TEXT), '$.query_id') <> '';
    CREATE TABLE IF NOT EXISTS bulk_jobs (
        job_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, state TEXT NOT NULL, operation TEXT NOT NULL,
        created_at REAL NOT NULL, record BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS bulk_jobs_of_tenant ON bulk_jobs (tenant_id, created_at, job_id);
    CREATE INDEX IF NOT EXISTS bulk_jobs_by_state ON bulk_jobs (state, created_at);
    CREATE TABLE IF NOT EXISTS idempotency_keys (
        tenant_id TEXT, route TEXT, text TEXT, token TEXT NOT NULL, body_sha256 TEXT NOT NULL, job_id TEXT,
        expires_at REAL NOT NULL,
        PRIMARY KEY (tenant_id, route, text)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS rate_windows (
        tenant_id TEXT, bucket TEXT, started_at REAL NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (tenant_id, bucket)) WITHOUT ROWID;
"""
_TABLES = ("jobs", "bulk_jobs", "idempotency_keys", "rate_windows")
_AGES = {"jobs": "submitted_at", "bulk_jobs": "created_at"}
_JOBS_OF_A_STATUS = """SELECT * FROM (SELECT submitted_at, job_id, record FROM jobs WHERE tenant_id = :tenant_id
    AND status = '{}' ORDER BY submitted_at DESC, job_id LIMIT :limit)"""
_FAIL_UNDER_WAY = """UPDATE jobs SET status = 'FAILED', record = CAST(json_set(CAST(record AS TEXT),
    '$.status', 'FAILED', '$.error', json(?), '$.completed_at', json(?),
    '$.execution_time_ms', CAST(round(1000 * max(0, ? - submitted_at)) AS INTEGER)) AS BLOB)
    WHERE status IN ('QUEUED', 'RUNNING')"""
_BATCH = 500
_PAUSE_SECONDS = 0.001
"""Lets others at the store between two batches."""


class SqliteState:
    """One connection, one writer at a time.

    `synchronous = NORMAL` keeps every commit through the end of the process, however it ends.

    Raises: UnreadableStateError.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.durable = file is not None
        self._file = file
        self._closed = False
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(file or ":memory:", check_same_thread=False, isolation_level=None)
        try:
            self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + _SCHEMA)
        except sqlite3.DatabaseError as error:
            self.close()
            raise self._unreadable(error) from error

    def add_job(self, job: Job) -> None:
        self._run("INSERT INTO jobs VALUES (?, ?, ?, ?, ?)", job_row(job))

    def job(self, tenant_id: str, job_id: str) -> Job | None:
        rows = self._run("SELECT record FROM jobs WHERE job_id = ? AND tenant_id = ?", (job_id, tenant_id))
        return job_of(rows[0][0]) if rows else None

    def job_of_query(self, tenant_id: str, query_id: str) -> Job | None:
        sql = """SELECT record FROM jobs WHERE tenant_id = ? AND json_extract(CAST(record AS TEXT), '$.query_id') = ?
                   AND json_extract(CAST(record AS TEXT), '$.query_id') <> ''
                 ORDER BY submitted_at DESC, job_id LIMIT 1"""
        rows = self._run(sql, (tenant_id, query_id))
        return job_of(rows[0][0]) if rows else None

    def jobs(self, tenant_id: str, status: JobStatus | None = None) -> list[Job]:
        wanted = JobStatus if status is None else (status,)
        union = " UNION ALL ".join(_JOBS_OF_A_STATUS.format(each) for each in wanted)
        sql = f"SELECT record FROM ({union}) ORDER BY submitted_at DESC, job_id LIMIT :limit"  # noqa: S608 - our own words
        values = {"tenant_id": tenant_id, "limit": MAX_LISTED_JOBS}
        return [job_of(record) for (record,) in self._run(sql, values)]

    def move_job(self, job: Job) -> bool:
        sql = """UPDATE jobs SET status = ?, record = ? WHERE job_id = ? AND status IN ('QUEUED', 'RUNNING')
                 RETURNING 1"""
        return bool(self._run(sql, (job.status, encoded(job), job.job_id)))

    def add_bulk_job(self, job: BulkJob) -> None:
        self._run("INSERT INTO bulk_jobs VALUES (?, ?, ?, ?, ?, ?)", bulk_job_row(job))

    def bulk_job(self, tenant_id: str, job_id: str) -> BulkJob | None:
        rows = self._run("SELECT record FROM bulk_jobs WHERE job_id = ? AND tenant_id = ?", (job_id, tenant_id))
        return bulk_job_of(rows[0][0]) if rows else None

    def bulk_jobs(self, tenant_id: str, wanted: BulkJobFilter) -> list[BulkJob]:
        sql = """SELECT record FROM bulk_jobs
                 WHERE tenant_id = ? AND ? IN (state, '') AND ? IN (operation, '')
                   AND (created_at < ? OR created_at = ? AND job_id > ?)
                 ORDER BY created_at DESC, job_id LIMIT ?"""
        moment, job_id = wanted.before or (datetime.max.replace(tzinfo=UTC), "")
        after = moment.timestamp()
        values = (tenant_id, wanted.state or "", wanted.operation or "", after, after, job_id, wanted.limit)
        return [bulk_job_of(record) for (record,) in self._run(sql, values)]

    def bulk_jobs_created_before(self, moment: datetime, states: Iterable[BulkJobState]) -> list[BulkJob]:
        sql = """SELECT record FROM bulk_jobs
                 WHERE state IN (SELECT value FROM json_each(?)) AND created_at < ? ORDER BY created_at, job_id"""
        values = (msgspec.json.encode(sorted(states)).decode(), moment.timestamp())
        return [bulk_job_of(record) for (record,) in self._run(sql, values)]

    def move_bulk_job(self, job: BulkJob, expected: BulkJobState) -> bool:
        sql = "UPDATE bulk_jobs SET state = ?, record = ? WHERE job_id = ? AND state = ? RETURNING 1"
        return bool(self._run(sql, (job.state, encoded(job), job.job_id, expected)))

    def reserve(self, key: IdempotencyKey, now: datetime, expires_at: datetime) -> Reservation:
        place = (key.tenant_id, key.route, key.text)
        with self._transaction() as connection:
            found = connection.execute(
                """SELECT token, body_sha256, job_id, expires_at FROM idempotency_keys
                   WHERE (tenant_id, route, text) = (?, ?, ?)""",
                place,
            ).fetchone()
            if found is None or (found[2] is not None and found[3] <= now.timestamp()):
                row = (*place, str(uuid.uuid4()), key.body_sha256, None, expires_at.timestamp())
                connection.execute("INSERT OR REPLACE INTO idempotency_keys VALUES (?, ?, ?, ?, ?, ?, ?)", row)
                return Reservation(Held.TAKEN_NOW, row[3])
        token, body_sha256, job_id, _ = found
        held = Held.RUNNING if job_id is None else Held.DONE
        return Reservation(held, token, body_sha256 == key.body_sha256, job_id)

    def fulfil(self, key: IdempotencyKey, token: str, job_id: str) -> None:
        sql = "UPDATE idempotency_keys SET job_id = ? WHERE (tenant_id, route, text, token) = (?, ?, ?, ?)"
        self._run(sql, (job_id, key.tenant_id, key.route, key.text, token))

    def release(self, key: IdempotencyKey, token: str) -> None:
        sql = "DELETE FROM idempotency_keys WHERE (tenant_id, route, text, token) = (?, ?, ?, ?)"
        self._run(sql, (key.tenant_id, key.route, key.text, token))

    def count_call(self, tenant_id: str, bucket: str, limit: int, length: timedelta, now: datetime) -> Window:
        moment, seconds = now.timestamp(), length.total_seconds()
        with self._transaction() as connection:
            found = connection.execute(
                "SELECT started_at, count FROM rate_windows WHERE (tenant_id, bucket) = (?, ?)", (tenant_id, bucket)
            ).fetchone()
            started_at, count = found if found and found[0] <= moment < found[0] + seconds else (moment, 0)
            admitted = count < limit
            if admitted:
                count += 1
                row = (tenant_id, bucket, started_at, count)
                connection.execute("INSERT OR REPLACE INTO rate_windows VALUES (?, ?, ?, ?)", row)
        return Window(limit, count, datetime.fromtimestamp(started_at, UTC) + length, admitted)

    def recover(self, now: datetime) -> None:
        """Fail what was under way when the last server on this store stopped.

        Raises: UnreadableStateError.
        """
        try:
            self._run(_FAIL_UNDER_WAY, failing(now))
            self._run("DELETE FROM idempotency_keys WHERE job_id IS NULL", ())
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error

    def forget_before(self, moment: datetime) -> list[str]:
        gone: list[str] = []
        for table, age in _AGES.items():
            old = f"SELECT job_id FROM {table} WHERE {age} < ? LIMIT ?"  # noqa: S608 - our own names
            gone += self._deleted(f"DELETE FROM {table} WHERE job_id IN ({old}) RETURNING job_id", moment)  # noqa: S608 - our own names
        self._deleted(
            """DELETE FROM idempotency_keys WHERE (tenant_id, route, text) IN
               (SELECT tenant_id, route, text FROM idempotency_keys WHERE job_id IS NOT NULL AND expires_at < ? LIMIT ?)
               RETURNING job_id""",
            moment,
        )
        return gone

    def _deleted(self, sql: str, moment: datetime) -> list[str]:
        """Delete in batches, so that nobody waits long for the store, until nothing is left or the store closes."""
        gone: list[str] = []
        while True:
            with self._lock:
                values = (moment.timestamp(), _BATCH)
                batch = [] if self._closed else self._connection.execute(sql, values).fetchall()
            if not batch:
                return gone
            gone += [job_id for (job_id,) in batch]
            time.sleep(_PAUSE_SECONDS)

    def exported(self, tenant_id: str) -> TenantRecords:
        """Return all that is recorded of the tenant, as of one moment."""
        with self._transaction() as connection:
            found = [connection.execute(sql, (tenant_id,)).fetchall() for sql in TENANT_ROWS]
        return tenant_records(*found)

    def replaced(self, tenant_id: str, records: TenantRecords, now: datetime) -> None:
        """Make these the tenant's records, at once; queries that were under way have failed.

        Raises: Conflict.
        """
        try:
            with self._transaction() as connection:
                _delete(connection, tenant_id)
                insert(connection, tenant_id, records)
                connection.execute(f"{_FAIL_UNDER_WAY} AND tenant_id = ?", (*failing(now), tenant_id))
        except sqlite3.IntegrityError as error:
            raise Conflict("Another tenant has a job of the same id as one of these") from error

    def clear(self, tenant_id: str) -> None:
        with self._transaction() as connection:
            _delete(connection, tenant_id)

    def tenant_ids(self) -> tuple[str, ...]:
        union = " UNION ".join(f"SELECT tenant_id FROM {table}" for table in _TABLES)  # noqa: S608 - our own names
        return tuple(tenant_id for (tenant_id,) in self._run(union, ()))

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._connection.close()

    def _unreadable(self, error: sqlite3.DatabaseError) -> UnreadableStateError:
        return UnreadableStateError(f"the state in {self._file} cannot be read: {error}")

    def _run(self, sql: str, values: tuple[object, ...] | dict[str, object]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def _delete(connection: sqlite3.Connection, tenant_id: str) -> None:
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table} WHERE tenant_id = ?", (tenant_id,))  # noqa: S608 - our own names
