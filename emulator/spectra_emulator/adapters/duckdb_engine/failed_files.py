"""The file of a job's failed records: their own columns as they came, and the reason last; worker side."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import arro3.core
import duckdb

from spectra_emulator.adapters.duckdb_engine.rejected_records import RejectedRecord, rejected
from spectra_emulator.adapters.duckdb_engine.wire import Header
from spectra_emulator.adapters.duckdb_engine.work import Work

_FAILED = "CREATE TEMP TABLE failed AS FROM failures UNION ALL VALUES (-1, '')"
"""One more than there are: a join with nothing would not read the file, and reject none of its records."""


def write(work: Work, reader: duckdb.DuckDBPyConnection, request: Header) -> None:
    """Read the file once more and write those of its records that the job's failures name by their number."""
    failures = "SELECT record, reason FROM spectra_internal.failed_records WHERE job_id = $job_id"
    found = work.cursor.sql(failures, params={"job_id": request["job_id"]})
    reader.register("failures", arro3.core.RecordBatchReader.from_arrow(found))
    reader.execute(_FAILED)
    write_failed(reader, request)


def write_failed(reader: duckdb.DuckDBPyConnection, request: Header) -> None:
    """Write those of the file's records that the table `failed` names, and those that fit no columns."""
    file = Path(request["failed_file"])
    partial = file.with_name(f"{file.name}.partial")
    reader.execute(f"COPY ({request['failed_query']}) TO $file (FORMAT csv, HEADER)", {"file": str(partial)})
    columns = request["file_columns"]
    _append(partial, rejected(reader, columns, request["column_delimiter"]), columns)
    partial.rename(file)


def _append(file: Path, records: Sequence[RejectedRecord], columns: int) -> None:
    """Add records that fit no columns: what they hold stands under the first names."""
    with file.open("a", newline="", encoding="utf-8") as content:
        writer = csv.writer(content, lineterminator="\n")
        for record in records:
            fields = [*record.fields[:columns], *[""] * (columns - len(record.fields))]
            writer.writerow([*fields, record.reason])
