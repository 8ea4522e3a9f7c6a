"""Who calls, for which tenant, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from spectra_emulator.domain.errors import Forbidden

EVERYTHING = frozenset({"*"})
DOCUMENTED_DEFAULT = frozenset({"query:execute", "bulk:read"})
BULK_PERMISSIONS = frozenset({"bulk:create", "bulk:read", "bulk:cancel"})
PERMISSIONS = BULK_PERMISSIONS | {"query:execute", "bulk:*", "admin:*", "*"}
ANY_TENANT = "*"
BY_TOKEN = "jwt"  # noqa: S105 - a method, not a secret
"""The method of a credential that is a signed token."""


@dataclass(frozen=True)
class Credential:
    """What a proof of identity says: `tenant_id` is `"*"` where the request's header chooses.

    `permissions` is None where the credential names none.
    """

    method: str
    subject: str
    tenant_id: str
    permissions: frozenset[str] | None = None
    db_user: str | None = None


@dataclass(frozen=True)
class Principal:
    """A caller whose identity and tenant are settled."""

    tenant_id: str
    subject: str
    method: str
    permissions: frozenset[str]
    db_user: str

    def may(self, permission: str) -> bool:
        """Tell whether the exact permission, `*`, or for a bulk permission `bulk:*` was granted."""
        covering = {permission, "*", "bulk:*"} if permission in BULK_PERMISSIONS else {permission, "*"}
        return not self.permissions.isdisjoint(covering)

    def require(self, *permissions: str) -> None:
        """Pass where any of `permissions` was granted.

        Raises: Forbidden.
        """
        if not any(self.may(permission) for permission in permissions):
            needed = " or ".join(permissions)
            raise Forbidden("Permission denied for resource", required_permission=needed)
