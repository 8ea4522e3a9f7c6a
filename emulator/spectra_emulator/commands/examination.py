"""What `doctor` looks at, one thing after the other, as the tenants themselves would meet it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlglot import exp

from spectra_emulator.adapters.redshift import assembly
from spectra_emulator.adapters.redshift.credentials import CredentialSources
from spectra_emulator.adapters.redshift.engine import RedshiftEngine
from spectra_emulator.adapters.redshift.failures import LostConnectionError, WarehouseError
from spectra_emulator.adapters.redshift.staging import Staging
from spectra_emulator.adapters.redshift.warehouse import Login
from spectra_emulator.adapters.s3_store import external_store
from spectra_emulator.domain.backend_location import unused_user
from spectra_emulator.domain.catalogue import Column
from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.ports import ObjectStore, StatementCancelledError, StatementTimeoutError
from spectra_emulator.settings import Settings
from spectra_emulator.settings_sources import SettingsError
from spectra_emulator.sql.warehouse_loads import Access
from spectra_emulator.sql.warehouse_places import text_literal
from spectra_emulator.sql.warehouse_unloads import unload_text

PROTECTED = "SELECT relschema, relname FROM svv_rls_relation WHERE is_rls_on"
IGNORING = """
    SELECT identity_name FROM svv_system_privileges
    WHERE system_privilege = 'IGNORE RLS' AND identity_type = 'role' AND user_is_member_of(current_user, identity_name)
    ORDER BY identity_name
"""
_TIMEOUT = timedelta(seconds=60)
_ONE = exp.select("1 AS n")


class Finding(StrEnum):
    OK = "ok"
    LOOK = "look"
    MISSING = "missing"


Findings = Iterator[tuple[Finding, str]]


@dataclass(frozen=True)
class _Patient:
    engine: RedshiftEngine
    login: Login
    staging: Staging

    @property
    def tenant_id(self) -> str:
        return self.login.tenant_id

    def asked(self, sql: str) -> Sequence[Sequence[object]]:
        """Run a query as the tenant's user.

        Raises: SpectraError, StatementTimeoutError, StatementCancelledError.
        """
        name = f"doctor-{uuid.uuid4()}"
        warehouse = self.engine.warehouse
        return warehouse.query(self.login, sql, name=name, timeout=_TIMEOUT, begun=lambda: None).rows


def examined(settings: Settings, tenant_ids: Sequence[str]) -> Findings:
    """Yield what is found, a sentence each; a tenant that cannot connect is looked at no further.

    Raises: SettingsError.
    """
    location, s3 = settings.backend_location(), settings.s3_location()
    if location is None or s3 is None:
        raise SettingsError("backend: a warehouse reaches no embedded S3; set s3 to s3://bucket or its URL")
    if location.user:
        yield Finding.LOOK, unused_user(location)
    objects = external_store(replace(s3, create_bucket=False))
    staging = Staging(
        objects, s3.bucket, Access(settings.iam_role, None if s3.endpoint else s3.region), settings.db_schema
    )
    yield from _guarded("the object store", lambda: _object_store(objects))
    with _engine(settings) as engine:
        for tenant_id in tenant_ids:
            yield from _guarded(tenant_id, partial(_tenant, engine, staging, tenant_id))


@contextmanager
def _engine(settings: Settings) -> Iterator[RedshiftEngine]:
    location = settings.backend_location()
    if location is None:
        raise SettingsError("backend: name a warehouse")
    sources = CredentialSources(settings.db_passwords or {}, settings.db_secret or "", settings.db_role or "")
    engine = assembly.engine(location, sources, settings.db_users, settings.db_connections)
    try:
        yield engine
    finally:
        engine.close()


def _guarded(subject: str, look: Callable[[], Findings]) -> Findings:
    try:
        yield from look()
    except SpectraError as error:
        facts = [f"{name} {value}" for name, value in error.details.items()]
        cause = " ".join(str(error.__cause__).split())
        if isinstance(error.__cause__, WarehouseError | LostConnectionError) and cause not in str(error):
            facts.append(cause)
        yield Finding.MISSING, f"{subject}: {error}" + (f" ({'; '.join(facts)})" if facts else "")
    except (StatementTimeoutError, StatementCancelledError):
        yield Finding.MISSING, f"{subject}: the warehouse does not answer within {_TIMEOUT.seconds} s"


def _object_store(objects: ObjectStore) -> Findings:
    key = f"spectra-doctor/{uuid.uuid4()}"
    with TemporaryDirectory(prefix="spectra-doctor-") as folder:
        file = Path(folder) / "probe"
        file.write_bytes(b"probe")
        objects.store(file, key)
        found = objects.size_bytes(key)
        objects.delete(key)
    if found is None:
        yield Finding.MISSING, "the object store takes an object and then does not have it"
    else:
        yield Finding.OK, "the object store takes, tells and deletes objects"


def _tenant(engine: RedshiftEngine, staging: Staging, tenant_id: str) -> Findings:
    patient = _Patient(engine, engine.users.login(tenant_id), staging)
    patient.asked("SELECT 1")
    yield Finding.OK, f"{tenant_id} connects as {patient.login.db_user}, which is no superuser"
    for look in (_roles, _tables, _schema, _unload):
        yield from _guarded(tenant_id, partial(look, patient))


def _roles(patient: _Patient) -> Findings:
    """Tell whether a role takes the tenant out of row-level security, as being a superuser would."""
    user = patient.login.db_user
    for (role,) in patient.asked(IGNORING):
        yield (
            Finding.MISSING,
            f'{patient.tenant_id} sees all rows, whatever a policy says: REVOKE ROLE "{role}" FROM "{user}"',
        )


def _tables(patient: _Patient) -> Findings:
    """Tell what the tenant sees, and what it shares with others that nothing holds apart."""
    tables = patient.engine.catalogues.of(patient.login).tables
    if not tables:
        yield Finding.MISSING, f"{patient.tenant_id} sees no table: grant it USAGE on schemas and SELECT on tables"
        return
    yield Finding.OK, f"{patient.tenant_id} sees {len(tables)} tables and views"
    held = {(str(schema), str(name)) for schema, name in patient.asked(PROTECTED)}
    own = patient.staging.places(patient.login, "").schema
    open_to_all = sorted(
        f"{schema}.{name}"
        for (schema, name), table in tables.items()
        if schema != own and not table.is_view and (schema, name) not in held
    )
    if open_to_all:
        told = ", ".join(open_to_all[:5]) + (" and others" if len(open_to_all) > len(open_to_all[:5]) else "")
        yield Finding.LOOK, f"{patient.tenant_id} sees all rows of {told}: no row-level security holds there"
    else:
        yield Finding.OK, f"{patient.tenant_id} sees no table of others that row-level security does not hold"


def _schema(patient: _Patient) -> Findings:
    """Tell whether bulk jobs have a place for their own tables."""
    schema = patient.staging.places(patient.login, "").schema
    found = patient.asked(f"SELECT count(*) FROM pg_namespace WHERE nspname = {text_literal(schema)}")  # noqa: S608 - quoted
    user = patient.login.db_user
    if not int(str(found[0][0])):
        yield (
            Finding.MISSING,
            f'{patient.tenant_id} has no schema {schema}: CREATE SCHEMA "{schema}" AUTHORIZATION "{user}"',
        )
        return
    allowed = patient.asked(f"SELECT has_schema_privilege({text_literal(schema)}, 'CREATE')")[0][0]
    if allowed is True or str(allowed).lower() in {"t", "true"}:
        yield Finding.OK, f"{patient.tenant_id} may make tables in {schema}, where bulk jobs keep theirs"
    else:
        yield (
            Finding.MISSING,
            f'{patient.tenant_id} may make no tables: GRANT CREATE, USAGE ON SCHEMA "{schema}" TO "{user}"',
        )


def _unload(patient: _Patient) -> Findings:
    """Let the warehouse write to the S3, by its own role."""
    name = f"doctor-{uuid.uuid4()}"
    files = patient.staging.attempt(patient.tenant_id, name)
    statement = unload_text(_ONE, (Column("n", "INTEGER"),), files.rows_url, patient.staging.access)
    try:
        patient.engine.warehouse.transaction(patient.login, [statement], name=name, token=name, timeout=_TIMEOUT)
        unloaded = files.unloaded()
    finally:
        files.drop()
    if unloaded:
        yield Finding.OK, f"{patient.tenant_id}: the warehouse unloads to s3://{patient.staging.bucket}"
    else:
        yield Finding.MISSING, f"{patient.tenant_id}: the warehouse unloads to another S3 than the server reads"
