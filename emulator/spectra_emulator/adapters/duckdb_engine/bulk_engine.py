"""Bulk jobs on the embedded engine: files out of a tenant's tables and into them."""

from __future__ import annotations

from collections.abc import Container
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlglot import exp

from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.lane import EngineFailureError, Lane, WorkerLostError
from spectra_emulator.adapters.duckdb_engine.running import RunningQuery
from spectra_emulator.adapters.duckdb_engine.wire import Header
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerClient
from spectra_emulator.adapters.recorded_work import Work, WorkRecorder
from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.domain.catalogue import Catalogue, Table
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.domain.files import Change, ExportFile, FileFormat, ImportFile
from spectra_emulator.domain.journal import Statement
from spectra_emulator.ports import Applied, Progress
from spectra_emulator.sql.duckdb import Translation, translated
from spectra_emulator.sql.file_columns import ImportTarget, import_key
from spectra_emulator.sql.file_imports import import_statements
from spectra_emulator.sql.file_records import MAX_RECORD_BYTES, FileShape
from spectra_emulator.sql.nearest import nearest

_ATTEMPTS = 5
"""Other statements may crash a worker several times in the course of a long job."""


class DuckDbBulkEngine:
    """Shares the workers of `engine`; who calls applies one import of a tenant at a time."""

    def __init__(self, engine: DuckDbEngine, recorder: WorkRecorder | None = None) -> None:
        self._engine = engine
        self._recorder = recorder

    def functions(self, tenant_id: str, db_user: str = "") -> Container[str]:  # noqa: ARG002 - the port's shape; the engine has no users
        """Return the names of the tenant's own functions."""
        return self._engine.catalogue(tenant_id).functions

    def export(
        self,
        tenant_id: str,
        job_id: str,
        query: exp.Query,
        target: ExportFile,
        progress: Progress,
        db_user: str = "",
    ) -> int:
        """Write all rows of the query to a file; a lost worker's attempt is begun again."""
        with self._recorded(tenant_id, job_id) as work:
            translation = translated(query, self._engine.catalogue(tenant_id), user=db_user)
            work.statement = Statement(query.sql("redshift"), translation.sql)
            return self._exported(tenant_id, job_id, translation, target, Told(progress, work))

    def _exported(self, tenant_id: str, job_id: str, translation: Translation, target: ExportFile, told: Told) -> int:
        names = [column.name for column in translation.columns]
        request = {"do": "export", "sql": translation.sql, "columns": names, **format_options(target.format)}

        def asked(worker: WorkerClient) -> int:
            with worker.lane() as lane:
                answer, _ = running.ask(lane, {**request, "file": str(target.file)}, progress=told.progress)
            row_count: int = answer["row_count"]
            return row_count

        try:
            with self._engine.noted(job_id) as running:
                return self._engine.tried(tenant_id, asked, _ATTEMPTS)
        finally:
            target.file.with_name(f"{target.file.name}.partial").unlink(missing_ok=True)

    def apply(
        self,
        tenant_id: str,
        job_id: str,
        change: Change,
        source: ImportFile,
        progress: Progress,
        db_user: str = "",  # noqa: ARG002 - the port's shape; the engine has no users
    ) -> Applied:
        """Apply a file in one transaction; tried again after a lost worker, since an applied job is marked."""
        with self._recorded(tenant_id, job_id) as work:
            return self._applied_now(tenant_id, job_id, change, source, Told(progress, work))

    def _applied_now(self, tenant_id: str, job_id: str, change: Change, source: ImportFile, told: Told) -> Applied:
        target = import_target(change, imported_table(self._engine.catalogue(tenant_id), change.table))
        opened = unpacked_file(source)
        run = Import(job_id, target, source, opened, told)

        def asked(worker: WorkerClient) -> Applied:
            self._engine.note_written(tenant_id)
            with worker.lane() as lane:
                return _in_one_transaction(lane, running, run)

        try:
            with self._engine.noted(job_id) as running, self._engine.writing(tenant_id):
                return self._engine.tried(tenant_id, asked, _ATTEMPTS)
        finally:
            if opened != source.file:
                opened.unlink(missing_ok=True)

    def applied(self, tenant_id: str, job_id: str, db_user: str = "") -> Applied | None:  # noqa: ARG002 - the port's shape; the engine has no users
        """Return what the job did, where it was applied."""

        def asked(worker: WorkerClient) -> Applied | None:
            with worker.lane() as lane:
                answer, _ = lane.ask({"do": "applied", "job_id": job_id})
            return Applied(*answer["counts"]) if answer["counts"] else None

        return self._engine.tried(tenant_id, asked, _ATTEMPTS)

    def _recorded(self, tenant_id: str, job_id: str) -> AbstractContextManager[Work]:
        return nullcontext(Work()) if self._recorder is None else self._recorder.work(tenant_id, job_id)

    def cancel(self, tenant_id: str, query_id: str) -> bool:
        """Stop a running export or import by its job's id; False where it can no longer be stopped."""
        return self._engine.cancel(tenant_id, query_id)


@dataclass(frozen=True)
class Told:
    """Whom a run tells of its records, and of its SQL."""

    progress: Progress
    work: Work


@dataclass(frozen=True)
class Import:
    """One run; `opened` is where the file lies unpacked."""

    job_id: str
    target: ImportTarget
    source: ImportFile
    opened: Path
    told: Told

    def on(self, lane: Lane, running: RunningQuery) -> Applied:
        """Do all but commit.

        Raises: InvalidRequest, EngineFailureError, WorkerLostError, StatementCancelledError.
        """
        shape = file_shape(lane, running, self.source, self.opened)
        statements = import_statements(str(self.opened), self.source.format, shape, self._completed(lane))
        self.told.work.statement = Statement("", ";\n".join((statements.staging, *statements.changes)))
        request = {"do": "import", "job_id": self.job_id, "file_columns": len(shape.columns), **asdict(statements)}
        answer, _ = running.ask(
            lane,
            {**request, **format_options(self.source.format), "failed_file": str(self.source.failed_file)},
            progress=self.told.progress,
        )
        return Applied(answer["processed"], answer["failed"])

    def _completed(self, lane: Lane) -> ImportTarget:
        """Return the target with what only the database knows: which columns fill themselves."""
        table = self.target.table
        answer, _ = lane.ask({"do": "defaulted", "schema": table.schema, "table": table.name})
        return replace(self.target, defaults=tuple(answer["columns"].items()))


def _in_one_transaction(lane: Lane, running: RunningQuery, run: Import) -> Applied:
    """Commit what the worker did unless a cancel came before; from then on there is nothing to cancel."""
    try:
        applied = run.on(lane, running)
        running.finish()
        lane.ask({"do": "execute", "sql": "COMMIT"})
    except BaseException:
        with suppress(EngineFailureError, WorkerLostError):
            lane.ask({"do": "execute", "sql": "ROLLBACK"})
        raise
    return applied


def file_shape(lane: Lane, running: RunningQuery, source: ImportFile, opened: Path) -> FileShape:
    """Look into the file, unpacking it to `opened` where it is gzipped as a whole.

    Raises: InvalidRequest by way of EngineFailureError, WorkerLostError, StatementCancelledError.
    """
    packed = None if opened == source.file else str(source.file)
    look, _ = running.ask(
        lane, {"do": "look", "file": str(opened), "packed_file": packed, **format_options(source.format)}
    )
    return FileShape(
        tuple(look["columns"]),
        tuple(look.get("kinds", ())),
        frozenset(look.get("sparse", ())),
        look.get("is_array", False),
        look.get("record_bytes", MAX_RECORD_BYTES),
    )


def format_options(file_format: FileFormat) -> Header:
    return {
        "content_type": str(file_format.content_type),
        "compression": str(file_format.compression),
        "line_ending": file_format.line_ending,
        "column_delimiter": file_format.column_delimiter,
    }


def unpacked_file(source: ImportFile) -> Path:
    return source.file.with_name(f"{source.file.name}.unpacked") if source.format.gzipped_whole else source.file


def import_target(change: Change, table: Table) -> ImportTarget:
    matches = change.operation is not Operation.INSERT
    key = import_key(table, change.external_id_field, change.renamed) if matches else ()
    return ImportTarget(change.operation, table, key, change.renamed, refused_first=change.refused_first)


def imported_table(catalogue: Catalogue, name: str) -> Table:
    """Return the table that a job names.

    Raises: InvalidRequest where there is none, or a view.
    """
    schema, _, bare = name.rpartition(".")
    table = catalogue.table(bare, schema or None)
    if table is None:
        meant = nearest(bare.lower(), (known for _, known in catalogue.tables))
        hint = f': perhaps you meant "{meant}"' if meant else ""
        raise InvalidRequest(f'The table "{name}" does not exist{hint}', field="object")
    if table.is_view:
        raise InvalidRequest(f'"{name}" is a view: records can be written to tables only', field="object")
    return table
