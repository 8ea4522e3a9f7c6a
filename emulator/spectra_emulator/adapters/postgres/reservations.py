"""Idempotency keys in PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from spectra_emulator.adapters.postgres.connections import Connection, Connections
from spectra_emulator.adapters.postgres.membership import ALIVE, Member
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.domain.idempotency import Held, IdempotencyKey, Reservation

_FOUND = """SELECT token, body_sha256, job_id, expires_at FROM spectra_idempotency_keys
    WHERE (tenant_id, route, text) = (%(tenant_id)s, %(route)s, %(text)s)"""
_TAKE = """INSERT INTO spectra_idempotency_keys AS k
    VALUES (%(tenant_id)s, %(route)s, %(text)s, %(token)s, %(body)s, NULL, %(expires_at)s, %(me)s)
    ON CONFLICT (tenant_id, route, text) DO UPDATE SET token = excluded.token, body_sha256 = excluded.body_sha256,
        job_id = NULL, expires_at = excluded.expires_at, server_id = excluded.server_id
    WHERE k.job_id IS NOT NULL AND k.expires_at <= %(now)s RETURNING 1"""
_FULFIL = """UPDATE spectra_idempotency_keys SET job_id = %(job_id)s
    WHERE (tenant_id, route, text, token) = (%(tenant_id)s, %(route)s, %(text)s, %(token)s)"""
_RELEASE = """DELETE FROM spectra_idempotency_keys
    WHERE (tenant_id, route, text, token) = (%(tenant_id)s, %(route)s, %(text)s, %(token)s)"""
_FREE = f"""DELETE FROM spectra_idempotency_keys WHERE job_id IS NULL
    AND (server_id NOT IN ({ALIVE}) OR token = ANY(%(lost)s))"""  # noqa: S608 - our own words
_FORGET = """DELETE FROM spectra_idempotency_keys WHERE (tenant_id, route, text) IN
    (SELECT tenant_id, route, text FROM spectra_idempotency_keys
     WHERE job_id IS NOT NULL AND expires_at < %s LIMIT %s)"""
_BATCH = 500


class Reservations:
    """A key that could not be given back, or may have been taken without a word, is `lost` until it can be freed."""

    def __init__(self, connections: Connections, member: Member) -> None:
        self._connections = connections
        self._member = member
        self._lost: set[str] = set()

    def reserve(self, key: IdempotencyKey, now: datetime, expires_at: datetime) -> Reservation:
        place = _place(key)
        while True:
            with self._connections.lent() as connection:
                found = connection.execute(_FOUND, place).fetchone()
            if found is not None and (found[2] is None or found[3] > now.timestamp()):
                token, body_sha256, job_id, _ = found
                held = Held.RUNNING if job_id is None else Held.DONE
                return Reservation(held, token, body_sha256 == key.body_sha256, job_id)
            if (taken := self._taken(key, now, expires_at)) is not None:
                return Reservation(Held.TAKEN_NOW, taken)

    def _taken(self, key: IdempotencyKey, now: datetime, expires_at: datetime) -> str | None:
        """Take the key and return the token, None where another was quicker."""
        token = str(uuid.uuid4())
        values = {
            **_place(key),
            "token": token,
            "body": key.body_sha256,
            "now": now.timestamp(),
            "expires_at": expires_at.timestamp(),
            "me": self._member.server_id,
        }
        with self._noting_loss(token), self._connections.lent() as connection:
            taken = connection.execute(_TAKE, values).fetchone()
        return token if taken else None

    def fulfil(self, key: IdempotencyKey, token: str, job_id: str) -> None:
        with self._connections.lent() as connection:
            connection.execute(_FULFIL, {**_place(key), "token": token, "job_id": job_id})

    def release(self, key: IdempotencyKey, token: str) -> None:
        with self._noting_loss(token), self._connections.lent() as connection:
            connection.execute(_RELEASE, {**_place(key), "token": token})

    @contextmanager
    def _noting_loss(self, token: str) -> Iterator[None]:
        try:
            yield
        except InternalError:
            self._lost.add(token)
            raise

    def free_abandoned(self) -> None:
        """Free the keys under way that no living server works under."""
        lost = list(self._lost)
        with self._connections.lent() as connection:
            connection.execute(_FREE, {**self._member.values, "lost": lost})
        self._lost.difference_update(lost)

    def forget_before(self, connection: Connection, moment: datetime) -> None:
        """Drop the answered keys that expired before `moment`."""
        while connection.execute(_FORGET, (moment.timestamp(), _BATCH)).rowcount:
            pass


def _place(key: IdempotencyKey) -> dict[str, object]:
    return {"tenant_id": key.tenant_id, "route": key.route, "text": key.text}
