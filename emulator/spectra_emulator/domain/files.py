"""Files that bulk jobs read and write."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from spectra_emulator.domain.bulk_jobs import Operation

MAX_UPLOAD_BYTES = 150 * 1000 * 1000


class ContentType(StrEnum):
    CSV = "CSV"
    JSON = "JSON"
    PARQUET = "PARQUET"


class Compression(StrEnum):
    NONE = "NONE"
    GZIP = "GZIP"


@dataclass(frozen=True)
class FileFormat:
    """`line_ending` is the characters themselves; the last two concern CSV alone."""

    content_type: ContentType = ContentType.CSV
    compression: Compression = Compression.NONE
    line_ending: str = "\n"
    column_delimiter: str = ","

    @property
    def extension(self) -> str:
        """Return the end of the object's key; Parquet compresses inside the file."""
        name = f".{self.content_type.lower()}"
        return f"{name}.gz" if self.gzipped_whole else name

    @property
    def gzipped_whole(self) -> bool:
        return self.compression is Compression.GZIP and self.content_type is not ContentType.PARQUET


@dataclass(frozen=True)
class ExportFile:
    file: Path
    format: FileFormat


@dataclass(frozen=True)
class ImportFile:
    """`failed_file` is written where records fail, as CSV: the record's columns plus `error`."""

    file: Path
    format: FileFormat
    failed_file: Path


@dataclass(frozen=True)
class Change:
    """What an import does to a table; `renamed` pairs a file's column with the table's.

    `refused_first` is how many of the first records are to fail though nothing is wrong with them.
    """

    operation: Operation
    table: str
    external_id_field: str | None = None
    renamed: tuple[tuple[str, str], ...] = ()
    refused_first: int = 0
