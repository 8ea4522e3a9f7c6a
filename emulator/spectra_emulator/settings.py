"""Every setting of the emulator: what it is, how it is written and what it is by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any

from spectra_emulator.domain.backend_location import EMBEDDED_ENGINE, BackendLocation, backend_location
from spectra_emulator.domain.files import MAX_UPLOAD_BYTES
from spectra_emulator.domain.s3_location import EMBEDDED_S3, Location, bucket_and_endpoint
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.domain.state_location import OWN_STATE, StateLocation, state_location
from spectra_emulator.setting_kinds import (
    BACKEND,
    HOST,
    ORIGINS,
    PASSWORDS,
    PATH,
    PATHS,
    S3,
    STATE,
    SWITCH,
    TEXT,
    URL,
    USERS,
    Kind,
    choice,
    optional,
    secret,
    size,
    whole,
)

MASK = "***"
MIB = 1024**2
DAY_SECONDS = 86_400

SERVER = "Server"
FILES = "Data"
STORE = "Object store"
CONTROL = "Control plane"
IDENTITY = "Identity"
SQL = "SQL rules"
SIZES = "Time and size limits"
RATES = "Rate limits"
IDEMPOTENCY = "Idempotency"
ENGINE = "Engine"
WAREHOUSE = "Warehouse"
SHARED = "Several servers"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class ControlMode(StrEnum):
    ON = "on"
    OFF = "off"
    AUTO = "auto"


class ConsoleMode(StrEnum):
    ON = "on"
    OFF = "off"
    AUTO = "auto"


class DefaultPermissions(StrEnum):
    ALL = "all"
    DOCUMENTED = "documented"


class GatewayKind(StrEnum):
    NONE = "none"
    AWS = "aws"


class AuthMode(StrEnum):
    STANDARD = "standard"
    HEADERS = "headers"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the parser, the command line and the documentation need to know of one setting."""

    kind: Kind[Any]
    group: str
    doc: str
    default: object = None


def _described(kind: Kind[Any], group: str, doc: str) -> Mapping[str, Setting]:
    return {"setting": Setting(kind, group, doc)}


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """All settings, each valid by itself; units stand in the names or with the kind."""

    host: str = field(default="127.0.0.1", metadata=_described(HOST, SERVER, "Address to listen on."))
    port: int = field(
        default=8439, metadata=_described(whole(0, 65_535), SERVER, "TCP port to listen on; 0 takes a free one.")
    )
    public_url: str | None = field(
        default=None,
        metadata=_described(optional(URL), SERVER, "Base of the links in answers, where clients see another."),
    )
    gateway: GatewayKind = field(
        default=GatewayKind.NONE,
        metadata=_described(choice(GatewayKind), SERVER, "aws words some errors as API Gateway does, as on AWS."),
    )
    log_format: LogFormat = field(
        default=LogFormat.TEXT, metadata=_described(choice(LogFormat), SERVER, "How log lines on stderr are written.")
    )
    log_level: LogLevel = field(
        default=LogLevel.INFO, metadata=_described(choice(LogLevel), SERVER, "The least severe log lines to write.")
    )
    cors_origins: tuple[str, ...] = field(
        default=("*",), metadata=_described(ORIGINS, SERVER, "Web origins whose pages may call the API; * is all.")
    )
    stop_with_input: bool = field(
        default=False,
        metadata=_described(SWITCH, SERVER, "End the server when its standard input ends, as with who started it."),
    )
    data_dir: Path | None = field(
        default=None,
        metadata=_described(optional(PATH), FILES, "Directory to keep data in; nothing is kept without one."),
    )
    fixtures: Path | None = field(
        default=None,
        metadata=_described(optional(PATH), FILES, "Directory of tables and tenants to load; else the demo."),
    )
    snapshot_dir: Path | None = field(
        default=None, metadata=_described(optional(PATH), FILES, "Directory of snapshots; else one beside the data.")
    )
    retention_days: int = field(
        default=7, metadata=_described(whole(1, 36_500, "days"), FILES, "Days for which finished jobs are kept.")
    )
    result_store_bytes: int = field(
        default=256 * MIB, metadata=_described(size(), FILES, "Most bytes of stored results; the oldest go first.")
    )
    s3: str = field(
        default=EMBEDDED_S3,
        metadata=_described(S3, STORE, "Where objects lie: embedded, s3://bucket or http://host:port/bucket."),
    )
    s3_create_bucket: bool = field(
        default=False, metadata=_described(SWITCH, STORE, "Make the bucket of an S3 of your own where it is missing.")
    )
    s3_region: str = field(default="us-east-1", metadata=_described(TEXT, STORE, "Region of an S3 of your own."))
    s3_access_key_id: str | None = field(
        default=None, metadata=_described(optional(TEXT), STORE, "Access key for it; else what boto3 finds.")
    )
    s3_secret_access_key: str | None = field(
        default=None, metadata=_described(optional(secret()), STORE, "Secret of that access key.")
    )
    s3_public_url: str | None = field(
        default=None, metadata=_described(optional(URL), STORE, "Base of its links, where clients see another.")
    )
    link_lifetime_seconds: int = field(
        default=3600,
        metadata=_described(whole(1, 7 * DAY_SECONDS, "seconds"), STORE, "Seconds a link works."),
    )
    max_upload_bytes: int = field(
        default=MAX_UPLOAD_BYTES, metadata=_described(size(1), STORE, "Largest file to upload.")
    )
    control: ControlMode = field(
        default=ControlMode.AUTO,
        metadata=_described(
            choice(ControlMode), CONTROL, "Serve /_spectra; auto: on loopback, else only with a token."
        ),
    )
    control_token: str | None = field(
        default=None, metadata=_described(optional(secret()), CONTROL, "Token that calls to /_spectra must carry.")
    )
    console: ConsoleMode = field(
        default=ConsoleMode.AUTO,
        metadata=_described(
            choice(ConsoleMode), CONTROL, "Serve the web console at /_spectra/ui; auto: where /_spectra is served."
        ),
    )
    error_links: bool = field(
        default=True,
        metadata=_described(SWITCH, CONTROL, "Link each error to its page in the console, by details.help_url."),
    )
    seed_hook: tuple[Path, ...] = field(
        default=(),
        metadata=_described(PATHS, CONTROL, "Scripts (.sql, .py, .sh) to run at start and after a reset; repeatable."),
    )
    seed_hook_strict: bool = field(
        default=False, metadata=_described(SWITCH, CONTROL, "End the server where a seed hook fails at start.")
    )
    fault_header: bool = field(
        default=True, metadata=_described(SWITCH, CONTROL, "Let a request ask for a fault of its own: X-Spectra-Fault.")
    )
    journal_entries: int = field(
        default=1000, metadata=_described(whole(0), CONTROL, "Requests that the journal keeps; 0 keeps none.")
    )
    journal_bytes: int = field(
        default=16 * MIB, metadata=_described(size(), CONTROL, "Memory that the journal may take.")
    )
    allow_reset: bool = field(
        default=False, metadata=_described(SWITCH, CONTROL, "Let a reset clear a data directory.")
    )
    multi_tenant: bool = field(
        default=True, metadata=_described(SWITCH, IDENTITY, "Require X-Tenant-ID of every request.")
    )
    auth_mode: AuthMode = field(
        default=AuthMode.STANDARD,
        metadata=_described(choice(AuthMode), IDENTITY, "headers trusts the caller's X- headers: development only."),
    )
    default_permissions: DefaultPermissions = field(
        default=DefaultPermissions.ALL,
        metadata=_described(choice(DefaultPermissions), IDENTITY, "Permissions of a credential that names none."),
    )
    jwt_secret: str | None = field(
        default=None,
        metadata=_described(optional(secret(32)), IDENTITY, "HS256 key of tokens; else the fixtures' own."),
    )
    jwt_issuer: str | None = field(
        default=None, metadata=_described(optional(TEXT), IDENTITY, "Issuer of tokens; else the fixtures' own.")
    )
    jwt_audience: str | None = field(
        default=None, metadata=_described(optional(TEXT), IDENTITY, "Audience of tokens; else the fixtures' own.")
    )
    jwt_jwks: str | None = field(
        default=None,
        metadata=_described(optional(TEXT), IDENTITY, "File or URL of the JWKS that RS256 tokens are signed by."),
    )
    sql_security_level: SecurityLevel = field(
        default=SecurityLevel.STANDARD, metadata=_described(choice(SecurityLevel), SQL, "How much SQL is allowed.")
    )
    sql_allow_union: bool = field(default=False, metadata=_described(SWITCH, SQL, "Allow UNION and UNION ALL."))
    sql_allow_cte: bool = field(default=True, metadata=_described(SWITCH, SQL, "Allow WITH before SELECT."))
    sql_max_joins: int = field(default=10, metadata=_described(whole(0), SQL, "Most joins in a statement."))
    sql_max_subqueries: int = field(default=5, metadata=_described(whole(0), SQL, "Most subqueries in a statement."))
    sql_max_length: int = field(
        default=100_000, metadata=_described(whole(1, unit="characters"), SQL, "Longest statement, in characters.")
    )
    default_timeout_seconds: int = field(
        default=60,
        metadata=_described(whole(1, 300, "seconds"), SIZES, "Timeout in seconds of a query that names none."),
    )
    max_body_bytes: int = field(default=6 * MIB, metadata=_described(size(1024), SIZES, "Largest request body."))
    max_response_bytes: int = field(
        default=0, metadata=_described(size(), SIZES, "Largest answer before a 413; 0 sets no limit.")
    )
    rate_limits: bool = field(default=True, metadata=_described(SWITCH, RATES, "Limit how often a tenant may call."))
    rate_limit_queries: int = field(
        default=100, metadata=_described(whole(1, unit="requests"), RATES, "Queries a tenant may send in a window.")
    )
    rate_limit_jobs: int = field(
        default=300, metadata=_described(whole(1, unit="requests"), RATES, "Job reads a tenant may send in a window.")
    )
    rate_limit_bulk_create: int = field(
        default=10, metadata=_described(whole(1, unit="requests"), RATES, "Bulk jobs a tenant may create in a window.")
    )
    rate_limit_bulk_read: int = field(
        default=100, metadata=_described(whole(1, unit="requests"), RATES, "Bulk reads a tenant may send in a window.")
    )
    rate_limit_window_seconds: int = field(
        default=60, metadata=_described(whole(1, DAY_SECONDS, "seconds"), RATES, "Length of a window in seconds.")
    )
    idempotency_strict: bool = field(
        default=False,
        metadata=_described(SWITCH, IDEMPOTENCY, "Refuse a key that comes again with another request."),
    )
    idempotency_ttl_seconds: int = field(
        default=DAY_SECONDS,
        metadata=_described(whole(1, unit="seconds"), IDEMPOTENCY, "Seconds for which a key is known."),
    )
    statement_memory_bytes: int = field(
        default=1024 * MIB,
        metadata=_described(size(64 * MIB), ENGINE, "Memory of one tenant's worker, held by the operating system."),
    )
    engine_threads: int = field(
        default=0, metadata=_described(whole(0, 1024, "threads"), ENGINE, "Threads of a worker; 0 is one a core.")
    )
    engine_workers: int = field(
        default=16, metadata=_described(whole(1, 1024, "workers"), ENGINE, "Most tenants with a live worker at once.")
    )
    engine_lanes: int = field(
        default=16, metadata=_described(whole(1, 1024, "statements"), ENGINE, "Most statements of a tenant at once.")
    )

    backend: str = field(
        default=EMBEDDED_ENGINE,
        metadata=_described(
            BACKEND, WAREHOUSE, "Where SQL runs: duckdb, redshift://user@host/db or redshift-data://workgroup/db."
        ),
    )
    db_users: str = field(
        default="db_user_{tenant}",
        metadata=_described(USERS, WAREHOUSE, "Each tenant's database user: a pattern, tenant=user,…, or token."),
    )
    db_passwords: Mapping[str, str] | None = field(
        default=None,
        metadata=_described(optional(PASSWORDS), WAREHOUSE, "Passwords of database users; else from db_secret or IAM."),
    )
    db_secret: str | None = field(
        default=None,
        metadata=_described(
            optional(TEXT), WAREHOUSE, "Secret of a database user in Secrets Manager, such as spectra/{db_user}."
        ),
    )
    db_role: str | None = field(
        default=None,
        metadata=_described(
            optional(TEXT), WAREHOUSE, "Role to assume for a tenant's credentials: an ARN that may hold {tenant}."
        ),
    )
    db_connections: int = field(
        default=8, metadata=_described(whole(1, 1000, "connections"), WAREHOUSE, "Most connections of one tenant.")
    )
    iam_role: str = field(
        default="default",
        metadata=_described(TEXT, WAREHOUSE, "Role by which COPY and UNLOAD reach S3: an ARN, or default."),
    )
    db_schema: str = field(
        default="{db_user}",
        metadata=_described(
            TEXT, WAREHOUSE, "Schema that each database user owns, for bulk jobs' own tables; may hold {tenant}."
        ),
    )

    state: str = field(
        default=OWN_STATE,
        metadata=_described(STATE, SHARED, "Where jobs, keys and rate windows lie: own, or postgresql://user@host/db."),
    )
    state_password: str | None = field(
        default=None,
        metadata=_described(
            optional(secret()), SHARED, "Password for it; else what libpq finds (PGPASSWORD, .pgpass)."
        ),
    )
    state_connections: int = field(
        default=16, metadata=_described(whole(1, 1000, "connections"), SHARED, "Most connections to it.")
    )
    state_lease_seconds: int = field(
        default=15,
        metadata=_described(
            whole(2, 3600, "seconds"), SHARED, "Seconds of silence after which others take a server's jobs over."
        ),
    )

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={self.masked(name)!r}" for name in SETTINGS)
        return f"Settings({shown})"

    def masked(self, name: str) -> Any:
        """Return the value of the setting, or a mask where it is a secret that is set."""
        value = getattr(self, name)
        return MASK if SETTINGS[name].kind.secret and value is not None else value

    def sql_rules(self) -> SqlRules:
        return SqlRules(
            security_level=self.sql_security_level,
            allow_union=self.sql_allow_union,
            allow_cte=self.sql_allow_cte,
            max_joins=self.sql_max_joins,
            max_subqueries=self.sql_max_subqueries,
            max_length=self.sql_max_length,
            foreign_functions=self.backend_location() is not None,
        )

    def s3_location(self) -> Location | None:
        """Return where the objects lie, None where that is the embedded S3."""
        if self.s3 == EMBEDDED_S3:
            return None
        bucket, endpoint = bucket_and_endpoint(self.s3)
        return Location(
            bucket=bucket,
            endpoint=endpoint,
            region=self.s3_region,
            access_key_id=self.s3_access_key_id,
            secret_access_key=self.s3_secret_access_key,
            public_endpoint=self.s3_public_url,
            create_bucket=self.s3_create_bucket,
        )

    def backend_location(self) -> BackendLocation | None:
        """Return where the warehouse lies, None where SQL runs in the embedded engine."""
        return None if self.backend == EMBEDDED_ENGINE else backend_location(self.backend)

    def state_location(self) -> StateLocation | None:
        """Return where the state lies, None where that is this server alone."""
        return None if self.state == OWN_STATE else replace(state_location(self.state), password=self.state_password)

    @property
    def loopback(self) -> bool:
        """Tell whether only this machine can reach the server."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def control_enabled(self) -> bool:
        """Tell whether `/_spectra` is served: open on loopback, elsewhere and before a warehouse only with a token."""
        own = self.loopback and self.backend == EMBEDDED_ENGINE
        return self.control is not ControlMode.OFF and (own or self.control_token is not None)

    @property
    def console_enabled(self) -> bool:
        return self.console is not ConsoleMode.OFF and self.control_enabled


SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {entry.name: replace(entry.metadata["setting"], default=entry.default) for entry in fields(Settings)}
)
