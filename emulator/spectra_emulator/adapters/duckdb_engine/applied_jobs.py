"""What marks a bulk job as applied: written in the same transaction as its rows, so never lost and never twice.

The schema is in no catalogue, so no SQL of a tenant can name it.
"""

from __future__ import annotations

import duckdb

from spectra_emulator.adapters.duckdb_engine.internal_schema import INTERNAL_SCHEMA

_KEPT_DAYS = 7
"""Far longer than a job may take."""

_TABLES = (
    "CREATE SCHEMA IF NOT EXISTS spectra_internal",
    """CREATE TABLE IF NOT EXISTS spectra_internal.applied_jobs
       (job_id VARCHAR, processed BIGINT, failed BIGINT, applied_at TIMESTAMP DEFAULT now()::TIMESTAMP)""",
    """CREATE TABLE IF NOT EXISTS spectra_internal.failed_records
       (job_id VARCHAR, record BIGINT, reason VARCHAR, applied_at TIMESTAMP DEFAULT now()::TIMESTAMP)""",
)


def prepare(database: duckdb.DuckDBPyConnection) -> None:
    """Make the tables where there are none; to ask for the last costs a new tenant far less than to make all."""
    try:
        database.execute("SELECT 1 FROM spectra_internal.failed_records LIMIT 0")
    except duckdb.CatalogException:
        for statement in _TABLES:
            database.execute(statement)


def found(cursor: duckdb.DuckDBPyConnection, job_id: str) -> tuple[int, int] | None:
    """Return how many records of the job went in and how many failed, where it was applied."""
    counts = "SELECT processed, failed FROM spectra_internal.applied_jobs WHERE job_id = ?"
    row = cursor.execute(counts, [job_id]).fetchone()
    return None if row is None else (row[0], row[1])


def mark(cursor: duckdb.DuckDBPyConnection, job_id: str, processed: int, failed: int) -> None:
    """Note the job within the open transaction, and forget those that nobody will ask for."""
    for table in ("applied_jobs", "failed_records"):
        cursor.execute(
            f"DELETE FROM {INTERNAL_SCHEMA}.{table} WHERE applied_at < now()::TIMESTAMP - INTERVAL {_KEPT_DAYS} DAY"  # noqa: S608 - our own names
        )
    cursor.execute(
        "INSERT INTO spectra_internal.applied_jobs (job_id, processed, failed) VALUES (?, ?, ?)",
        [job_id, processed, failed],
    )


def note_failed(cursor: duckdb.DuckDBPyConnection, job_id: str, faulty: str) -> None:
    """Note the numbers and reasons that the query `faulty` gives, for the file of failed records to be made again."""
    cursor.execute(
        f"INSERT INTO {INTERNAL_SCHEMA}.failed_records (job_id, record, reason) SELECT ?, * FROM ({faulty})",  # noqa: S608 - our own names
        [job_id],
    )
