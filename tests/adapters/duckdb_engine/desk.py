"""What a test of files does at an engine: write files, import and export them, ask for rows."""

from __future__ import annotations

import csv
import gzip
import json
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from spectra_emulator.adapters.duckdb_engine.bulk_engine import DuckDbBulkEngine
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.domain.files import Change, Compression, ContentType, ExportFile, FileFormat, ImportFile
from spectra_emulator.ports import Applied
from spectra_emulator.sql.limit import capped
from spectra_emulator.sql.parsing import parse_script

CSV = FileFormat()
JSON = FileFormat(ContentType.JSON)
PARQUET = FileFormat(ContentType.PARQUET)


@dataclass
class Desk:
    engine: DuckDbEngine
    bulk: DuckDbBulkEngine
    folder: Path
    tenant_id: str = "tenant-123"
    progress: list[int] = field(default_factory=list)

    def run(self, script: str) -> None:
        self.engine.run_script(self.tenant_id, parse_script(script))

    def rows(self, sql: str) -> list[dict[str, Any]]:
        prepared = self.engine.prepare(self.tenant_id, capped(parse_script(sql)[0], 10_000))
        rows = prepared.run(str(uuid.uuid4()), 10_000, timedelta(seconds=60), lambda: None)
        return json.loads(rows.rows_json, parse_float=str)

    def export(self, sql: str, file_format: FileFormat = CSV, job_id: str = "") -> bytes:
        """Return the bytes of the file, unpacked where they are gzipped as a whole."""
        file = self.folder / f"export-{uuid.uuid4()}"
        query = parse_script(sql)[0]
        target = ExportFile(file, file_format)
        self.bulk.export(self.tenant_id, job_id or str(uuid.uuid4()), query, target, self.progress.append)
        content = file.read_bytes()
        return gzip.decompress(content) if file_format.gzipped_whole else content

    def file(self, content: bytes | str) -> Path:
        file = self.folder / f"upload-{uuid.uuid4()}"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def apply(
        self,
        operation: str,
        table: str,
        content: bytes | str,
        file_format: FileFormat = CSV,
        job_id: str = "",
        **change: Any,
    ) -> Applied:
        source = ImportFile(self.file(content), file_format, self.folder / "failed.csv")
        wanted = Change(Operation(operation), table, **change)
        return self.bulk.apply(self.tenant_id, job_id or str(uuid.uuid4()), wanted, source, self.progress.append)

    def failed(self) -> list[list[str]]:
        """Return the records of the last file of failed records, its header first."""
        with (self.folder / "failed.csv").open(newline="", encoding="utf-8") as content:
            return list(csv.reader(content))


def gzipped(file_format: FileFormat) -> FileFormat:
    return FileFormat(file_format.content_type, Compression.GZIP)
