"""A file's records as a table of one connection; worker side."""

from __future__ import annotations

from collections.abc import Iterator

import arro3.core
import duckdb

from spectra_emulator.adapters.duckdb_engine.arrow_stream import batches
from spectra_emulator.adapters.duckdb_engine.file_refusals import broken
from spectra_emulator.adapters.duckdb_engine.work import Work
from spectra_emulator.domain.errors import InvalidRequest

_BATCH_ROWS = 50_000
_FAULTS_OF_FILES = ("Invalid Input Error", "IO Error", "Conversion Error", "Invalid Error", "Out of Memory Error")
_OF_THE_ENGINE = ("INTERNAL Error", "INTERRUPT Error")
"""What tells nothing about a Parquet file, of whose damages the engine has no one word."""


class Staging:
    """Moves records from the instance that reads files to the tenant's."""

    def __init__(self, work: Work, reader: duckdb.DuckDBPyConnection, content_type: str) -> None:
        self._work = work
        self._reader = reader
        self._content_type = content_type
        self._refusal: InvalidRequest | None = None

    def fill(self, records: str, statement: str) -> None:
        """Run `records` where files are read, and `statement`, which takes them from `uploaded`, with the tenant.

        Raises: InvalidRequest where the file breaks off or cannot be read.
        """
        cursor = self._work.cursor
        try:
            reader = self._opened(records)
            cursor.register("uploaded", reader)
            cursor.execute(statement)
        except Exception:
            self._work.check()
            if self._refusal is not None:
                raise self._refusal from None
            raise
        finally:
            cursor.unregister("uploaded")

    def _opened(self, records: str) -> arro3.core.RecordBatchReader:
        try:
            reader = batches(self._reader.sql(records), _BATCH_ROWS)
        except duckdb.Error as error:
            self._note(error)
            raise
        return arro3.core.RecordBatchReader.from_batches(reader.schema, self._counted(reader))

    def _counted(self, reader: arro3.core.RecordBatchReader) -> Iterator[arro3.core.RecordBatch]:
        """Yield the batches and tell of each; keep what is wrong with the file, of which only a text would pass."""
        records = 0
        while (batch := self._next(reader)) is not None:
            self._work.check()
            yield batch
            records += batch.num_rows
            self._work.report(records)

    def _next(self, reader: arro3.core.RecordBatchReader) -> arro3.core.RecordBatch | None:
        try:
            return next(reader, None)
        except Exception as error:
            self._note(error)
            raise

    def _note(self, error: Exception) -> None:
        if _is_of_the_file(self._content_type, str(error)):
            self._refusal = broken(self._content_type, str(error))


def _is_of_the_file(content_type: str, message: str) -> bool:
    if content_type == "PARQUET":
        return not any(words in message for words in _OF_THE_ENGINE)
    return any(words in message for words in _FAULTS_OF_FILES)
