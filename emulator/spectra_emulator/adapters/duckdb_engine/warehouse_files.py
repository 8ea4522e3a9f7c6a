"""Files between a job and a warehouse: records checked and made ready to load, unloaded rows written; worker side."""

from __future__ import annotations

from pathlib import Path

import arro3.core
import duckdb

from spectra_emulator.adapters.duckdb_engine.arrow_stream import batches
from spectra_emulator.adapters.duckdb_engine.exports import Export, written
from spectra_emulator.adapters.duckdb_engine.failed_files import write_failed
from spectra_emulator.adapters.duckdb_engine.rejected_records import rejected
from spectra_emulator.adapters.duckdb_engine.staging import Staging
from spectra_emulator.adapters.duckdb_engine.wire import Header
from spectra_emulator.adapters.duckdb_engine.work import Work

_BATCH_ROWS = 50_000
_AS_WRITTEN = "auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"'"
_FAILED = f"""
    CREATE TEMP TABLE failed AS
    WITH faulty AS (
        FROM read_csv($faults, {_AS_WRITTEN}, columns = {{'record': 'BIGINT', 'reason': 'VARCHAR'}})
    ), told AS (
        FROM read_csv($refusals, {_AS_WRITTEN}, columns = {{'record': 'BIGINT', 'line': 'BIGINT', 'reason': 'VARCHAR'}})
    ), good AS (
        SELECT record, row_number() OVER (ORDER BY record) AS line FROM (SELECT unnest(range($records)) AS record)
        WHERE record NOT IN (SELECT record FROM faulty)
    )
    FROM faulty
    UNION ALL SELECT record, reason FROM told WHERE record IS NOT NULL
    UNION ALL SELECT good.record, told.reason FROM told JOIN good USING (line)
    UNION ALL VALUES (-1, '')
"""  # noqa: S608 - our own text
"""The last is one more than there are: a join with nothing would not read the file, and reject none of its records."""


def cleaned(work: Work, request: Header) -> tuple[Header, bytes]:
    """Check a file's records; write the good ones for a warehouse to load, and aside the reasons of the others.

    Raises: InvalidRequest, duckdb.Error, InterruptedWorkError.
    """
    _unstage(work, request)
    try:
        with work.file_reader() as reader:
            Staging(work, reader, request["content_type"]).fill(request["records"], request["staging"])
            without_fields = len(rejected(reader, request["file_columns"], request["column_delimiter"]))
            _copied(
                work,
                reader,
                request["good"],
                f"COPY ({request['loaded']}) TO $file (FORMAT json)",
                request["good_file"],
            )
            _copied(
                work,
                reader,
                request["faulty"],
                "COPY found_rows TO $file (FORMAT csv, HEADER false)",
                request["faults_file"],
            )
        staged, faulty = work.cursor.execute(request["counts"]).fetchall()[0]
    finally:
        _unstage(work, request)
    return {"staged": staged, "good": staged - faulty, "without_fields": without_fields}, b""


def refused(work: Work, request: Header) -> tuple[Header, bytes]:
    """Write the file of failed records: those with faults, and those that the warehouse refused.

    Raises: duckdb.Error, InterruptedWorkError.
    """
    places = {name: request[name] for name in ("faults", "refusals", "records")}
    with work.file_reader() as reader:
        reader.execute(_FAILED, places)
        write_failed(reader, request)
    return {}, b""


def rendered(work: Work, request: Header) -> tuple[Header, bytes]:
    """Write the rows of unloaded files as the job's file.

    Raises: duckdb.Error, InterruptedWorkError.
    """
    with work.file_reader() as reader:
        export = Export(work, request, reader)
        written(export, Path(request["file"]))
    return {"row_count": export.row_count}, b""


def _copied(work: Work, reader: duckdb.DuckDBPyConnection, query: str, copy: str, file: str) -> None:
    """Write rows of the tenant's instance to a file, which that one may not."""
    found = batches(work.cursor.sql(query), _BATCH_ROWS)
    reader.register("found_rows", arro3.core.RecordBatchReader.from_arrow(found))
    reader.execute(copy, {"file": file})
    reader.unregister("found_rows")
    work.check()


def _unstage(work: Work, request: Header) -> None:
    for statement in request["unstaging"]:
        work.cursor.execute(statement)
