"""The parts of a warehouse, put together. Importing this module loads boto3."""

from __future__ import annotations

from dataclasses import dataclass

from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.redshift.bulk import RedshiftBulkEngine
from spectra_emulator.adapters.redshift.credentials import Credentials, CredentialSources
from spectra_emulator.adapters.redshift.data_api import DataApi
from spectra_emulator.adapters.redshift.data_api_calls import Calls
from spectra_emulator.adapters.redshift.engine import RedshiftEngine
from spectra_emulator.adapters.redshift.file_desk import FileDesk
from spectra_emulator.adapters.redshift.staging import Staging
from spectra_emulator.adapters.redshift.users import Users
from spectra_emulator.adapters.redshift.warehouse import Warehouse
from spectra_emulator.adapters.redshift.wire import Wire
from spectra_emulator.domain.backend_location import BackendLocation, Way
from spectra_emulator.ports import BulkEngine, ObjectStore
from spectra_emulator.sql.warehouse_loads import Access


@dataclass(frozen=True)
class StagingRules:
    """By which role COPY and UNLOAD reach the S3, in which region, and what the schema of each user's own is called."""

    iam_role: str
    region: str | None
    schema: str


def warehouse(location: BackendLocation, sources: CredentialSources, most_connections: int) -> Warehouse:
    """Return the way that the location names."""
    credentials = Credentials(location, sources)
    if location.way is Way.WIRE:
        return Wire(location, credentials, most_connections)
    return DataApi(location, Calls(credentials), credentials.secret_name)


def engine(location: BackendLocation, sources: CredentialSources, users: str, most_connections: int) -> RedshiftEngine:
    return RedshiftEngine(warehouse(location, sources, most_connections), Users(users))


def bulk_engine(
    engine: RedshiftEngine, files: DuckDbEngine, objects: ObjectStore, bucket: str, staging: StagingRules
) -> BulkEngine:
    """Return what lets the warehouse do bulk work; `files` is an embedded engine without tables, which ends with it."""
    engine.at_end(files.close)
    access = Access(staging.iam_role, staging.region)
    return RedshiftBulkEngine(engine, FileDesk(files), Staging(objects, bucket, access, staging.schema))
