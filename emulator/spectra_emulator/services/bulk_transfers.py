"""Move a bulk job's records between its object and its table."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from sqlglot import exp

from spectra_emulator.domain.bulk_files import change, export_key, failed_key, file_format, upload_key
from spectra_emulator.domain.bulk_jobs import MAX_ATTEMPTS, BulkJob, Operation
from spectra_emulator.domain.errors import InternalError, InvalidRequest, PayloadTooLarge
from spectra_emulator.domain.files import Change, ExportFile, ImportFile
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.ports import Applied, BulkEngine, ObjectStore, Progress
from spectra_emulator.services.bulk_runs import Phase, Run
from spectra_emulator.sql.guard import parse_read_only

_FAILED_FILE = "failed.csv"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """`result_key` names the object that holds an export."""

    processed: int
    failed: int = 0
    result_key: str | None = None


@dataclass(frozen=True)
class OwnFunctions:
    """The names of a tenant's own functions, asked of the engine once a query calls what Redshift has not."""

    engine: BulkEngine
    tenant_id: str
    db_user: str

    def __contains__(self, name: object) -> bool:
        return name in self.engine.functions(self.tenant_id, self.db_user)


@dataclass(frozen=True)
class BulkTransfers:
    engine: BulkEngine
    objects: ObjectStore
    rules: SqlRules
    max_upload_bytes: int

    def cancel(self, tenant_id: str, job_id: str) -> bool:
        return self.engine.cancel(tenant_id, job_id)

    def query(self, sql: str, tenant_id: str, db_user: str) -> exp.Query:
        """Return the query that an export is of.

        Raises: InvalidSql, SqlBlocked, InternalError.
        """
        return parse_read_only(sql, self.rules, OwnFunctions(self.engine, tenant_id, db_user))

    def carried_out(
        self, job: BulkJob, folder: Path, run: Run, progress: Progress, *, refused_first: int = 0
    ) -> Outcome:
        """Export or import, by way of files in `folder`.

        Raises: RunInterruptedError, StatementCancelledError, any SpectraError that says why it cannot be.
        """
        if job.request.operation is Operation.QUERY:
            return self._exported(job, folder, run, progress)
        wanted = replace(change(job.request), refused_first=refused_first)
        return self._imported(job, wanted, folder, run, progress)

    def kept(self, applied: Applied, folder: Path) -> bool:
        """Tell whether all that an applied import left is in `folder`; the engine makes what is not there again."""
        return not applied.failed or (folder / _FAILED_FILE).exists()

    def applied(self, job: BulkJob, folder: Path, applied: Applied) -> Outcome:
        """Keep the refused records of an import whose other records are in."""
        failed_file = folder / _FAILED_FILE
        if applied.failed and failed_file.exists():
            try:
                self.objects.store(failed_file, failed_key(job))
            except InternalError:
                if job.attempt < MAX_ATTEMPTS:
                    raise
                _log.exception("the refused records of bulk job %s are lost", job.job_id)
        return Outcome(applied.processed, applied.failed)

    def _exported(self, job: BulkJob, folder: Path, run: Run, progress: Progress) -> Outcome:
        query = self.query(job.request.query or "", job.tenant_id, job.db_user)
        target = ExportFile(folder / f"export-{job.attempt}", file_format(job.request))
        run.enter(Phase.ENGINE)
        rows = self.engine.export(job.tenant_id, job.job_id, query, target, progress, job.db_user)
        run.enter(Phase.FILES)
        key = export_key(job)
        self.objects.store(target.file, key)
        return Outcome(rows, result_key=key)

    def _imported(self, job: BulkJob, wanted: Change, folder: Path, run: Run, progress: Progress) -> Outcome:
        source = ImportFile(folder / f"upload-{job.attempt}", file_format(job.request), folder / _FAILED_FILE)
        self._fetch(job, source.file)
        run.enter(Phase.ENGINE)
        applied = self.engine.apply(job.tenant_id, job.job_id, wanted, source, progress, job.db_user)
        run.enter(Phase.APPLIED)
        return self.applied(job, folder, applied)

    def _fetch(self, job: BulkJob, file: Path) -> None:
        key = upload_key(job)
        size_bytes = self.objects.size_bytes(key)
        if size_bytes is None:
            raise InvalidRequest(
                "Nothing was uploaded before the job was closed:"
                " create a new job, PUT the file to its upload URL, then close it"
            )
        if size_bytes > self.max_upload_bytes:
            raise PayloadTooLarge(
                f"The upload has {size_bytes} bytes; at most {self.max_upload_bytes} are taken",
                limit=self.max_upload_bytes,
                actual=size_bytes,
            )
        self.objects.fetch(key, file)
