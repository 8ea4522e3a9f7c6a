"""API keys, kept and looked up by digest alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from spectra_emulator.domain.principal import Credential


@dataclass(frozen=True)
class ApiKey:
    """`key_sha256` is lower-case hex; `tenant_id` is `"*"` where the request's header chooses."""

    key_sha256: str = field(repr=False)
    tenant_id: str
    subject: str
    permissions: frozenset[str] | None = None


class ApiKeys:
    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._credentials = {key.key_sha256: _credential(key) for key in keys}

    def credential(self, key: str) -> Credential | None:
        """Return what the key stands for, or None for a key that is not known.

        Looking a digest up leaks no more than its own first bits, and a digest leads to no key.
        """
        return self._credentials.get(key_digest(key))


def key_digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _credential(key: ApiKey) -> Credential:
    return Credential("api_key", key.subject, key.tenant_id, key.permissions)
