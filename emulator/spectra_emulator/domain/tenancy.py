"""Which tenant a caller works for, and what a tenant may be called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from spectra_emulator.domain.errors import Forbidden, InvalidRequest, Unauthorized
from spectra_emulator.domain.principal import ANY_TENANT, BY_TOKEN, Credential, Principal

TENANT_HEADER = "X-Tenant-ID"
_TENANT_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_NO_USERS: Mapping[str, str] = MappingProxyType({})


def is_tenant_id(text: str) -> bool:
    return _TENANT_ID.fullmatch(text) is not None


def principal(
    credential: Credential,
    tenant_header: str | None,
    *,
    multi_tenant: bool,
    default_permissions: frozenset[str],
    db_users: Mapping[str, str] = _NO_USERS,
    named_users_only: bool = False,
) -> Principal:
    """Settle the tenant, permissions and database user; `db_users` names the user of a tenant that has one.

    With `named_users_only` nobody gets a user that was not named: a token by itself, a key by its tenant.

    Raises: InvalidRequest, Unauthorized, Forbidden.
    """
    tenant_id = _settled_tenant(credential, tenant_header, multi_tenant=multi_tenant)
    granted = credential.permissions
    return Principal(
        tenant_id=tenant_id,
        subject=credential.subject,
        method=credential.method,
        permissions=default_permissions if granted is None else granted,
        db_user=_named_user(credential, tenant_id, db_users)
        if named_users_only
        else _user(credential, tenant_id, db_users),
    )


def database_user(tenant_id: str) -> str:
    """Return who a tenant is to the database, unless something else is said of it."""
    return f"tenant_{tenant_id}"


def _user(credential: Credential, tenant_id: str, db_users: Mapping[str, str]) -> str:
    return credential.db_user or db_users.get(tenant_id, database_user(tenant_id))


def _named_user(credential: Credential, tenant_id: str, db_users: Mapping[str, str]) -> str:
    if credential.db_user:
        return credential.db_user
    if credential.method == BY_TOKEN:
        raise Forbidden("The token has no db_user claim, which names the database user here", claim="db_user")
    if tenant_id not in db_users:
        raise Forbidden("The tenant has no database user", tenant_id=tenant_id)
    return db_users[tenant_id]


def folder_name(tenant_id: str) -> str:
    """Return a folder's name that no other tenant id shares, on a file system that ignores case too.

    The prefix keeps names apart from those that Windows reserves, dots become `+` so that none leads, trails or climbs,
    and `@` introduces a bit mask (hex) of the letters that are upper case.

    Raises: InvalidRequest.
    """
    folded = _checked(tenant_id).lower().replace(".", "+")
    upper_case = sum(1 << place for place, letter in enumerate(tenant_id) if letter.isupper())
    return f"t-{folded}@{upper_case:x}" if upper_case else f"t-{folded}"


def _settled_tenant(credential: Credential, tenant_header: str | None, *, multi_tenant: bool) -> str:
    bound = credential.tenant_id
    if tenant_header is None:
        return _tenant_without_header(bound, multi_tenant=multi_tenant)
    if bound not in (ANY_TENANT, _checked(tenant_header)):
        raise Forbidden(f"The credential belongs to another tenant than {TENANT_HEADER} names", field=TENANT_HEADER)
    return tenant_header


def _tenant_without_header(bound: str, *, multi_tenant: bool) -> str:
    if multi_tenant or bound == ANY_TENANT:
        raise Unauthorized(f"{TENANT_HEADER} is missing: name the tenant of the credential", field=TENANT_HEADER)
    return bound


def _checked(tenant_id: str) -> str:
    if not is_tenant_id(tenant_id):
        raise InvalidRequest(
            f"{TENANT_HEADER} must be 1 to 128 letters, digits, dots, underscores or hyphens", field=TENANT_HEADER
        )
    return tenant_id
