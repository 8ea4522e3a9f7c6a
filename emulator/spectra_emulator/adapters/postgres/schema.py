"""The tables of the shared state, made by whichever server comes first."""

from __future__ import annotations

import time

import psycopg

from spectra_emulator.adapters.postgres.connections import Connection, Connections
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.ports import UnreadableStateError

VERSION = 1
_MOST_SECONDS_APART = 5.0
"""How far a server's clock may be off the database's: rate windows go by the clocks of the servers that share them."""

_ONE_AT_A_TIME = 7_215_330_118_446_201
"""The advisory lock that servers make the tables under; any number that nobody else takes."""

# Ids are compared byte by byte, as other stores do, whatever the database's language.
_TABLES = """
    CREATE TABLE spectra_state_version (version integer NOT NULL);
    CREATE TABLE spectra_servers (
        server_id text COLLATE "C" PRIMARY KEY, seen_at timestamptz NOT NULL);
    CREATE TABLE spectra_jobs (
        job_id text COLLATE "C" PRIMARY KEY, tenant_id text COLLATE "C" NOT NULL, status text COLLATE "C" NOT NULL,
        submitted_at float8 NOT NULL, record text NOT NULL, server_id text COLLATE "C" NOT NULL,
        query_id text COLLATE "C" NOT NULL, ended_elsewhere boolean NOT NULL DEFAULT false);
    CREATE INDEX ON spectra_jobs (tenant_id, submitted_at DESC, job_id);
    CREATE INDEX ON spectra_jobs (tenant_id, status, submitted_at DESC, job_id);
    CREATE INDEX ON spectra_jobs (submitted_at);
    CREATE INDEX ON spectra_jobs (tenant_id, query_id) WHERE query_id <> '';
    CREATE INDEX ON spectra_jobs (server_id) WHERE status IN ('QUEUED', 'RUNNING');
    CREATE INDEX ON spectra_jobs (server_id) WHERE ended_elsewhere;
    CREATE TABLE spectra_bulk_jobs (
        job_id text COLLATE "C" PRIMARY KEY, tenant_id text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL,
        operation text COLLATE "C" NOT NULL, created_at float8 NOT NULL, record text NOT NULL,
        server_id text COLLATE "C", wanted_by text COLLATE "C");
    CREATE INDEX ON spectra_bulk_jobs (tenant_id, created_at DESC, job_id);
    CREATE INDEX ON spectra_bulk_jobs (state, created_at);
    CREATE TABLE spectra_idempotency_keys (
        tenant_id text COLLATE "C", route text COLLATE "C", text text COLLATE "C", token text COLLATE "C" NOT NULL,
        body_sha256 text NOT NULL, job_id text COLLATE "C", expires_at float8 NOT NULL, server_id text COLLATE "C",
        PRIMARY KEY (tenant_id, route, text));
    CREATE INDEX ON spectra_idempotency_keys (expires_at);
    CREATE INDEX ON spectra_idempotency_keys (server_id) WHERE job_id IS NULL;
    CREATE TABLE spectra_rate_windows (
        tenant_id text COLLATE "C", bucket text COLLATE "C", started_at float8 NOT NULL, count integer NOT NULL,
        PRIMARY KEY (tenant_id, bucket));
    CREATE TABLE spectra_answers (
        job_id text COLLATE "C" PRIMARY KEY, tenant_id text COLLATE "C" NOT NULL, head text NOT NULL,
        keyed boolean NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY, size_bytes bigint NOT NULL,
        rows_json bytea NOT NULL);
    ALTER TABLE spectra_answers ALTER COLUMN rows_json SET STORAGE EXTERNAL;
    CREATE INDEX ON spectra_answers (keyed, number);
    CREATE INDEX ON spectra_answers (tenant_id);
    CREATE TABLE spectra_answer_bytes (bytes bigint NOT NULL);
    INSERT INTO spectra_answer_bytes VALUES (0);
    CREATE TABLE spectra_api_keys (
        key_sha256 text COLLATE "C" PRIMARY KEY, tenant_id text COLLATE "C" NOT NULL, subject text NOT NULL,
        permissions text[]);
    CREATE INDEX ON spectra_api_keys (tenant_id);
"""

_HINT = "; give it in SPECTRA_STATE_PASSWORD"


def prepare(connections: Connections, most_seconds_apart: float = _MOST_SECONDS_APART) -> None:
    """Make the tables, unless they are there.

    Raises: UnreadableStateError where they cannot be made or are of another version, or the clocks are too far apart.
    """
    try:
        with connections.lent() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
            found = _version(connection)
            if found is None:
                connection.execute(_TABLES)
                connection.execute("INSERT INTO spectra_state_version VALUES (%s)", (VERSION,))
            ahead_seconds = _ahead_seconds(connection)
    except (InternalError, psycopg.Error) as error:
        reason = error.__cause__ if isinstance(error, InternalError) else error
        hint = _HINT if "no password supplied" in str(reason) else ""
        raise UnreadableStateError(f"the state in {connections.location} cannot be used: {reason}{hint}") from error
    if found not in (None, VERSION):
        raise UnreadableStateError(
            f"the state in {connections.location} has version {found} where this server knows {VERSION}:"
            " run servers of one version on it, or give this one a database of its own"
        )
    if abs(ahead_seconds) > most_seconds_apart:
        raise UnreadableStateError(
            f"this machine's clock is {ahead_seconds:+.1f} s off that of {connections.location}, more than"
            f" {most_seconds_apart:g} s: keep the clocks of all servers together, as by NTP"
        )


def _ahead_seconds(connection: Connection) -> float:
    """Return how far this machine's clock is ahead of the database's."""
    (told,) = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone() or (0.0,)
    return time.time() - float(told)


def _version(connection: Connection) -> int | None:
    named = connection.execute("SELECT to_regclass('spectra_state_version')").fetchone()
    if named is None or named[0] is None:
        return None
    found = connection.execute("SELECT version FROM spectra_state_version").fetchone()
    return None if found is None else int(found[0])
