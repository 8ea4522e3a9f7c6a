"""Where files lie between a bulk job and the warehouse: in the S3 of the deployment, below the tenant's own prefix."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path

from spectra_emulator.adapters.redshift.warehouse import Login
from spectra_emulator.domain.bulk_files import staging_prefix
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.ports import ObjectStore
from spectra_emulator.sql.warehouse_loads import Access
from spectra_emulator.sql.warehouse_places import JobPlaces

DB_USER, TENANT = "{db_user}", "{tenant}"
_ROWS, _MANIFEST = "rows_", "manifest"


@dataclass(frozen=True)
class Staging:
    """`schema` names the schema of each user's own, and may hold `{db_user}` and `{tenant}`."""

    objects: ObjectStore
    bucket: str
    access: Access
    schema: str = DB_USER

    def places(self, login: Login, job_id: str) -> JobPlaces:
        schema = self.schema.replace(DB_USER, login.db_user).replace(TENANT, login.tenant_id)
        return JobPlaces(schema.lower(), job_id)

    def attempt(self, tenant_id: str, job_id: str) -> StagedFiles:
        """Return a place that no other attempt at the job writes to; what earlier ones left is dropped.

        Raises: InternalError.
        """
        self.objects.delete(staging_prefix(tenant_id, job_id))
        return StagedFiles(self, tenant_id, job_id, uuid.uuid4().hex)

    def unloaded(self, tenant_id: str, job_id: str) -> StagedFiles | None:
        """Return the place where an UNLOAD of an earlier attempt has left all its files.

        Raises: InternalError.
        """
        prefix = staging_prefix(tenant_id, job_id)
        attempts = [key.removeprefix(prefix).partition("/") for key in self.objects.keys(prefix)]
        complete = sorted(attempt for attempt, _, name in attempts if name == _ROWS + _MANIFEST)
        return StagedFiles(self, tenant_id, job_id, complete[0]) if complete else None


@dataclass(frozen=True)
class StagedFiles:
    """The files of one attempt at a job."""

    staging: Staging
    tenant_id: str
    job_id: str
    attempt: str

    @property
    def prefix(self) -> str:
        return f"{staging_prefix(self.tenant_id, self.job_id)}{self.attempt}/"

    @property
    def job_url(self) -> str:
        """Return what the addresses of all attempts' files begin with."""
        return self._url(staging_prefix(self.tenant_id, self.job_id))

    @property
    def records_key(self) -> str:
        return f"{self.prefix}records.json"

    @property
    def records_url(self) -> str:
        return self._url(self.records_key)

    @property
    def rows_url(self) -> str:
        """Return what the names of unloaded files begin with."""
        return self._url(f"{self.prefix}{_ROWS}")

    def upload(self, file: Path) -> None:
        """Put the records where COPY finds them.

        Raises: InternalError.
        """
        self.staging.objects.store(file, self.records_key)

    def unloaded(self) -> bool:
        """Tell whether an UNLOAD has left all its files.

        Raises: InternalError.
        """
        return self.staging.objects.size_bytes(self._manifest_key) is not None

    def fetched(self, folder: Path) -> list[Path]:
        """Write the unloaded files to the folder, and return them in the order of their rows.

        Raises: NotFound, InternalError.
        """
        manifest = folder / _MANIFEST
        self.staging.objects.fetch(self._manifest_key, manifest)
        files = []
        for number, entry in enumerate(_entries(manifest)):
            file = folder / f"rows-{number}.parquet"
            self.staging.objects.fetch(self._key(entry), file)
            files.append(file)
        return files

    def drop(self) -> None:
        """Delete all of the attempt's; first the manifest, which says that the files it names are there.

        Raises: InternalError.
        """
        self.staging.objects.delete(self._manifest_key)
        self.staging.objects.delete(self.prefix)

    @property
    def _manifest_key(self) -> str:
        return f"{self.prefix}{_ROWS}{_MANIFEST}"

    def _url(self, key: str) -> str:
        return f"s3://{self.staging.bucket}/{key}"

    def _key(self, url: str) -> str:
        """Return the key of a file that a manifest names.

        Raises: InternalError where it is none of the attempt's.
        """
        key = url.removeprefix(self._url(""))
        if not key.startswith(self.prefix):
            raise InternalError("The warehouse unloaded to another place than it was told", url=url)
        return key


def _entries(manifest: Path) -> list[str]:
    try:
        content = json.loads(manifest.read_bytes())
        return [str(entry["url"]) for entry in content["entries"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InternalError("The manifest of the unloaded files cannot be read") from error
