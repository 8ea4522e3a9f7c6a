"""A file's records applied to a table; worker side.

The transaction stays open for the server to commit, so that a cancel is heeded up to that moment and never after it.
"""

from __future__ import annotations

from contextlib import suppress

import duckdb

from spectra_emulator.adapters.duckdb_engine import applied_jobs, failed_files
from spectra_emulator.adapters.duckdb_engine.rejected_records import rejected
from spectra_emulator.adapters.duckdb_engine.staging import Staging
from spectra_emulator.adapters.duckdb_engine.wire import Header
from spectra_emulator.adapters.duckdb_engine.work import Work


def answered(work: Work, request: Header) -> tuple[Header, bytes]:
    """Apply the file unless the job was applied before; either way write its failed records.

    Raises: InvalidRequest, duckdb.Error, InterruptedWorkError.
    """
    try:
        processed, failed = _applied_before(work.cursor, request["job_id"]) or _applied(work, request)
        if failed:
            with work.file_reader() as reader:
                failed_files.write(work, reader, request)
    except BaseException:
        _give_up(work.cursor, request)
        raise
    return {"processed": processed, "failed": failed}, b""


def _applied_before(cursor: duckdb.DuckDBPyConnection, job_id: str) -> tuple[int, int] | None:
    counts = applied_jobs.found(cursor, job_id)
    if counts is not None:
        cursor.execute("BEGIN TRANSACTION READ ONLY")
    return counts


def _applied(work: Work, request: Header) -> tuple[int, int]:
    """Stage, check and change; mark the job and return how many records went in and how many failed.

    The staged records are committed before the transaction begins: DuckDB reads them with all its threads then.
    """
    cursor = work.cursor
    _unstage(cursor, request)
    with work.file_reader() as reader:
        Staging(work, reader, request["content_type"]).fill(request["records"], request["staging"])
        without_fields = len(rejected(reader, request["file_columns"], request["column_delimiter"]))
    cursor.execute("BEGIN TRANSACTION")
    for statement in request["changes"]:
        work.check()
        cursor.execute(statement)
    staged, faulty = cursor.execute(request["counts"]).fetchall()[0]
    applied_jobs.note_failed(cursor, request["job_id"], request["faulty"])
    _unstage(cursor, request)
    processed, failed = staged - faulty, faulty + without_fields
    applied_jobs.mark(cursor, request["job_id"], processed, failed)
    return processed, failed


def _unstage(cursor: duckdb.DuckDBPyConnection, request: Header) -> None:
    for statement in request["unstaging"]:
        cursor.execute(statement)


def _give_up(cursor: duckdb.DuckDBPyConnection, request: Header) -> None:
    """Leave nothing behind; what cannot be done here is undone with the process."""
    with suppress(duckdb.Error):
        cursor.execute("ROLLBACK")
    with suppress(duckdb.Error):
        _unstage(cursor, request)
