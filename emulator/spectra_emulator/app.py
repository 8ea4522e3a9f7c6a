"""The composition root: settings in, a web application and its life out."""

from __future__ import annotations

import os
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from litestar.types import ASGIApp

from spectra_emulator.adapters.answer_files import AnswerFiles
from spectra_emulator.adapters.api_keys import ApiKeys
from spectra_emulator.adapters.authentication import Authenticator
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerLimits
from spectra_emulator.adapters.json_web_tokens import JsonWebTokens
from spectra_emulator.adapters.sigv4 import Signatures
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.adapters.tenants_file import TenantsFile, TenantsFileError, read
from spectra_emulator.api.application import application
from spectra_emulator.api.bulk_jobs import bulk_job_routes
from spectra_emulator.api.gate import Gate, Tenancy
from spectra_emulator.api.jobs import job_routes
from spectra_emulator.api.queries import query_routes
from spectra_emulator.api.query_threads import QueryThreads
from spectra_emulator.api.service import service_routes
from spectra_emulator.control.guard import LOOPBACK, ControlGuard
from spectra_emulator.control.routes import control_routes
from spectra_emulator.data_directory import DataDirectory
from spectra_emulator.domain.principal import DOCUMENTED_DEFAULT, EVERYTHING
from spectra_emulator.services.bulk_jobs import BulkJobService
from spectra_emulator.services.idempotency import Idempotency
from spectra_emulator.services.jobs import JobService
from spectra_emulator.services.queries import QueryPorts, QueryService
from spectra_emulator.services.rate_limits import Bucket, RateLimiter
from spectra_emulator.services.tenants import TenantService
from spectra_emulator.settings import AuthMode, DefaultPermissions, Settings
from spectra_emulator.settings_sources import SettingsError
from spectra_emulator.token_issuer import DEMO_FIXTURES, tenants_path, token_issuer

_QUERIES_AT_ONCE = 256
_CALLS_AT_ONCE = 32
_PREPARED_AHEAD = 4
"""How many queries of a tenant are made ready, or finished, while as many as the engine takes are running."""
_TIDY_SECONDS = 3600.0


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class App:
    """A web application and what it holds open."""

    asgi: ASGIApp
    engine: DuckDbEngine
    state: SqliteState
    answers: AnswerFiles
    pools: tuple[ThreadPoolExecutor, ...]
    retention: timedelta

    def start(self) -> None:
        """Begin what runs beside the requests."""
        threading.Thread(target=self.engine.warm_up, daemon=True).start()
        threading.Thread(target=self._tidy, daemon=True).start()

    def close(self) -> None:
        """End everything that runs and keep what is durable."""
        self.engine.close()
        for pool in self.pools:
            pool.shutdown(cancel_futures=True)
        self.state.close()
        self.answers.close()

    def _tidy(self) -> None:
        """Drop what is past its retention, now and every hour."""
        self.answers.drop(self.state.forget_before(now() - self.retention))
        again = threading.Timer(_TIDY_SECONDS, self._tidy)
        again.daemon = True
        again.start()


def built(settings: Settings, directory: DataDirectory) -> App:
    """Return the application that the settings describe.

    Raises: SettingsError.
    """
    tenants_file = _tenants_file(settings)
    engine = _engine(settings, directory)
    state = SqliteState(directory.path / "state.sqlite" if directory.durable else None)
    state.recover(now())
    answers = AnswerFiles(directory.path / "answers", settings.result_store_bytes, durable=directory.durable)
    calls = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="call")
    query_calls = ThreadPoolExecutor(_QUERIES_AT_ONCE, thread_name_prefix="query")
    query_threads = QueryThreads(query_calls, settings.engine_lanes + _PREPARED_AHEAD)
    gate = Gate(
        authenticator=_authenticator(settings, tenants_file),
        limiter=_limiter(settings, state),
        tenancy=_tenancy(settings, tenants_file),
        max_body_bytes=settings.max_body_bytes,
        calls=calls,
    )
    idempotency = Idempotency(
        state, now, timedelta(seconds=settings.idempotency_ttl_seconds), strict=settings.idempotency_strict
    )
    rules = settings.sql_rules()
    bulk_jobs = BulkJobService(state, idempotency, rules, now, new_id)
    queries = QueryService(QueryPorts(engine, state, answers, now, new_id), idempotency, rules)
    versioned = [
        *query_routes(gate, query_threads, queries, settings.default_timeout_seconds, settings.max_response_bytes),
        *job_routes(gate, JobService(engine, state, answers, bulk_jobs, now)),
        *bulk_job_routes(gate, bulk_jobs),
    ]
    others = service_routes(settings.public_url)
    if settings.control_enabled:
        tenants = TenantService(engine, state, answers, may_reset=settings.allow_reset or not directory.durable)
        others += control_routes(gate, _control_guard(settings), tenants)
    asgi = application(versioned, others, settings.cors_origins)
    return App(asgi, engine, state, answers, (calls, query_calls), timedelta(days=settings.retention_days))


def _tenants_file(settings: Settings) -> TenantsFile:
    path = tenants_path(settings)
    if settings.fixtures is not None and not settings.fixtures.is_dir():
        raise SettingsError(f"fixtures: {settings.fixtures} is not a directory")
    if not path.exists():
        return TenantsFile()
    try:
        return read(path)
    except TenantsFileError as error:
        raise SettingsError(str(error)) from error


def _engine(settings: Settings, directory: DataDirectory) -> DuckDbEngine:
    limits = WorkerLimits(
        memory_bytes=settings.statement_memory_bytes,
        threads=settings.engine_threads or os.cpu_count() or 1,
        lanes=settings.engine_lanes,
    )
    fixtures = FixtureFiles((settings.fixtures or DEMO_FIXTURES).absolute())
    return DuckDbEngine(directory.path / "tenants", fixtures, limits, settings.engine_workers)


def _authenticator(settings: Settings, file: TenantsFile) -> Authenticator:
    issuer = token_issuer(settings, file.issuer)
    return Authenticator(
        api_keys=ApiKeys(file.api_keys),
        tokens=None if issuer is None else JsonWebTokens(issuer, now),
        signatures=Signatures(file.access_keys, now),
        header_identity=settings.auth_mode is AuthMode.HEADERS,
    )


def _tenancy(settings: Settings, file: TenantsFile) -> Tenancy:
    documented = settings.default_permissions is DefaultPermissions.DOCUMENTED
    return Tenancy(
        multi_tenant=settings.multi_tenant,
        default_permissions=DOCUMENTED_DEFAULT if documented else EVERYTHING,
        db_users=dict(file.db_users),
    )


def _limiter(settings: Settings, state: SqliteState) -> RateLimiter:
    limits = {
        Bucket.QUERIES: settings.rate_limit_queries,
        Bucket.JOBS: settings.rate_limit_jobs,
        Bucket.BULK_CREATE: settings.rate_limit_bulk_create,
        Bucket.BULK_READ: settings.rate_limit_bulk_read,
    }
    length = timedelta(seconds=settings.rate_limit_window_seconds)
    return RateLimiter(state, now, limits, length, enforced=settings.rate_limits)


def _control_guard(settings: Settings) -> ControlGuard:
    hosts = LOOPBACK | {settings.host.lower()} if settings.loopback else None
    return ControlGuard(hosts, settings.control_token)
