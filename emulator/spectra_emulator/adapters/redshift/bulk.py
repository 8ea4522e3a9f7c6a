"""Bulk jobs done by the warehouse itself: UNLOAD out of a tenant's tables, COPY and one transaction into them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlglot import exp

from spectra_emulator.adapters.duckdb_engine.bulk_engine import import_target, imported_table
from spectra_emulator.adapters.redshift.bulk_imports import Import, unstage
from spectra_emulator.adapters.redshift.data_api_results import is_of_the_s3
from spectra_emulator.adapters.redshift.engine import RedshiftEngine
from spectra_emulator.adapters.redshift.errands import PAGE_ROWS, Errand
from spectra_emulator.adapters.redshift.file_desk import FileDesk
from spectra_emulator.adapters.redshift.staging import StagedFiles, Staging
from spectra_emulator.adapters.redshift.warehouse import Login
from spectra_emulator.domain.catalogue import Catalogue, Column
from spectra_emulator.domain.errors import (
    InternalError,
    InvalidRequest,
    InvalidSql,
    NotFound,
    OperatorError,
    SpectraError,
)
from spectra_emulator.domain.files import Change, ExportFile, ImportFile
from spectra_emulator.ports import Applied, Progress, StatementCancelledError
from spectra_emulator.sql.file_columns import ImportTarget
from spectra_emulator.sql.warehouse_places import dropping, is_own, is_staged, left_behind_query, preparation
from spectra_emulator.sql.warehouse_unloads import probe_text, unload_text

_PATIENCE_SECONDS = 60.0
_log = logging.getLogger(__name__)


class RedshiftBulkEngine:
    """Shares the warehouse of `engine`; files are worked on at `desk`."""

    def __init__(
        self,
        engine: RedshiftEngine,
        desk: FileDesk,
        staging: Staging,
        pause: Callable[[float], None] = time.sleep,
        page_rows: int = PAGE_ROWS,
    ) -> None:
        self._engine = engine
        self._desk = desk
        self._staging = staging
        self._pause = pause
        self._page_rows = page_rows
        self._lock = threading.Lock()
        self._errands: dict[str, Errand] = {}
        self._prepared: set[Login] = set()

    def functions(self, tenant_id: str, db_user: str = "") -> Container[str]:
        """Return the names of the functions of the tenant's own that are known here."""
        return self._engine.catalogue(tenant_id, db_user).functions

    def export(
        self, tenant_id: str, job_id: str, query: exp.Query, target: ExportFile, progress: Progress, db_user: str = ""
    ) -> int:
        """Unload the rows and write them as the contract has them; an UNLOAD that has been made is not made again."""
        with self._begun(tenant_id, job_id, db_user) as errand:
            columns = errand.ask(probe_text(query)).columns
            errand.settled()
            files = self._staging.unloaded(tenant_id, job_id)
            if files is None:
                files = self._staging.attempt(tenant_id, job_id)
                self._unload(errand, unload_text(query, columns, files.rows_url, self._staging.access))
            rows = self._rendered(errand, files, columns, target, progress)
            self._dropped(files)
        return rows

    def apply(
        self,
        tenant_id: str,
        job_id: str,
        change: Change,
        source: ImportFile,
        progress: Progress,
        db_user: str = "",
    ) -> Applied:
        """Apply a file in one transaction that also marks the job; whatever was sent before, it happens once."""
        with self._begun(tenant_id, job_id, db_user) as errand, _unstaged_for_good(errand):
            self._prepare(errand)
            errand.settled()
            files = self._staging.attempt(tenant_id, job_id)
            applied = errand.applied()
            if applied is not None and not applied.failed:
                unstage(errand)
                self._dropped(files)
                return applied
            target = _target(change, self._tables(errand.login))
            done = Import(errand, self._desk, files, target, source, progress).done(applied)
            self._dropped(files)
        return done

    def applied(self, tenant_id: str, job_id: str, db_user: str = "") -> Applied | None:
        """Return what the job did, where it was applied; nothing of the job runs on in the warehouse then.

        Its staging table is dropped: another attempt fills its own.
        """
        errand = self._errand(tenant_id, job_id, db_user)
        self._prepare(errand)
        errand.settled(_PATIENCE_SECONDS)
        unstage(errand)
        return errand.applied()

    def cancel(self, tenant_id: str, query_id: str) -> bool:
        """Stop a running export or import by its job's id."""
        errand = self._errands.get(query_id)
        if errand is None:
            return False
        at_desk = self._desk.cancel(tenant_id, query_id)
        return errand.cancel() or at_desk

    @contextmanager
    def _begun(self, tenant_id: str, job_id: str, db_user: str) -> Iterator[Errand]:
        """Let `cancel` find the job's errand."""
        errand = self._errand(tenant_id, job_id, db_user)
        with self._lock:
            self._errands[job_id] = errand
        try:
            yield errand
        finally:
            with self._lock:
                del self._errands[job_id]

    def _errand(self, tenant_id: str, job_id: str, db_user: str) -> Errand:
        login = self._engine.users.login(tenant_id, db_user)
        places = self._staging.places(login, job_id)
        return Errand(self._engine.warehouse, login, job_id, places, self._pause, self._page_rows)

    def _prepare(self, errand: Errand) -> None:
        """Make the tables that tell what has been applied, once.

        Raises: InternalError, StatementCancelledError.
        """
        if errand.login in self._prepared:
            return
        try:
            errand.transact(preparation(errand.places), "prepare")
        except InvalidSql as error:
            schema = errand.places.schema
            raise OperatorError(f'Bulk jobs need the schema "{schema}", owned by the user: {error.message}') from error
        self._prepared.add(errand.login)
        self._sweep(errand)

    def _sweep(self, errand: Errand) -> None:
        """Drop some of the staging tables that jobs long gone have left; where that cannot be, they stay."""
        try:
            names = [str(name) for (name,) in errand.ask(left_behind_query(errand.places)).rows]
            for name in filter(is_staged, names):
                errand.transact([dropping(errand.places, name)], "sweep")
        except (SpectraError, StatementCancelledError):
            _log.warning("staging tables of jobs long gone stay for now", exc_info=True)

    def _tables(self, login: Login) -> Catalogue:
        """Return the tables as they are now, without those that jobs have for themselves."""
        self._engine.catalogues.forget(login)
        tables = self._engine.catalogues.of(login).tables
        return Catalogue({key: table for key, table in tables.items() if not is_own(table.name)})

    def _unload(self, errand: Errand, statement: str) -> None:
        try:
            errand.transact([statement])
        except InvalidSql as error:
            if is_of_the_s3(error.message):
                raise OperatorError(f"The warehouse cannot reach the S3: {error.message}") from error
            raise

    def _rendered(
        self, errand: Errand, files: StagedFiles, columns: tuple[Column, ...], target: ExportFile, progress: Progress
    ) -> int:
        try:
            fetched = files.fetched(target.file.parent)
        except NotFound as error:
            raise InternalError("The unloaded files are not in the S3") from error
        errand.require_not_cancelled()
        with self._desk.noted(errand.job_id) as running:
            rows = self._desk.render(errand.login.tenant_id, running, (fetched, columns), target, progress)
        _forget(fetched)
        return rows

    def _dropped(self, files: StagedFiles) -> None:
        """Delete what is no longer needed; what cannot be deleted now goes with the job's retention."""
        try:
            files.drop()
        except SpectraError:
            _log.warning("what bulk job %s has staged stays for now", files.job_id, exc_info=True)


@contextmanager
def _unstaged_for_good(errand: Errand) -> Iterator[None]:
    """Drop the staging table of a job that fails by its own fault, which no attempt follows."""
    try:
        yield
    except (InvalidRequest, InvalidSql):
        unstage(errand)
        raise


def _target(change: Change, tables: Catalogue) -> ImportTarget:
    """Return the table with what its columns fill themselves with, as Redshift spells it."""
    table = imported_table(tables, change.table)
    defaults = tuple((column.name, column.default) for column in table.columns if column.default)
    return replace(import_target(change, table), defaults=defaults)


def _forget(files: list[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
