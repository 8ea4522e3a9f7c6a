"""PostgreSQL with what Redshift has beside it: the functions and system views that the engine asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from spectra_emulator.adapters.redshift.credentials import Credentials, CredentialSources
from spectra_emulator.adapters.redshift.engine import RedshiftEngine
from spectra_emulator.adapters.redshift.users import Users
from spectra_emulator.adapters.redshift.warehouse import RESULT_BYTES, Login
from spectra_emulator.adapters.redshift.wire import Wire
from spectra_emulator.domain.backend_location import BackendLocation, Way

from tests.emulator import eventually
from tests.postgres import Postgres
from tests.redshift.certificates import Certificate
from tests.redshift.relay import Relay

TENANTS = ("tenant-123", "tenant-456")
PATIENCE_SECONDS = 50.0
"""Less than the sleeping statements of these tests sleep."""
PASSWORD = "a-password-of-tests"

# A session's label stands in `application_name`: see the relay. A label that begins with `leader` stands for a query
# that the leader node alone runs.
REDSHIFT = """
CREATE SCHEMA redshift;
CREATE FUNCTION redshift.last_user_query_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN current_setting('application_name') LIKE 'leader%' THEN -1
                ELSE (extract(epoch FROM clock_timestamp()) * 1000000)::bigint END $$;
CREATE FUNCTION redshift.getdate() RETURNS timestamp LANGUAGE sql STABLE AS 'SELECT localtimestamp';
CREATE FUNCTION redshift.nvl(anyelement, anyelement) RETURNS anyelement LANGUAGE sql AS 'SELECT coalesce($1, $2)';
CREATE VIEW redshift.sys_query_history AS
    SELECT pid AS session_id, application_name AS query_label,
           CASE state WHEN 'active' THEN 'running' ELSE 'success' END AS status
    FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid();
CREATE VIEW redshift.svv_columns AS SELECT * FROM information_schema.columns WHERE table_schema <> 'redshift';
CREATE VIEW redshift.svv_tables AS SELECT * FROM information_schema.tables WHERE table_schema <> 'redshift';
CREATE VIEW redshift.svv_rls_relation AS
    SELECT nspname AS relschema, relname, relrowsecurity AS is_rls_on
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE relrowsecurity;
CREATE TABLE redshift.granted_roles (user_name text, role_name text, system_privilege text);
CREATE VIEW redshift.svv_system_privileges AS
    SELECT system_privilege, role_name AS identity_name, 'role' AS identity_type FROM redshift.granted_roles;
CREATE FUNCTION redshift.user_is_member_of(name, text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM redshift.granted_roles WHERE user_name = $1 AND role_name = $2) $$;
GRANT USAGE ON SCHEMA redshift TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA redshift TO PUBLIC;
"""
TABLES = """
CREATE TABLE public.sales (
    id integer PRIMARY KEY, tenant_id varchar(64) NOT NULL, region varchar(32) DEFAULT 'north', amount decimal(12,2),
    sold_at timestamp);
INSERT INTO public.sales VALUES
    (1, 'tenant-123', 'north', 10.50, '2024-01-15 10:00:00'), (2, 'tenant-123', 'south', 20.00, NULL),
    (3, 'tenant-456', 'north', 30.25, '2024-02-01 00:00:00.5');
CREATE TABLE public.numbers AS SELECT n FROM generate_series(1, 500) AS n;
CREATE VIEW public.regions WITH (security_invoker) AS SELECT DISTINCT region FROM public.sales;
ALTER TABLE public.sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON public.sales USING ('db_user_' || tenant_id = current_user);
"""


def user_of(tenant_id: str) -> str:
    return f"db_user_{tenant_id}"


@dataclass(frozen=True)
class RedshiftLike:
    """A database behind the relay, with a user for each of two tenants."""

    postgres: Postgres
    relay: Relay
    database: str
    certificate: Path
    wires: list[Wire] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"redshift://localhost:{self.relay.port}/{self.database}"

    @property
    def location(self) -> BackendLocation:
        return BackendLocation(Way.WIRE, self.database, host="localhost", port=self.relay.port)

    @property
    def passwords(self) -> dict[str, str]:
        return {user_of(tenant_id): PASSWORD for tenant_id in (*TENANTS, "super", "unknown")}

    def sql(self, script: str) -> str:
        return self.postgres.sql(script, self.database)

    def wire(
        self,
        most_connections: int = 4,
        location: BackendLocation | None = None,
        grace_seconds: float = 10.0,
        result_bytes: int = RESULT_BYTES,
    ) -> Wire:
        credentials = Credentials(self.location, CredentialSources(self.passwords))
        self.wires.append(Wire(location or self.location, credentials, most_connections, grace_seconds, result_bytes))
        return self.wires[-1]

    def engine(self, most_connections: int = 4) -> RedshiftEngine:
        return RedshiftEngine(self.wire(most_connections), Users("db_user_{tenant}"))

    def login(self, tenant_id: str = TENANTS[0]) -> Login:
        return Login(tenant_id, user_of(tenant_id))

    def running(self, words: str) -> bool:
        """Tell whether a statement with those words runs now."""
        activity = f"state = 'active' AND pid <> pg_backend_pid() AND datname = '{self.database}'"
        found = self.sql(f"SELECT count(*) FROM pg_stat_activity WHERE {activity} AND query LIKE '%{words}%'")
        return int(found) > 0

    def label(self, words: str) -> str:
        """Return the label of the session in which such a statement runs."""
        activity = f"pid <> pg_backend_pid() AND datname = '{self.database}'"
        found = self.sql(f"SELECT application_name FROM pg_stat_activity WHERE {activity} AND query LIKE '%{words}%'")
        return found.strip()

    def begins(self, words: str) -> None:
        """Wait until such a statement runs."""
        assert eventually(lambda: self.running(words), PATIENCE_SECONDS)

    def is_sent(self, words: str) -> None:
        """Wait until such a statement has been told to run; it may have ended."""
        assert eventually(lambda: any(words in sql for sql in self.relay.executed), PATIENCE_SECONDS)

    def ends(self, words: str) -> None:
        """Wait until no such statement runs."""
        assert eventually(lambda: not self.running(words), PATIENCE_SECONDS)


@contextmanager
def redshift_like(postgres: Postgres, made: Certificate) -> Iterator[RedshiftLike]:
    """Yield a new database behind a relay of its own."""
    database = postgres.database().name
    for setting in ("search_path = '$user', public, redshift", "standard_conforming_strings = off"):
        postgres.sql(f"ALTER DATABASE {database} SET {setting}")
    postgres.sql(f"ALTER DATABASE {database} SET escape_string_warning = off")
    postgres.sql(REDSHIFT + TABLES, database)
    for tenant_id in TENANTS:
        _user(postgres, database, user_of(tenant_id))
    relay = Relay(postgres.port, made.context)
    like = RedshiftLike(postgres, relay, database, made.file)
    with relay.running():
        try:
            yield like
        finally:
            for wire in like.wires:
                wire.close()


def _user(postgres: Postgres, database: str, user: str) -> None:
    made = int(postgres.sql(f"SELECT count(*) FROM pg_roles WHERE rolname = '{user}'"))
    if not made:
        postgres.sql(f"CREATE ROLE \"{user}\" LOGIN PASSWORD '{PASSWORD}'")
    postgres.sql(f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{user}"', database)
