"""Which database user a tenant is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spectra_emulator.adapters.redshift.warehouse import Login
from spectra_emulator.domain.backend_location import USERS_OF_TOKENS
from spectra_emulator.domain.errors import Forbidden

TENANT = "{tenant}"
_LONGEST_NAME = 127
_Named = Callable[[str, str], str]


class Users:
    """`text` is a pattern that holds `{tenant}`, a list such as `demo=alice,acme=bob`, or `token`."""

    def __init__(self, text: str) -> None:
        self._named = _by_token if text == USERS_OF_TOKENS else _by_pattern(text) if TENANT in text else _by_list(text)

    def login(self, tenant_id: str, db_user: str = "") -> Login:
        """Return who the tenant is; `db_user` is what the caller's credential says.

        Raises: Forbidden where the tenant has no user of its own.
        """
        user = self._named(tenant_id, db_user)
        if not user or len(user.encode()) > _LONGEST_NAME or not user.isprintable():
            raise Forbidden("The tenant has no database user", tenant_id=tenant_id)
        return Login(tenant_id, user)


def _by_token(_tenant_id: str, db_user: str) -> str:
    return db_user


def _by_pattern(pattern: str) -> _Named:
    def named(tenant_id: str, _db_user: str) -> str:
        """Leave out ids with capitals: Redshift folds names, and two tenants would be one user."""
        return pattern.replace(TENANT, tenant_id) if tenant_id == tenant_id.lower() else ""

    return named


def _by_list(text: str) -> _Named:
    users: Mapping[str, str] = dict(_pair(entry) for entry in text.split(","))
    return lambda tenant_id, _db_user: users.get(tenant_id, "")


def _pair(entry: str) -> tuple[str, str]:
    tenant_id, _, user = entry.partition("=")
    return tenant_id.strip(), user.strip()
