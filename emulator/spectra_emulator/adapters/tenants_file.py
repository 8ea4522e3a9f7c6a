"""The file that names tenants and their credentials."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from spectra_emulator.adapters.api_keys import ApiKey, key_digest
from spectra_emulator.adapters.json_web_tokens import Issuer
from spectra_emulator.adapters.jwks import KeySetError, key_set
from spectra_emulator.adapters.sigv4 import AccessKey
from spectra_emulator.domain.principal import ANY_TENANT, PERMISSIONS
from spectra_emulator.domain.tenancy import is_tenant_id

FILE_KEYS = ("tenants", "api_keys", "access_keys", "jwt")
TENANT_KEYS = ("tenant_id", "description", "db_user")
API_KEY_KEYS = ("key", "key_sha256", "tenant_id", "subject", "permissions")
ACCESS_KEY_KEYS = ("access_key_id", "secret_access_key", "session_token", "tenant_id", "region", "permissions")
JWT_KEYS = ("issuer", "audience", "secret", "jwks", "tenants")

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_SENDABLE = re.compile(r"[!-~]+")


class TenantsFileError(Exception):
    """The file cannot be used; the message names it and the key that is wrong, and no secret."""


@dataclass(frozen=True)
class Tenant:
    tenant_id: str
    description: str = ""
    db_user: str | None = None


@dataclass(frozen=True)
class ExampleKey:
    """An API key that the file tells in plain text, and the one tenant that it speaks for."""

    key: str = field(repr=False)
    tenant_id: str
    permissions: frozenset[str] | None = None


@dataclass(frozen=True)
class TenantsFile:
    """`examples` are the keys that a client could be shown."""

    tenants: tuple[Tenant, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()
    access_keys: tuple[AccessKey, ...] = ()
    issuer: Issuer | None = None
    examples: tuple[ExampleKey, ...] = ()

    @property
    def example(self) -> ExampleKey | None:
        return next(iter(self.examples), None)

    @property
    def db_users(self) -> Mapping[str, str]:
        """Return the database user of each tenant that names one."""
        return {tenant.tenant_id: tenant.db_user for tenant in self.tenants if tenant.db_user is not None}


@dataclass(frozen=True)
class _Table:
    """One table of the file; `place` leads messages: with `api_keys[1].` they name `api_keys[1].tenant_id`."""

    place: str
    values: Mapping[str, object]

    def error(self, key: str, problem: str) -> TenantsFileError:
        return TenantsFileError(f"{self.place}{key} {problem}")

    def require_known(self, known: Iterable[str]) -> None:
        for key in self.values:
            if key not in known:
                raise self.error(key, f"is not a key of the file{_nearest(key, known)}")

    def text(self, key: str) -> str:
        value = self.optional_text(key)
        if value is None:
            raise self.error(key, "is missing")
        return value

    def optional_text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is not None and not (isinstance(value, str) and value):
            raise self.error(key, "must be a text that is not empty")
        return value

    def optional_texts(self, key: str) -> frozenset[str] | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, "must be a list of texts")
        return frozenset(value)

    def tables(self, key: str, known: Iterable[str]) -> list[_Table]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(key, f"must be tables that start with [[{key}]]")
        found = [_Table(f"{self.place}{key}[{place}].", item) for place, item in enumerate(value)]
        for table in found:
            table.require_known(known)
        return found


def read(path: Path, *, keyed_elsewhere: bool = False) -> TenantsFile:
    """Read the file; with `keyed_elsewhere` its issuer of tokens may be without a key.

    Raises: TenantsFileError.
    """
    file = _Table(f"{path}: ", _toml(path))
    file.require_known(FILE_KEYS)
    tenants = _tenants(file)
    known = [tenant.tenant_id for tenant in tenants]
    return TenantsFile(
        tenants=tenants,
        api_keys=_api_keys(file, known),
        access_keys=_access_keys(file, known),
        issuer=_issuer(file, known, path.parent, keyed_elsewhere=keyed_elsewhere),
        examples=_examples(file),
    )


def _toml(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TenantsFileError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise TenantsFileError(f"{path}: is not TOML: {error}") from error


def _tenants(file: _Table) -> tuple[Tenant, ...]:
    found: dict[str, Tenant] = {}
    for table in file.tables("tenants", TENANT_KEYS):
        tenant_id = table.text("tenant_id")
        if not is_tenant_id(tenant_id):
            raise table.error("tenant_id", "must be 1 to 128 letters, digits, dots, underscores or hyphens")
        _require_new(table, "tenant_id", tenant_id, found)
        found[tenant_id] = Tenant(tenant_id, table.optional_text("description") or "", table.optional_text("db_user"))
    return tuple(found.values())


def _api_keys(file: _Table, tenants: list[str]) -> tuple[ApiKey, ...]:
    found: dict[str, ApiKey] = {}
    for table in file.tables("api_keys", API_KEY_KEYS):
        digest = _digest(table)
        _require_new(table, "key", digest, found)
        subject = table.optional_text("subject") or f"key-{digest[:12]}"
        found[digest] = ApiKey(digest, _tenant_id(table, tenants), subject, _permissions(table))
    return tuple(found.values())


def _examples(file: _Table) -> tuple[ExampleKey, ...]:
    tables = [table for table in file.tables("api_keys", API_KEY_KEYS) if "key" in table.values]
    told = (ExampleKey(table.text("key"), table.text("tenant_id"), _permissions(table)) for table in tables)
    return tuple(example for example in told if example.tenant_id != ANY_TENANT)


def _access_keys(file: _Table, tenants: list[str]) -> tuple[AccessKey, ...]:
    found: dict[str, AccessKey] = {}
    for table in file.tables("access_keys", ACCESS_KEY_KEYS):
        access_key_id = table.text("access_key_id")
        _require_new(table, "access_key_id", access_key_id, found)
        found[access_key_id] = AccessKey(
            access_key_id=access_key_id,
            secret_access_key=table.text("secret_access_key"),
            tenant_id=_tenant_id(table, tenants),
            session_token=table.optional_text("session_token"),
            region=table.optional_text("region") or "us-east-1",
            permissions=_permissions(table),
        )
    return tuple(found.values())


def _issuer(file: _Table, tenants: list[str], folder: Path, *, keyed_elsewhere: bool) -> Issuer | None:
    values = file.values.get("jwt")
    if values is None:
        return None
    if not isinstance(values, dict):
        raise file.error("jwt", "must be a table that starts with [jwt]")
    table = _Table(f"{file.place}jwt.", values)
    table.require_known(JWT_KEYS)
    trusted = table.optional_texts("tenants")
    for tenant_id in sorted(trusted or ()):
        _require_tenant(table, "tenants", tenant_id, tenants)
    source = table.optional_text("jwks")
    try:
        return Issuer(
            issuer=table.text("issuer"),
            audience=table.text("audience"),
            secret=table.optional_text("secret"),
            keys=None if source is None else key_set(source, folder),
            tenants=trusted,
            keyed_elsewhere=keyed_elsewhere,
        )
    except KeySetError as error:
        raise table.error("jwks", f"cannot be used: {error}") from error
    except ValueError as error:
        raise table.error("secret", f"cannot be used: {error}") from error


def _digest(table: _Table) -> str:
    key, digest = table.optional_text("key"), table.optional_text("key_sha256")
    if (key is None) == (digest is None):
        raise table.error("key", "or key_sha256 must be given, and not both")
    if key is not None:
        if not _SENDABLE.fullmatch(key):
            raise table.error("key", "must be printable ASCII without spaces, or no header could carry it")
        return key_digest(key)
    if digest is None or not _SHA256.fullmatch(digest):
        raise table.error("key_sha256", "must be 64 hexadecimal digits")
    return digest.lower()


def _tenant_id(table: _Table, tenants: list[str]) -> str:
    tenant_id = table.text("tenant_id")
    if tenant_id != ANY_TENANT:
        _require_tenant(table, "tenant_id", tenant_id, tenants)
    return tenant_id


def _require_tenant(table: _Table, key: str, tenant_id: str, tenants: list[str]) -> None:
    if tenant_id not in tenants:
        raise table.error(
            key, f"names {tenant_id!r}, which no [[tenants]] table declares{_nearest(tenant_id, tenants)}"
        )


def _permissions(table: _Table) -> frozenset[str] | None:
    names = table.optional_texts("permissions")
    for name in sorted(names or ()):
        if name not in PERMISSIONS:
            raise table.error("permissions", f"holds {name!r}, which is no permission{_nearest(name, PERMISSIONS)}")
    return names


def _require_new(table: _Table, key: str, value: str, found: Mapping[str, object]) -> None:
    if value in found:
        raise table.error(key, "is given twice")


def _nearest(word: str, known: Iterable[str]) -> str:
    """Return the end of a message: the nearest word, or all of them where none is near."""
    near = get_close_matches(word, sorted(known), n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known: {', '.join(sorted(known))}" if known else ""
