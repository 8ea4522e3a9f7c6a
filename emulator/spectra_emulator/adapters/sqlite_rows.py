"""Rows of the state in SQLite, from records and to them."""

from __future__ import annotations

import sqlite3

from spectra_emulator.adapters.state_rows import bulk_job_row, job_row
from spectra_emulator.domain.snapshots import TenantRecords

TENANT_ROWS = (
    "SELECT record FROM jobs WHERE tenant_id = ? ORDER BY submitted_at, job_id",
    "SELECT record FROM bulk_jobs WHERE tenant_id = ? ORDER BY created_at, job_id",
    """SELECT route, text, token, body_sha256, job_id, expires_at FROM idempotency_keys
       WHERE tenant_id = ? AND job_id IS NOT NULL""",
    "SELECT bucket, started_at, count FROM rate_windows WHERE tenant_id = ?",
)
"""All that is kept of a tenant, in the order that `tenant_records` takes."""


def insert(connection: sqlite3.Connection, tenant_id: str, records: TenantRecords) -> None:
    keys = [
        (tenant_id, key.route, key.text, key.token, key.body_sha256, key.job_id, key.expires_at) for key in records.keys
    ]
    windows = [(tenant_id, window.bucket, window.started_at, window.count) for window in records.windows]
    connection.executemany("INSERT INTO jobs VALUES (?, ?, ?, ?, ?)", map(job_row, records.jobs))
    connection.executemany("INSERT INTO bulk_jobs VALUES (?, ?, ?, ?, ?, ?)", map(bulk_job_row, records.bulk_jobs))
    connection.executemany("INSERT INTO idempotency_keys VALUES (?, ?, ?, ?, ?, ?, ?)", keys)
    connection.executemany("INSERT INTO rate_windows VALUES (?, ?, ?, ?)", windows)
