"""Files of bulk jobs on this machine, checked and written by the same rules as with the embedded engine.

An embedded engine without tables does it, in its worker processes, which are bounded and can be ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from spectra_emulator.adapters.duckdb_engine.bulk_engine import file_shape, format_options, unpacked_file
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.lane import Lane
from spectra_emulator.adapters.duckdb_engine.running import RunningQuery
from spectra_emulator.adapters.duckdb_engine.wire import Header
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerClient
from spectra_emulator.domain.catalogue import Column
from spectra_emulator.domain.files import ExportFile, ImportFile
from spectra_emulator.ports import Progress
from spectra_emulator.sql.changes import STAGED
from spectra_emulator.sql.file_imports import ImportPlan
from spectra_emulator.sql.file_records import FileShape
from spectra_emulator.sql.warehouse_loads import LoadedColumn
from spectra_emulator.sql.warehouse_places import RECORD
from spectra_emulator.sql.warehouse_unloads import reading

_ATTEMPTS = 5
_NUMBER = f"rowid - (SELECT min(rowid) FROM {STAGED})"  # noqa: S608 - our own names
_COUNTS = f"SELECT count(*), count(fault) FROM {STAGED}"  # noqa: S608 - our own names
_FAULTY = f"SELECT {_NUMBER}, fault FROM {STAGED} WHERE fault IS NOT NULL ORDER BY rowid"  # noqa: S608 - our own names
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Cleaned:
    """How many records a file has, how many are good, and where those and the faults of the others lie.

    `staged` leaves out records that could not even be divided into fields, `records` does not.
    """

    records: int
    staged: int
    good: int
    good_file: Path
    faults_file: Path


class FileDesk:
    def __init__(self, engine: DuckDbEngine) -> None:
        self._engine = engine

    @contextmanager
    def noted(self, job_id: str) -> Iterator[RunningQuery]:
        """Let `cancel` stop what is done for the job."""
        with self._engine.noted(job_id) as running:
            yield running

    def cancel(self, tenant_id: str, job_id: str) -> bool:
        return self._engine.cancel(tenant_id, job_id)

    def close(self) -> None:
        self._engine.close()

    def shape(self, tenant_id: str, running: RunningQuery, source: ImportFile) -> FileShape:
        """Look into the file; one gzipped as a whole is unpacked beside it.

        Raises: InvalidRequest, InternalError, StatementCancelledError.
        """
        return self._asked(tenant_id, lambda lane: file_shape(lane, running, source, unpacked_file(source)))

    def clean(
        self,
        tenant_id: str,
        running: RunningQuery,
        source: ImportFile,
        plan: tuple[ImportPlan, Sequence[LoadedColumn]],
        progress: Progress,
    ) -> Cleaned:
        """Check the file's records and write the good ones for COPY.

        Raises: InvalidRequest, InternalError, StatementCancelledError.
        """
        statements, columns = plan
        good_file = source.file.with_name(f"{source.file.name}.good")
        faults_file = source.file.with_name(f"{source.file.name}.faults")
        request = {
            "do": "clean",
            "records": statements.records,
            "staging": statements.staging,
            "unstaging": [f"DROP TABLE IF EXISTS {STAGED}"],
            "good": _good(columns),
            "loaded": _loaded(columns),
            "good_file": str(good_file),
            "faulty": _FAULTY,
            "faults_file": str(faults_file),
            "counts": _COUNTS,
            "file_columns": len(statements.names),
            **format_options(source.format),
        }
        answer = self._answer(tenant_id, running, request, progress)
        records = answer["staged"] + answer["without_fields"]
        return Cleaned(records, answer["staged"], answer["good"], good_file, faults_file)

    def refuse(
        self,
        tenant_id: str,
        running: RunningQuery,
        source: ImportFile,
        plan: ImportPlan,
        refusals: tuple[Cleaned, Path],
    ) -> None:
        """Write the job's file of failed records.

        Raises: InternalError, StatementCancelledError.
        """
        cleaned, refusals_file = refusals
        request = {
            "do": "refuse",
            "faults": str(cleaned.faults_file),
            "refusals": str(refusals_file),
            "records": cleaned.staged,
            "failed_query": plan.failed_query,
            "failed_file": str(source.failed_file),
            "file_columns": len(plan.names),
            **format_options(source.format),
        }
        self._answer(tenant_id, running, request)

    def render(
        self,
        tenant_id: str,
        running: RunningQuery,
        unloaded: tuple[Sequence[Path], Sequence[Column]],
        target: ExportFile,
        progress: Progress,
    ) -> int:
        """Write unloaded rows as the job's file, and return their number.

        Raises: InternalError, StatementCancelledError.
        """
        files, columns = unloaded
        request = {
            "do": "render",
            "sql": reading([str(file) for file in files], columns),
            "columns": [column.name for column in columns],
            "file": str(target.file),
            **format_options(target.format),
        }
        row_count: int = self._answer(tenant_id, running, request, progress)["row_count"]
        return row_count

    def _answer(
        self, tenant_id: str, running: RunningQuery, request: Header, progress: Progress | None = None
    ) -> Header:
        return self._asked(tenant_id, lambda lane: running.ask(lane, request, progress=progress)[0])

    def _asked(self, tenant_id: str, ask: Callable[[Lane], Answer]) -> Answer:
        def asked(worker: WorkerClient) -> Answer:
            with worker.lane() as lane:
                return ask(lane)

        return self._engine.tried(tenant_id, asked, _ATTEMPTS)


def _good(columns: Sequence[LoadedColumn]) -> str:
    outputs = ", ".join([f'{_NUMBER} AS "{RECORD}"', *(column.exported for column in columns)])
    return f"SELECT {outputs} FROM {STAGED} WHERE fault IS NULL ORDER BY rowid"  # noqa: S608 - names are quoted


def _loaded(columns: Sequence[LoadedColumn]) -> str:
    """Return the query of what COPY reads; JSON is text on its way between two instances."""
    nested = ", ".join(
        f'CAST("{column.name}" AS JSON) AS "{column.name}"' for column in columns if column.column.type.name == "SUPER"
    )
    return f"SELECT * REPLACE ({nested}) FROM found_rows" if nested else "SELECT * FROM found_rows"  # noqa: S608 - our own names
