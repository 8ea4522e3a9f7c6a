"""API keys that were made while servers run, valid on all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from spectra_emulator.adapters.api_keys import ApiKey, ApiKeys, key_digest, new_key
from spectra_emulator.adapters.postgres.connections import Connections
from spectra_emulator.domain.principal import Credential

_MAKE = """INSERT INTO spectra_api_keys VALUES (%(digest)s, %(tenant_id)s, %(subject)s, %(permissions)s)"""
_FIND = "SELECT tenant_id, subject, permissions FROM spectra_api_keys WHERE key_sha256 = %(digest)s"
_REVOKE = "DELETE FROM spectra_api_keys WHERE tenant_id = %(tenant_id)s"
_MADE_FOR = "SELECT 1 FROM spectra_api_keys WHERE tenant_id = %(tenant_id)s LIMIT 1"
_TENANT_IDS = "SELECT DISTINCT tenant_id FROM spectra_api_keys"


class PostgresKeys:
    """Keys of the configuration are this server's own; all others are looked up at each call, by digest alone."""

    waits_for_network = True

    def __init__(self, configured: ApiKeys, connections: Connections) -> None:
        self._configured = configured
        self._connections = connections

    def credential(self, key: str) -> Credential | None:
        """Return what the key stands for, or None for a key that is not known.

        Raises: InternalError.
        """
        known = self._configured.credential(key)
        if known is not None:
            return known
        found = self._run(_FIND, digest=key_digest(key))
        if not found:
            return None
        tenant_id, subject, permissions = found[0]
        return Credential("api_key", subject, tenant_id, None if permissions is None else frozenset(permissions))

    def make(self, tenant_id: str, permissions: frozenset[str] | None) -> str:
        text, key = new_key(tenant_id, permissions)
        self._run(_MAKE, **_values(key))
        return text

    def revoke(self, tenant_id: str) -> None:
        self._run(_REVOKE, tenant_id=tenant_id)

    def made_for(self, tenant_id: str) -> bool:
        return bool(self._run(_MADE_FOR, tenant_id=tenant_id))

    def tenant_ids(self) -> frozenset[str]:
        return self._configured.tenant_ids() | {tenant_id for (tenant_id,) in self._run(_TENANT_IDS)}

    def _run(self, sql: LiteralString, **values: object) -> list[tuple[Any, ...]]:
        with self._connections.lent() as connection:
            cursor = connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []


def _values(key: ApiKey) -> Mapping[str, object]:
    permissions = None if key.permissions is None else sorted(key.permissions)
    return {
        "digest": key.key_sha256,
        "tenant_id": key.tenant_id,
        "subject": key.subject,
        "permissions": permissions,
    }
