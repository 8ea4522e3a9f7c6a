"""By what a tenant's database user gets in: a password, a secret, or credentials that AWS gives for an hour.

Importing this module loads boto3.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import boto3  # type: ignore[import-untyped] # it has no types
from botocore.config import Config  # type: ignore[import-untyped] # it has no types
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped] # it has no types

from spectra_emulator.adapters.aws_failures import aws_reason, region_required
from spectra_emulator.adapters.redshift.users import TENANT
from spectra_emulator.adapters.redshift.warehouse import Login
from spectra_emulator.domain.backend_location import BackendLocation
from spectra_emulator.domain.errors import OperatorError

DB_USER = "{db_user}"
_LIFETIME_SECONDS = 3600
_SECRET_SECONDS = 300.0
_EARLY_SECONDS = 120.0
"""How long before they end credentials are taken anew."""
_QUICK = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Credential:
    """`user` is what the connection says, which for temporary credentials is `IAM:` and the database user."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class CredentialSources:
    """`secret` is a name that may hold `{db_user}`, `role` an ARN that may hold `{tenant}`."""

    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str = ""
    role: str = ""


class Credentials:
    """Remembers what it got for as long as it is good; `now` tells seconds since 1970."""

    def __init__(
        self, location: BackendLocation, sources: CredentialSources, now: Callable[[], float] = time.time
    ) -> None:
        self._location = location
        self._sources = sources
        self._now = now
        self._sessions: dict[str, tuple[boto3.Session, float]] = {}
        self._credentials: dict[Login, tuple[Credential, float]] = {}

    def of(self, login: Login) -> Credential:
        """Return what the tenant's database user gets in by.

        Raises: OperatorError where there is nothing, or where AWS gives another user's.
        """
        known = self._sources.passwords.get(login.db_user)
        if known is not None:
            return Credential(login.db_user, known)
        return self._remembered(self._credentials, login, lambda: self._taken(login))

    def forget(self, login: Login) -> None:
        """Take the user's credentials anew next time: they were refused."""
        self._credentials.pop(login, None)
        self._sessions.pop(login.tenant_id, None)

    def session(self, login: Login) -> boto3.Session:
        """Return AWS's session for the tenant: with its role where one is set.

        Raises: OperatorError.
        """
        return self._remembered(self._sessions, login.tenant_id, lambda: self._session(login.tenant_id))

    def secret_name(self, login: Login) -> str:
        """Return the name or ARN of the user's secret, empty where secrets are not used."""
        return self._sources.secret.replace(DB_USER, login.db_user).replace(TENANT, login.tenant_id)

    def _remembered(
        self, kept: dict[Any, tuple[Kept, float]], key: object, taken: Callable[[], tuple[Kept, float]]
    ) -> Kept:
        found = kept.get(key)
        if found is None or found[1] <= self._now():
            found = kept[key] = taken()
        return found[0]

    def _session(self, tenant_id: str) -> tuple[boto3.Session, float]:
        """Return the tenant's session and until when it is good; one without a role sees to that itself."""
        if self._sources.role:
            return self._assumed(tenant_id)
        return boto3.Session(region_name=self._location.region or None), math.inf

    def _assumed(self, tenant_id: str) -> tuple[boto3.Session, float]:
        role = self._sources.role.replace(TENANT, tenant_id)
        plain = boto3.Session(region_name=self._location.region or None)
        answer = _asked("sts", lambda: _client(plain, "sts").assume_role(RoleArn=role, RoleSessionName=tenant_id[:64]))
        given = answer["Credentials"]
        session = boto3.Session(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=plain.region_name
        )
        return session, given["Expiration"].timestamp() - _EARLY_SECONDS

    def _taken(self, login: Login) -> tuple[Credential, float]:
        location = self._location
        if self._sources.secret:
            return self._of_secret(login)
        if location.cluster:
            return self._of_cluster(login)
        if location.workgroup:
            return self._of_workgroup(login)
        raise OperatorError("The database user has no password: set db_passwords or db_secret", db_user=login.db_user)

    def _of_secret(self, login: Login) -> tuple[Credential, float]:
        name = self.secret_name(login)
        client = _client(self.session(login), "secretsmanager")
        text: str = _asked("secretsmanager", lambda: client.get_secret_value(SecretId=name))["SecretString"]
        user, password = _read_secret(text)
        if user not in ("", login.db_user):
            raise OperatorError("The secret belongs to another database user", db_user=login.db_user, secret=name)
        return Credential(login.db_user, password), self._now() + _SECRET_SECONDS

    def _of_cluster(self, login: Login) -> tuple[Credential, float]:
        client = _client(self.session(login), "redshift")
        given = _asked(
            "redshift",
            lambda: client.get_cluster_credentials(
                DbUser=login.db_user,
                DbName=self._location.database,
                ClusterIdentifier=self._location.cluster,
                DurationSeconds=_LIFETIME_SECONDS,
                AutoCreate=False,
            ),
        )
        return self._checked(login, given["DbUser"], given["DbPassword"], given["Expiration"].timestamp())

    def _of_workgroup(self, login: Login) -> tuple[Credential, float]:
        """Take credentials of whoever the session is: a workgroup gives no other user's."""
        client = _client(self.session(login), "redshift-serverless")
        given = _asked(
            "redshift-serverless",
            lambda: client.get_credentials(
                workgroupName=self._location.workgroup,
                dbName=self._location.database,
                durationSeconds=_LIFETIME_SECONDS,
            ),
        )
        return self._checked(login, given["dbUser"], given["dbPassword"], given["expiration"].timestamp())

    def _checked(self, login: Login, user: str, password: str, ends_at: float) -> tuple[Credential, float]:
        """Refuse another user's credentials: its rows would be another tenant's."""
        if user.removeprefix("IAM:").removeprefix("IAMA:") != login.db_user and user != login.db_user:
            raise OperatorError("AWS gives credentials of another database user", db_user=login.db_user, given=user)
        return Credential(user, password), ends_at - _EARLY_SECONDS


def _client(session: boto3.Session, service: str) -> Any:
    with region_required():
        return session.client(service, config=_QUICK)


def _asked(service: str, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (ClientError, BotoCoreError) as error:
        raise OperatorError(f"AWS gives no credentials for the warehouse: {aws_reason(service, error)}") from error


def _read_secret(text: str) -> tuple[str, str]:
    """Return user and password: of the JSON object that Secrets Manager keeps for databases, or of a bare text."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError:
        return "", text
    if not isinstance(content, dict) or "password" not in content:
        raise OperatorError("The database user's secret holds no password")
    return str(content.get("username", "")), str(content["password"])
