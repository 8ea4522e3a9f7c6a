"""What a principal may do."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import Forbidden
from spectra_emulator.domain.principal import EVERYTHING, Principal

from tests.requirements import requirement


def holder(*permissions: str) -> Principal:
    return Principal("tenant-123", "demo", "api_key", frozenset(permissions), "tenant_tenant-123")


@requirement("PRM-02")
@pytest.mark.parametrize(
    ("granted", "asked"),
    [
        pytest.param("query:execute", "query:execute", id="exact"),
        pytest.param("bulk:*", "bulk:create", id="family create"),
        pytest.param("bulk:*", "bulk:read", id="family read"),
        pytest.param("bulk:*", "bulk:cancel", id="family cancel"),
        pytest.param("*", "query:execute", id="all"),
        pytest.param("*", "bulk:cancel", id="all bulk"),
    ],
)
def test_a_granted_permission_covers_what_it_names(granted: str, asked: str) -> None:
    assert holder(granted).may(asked)


@requirement("PRM-02")
@pytest.mark.parametrize(
    ("granted", "asked"),
    [
        pytest.param("bulk:read", "bulk:create", id="sibling"),
        pytest.param("bulk:*", "query:execute", id="other family"),
        pytest.param("query:*", "query:execute", id="only bulk has a family"),
        pytest.param("admin:*", "bulk:read", id="admin"),
        pytest.param("QUERY:EXECUTE", "query:execute", id="upper case"),
        pytest.param("query", "query:execute", id="prefix"),
    ],
)
def test_a_granted_permission_covers_nothing_else(granted: str, asked: str) -> None:
    assert not holder(granted).may(asked)


@requirement("PRM-01")
def test_lacking_every_permission_is_forbidden_and_names_them() -> None:
    with pytest.raises(Forbidden) as refused:
        holder("bulk:create").require("query:execute", "bulk:read")
    assert refused.value.details == {"required_permission": "query:execute or bulk:read"}


@requirement("PRM-03")
def test_one_of_the_permissions_is_enough() -> None:
    holder("bulk:read").require("query:execute", "bulk:read")
    assert holder(*EVERYTHING).may("anything:else")
