"""Idempotency keys: one tenant, one route, one key, one execution."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from spectra_emulator.domain.errors import InvalidRequest

MAX_LENGTH = 128


@dataclass(frozen=True)
class IdempotencyKey:
    """`body_sha256` tells whether a repeat asks for the same."""

    tenant_id: str
    route: str
    text: str
    body_sha256: str


class Held(Enum):
    TAKEN_NOW = "taken now"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True)
class Reservation:
    """Who has a key: `token` is theirs alone, and what fulfils or releases their reservation and no other.

    `job_id` is known once the first request is done; `same_body` compares with that request's.
    """

    held: Held
    token: str
    same_body: bool = True
    job_id: str | None = None


def checked(text: str) -> str:
    """Return the header's text where it can be a key.

    Raises: InvalidRequest.
    """
    if not (1 <= len(text) <= MAX_LENGTH and text.isascii() and text.isprintable()):
        raise InvalidRequest(
            f"X-Idempotency-Key must be 1 to {MAX_LENGTH} printable ASCII characters", field="X-Idempotency-Key"
        )
    return text
