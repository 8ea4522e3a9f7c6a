"""What runs the SQL: the embedded engine, or a warehouse."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from spectra_emulator.adapters.duckdb_engine.bulk_engine import DuckDbBulkEngine
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerLimits
from spectra_emulator.adapters.recorded_work import WorkRecorder
from spectra_emulator.domain.backend_location import BackendLocation, Way, unused_user
from spectra_emulator.ground import Ground
from spectra_emulator.ports import BulkEngine, ObjectStore, QueryEngine
from spectra_emulator.settings_sources import SettingsError
from spectra_emulator.token_issuer import DEMO_FIXTURES

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Engines:
    """`embedded` is None where tables lie in a warehouse; `lanes` is how many statements of a tenant run at once."""

    queries: QueryEngine
    bulk: Callable[[ObjectStore, WorkRecorder | None], BulkEngine]
    lanes: int
    embedded: DuckDbEngine | None = None


def engines(ground: Ground) -> Engines:
    """Return the engine that the settings name.

    Raises: SettingsError.
    """
    location = ground.settings.backend_location()
    return _embedded(ground) if location is None else _warehouse(ground, location)


def _embedded(ground: Ground) -> Engines:
    settings = ground.settings
    engine = _duckdb(ground, "tenants", (settings.fixtures or DEMO_FIXTURES).absolute())
    return Engines(engine, lambda _, recorder: DuckDbBulkEngine(engine, recorder), settings.engine_lanes, engine)


def _duckdb(ground: Ground, folder: str, fixtures: Path) -> DuckDbEngine:
    settings = ground.settings
    limits = WorkerLimits(
        memory_bytes=settings.statement_memory_bytes,
        threads=settings.engine_threads or os.cpu_count() or 1,
        lanes=settings.engine_lanes,
    )
    place = ground.directory.path / folder
    return DuckDbEngine(place, FixtureFiles(fixtures), limits, settings.engine_workers, lambda: ground.clock.told)


def _warehouse(ground: Ground, location: BackendLocation) -> Engines:
    if location.way is Way.WIRE and find_spec("redshift_connector") is None:
        raise SettingsError("backend: Redshift over the wire needs an extra: pip install 'spectra-emulator[redshift]'")
    from spectra_emulator.adapters.redshift import assembly, credentials  # noqa: PLC0415 - loads boto3: 0.3 s of start-up

    settings = ground.settings
    if location.user:
        _log.warning(unused_user(location))
    engine = assembly.engine(
        location,
        credentials.CredentialSources(settings.db_passwords or {}, settings.db_secret or "", settings.db_role or ""),
        settings.db_users,
        settings.db_connections,
    )
    s3 = settings.s3_location()
    if s3 is None:
        raise SettingsError("backend: a warehouse reaches no embedded S3; set s3 to s3://bucket or its URL")
    files = _duckdb(ground, "files", ground.directory.path / "no-fixtures")
    rules = assembly.StagingRules(settings.iam_role, None if s3.endpoint else s3.region, settings.db_schema)

    def bulk(objects: ObjectStore, _: WorkRecorder | None) -> BulkEngine:
        return assembly.bulk_engine(engine, files, objects, s3.bucket, rules)

    return Engines(engine, bulk, settings.db_connections)
