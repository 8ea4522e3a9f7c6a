"""A file's records applied to a table; worker side.

The transaction stays open for the server to commit, so that a cancel is heeded up to that moment and never after it.
"""

from __future__ import annotations

import duckdb

from spectra_emulator.adapters.duckdb_engine import applied_jobs, failed_files
from spectra_emulator.adapters.duckdb_engine.rejected_records import rejected
from spectra_emulator.adapters.duckdb_engine.staging import Staging
from spectra_emulator.adapters.duckdb_engine.wire import Header
from spectra_emulator.adapters.duckdb_engine.work import Work

_DEFAULTED = """
    SELECT column_name FROM duckdb_columns()
    WHERE schema_name = ? AND table_name = ? AND column_default IS NOT NULL AND column_default <> 'NULL'
"""


def defaulted(cursor: duckdb.DuckDBPyConnection, request: Header) -> tuple[Header, bytes]:
    """Tell which of a table's columns fill themselves."""
    found = cursor.execute(_DEFAULTED, [request["schema"], request["table"]]).fetchall()
    return {"columns": [name for (name,) in found]}, b""


def answered(work: Work, request: Header) -> tuple[Header, bytes]:
    """Apply the file unless the job was applied before; either way write its failed records.

    Raises: InvalidRequest, duckdb.Error, InterruptedWorkError.
    """
    work.cursor.execute("BEGIN TRANSACTION")
    with work.file_reader() as reader:
        counts = applied_jobs.found(work.cursor, request["job_id"])
        processed, failed = counts or _applied(work, reader, request)
    if failed:
        with work.file_reader() as reader:
            failed_files.write(work, reader, request)
    return {"processed": processed, "failed": failed}, b""


def _applied(work: Work, reader: duckdb.DuckDBPyConnection, request: Header) -> tuple[int, int]:
    """Stage, check and change; mark the job and return how many records went in and how many failed."""
    Staging(work, reader, request["content_type"]).fill(request["typed_query"], request["staging"])
    without_fields = len(rejected(reader, request["file_columns"], request["column_delimiter"]))
    for statement in request["changes"]:
        work.check()
        work.cursor.execute(statement)
    staged, faulty = work.cursor.execute(request["counts"]).fetchall()[0]
    applied_jobs.note_failed(work.cursor, request["job_id"], request["faulty"])
    for statement in request["unstaging"]:
        work.cursor.execute(statement)
    processed, failed = staged - faulty, faulty + without_fields
    applied_jobs.mark(work.cursor, request["job_id"], processed, failed)
    return processed, failed
