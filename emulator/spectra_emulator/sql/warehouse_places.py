"""Where a tenant's bulk jobs keep what is theirs in Redshift: a schema of the tenant's own user."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spectra_emulator.sql.script_steps import spelt

APPLIED = "spectra_applied_jobs"
FAILED = "spectra_failed_records"
STAGED = "spectra_staged_"
RECORD = "spectra_record"
_KEPT_DAYS = 7
"""Far longer than a job may take."""

_SWEPT_AT_ONCE = 20
_UNSAFE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class JobPlaces:
    """The names, in quotes, of a job's tables; `job` is its id as a literal."""

    schema: str
    job_id: str

    @property
    def applied(self) -> str:
        return spelt(self.schema, APPLIED)

    @property
    def failed(self) -> str:
        return spelt(self.schema, FAILED)

    @property
    def staged(self) -> str:
        return spelt(self.schema, STAGED + _UNSAFE.sub("_", self.job_id.lower()))

    @property
    def job(self) -> str:
        return text_literal(self.job_id)


def is_own(name: str) -> bool:
    """Tell whether a table is one of these, and none of the tenant's."""
    return name in {APPLIED, FAILED} or name.startswith(STAGED)


def is_staged(name: str) -> bool:
    """Tell whether a table is one that a job has filled for itself."""
    return name.startswith(STAGED)


def left_behind_query(places: JobPlaces) -> str:
    """Return the query of staging tables that no job can be at any more, the oldest first.

    Source: "PG_CLASS_INFO".
    """
    return (
        "SELECT relname FROM pg_class_info JOIN pg_namespace ON pg_namespace.oid = relnamespace"  # noqa: S608 - quoted
        f" WHERE nspname = {text_literal(places.schema)} AND relkind = 'r' AND STRPOS(relname, '{STAGED}') = 1"
        f" AND relcreationtime < DATEADD(day, -{_KEPT_DAYS}, SYSDATE) ORDER BY relcreationtime LIMIT {_SWEPT_AT_ONCE}"
    )


def dropping(places: JobPlaces, table: str) -> str:
    return f"DROP TABLE IF EXISTS {spelt(places.schema, table)}"


def preparation(places: JobPlaces) -> tuple[str, ...]:
    """Return what makes the tables that all jobs share, where there are none, and forgets jobs long gone."""
    moment = "applied_at TIMESTAMP DEFAULT SYSDATE"
    counts = f"job_id VARCHAR(64) NOT NULL, processed BIGINT NOT NULL, failed BIGINT NOT NULL, {moment}"
    reasons = f"job_id VARCHAR(64) NOT NULL, record BIGINT NOT NULL, reason VARCHAR(2000), {moment}"
    old = f"WHERE applied_at < DATEADD(day, -{_KEPT_DAYS}, SYSDATE)"
    return (
        f"CREATE TABLE IF NOT EXISTS {places.applied} ({counts})",
        f"CREATE TABLE IF NOT EXISTS {places.failed} ({reasons})",
        f"DELETE FROM {places.applied} {old}",  # noqa: S608 - quoted
        f"DELETE FROM {places.failed} {old}",  # noqa: S608 - quoted
    )


def applied_query(places: JobPlaces) -> str:
    return f"SELECT processed, failed FROM {places.applied} WHERE job_id = {places.job}"  # noqa: S608 - quoted


def failed_query(places: JobPlaces, after: int, most: int) -> str:
    """Return the query of the next failed records after that number."""
    failed = f"SELECT record, reason FROM {places.failed} WHERE job_id = {places.job}"  # noqa: S608 - quoted
    return f"{failed} AND record > {after} ORDER BY record LIMIT {most}"


def unstaging(places: JobPlaces) -> str:
    return f"DROP TABLE IF EXISTS {places.staged}"


def text_literal(text: str) -> str:
    """Return the text in quotes, whatever a backslash means in the session."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
