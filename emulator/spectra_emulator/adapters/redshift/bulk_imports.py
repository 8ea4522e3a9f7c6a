"""One file's records on their way into a table of the warehouse."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain

from spectra_emulator.adapters.duckdb_engine.bulk_engine import unpacked_file
from spectra_emulator.adapters.redshift.errands import LOAD, Errand
from spectra_emulator.adapters.redshift.file_desk import Cleaned, FileDesk
from spectra_emulator.adapters.redshift.staging import StagedFiles
from spectra_emulator.domain.errors import InternalError, InvalidRequest, InvalidSql, OperatorError, SpectraError
from spectra_emulator.domain.files import ImportFile
from spectra_emulator.ports import Applied, Progress, StatementCancelledError
from spectra_emulator.sql.changes import StagedChange
from spectra_emulator.sql.file_columns import ImportTarget
from spectra_emulator.sql.file_imports import ImportPlan, import_plan
from spectra_emulator.sql.warehouse_changes import WarehouseChange, transaction
from spectra_emulator.sql.warehouse_loads import (
    LoadedColumn,
    copy_text,
    load_errors_query,
    loaded,
    staging_statements,
)
from spectra_emulator.sql.warehouse_places import failed_query, unstaging

_IDENTITY = re.compile(r'"?(?:default_)?identity"?\(')
"""What the default of an identity column looks like in the catalogue."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Import:
    errand: Errand
    desk: FileDesk
    files: StagedFiles
    target: ImportTarget
    source: ImportFile
    progress: Progress

    def done(self, applied: Applied | None) -> Applied:
        """Apply the file, unless it was; either way write its failed records.

        Raises: InvalidRequest, InvalidSql, InternalError, StatementCancelledError.
        """
        tenant_id = self.errand.login.tenant_id
        opened = unpacked_file(self.source)
        self.errand.require_not_cancelled()
        try:
            with self.desk.noted(self.errand.job_id) as running:
                shape = self.desk.shape(tenant_id, running, self.source)
                if not shape.columns:
                    return Applied(0, 0)
                plan = import_plan(str(opened), self.source.format, shape, self.target)
                _require_fillable(plan.change)
                columns = loaded(plan.filled)
                cleaned = self.desk.clean(tenant_id, running, self.source, (plan, columns), self.progress)
            outcome = applied or self._changed(plan, columns, cleaned)
            if outcome.failed:
                self._write_failed(plan, columns, cleaned)
        finally:
            if opened != self.source.file:
                opened.unlink(missing_ok=True)
        return outcome

    def _changed(self, plan: ImportPlan, columns: tuple[LoadedColumn, ...], cleaned: Cleaned) -> Applied:
        """Load the good records, then change the table and mark the job in one transaction."""
        change = WarehouseChange(plan.change, self.errand.places, columns, cleaned.records)
        self._load(columns, cleaned)
        self.errand.transact(transaction(change))
        applied = self.errand.applied()
        if applied is None:
            raise InternalError("The warehouse has changed the table and does not know of it")
        unstage(self.errand)
        return applied

    def _load(self, columns: tuple[LoadedColumn, ...], cleaned: Cleaned) -> None:
        copy = None
        if cleaned.good:
            self.files.upload(cleaned.good_file)
            copy = copy_text(self.errand.places, self.files.records_url, self.files.staging.access)
        cleaned.good_file.unlink(missing_ok=True)
        try:
            self.errand.transact(staging_statements(self.errand.places, columns, copy), LOAD)
        except InvalidSql as error:
            raise OperatorError(f"The warehouse could not load the file: {error.message}") from error

    def _write_failed(self, plan: ImportPlan, columns: tuple[LoadedColumn, ...], cleaned: Cleaned) -> None:
        """Write the failed records with what this server, COPY or the change of the table found wrong."""
        refusals = self.source.file.with_name(f"{self.source.file.name}.refusals")
        with refusals.open("w", newline="", encoding="utf-8") as content:
            csv.writer(content).writerows(chain(self._refused(), self._not_loaded(columns)))
        with self.desk.noted(self.errand.job_id) as running:
            self.desk.refuse(self.errand.login.tenant_id, running, self.source, plan, (cleaned, refusals))

    def _refused(self) -> Iterator[tuple[object, object, object]]:
        for record, reason in self.errand.pages(partial(failed_query, self.errand.places)):
            yield record, "", reason

    def _not_loaded(self, columns: tuple[LoadedColumn, ...]) -> Iterator[tuple[object, object, object]]:
        """Yield what COPY left out, by the line of the loaded file; each attempt at the job has told it."""
        names = {column.name: column.column.target.name for column in columns}
        told: dict[int, str] = {}
        for line, column, message in self.errand.pages(partial(load_errors_query, self.files.job_url)):
            told.setdefault(int(str(line)), _reason(names, str(column or "").strip(), str(message or "").strip()))
        for line, reason in told.items():
            yield "", line, reason


def unstage(errand: Errand) -> None:
    """Drop the staging table, if that can be."""
    try:
        errand.transact([unstaging(errand.places)], "unstage")
    except (SpectraError, StatementCancelledError):
        _log.warning("the staging table of bulk job %s stays for now", errand.job_id, exc_info=True)


def _require_fillable(change: StagedChange) -> None:
    """Refuse records that lack a number which Redshift would give them, where others have one.

    Raises: InvalidRequest.
    """
    for name, default in (change.defaults or {}).items():
        if _IDENTITY.match(default):
            raise InvalidRequest(f'Some records lack "{name}", which numbers itself: give all of them one, or none')


def _reason(names: Mapping[str, str], column: str, message: str) -> str:
    return f'column "{names[column]}": {message}' if column in names else message or "the warehouse did not load it"
