"""UNLOAD and COPY, acted out on an S3 for tests: they are read by the documented syntax, and nothing else passes."""

from __future__ import annotations

import csv
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
from spectra_emulator.adapters.duckdb_engine.bulk_engine import DuckDbBulkEngine
from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.domain.files import Change, ContentType, ExportFile, FileFormat, ImportFile
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.sql.guard import parse_read_only

TEXT = r"'((?:[^'\\]|''|\\.)*)'"
_ROLE = rf"IAM_ROLE (?:default|{TEXT})"
UNLOAD = re.compile(
    rf"UNLOAD \({TEXT}\) TO {TEXT} {_ROLE} FORMAT AS PARQUET MANIFEST ALLOWOVERWRITE PARALLEL OFF"
    rf"(?: REGION AS {TEXT})?",
    re.DOTALL,
)
COPY = re.compile(
    rf'COPY "(?P<schema>[^"]+)"\."(?P<table>[^"]+)" FROM (?P<url>{TEXT}) {_ROLE} FORMAT AS JSON \'auto\''
    rf" DATEFORMAT AS 'auto' TIMEFORMAT AS 'auto' MAXERROR AS (?P<errors>\d+) COMPUPDATE OFF(?: REGION AS {TEXT})?"
)
ANYTHING = SqlRules(SecurityLevel.PERMISSIVE, allow_union=True, max_joins=100, max_subqueries=100, max_length=1_000_000)
_ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)
_COLUMN = re.compile(r'column "(?P<column>\w+)"')


def unquoted(text: str) -> str:
    """Return what a literal says."""
    return _ESCAPED.sub(lambda found: found[1] or "'", text)


@dataclass
class LoadErrors:
    """What `sys_load_error_detail` would tell, by file; `refused` are lines that the next COPY does not take."""

    refused: dict[int, str] = field(default_factory=dict)
    told: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)


@dataclass
class Copying:
    """Moves rows between the tables of the embedded engine and an S3.

    `rows_a_part` cuts what is unloaded; `refusal` is what the S3 says to the next statement.
    """

    engine: DuckDbBulkEngine
    s3: Any
    folder: Path
    errors: LoadErrors = field(default_factory=LoadErrors)
    rows_a_part: int = 1_000_000
    refusal: str = ""

    def unload(self, tenant_id: str, name: str, statement: str) -> int:
        """Write the rows of the query to the S3, in parts, and a manifest of these."""
        self._refuse()
        found = UNLOAD.fullmatch(statement)
        if found is None:
            raise InvalidSql("syntax error in UNLOAD")
        query = parse_read_only(unquoted(found[1]), ANYTHING)
        if query.args.get("limit"):
            raise InvalidSql("LIMIT clause is not supported in the outer query of UNLOAD")
        file = self.folder / f"{name}.parquet"
        target = ExportFile(file, FileFormat(ContentType.PARQUET))
        rows = self.engine.export(tenant_id, f"unload-{name}", query, target, lambda _: None)
        entries = [
            {"url": self._put(unquoted(found[2]), part, number)} for number, part in enumerate(self._parts(file))
        ]
        bucket, key = _place(unquoted(found[2]))
        self.s3.put_object(Bucket=bucket, Key=f"{key}manifest", Body=json.dumps({"entries": entries}).encode())
        return rows

    def copy(self, tenant_id: str, name: str, statement: str) -> int:
        """Add the records of a file, a JSON object a line, to a table; what is wrong with a line is kept to be told."""
        self._refuse()
        found = COPY.fullmatch(statement)
        if found is None:
            raise InvalidSql("syntax error in COPY")
        url = unquoted(found["url"][1:-1])
        bucket, key = _place(url)
        lines = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()
        told = self.errors.told[url] = [(line, "", reason) for line, reason in self.errors.refused.items()]
        self.errors.refused = {}
        taken = [number for number, _ in enumerate(lines, 1) if number not in {line for line, _, _ in told}]
        file = self.folder / f"{name}.json"
        file.write_bytes(b"\n".join(lines[number - 1] for number in taken))
        if not taken:
            return 0
        source = ImportFile(file, FileFormat(ContentType.JSON), self.folder / f"{name}.failed")
        change = Change(Operation.INSERT, f"{found['schema']}.{found['table']}")
        applied = self.engine.apply(tenant_id, f"copy-{uuid.uuid4()}", change, source, lambda _: None)
        if applied.failed:
            told += _failures(source.failed_file, [json.loads(lines[number - 1]) for number in taken], taken)
        return applied.processed

    def _refuse(self) -> None:
        refusal, self.refusal = self.refusal, ""
        if refusal:
            raise InvalidSql(refusal)

    def _parts(self, file: Path) -> Iterator[Path]:
        """Cut the file, as UNLOAD does above its limit."""
        source = f"read_parquet('{file}')"
        with duckdb.connect() as cutter:
            (rows,) = cutter.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
            for number, start in enumerate(range(0, rows, self.rows_a_part)):
                part = file.with_suffix(f".{number}")
                cut = f"SELECT * FROM {source} LIMIT {self.rows_a_part} OFFSET {start}"
                cutter.execute(f"COPY ({cut}) TO '{part}' (FORMAT parquet)")
                yield part

    def _put(self, url: str, part: Path, number: int) -> str:
        bucket, key = _place(url)
        self.s3.put_object(Bucket=bucket, Key=f"{key}{number:03}.parquet", Body=part.read_bytes())
        return f"{url}{number:03}.parquet"


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path.lstrip("/")


def _failures(file: Path, records: list[Mapping[str, Any]], lines: list[int]) -> Iterator[tuple[int, str, str]]:
    """Yield line, column and reason of what the table did not take."""
    places = {str(record["spectra_record"]): line for record, line in zip(records, lines, strict=True)}
    with file.open(encoding="utf-8", newline="") as content:
        for row in csv.DictReader(content):
            column = _COLUMN.search(row["error"])
            yield places[row["spectra_record"]], column["column"] if column else "", row["error"]
