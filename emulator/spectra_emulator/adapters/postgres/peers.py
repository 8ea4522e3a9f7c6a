"""The servers on one state in PostgreSQL, and their leases on bulk jobs."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any, LiteralString

from spectra_emulator.adapters.postgres.connections import Connections
from spectra_emulator.adapters.postgres.membership import ALIVE, BEAT, Member
from spectra_emulator.adapters.state_rows import bulk_job_of
from spectra_emulator.domain.bulk_jobs import UNDER_WAY, BulkJob
from spectra_emulator.domain.errors import InternalError

_FORGET_DEAD = """DELETE FROM spectra_servers
    WHERE seen_at < clock_timestamp() - make_interval(secs => greatest(86400, 10 * %(lease)s))"""
# What is taken at once is little, so that the jobs of a dead server spread over those that live.
_ADOPT = f"""UPDATE spectra_bulk_jobs SET server_id = %(me)s, wanted_by = NULL WHERE job_id IN (
        SELECT job_id FROM spectra_bulk_jobs WHERE state = ANY(%(under_way)s) AND (
            server_id IS NULL OR server_id <> %(me)s AND server_id NOT IN ({ALIVE})
            OR server_id = %(me)s AND job_id <> ALL(%(known)s))
        ORDER BY created_at, job_id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    RETURNING record"""  # noqa: S608 - our own words
_TAKE = f"""UPDATE spectra_bulk_jobs SET server_id = %(me)s, wanted_by = NULL WHERE job_id = %(job_id)s
    AND state = %(state)s AND (server_id IS NULL OR server_id = %(me)s OR server_id NOT IN ({ALIVE})) RETURNING 1"""  # noqa: S608 - our own words
_ASK = """UPDATE spectra_bulk_jobs SET wanted_by = %(me)s
    WHERE job_id = %(job_id)s AND state = %(state)s AND wanted_by IS NULL RETURNING 1"""
_HOW = "SELECT state, wanted_by FROM spectra_bulk_jobs WHERE job_id = %(job_id)s"
_ASK_NO_MORE = "UPDATE spectra_bulk_jobs SET wanted_by = NULL WHERE job_id = %(job_id)s AND wanted_by = %(me)s"
_ASKED_FOR = "SELECT record FROM spectra_bulk_jobs WHERE server_id = %(me)s AND wanted_by IS NOT NULL"
_LET_GO = """UPDATE spectra_bulk_jobs SET server_id = wanted_by, wanted_by = NULL
    WHERE job_id = %(job_id)s AND server_id = %(me)s AND wanted_by IS NOT NULL AND state = %(state)s
      AND substring(record from '"attempt":([0-9]+)') = %(attempt)s RETURNING 1"""
_KEEP = "UPDATE spectra_bulk_jobs SET wanted_by = NULL WHERE job_id = %(job_id)s AND server_id = %(me)s"
_MINE = "SELECT job_id FROM spectra_bulk_jobs WHERE job_id = ANY(%(job_ids)s) AND server_id = %(me)s"
_ENDED_ELSEWHERE = """UPDATE spectra_jobs SET ended_elsewhere = false
    WHERE server_id = %(me)s AND ended_elsewhere RETURNING tenant_id, job_id"""
_LEAVE: tuple[LiteralString, ...] = (
    "UPDATE spectra_bulk_jobs SET server_id = NULL WHERE server_id = %(me)s",
    "DELETE FROM spectra_servers WHERE server_id = %(me)s",
)
_ADOPTED_AT_ONCE = 4
_LOOK_AGAIN_SECONDS = 0.1
_PATIENCE_SECONDS = 12.0
"""Somewhat longer than a server tries to stop a job's work."""


class PostgresPeers:
    """`connections` are its own, so that no load of other calls keeps it from telling that this server lives."""

    shared = True

    def __init__(self, connections: Connections, member: Member) -> None:
        self._connections = connections
        self._member = member
        self._beaten_at = time.monotonic()

    def beat(self) -> None:
        begun_at = time.monotonic()
        self._run(BEAT)
        self._beaten_at = begun_at
        self._run(_FORGET_DEAD)

    def adopted(self, known: Collection[str]) -> list[BulkJob]:
        states = sorted(map(str, UNDER_WAY))
        rows = self._run(_ADOPT, under_way=states, known=list(known), most=_ADOPTED_AT_ONCE)
        return [bulk_job_of(record) for (record,) in rows]

    def taken(self, job: BulkJob) -> bool:
        if job.state not in UNDER_WAY:
            return True
        answer = self._answered(job)
        if answer is False and self._run(_ASK, job_id=job.job_id, state=job.state):
            answer = self._awaited(job)
        return bool(answer)

    def _awaited(self, job: BulkJob) -> bool | None:
        """Wait for the server that has the job to answer."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while (answer := self._answered(job)) is None:
            if time.monotonic() > give_up_at:
                self._run(_ASK_NO_MORE, job_id=job.job_id)
                return None
            time.sleep(_LOOK_AGAIN_SECONDS)
        return answer

    def _answered(self, job: BulkJob) -> bool | None:
        """Tell whether the job is this server's or has moved on; None while it is asked for."""
        if self._run(_TAKE, job_id=job.job_id, state=job.state):
            return True
        rows = self._run(_HOW, job_id=job.job_id)
        if not rows or rows[0][0] != job.state:
            return True
        if rows[0][1] == self._member.server_id:
            return None
        return bool(self._run(_TAKE, job_id=job.job_id, state=job.state))  # it may have been let go since

    def asked_for(self) -> list[BulkJob]:
        return [bulk_job_of(record) for (record,) in self._run(_ASKED_FOR)]

    def let_go(self, job: BulkJob) -> bool:
        return bool(self._run(_LET_GO, job_id=job.job_id, state=job.state, attempt=str(job.attempt)))

    def keep(self, job: BulkJob) -> None:
        self._run(_KEEP, job_id=job.job_id)

    def lost(self, job_ids: Collection[str]) -> list[str]:
        """Return which jobs others have, or may have where nothing was heard of the database for a whole lease."""
        if not job_ids:
            return []
        try:
            mine = {job_id for (job_id,) in self._run(_MINE, job_ids=list(job_ids))}
        except InternalError:
            if time.monotonic() - self._beaten_at < self._member.lease_seconds:
                raise
            mine = set()
        return [job_id for job_id in job_ids if job_id not in mine]

    def ended_elsewhere(self) -> list[tuple[str, str]]:
        return [(tenant_id, job_id) for tenant_id, job_id in self._run(_ENDED_ELSEWHERE)]

    def leave(self) -> None:
        for sql in _LEAVE:
            self._run(sql)
        self._connections.close()

    def _run(self, sql: LiteralString, **values: object) -> list[tuple[Any, ...]]:
        with self._connections.lent() as connection:
            cursor = connection.execute(sql, {**self._member.values, **values})
            return cursor.fetchall() if cursor.description else []
