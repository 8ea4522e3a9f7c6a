"""The parts of a server before the acted Redshift, put together in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerLimits
from spectra_emulator.adapters.redshift.bulk import RedshiftBulkEngine
from spectra_emulator.adapters.redshift.credentials import Credentials, CredentialSources
from spectra_emulator.adapters.redshift.data_api import DataApi
from spectra_emulator.adapters.redshift.data_api_calls import Calls
from spectra_emulator.adapters.redshift.engine import RedshiftEngine
from spectra_emulator.adapters.redshift.file_desk import FileDesk
from spectra_emulator.adapters.redshift.staging import Staging
from spectra_emulator.adapters.redshift.users import Users
from spectra_emulator.adapters.redshift.warehouse import Login, Warehouse
from spectra_emulator.adapters.s3_store import external_store
from spectra_emulator.domain.backend_location import BackendLocation, backend_location
from spectra_emulator.domain.s3_location import Location
from spectra_emulator.ports import ObjectStore
from spectra_emulator.sql.parsing import parse_script
from spectra_emulator.sql.warehouse_loads import Access

from tests.ceph import RealS3
from tests.dataapi.acted import acted_redshift
from tests.dataapi.server import DataApiServer, data_api_server
from tests.emulator import DEMO_FIXTURES
from tests.moto_s3 import BUCKET, s3_client

TENANT_ID, DB_USER = "tenant-123", "db_user_tenant-123"
TENANT_IDS = (TENANT_ID, "tenant-456")
LOGIN = Login(TENANT_ID, DB_USER)
SECRET = "spectra/{db_user}"
CLUSTER = "redshift-data://cluster-one/dev?cluster&region=us-east-1"
WORKGROUP = "redshift-data://workgroup-one/dev?region=us-east-1"


_BOTOCORE = botocore.session.get_session()
_BOTOCORE.set_credentials("AKIDTEST", "secret")


class _Session(boto3.Session):
    """Leads to the test server, with keys of its own."""

    def __init__(self, url: str) -> None:
        super().__init__(botocore_session=_BOTOCORE, region_name="us-east-1")
        self._url = url

    def client(self, *arguments: Any, **named: Any) -> Any:
        return super().client(*arguments, endpoint_url=self._url, **named)


class TestCredentials(Credentials):
    """Counts how often a session is taken anew."""

    __test__ = False

    def __init__(self, url: str, location: BackendLocation, sources: CredentialSources) -> None:
        super().__init__(location, sources)
        self._url = url
        self.sessions = 0
        self._kept: dict[str, boto3.Session] = {}

    def session(self, login: Login) -> boto3.Session:
        if login.tenant_id not in self._kept:
            self.sessions += 1
            self._kept[login.tenant_id] = _Session(self._url)
        return self._kept[login.tenant_id]

    def forget(self, login: Login) -> None:
        self._kept.pop(login.tenant_id, None)


@dataclass
class Deployment:
    """`pauses` is how long the client's retries would have waited."""

    server: DataApiServer
    s3: RealS3
    desk: FileDesk
    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        """Wait a little in place of what was asked for."""
        self.pauses.append(seconds)
        time.sleep(0.01)

    def credentials(self, url: str = CLUSTER, secret: str = "") -> TestCredentials:
        return TestCredentials(self.server.url, backend_location(url), CredentialSources(secret=secret))

    def warehouse(self, url: str = CLUSTER, secret: str = "", credentials: TestCredentials | None = None) -> DataApi:
        held = credentials or self.credentials(url, secret)
        return DataApi(backend_location(url), Calls(held, self.pause), held.secret_name)

    def engine(self, warehouse: Warehouse | None = None) -> RedshiftEngine:
        return RedshiftEngine(warehouse or self.warehouse(), Users("db_user_{tenant}"))

    def objects(self) -> ObjectStore:
        keys = (self.s3.access_key_id, self.s3.secret_access_key)
        return external_store(Location(BUCKET, self.s3.url, "us-east-1", *keys))

    def bulk(self, warehouse: Warehouse | None = None, objects: ObjectStore | None = None) -> RedshiftBulkEngine:
        staging = Staging(objects or self.objects(), BUCKET, Access())
        return RedshiftBulkEngine(self.engine(warehouse), self.desk, staging, self.pause)

    def keys(self, prefix: str) -> list[str]:
        return self.objects().keys(prefix)


@contextmanager
def deployment(folder: Path, s3: RealS3) -> Iterator[Deployment]:
    """Run a Data API over the demo's tables until the block ends."""
    redshift = acted_redshift(folder, DEMO_FIXTURES.absolute(), s3_client(s3))
    files = DuckDbEngine(folder / "files", FixtureFiles(folder / "nothing"), WorkerLimits(2**30, 1, 4), 2)
    for tenant_id in TENANT_IDS:
        redshift.engine.run_script(tenant_id, parse_script(f'CREATE SCHEMA "db_user_{tenant_id}"'))
    try:
        with data_api_server(redshift) as server:
            yield Deployment(server, s3, FileDesk(files))
    finally:
        files.close()
        redshift.close()
