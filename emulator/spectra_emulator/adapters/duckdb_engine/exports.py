"""A query's rows written to a file, batch by batch; runs inside the worker process."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

import arro3.core
import arro3.io
import duckdb

from spectra_emulator.adapters.duckdb_engine import gzip_files, result_json
from spectra_emulator.adapters.duckdb_engine.arrow_stream import batches
from spectra_emulator.adapters.duckdb_engine.export_columns import Marks, projected, projected_for_csv
from spectra_emulator.adapters.duckdb_engine.rendering import rendered
from spectra_emulator.adapters.duckdb_engine.wire import Header
from spectra_emulator.adapters.duckdb_engine.work import Work

_BATCH_ROWS = 50_000
_PARQUET_CODECS = {"NONE": "snappy", "GZIP": "gzip(1)"}
"""The format compresses inside; without a wish it does so as Redshift's UNLOAD does."""

Batches = Iterator[arro3.core.RecordBatch]


def answered(work: Work, request: Header) -> tuple[Header, bytes]:
    """Write the whole result aside, then give the file its name.

    Raises: duckdb.Error, InterruptedWorkError and whatever else the engine raises.
    """
    export = Export(work, request, work.cursor)
    work.cursor.execute("BEGIN TRANSACTION READ ONLY")
    try:
        written(export, Path(request["file"]))
    finally:
        work.cursor.execute("ROLLBACK")
    return {"row_count": export.row_count}, b""


def written(export: Export, file: Path) -> None:
    """Write all rows aside, then give the file its name."""
    partial = file.with_name(f"{file.name}.partial")
    try:
        _WRITERS[export.options["content_type"]](export, partial)
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)


class Export:
    """One run; `row_count` grows as batches pass."""

    def __init__(self, work: Work, request: Header, cursor: duckdb.DuckDBPyConnection) -> None:
        self.columns: list[str] = request["columns"]
        self.options: Mapping[str, str] = request
        self.row_count = 0
        self._work = work
        self._relation = cursor.sql(request["sql"])
        self.types = [str(kind) for kind in self._relation.types]

    def reader(self, select_list: str) -> arro3.core.RecordBatchReader:
        """Begin to read the rows, each column as the list has it."""
        return batches(self._relation.project(select_list), _BATCH_ROWS)

    def counted(self, reader: arro3.core.RecordBatchReader) -> Batches:
        """Yield the batches, tell of each, and stop between two of them where asked."""
        for batch in reader:
            self._work.check()
            yield batch
            self.row_count += batch.num_rows
            self._work.report(self.row_count)
        self._work.check()

    def opened(self, file: Path) -> AbstractContextManager[IO[bytes]]:
        return gzip_files.writer(file) if self.options["compression"] == "GZIP" else file.open("wb")


def _write_csv(export: Export, file: Path) -> None:
    delimiter, line_ending = export.options["column_delimiter"], export.options["line_ending"]
    marks = Marks(secrets.token_hex(8), secrets.token_hex(8))
    finished = _finishing(marks, delimiter, line_ending)

    def text(batch: arro3.core.RecordBatch) -> bytes:
        buffer = io.BytesIO()
        arro3.io.write_csv(batch, buffer, header=False, delimiter=delimiter)
        return finished(buffer.getvalue())

    reader = export.reader(projected_for_csv(export.types, marks))
    with export.opened(file) as target:
        target.write(_csv_header(export.columns, delimiter, line_ending))
        for part in rendered(export.counted(reader), text):
            target.write(part)


def _finishing(marks: Marks, delimiter: str, line_ending: str) -> Callable[[bytes], bytes]:
    end, ending = f"{delimiter}{marks.end}\n".encode(), line_ending.encode()
    return lambda text: text.replace(marks.empty.encode(), b'""').replace(end, ending)


def _csv_header(columns: Sequence[str], delimiter: str, line_ending: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator=line_ending).writerow(columns)
    return buffer.getvalue().encode()


def _write_json(export: Export, file: Path) -> None:
    """Write an array of objects."""
    nested = [name for name, kind in zip(export.columns, export.types, strict=True) if kind == "JSON"]
    numbered = [f"c{number}" for number, _ in enumerate(export.types)]

    def text(batch: arro3.core.RecordBatch) -> bytes:
        table = result_json.named(arro3.core.Table.from_batches([batch]), export.columns)
        return result_json.with_nested(result_json.array(table), nested)[1:-1]

    reader = export.reader(projected(numbered, export.types))
    with export.opened(file) as target:
        before = b"["
        for part in rendered(export.counted(reader), text):
            target.write(before + part)
            before = b",\n"
        target.write(b"]" if export.row_count else b"[]")


def _write_parquet(export: Export, file: Path) -> None:
    reader = export.reader(projected(export.columns, export.types))
    counted = arro3.core.RecordBatchReader.from_batches(reader.schema, export.counted(reader))
    with file.open("wb") as target:
        arro3.io.write_parquet(counted, target, compression=_PARQUET_CODECS[export.options["compression"]])


_WRITERS: dict[str, Callable[[Export, Path], None]] = {
    "CSV": _write_csv,
    "JSON": _write_json,
    "PARQUET": _write_parquet,
}
