"""Bulk jobs straight on an engine."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path

from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.domain.files import Change, ContentType, ExportFile, FileFormat, ImportFile
from spectra_emulator.ports import Applied, BulkEngine
from spectra_emulator.sql.guard import parse_read_only

from tests.dataapi.copying import ANYTHING
from tests.dataapi.deployment import TENANT_ID

_NUMBERS = itertools.count()


@dataclass
class Jobs:
    """Runs jobs of one tenant; each import's failed records are in `failed`."""

    engine: BulkEngine
    folder: Path
    failed: dict[str, str] = field(default_factory=dict)

    def applied(self, job_id: str, change: Change, text: str, content_type: ContentType = ContentType.CSV) -> Applied:
        file = self.folder / f"upload-{next(_NUMBERS)}"
        file.write_text(text, encoding="utf-8")
        source = ImportFile(file, FileFormat(content_type), file.with_suffix(".failed"))
        applied = self.engine.apply(TENANT_ID, job_id, change, source, lambda _: None)
        self.failed[job_id] = source.failed_file.read_text(encoding="utf-8") if source.failed_file.exists() else ""
        return applied

    def exported(self, job_id: str, sql: str, file_format: FileFormat | None = None) -> bytes:
        target = ExportFile(self.folder / f"export-{next(_NUMBERS)}", file_format or FileFormat())
        self.engine.export(TENANT_ID, job_id, parse_read_only(sql, ANYTHING), target, lambda _: None)
        return target.file.read_bytes()


def new_job_id() -> str:
    return f"bulk-test-{next(_NUMBERS)}"


def change_of(operation: Operation, table: str, **named: object) -> Change:
    return replace(Change(operation, table), **named)  # type: ignore[arg-type] # the test names what it changes
