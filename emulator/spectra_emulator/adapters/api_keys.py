"""API keys, kept and looked up by digest alone."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spectra_emulator.domain.principal import Credential
from spectra_emulator.domain.snapshots import MadeKey

_SECRET_BYTES = 24


@dataclass(frozen=True)
class ApiKey:
    """`key_sha256` is lower-case hex; `tenant_id` is `"*"` where the request's header chooses."""

    key_sha256: str = field(repr=False)
    tenant_id: str
    subject: str
    permissions: frozenset[str] | None = None


class ApiKeys:
    """`file` keeps the keys that are made later, where they are to outlive the server."""

    waits_for_network = False

    def __init__(self, keys: Iterable[ApiKey], file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._file = file
        self._made = {key.key_sha256: key for key in _kept(file)}
        self._credentials = {key.key_sha256: _credential(key) for key in (*keys, *self._made.values())}

    def credential(self, key: str) -> Credential | None:
        """Return what the key stands for, or None for a key that is not known.

        Looking a digest up leaks no more than its own first bits, and a digest leads to no key.
        """
        return self._credentials.get(key_digest(key))

    def tenant_ids(self) -> frozenset[str]:
        """Return the tenants that have a key of their own."""
        return frozenset(credential.tenant_id for credential in tuple(self._credentials.values()))

    def make(self, tenant_id: str, permissions: frozenset[str] | None) -> str:
        """Return a new key of the tenant, of which only a digest is kept."""
        text, key = new_key(tenant_id, permissions)
        with self._lock:
            self._made[key.key_sha256] = key
            self._keep()
            self._credentials[key.key_sha256] = _credential(key)
        return text

    def revoke(self, tenant_id: str) -> None:
        """Let no key that was made for the tenant be valid any more."""
        with self._lock:
            for digest in [digest for digest, key in self._made.items() if key.tenant_id == tenant_id]:
                del self._credentials[digest]
                del self._made[digest]
            self._keep()

    def made_for(self, tenant_id: str) -> bool:
        return any(key.tenant_id == tenant_id for key in tuple(self._made.values()))

    def made(self, tenant_id: str) -> tuple[MadeKey, ...]:
        """Return the keys that were made for the tenant."""
        keys = [key for key in tuple(self._made.values()) if key.tenant_id == tenant_id]
        return tuple(MadeKey(key.key_sha256, key.subject, _listed(key.permissions)) for key in keys)

    def restore(self, tenant_id: str, keys: Sequence[MadeKey]) -> None:
        """Let these be the keys that were made for the tenant, and no others."""
        if set(keys) == set(self.made(tenant_id)):
            return
        self.revoke(tenant_id)
        with self._lock:
            for each in keys:
                permissions = None if each.permissions is None else frozenset(each.permissions)
                key = ApiKey(each.key_sha256, tenant_id, each.subject, permissions)
                self._made[key.key_sha256] = key
                self._credentials[key.key_sha256] = _credential(key)
            self._keep()

    def _keep(self) -> None:
        if self._file is None:
            return
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(json.dumps([_written(key) for key in self._made.values()]), encoding="utf-8")
        unfinished.rename(self._file)


def new_key(tenant_id: str, permissions: frozenset[str] | None) -> tuple[str, ApiKey]:
    """Return the text of a new key, and what may be kept of it."""
    text = f"spk_{tenant_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    return text, ApiKey(key_digest(text), tenant_id, "made", permissions)


def key_digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _credential(key: ApiKey) -> Credential:
    return Credential("api_key", key.subject, key.tenant_id, key.permissions)


def _kept(file: Path | None) -> list[ApiKey]:
    if file is None or not file.exists():
        return []
    found = json.loads(file.read_text(encoding="utf-8"))
    return [
        ApiKey(each["key_sha256"], each["tenant_id"], each["subject"], _permissions(each["permissions"]))
        for each in found
    ]


def _permissions(listed: list[str] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(listed)


def _listed(permissions: frozenset[str] | None) -> tuple[str, ...] | None:
    return None if permissions is None else tuple(sorted(permissions))


def _written(key: ApiKey) -> dict[str, object]:
    return {
        "key_sha256": key.key_sha256,
        "tenant_id": key.tenant_id,
        "subject": key.subject,
        "permissions": _listed(key.permissions),
    }
