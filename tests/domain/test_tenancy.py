"""Which tenant a caller works for."""

from __future__ import annotations

from itertools import product

import pytest
from spectra_emulator.domain.errors import Forbidden, InvalidRequest, SpectraError, Unauthorized
from spectra_emulator.domain.principal import DOCUMENTED_DEFAULT, EVERYTHING, Credential, Principal
from spectra_emulator.domain.tenancy import folder_name, principal

from tests.requirements import requirement

BOUND = Credential("api_key", "demo", "tenant-123")
UNBOUND = Credential("api_key", "operator", "*")
LONGEST = "T" * 128


def settled(credential: Credential, header: str | None, *, multi_tenant: bool = True) -> Principal:
    return principal(credential, header, multi_tenant=multi_tenant, default_permissions=EVERYTHING)


@requirement("TEN-03", "TEN-04", "TEN-05")
@pytest.mark.parametrize(
    ("credential", "header", "multi_tenant", "tenant_id"),
    [
        pytest.param(BOUND, "tenant-123", True, "tenant-123", id="header agrees"),
        pytest.param(BOUND, "tenant-123", False, "tenant-123", id="header agrees, single tenant"),
        pytest.param(BOUND, None, False, "tenant-123", id="credential decides, single tenant"),
        pytest.param(UNBOUND, "tenant-456", True, "tenant-456", id="header chooses"),
        pytest.param(UNBOUND, "tenant-456", False, "tenant-456", id="header chooses, single tenant"),
        pytest.param(UNBOUND, LONGEST, True, LONGEST, id="longest"),
    ],
)
def test_the_tenant_is_settled(credential: Credential, header: str, multi_tenant: bool, tenant_id: str) -> None:
    assert settled(credential, header, multi_tenant=multi_tenant).tenant_id == tenant_id


@requirement("TEN-03", "TEN-04", "TEN-05", "GEN-10")
@pytest.mark.parametrize(
    ("credential", "header", "multi_tenant", "error"),
    [
        pytest.param(BOUND, "tenant-456", True, Forbidden, id="another tenant"),
        pytest.param(BOUND, "tenant-456", False, Forbidden, id="another tenant, single tenant"),
        pytest.param(BOUND, "Tenant-123", True, Forbidden, id="case differs"),
        pytest.param(BOUND, None, True, Unauthorized, id="absent"),
        pytest.param(UNBOUND, None, True, Unauthorized, id="nobody names a tenant"),
        pytest.param(UNBOUND, None, False, Unauthorized, id="nobody names a tenant, single tenant"),
        pytest.param(UNBOUND, "*", True, InvalidRequest, id="any tenant is no tenant"),
    ],
)
def test_an_unsettled_tenant_is_refused(
    credential: Credential, header: str, multi_tenant: bool, error: type[SpectraError]
) -> None:
    with pytest.raises(error) as refused:
        settled(credential, header, multi_tenant=multi_tenant)
    assert refused.value.details == {"field": "X-Tenant-ID"}


@requirement("TEN-06")
@pytest.mark.parametrize(
    "header",
    ["", " ", "a b", "a/b", "../a", "a\n", "a\0", "é", "*", "a" * 129, "a;b"],
    ids=lambda header: repr(header[:8]),
)
@pytest.mark.parametrize("credential", [BOUND, UNBOUND], ids=["bound", "unbound"])
def test_a_malformed_tenant_is_an_invalid_request(credential: Credential, header: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        settled(credential, header)
    assert refused.value.details == {"field": "X-Tenant-ID"}


@requirement("PRM-04")
def test_a_credential_without_permissions_gets_the_default() -> None:
    caller = principal(BOUND, "tenant-123", multi_tenant=True, default_permissions=DOCUMENTED_DEFAULT)
    assert caller.permissions == {"query:execute", "bulk:read"}


@requirement("PRM-04")
@pytest.mark.parametrize("granted", [frozenset[str](), frozenset({"bulk:read"})], ids=["none", "one"])
def test_a_credential_keeps_its_own_permissions(granted: frozenset[str]) -> None:
    credential = Credential("jwt", "demo", "tenant-123", granted)
    assert settled(credential, "tenant-123").permissions == granted


@requirement("AUTH-08")
@pytest.mark.parametrize(
    ("credential", "db_user"),
    [
        pytest.param(Credential("jwt", "demo", "tenant-123", db_user="analyst"), "analyst", id="credential's own"),
        pytest.param(Credential("jwt", "demo", "tenant-456"), "reader", id="tenant's"),
        pytest.param(Credential("jwt", "demo", "tenant-123"), "tenant_tenant-123", id="default"),
    ],
)
def test_the_database_user_is_the_nearest_named(credential: Credential, db_user: str) -> None:
    caller = principal(
        credential, None, multi_tenant=False, default_permissions=EVERYTHING, db_users={"tenant-456": "reader"}
    )
    assert caller.db_user == db_user


def test_folder_names_stay_apart_where_case_does_not_count() -> None:
    tenant_ids = ["".join(letters) for length in (1, 2, 3, 4) for letters in product("aA.-_1b", repeat=length)]
    assert len({folder_name(tenant_id).casefold() for tenant_id in tenant_ids}) == len(tenant_ids)


@pytest.mark.parametrize("tenant_id", [".", "..", "...", "a.", ".a", "con", "NUL.txt", "-", LONGEST, "." * 128])
def test_a_folder_name_stays_in_its_folder(tenant_id: str) -> None:
    name = folder_name(tenant_id)
    assert name.startswith("t-")
    assert len(name) <= 255
    assert set(name).isdisjoint('./\\:*?"<>|=%[] \0')


@pytest.mark.parametrize("tenant_id", ["", "a/b", "..\\a", "a" * 129, "é"])
def test_no_folder_is_named_after_a_malformed_tenant(tenant_id: str) -> None:
    with pytest.raises(InvalidRequest):
        folder_name(tenant_id)


def test_a_plain_tenant_id_can_be_read_in_its_folder_name() -> None:
    assert folder_name("tenant-123") == "t-tenant-123"
