"""API keys made while servers run, on all of them."""

from __future__ import annotations

import pytest
from spectra_emulator.adapters.api_keys import ApiKey, ApiKeys, key_digest
from spectra_emulator.adapters.postgres import PostgresKeys
from spectra_emulator.domain.principal import Credential

from tests.shared_state import SharedDatabase

CONFIGURED = ApiKey(key_digest("spk_configured"), "tenant-123", "reports")


@pytest.fixture
def servers(shared_database: SharedDatabase) -> tuple[PostgresKeys, PostgresKeys]:
    """Return the keys as two servers know them; the first has one in its configuration."""
    first = PostgresKeys(ApiKeys([CONFIGURED]), shared_database.connections())
    return first, PostgresKeys(ApiKeys([]), shared_database.connections())


@pytest.mark.parametrize("permissions", [None, frozenset(), frozenset({"bulk:read", "query:execute"})])
def test_a_key_that_one_made_is_known_to_the_other(
    servers: tuple[PostgresKeys, PostgresKeys], permissions: frozenset[str] | None
) -> None:
    key = servers[0].make("tenant-new", permissions)

    assert servers[1].credential(key) == Credential("api_key", "made", "tenant-new", permissions)
    assert (servers[1].made_for("tenant-new"), servers[1].tenant_ids()) == (True, {"tenant-new"})


def test_a_key_that_one_revoked_is_known_to_none(servers: tuple[PostgresKeys, PostgresKeys]) -> None:
    key, other = servers[0].make("tenant-new", None), servers[0].make("tenant-other", None)
    servers[1].revoke("tenant-new")

    assert (servers[0].credential(key), servers[0].made_for("tenant-new")) == (None, False)
    assert servers[0].credential(other) is not None


def test_a_configured_key_is_its_servers_alone(servers: tuple[PostgresKeys, PostgresKeys]) -> None:
    known = [keys.credential("spk_configured") for keys in servers]

    assert known == [Credential("api_key", "reports", "tenant-123"), None]
    assert servers[0].tenant_ids() == {"tenant-123"}


def test_of_a_made_key_only_its_digest_is_kept(
    servers: tuple[PostgresKeys, PostgresKeys], shared_database: SharedDatabase
) -> None:
    key = servers[0].make("tenant-new", None)
    with shared_database.connections().lent() as connection:
        kept = str(connection.execute("SELECT * FROM spectra_api_keys").fetchall())

    assert key_digest(key) in kept
    assert key.rpartition("_")[2] not in kept
