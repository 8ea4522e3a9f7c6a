"""Exports: what a file holds, value by value."""

from __future__ import annotations

import gzip
import json
import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.domain.files import Compression, ContentType, ExportFile, FileFormat
from spectra_emulator.ports import StatementCancelledError
from spectra_emulator.sql.parsing import parse_script

from tests.adapters.duckdb_engine.desk import CSV, JSON, PARQUET, Desk, gzipped
from tests.requirements import requirement

FILL = """\
id,name,amount,active,born,seen,zoned,score,code,rank,exact
1,Ada,1.50,TRUE,1815-12-10,2024-01-15 10:00:00,2024-01-15 12:00:00+02,0.5,ab,7,12345678901234567890.0123456789
2,"",0.00,FALSE,,,,,,,
3,"a""b,c",,,,2024-01-15 10:00:00.25,,NaN,"",,
"""
MANY_ROWS = """
CREATE TABLE digits (d INTEGER);
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
INSERT INTO many SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d + 100000 * f.d, 2, 'text'
FROM digits a, digits b, digits c, digits d, digits e, digits f WHERE f.d < 2
"""
COLUMNS = "id, name, amount, active, born, seen, zoned, score, code, rank, exact"
QUERY = f"SELECT {COLUMNS} FROM people ORDER BY id"
FORMATS = [CSV, JSON, PARQUET, *map(gzipped, (CSV, JSON, PARQUET))]


def name_of(file_format: FileFormat) -> str:
    return f"{file_format.content_type}-{file_format.compression}"


@pytest.fixture
def filled(desk: Desk) -> Desk:
    desk.apply("insert", "people", FILL)
    return desk


@requirement("FMT-01", "FMT-02", "FMT-03", "FMT-04", "FMT-05")
@pytest.mark.parametrize("compression", Compression)
def test_csv_keeps_every_value(filled: Desk, compression: Compression) -> None:
    text = filled.export(QUERY, FileFormat(compression=compression)).decode()
    assert text.split("\n") == [
        "id,name,amount,active,born,seen,zoned,score,code,rank,exact",
        "1,Ada,1.50,true,1815-12-10,2024-01-15T10:00:00,2024-01-15T10:00:00Z,0.5,ab,7,12345678901234567890.0123456789",
        '2,"",0.00,false,,,,,,,',
        '3,"a""b,c",,,,2024-01-15T10:00:00.250,,NaN,"",,',
        "",
    ]


@requirement("FMT-11", "TYP-03", "TYP-04", "TYP-13")
@pytest.mark.parametrize("compression", Compression)
def test_json_is_an_array_of_objects_as_the_query_api_answers_them(filled: Desk, compression: Compression) -> None:
    text = filled.export(QUERY, FileFormat(ContentType.JSON, compression))
    assert json.loads(text, parse_float=str) == filled.rows(QUERY)


@requirement("FMT-12", "BLK-18")
@pytest.mark.parametrize("compression", Compression)
def test_parquet_keeps_types_and_values(filled: Desk, compression: Compression) -> None:
    file = filled.file(filled.export(QUERY, FileFormat(ContentType.PARQUET, compression)))
    read = duckdb.connect().sql(
        f"SELECT id, name, amount, active, born, seen, epoch(zoned) FROM read_parquet('{file}')"
    )
    kinds = [str(kind) for kind in read.types[:6]]
    assert kinds == ["BIGINT", "VARCHAR", "DECIMAL(12,2)", "BOOLEAN", "DATE", "TIMESTAMP"]
    assert read.fetchall()[:2] == [
        (
            1,
            "Ada",
            Decimal("1.50"),
            True,
            date(1815, 12, 10),
            datetime.fromisoformat("2024-01-15T10:00:00"),
            instant("2024-01-15T10:00:00"),
        ),
        (2, "", Decimal("0.00"), False, None, None, None),
    ]


def instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@requirement("BLK-18")
@pytest.mark.parametrize(("compression", "codec"), [(Compression.NONE, "SNAPPY"), (Compression.GZIP, "GZIP")])
def test_parquet_compresses_inside_the_file(filled: Desk, compression: Compression, codec: str) -> None:
    file = filled.file(filled.export(QUERY, FileFormat(ContentType.PARQUET, compression)))
    found = duckdb.connect().sql(f"SELECT DISTINCT compression FROM parquet_metadata('{file}')").fetchall()
    assert found == [(codec,)]


@requirement("BLK-09", "BLK-10", "FMT-02")
def test_line_ending_and_delimiter_are_the_jobs(filled: Desk) -> None:
    wanted = FileFormat(line_ending="\r\n", column_delimiter="|")
    assert filled.export("SELECT 'a\nb|c' AS x, id FROM people WHERE id = 1", wanted) == b'x|id\r\n"a\nb|c"|1\r\n'


@requirement("TYP-11")
def test_super_is_json_in_json_and_its_text_in_csv(desk: Desk) -> None:
    desk.apply("insert", "people", '[{"id": 1, "name": "Ada", "tags": {"a": [1, null]}}]', JSON)
    assert json.loads(desk.export("SELECT tags FROM people", JSON)) == [{"tags": {"a": [1, None]}}]
    assert desk.export("SELECT tags FROM people") == b'tags\n"{""a"":[1,null]}"\n'


def test_a_lone_null_is_told_from_a_lone_empty_string(filled: Desk) -> None:
    assert filled.export("SELECT code FROM people ORDER BY id") == b'code\nab\n\n""\n'


@pytest.mark.parametrize(
    ("file_format", "content"),
    [(CSV, b"id,name\n"), (JSON, b"[]"), (gzipped(CSV), b"id,name\n")],
    ids=["csv", "json", "gzipped csv"],
)
def test_no_rows_give_a_valid_file(desk: Desk, file_format: FileFormat, content: bytes) -> None:
    assert desk.export("SELECT id, name FROM people", file_format) == content


def test_no_rows_give_a_valid_parquet_file(desk: Desk) -> None:
    file = desk.file(desk.export("SELECT id, name FROM people", PARQUET))
    assert duckdb.connect().sql(f"SELECT count(*), count(name) FROM read_parquet('{file}')").fetchall() == [(0, 0)]


@requirement("TYP-15")
def test_two_columns_of_one_name_both_stand_in_csv(filled: Desk) -> None:
    assert filled.export("SELECT id AS a, rank AS a FROM people WHERE id = 1") == b"a,a\n1,7\n"


@requirement("BLK-41", "BLK-46")
def test_progress_moves_while_rows_are_written(desk: Desk) -> None:
    desk.run(MANY_ROWS)
    file = desk.folder / "many.csv"
    query = parse_script("SELECT n, twice FROM many")[0]
    rows = desk.bulk.export(desk.tenant_id, "job", query, ExportFile(file, CSV), desk.progress.append)
    assert rows == desk.progress[-1] == 200_000
    assert len(desk.progress) > 1
    assert file.read_bytes().count(b"\n") == 200_001


def test_a_failing_query_leaves_no_file(filled: Desk) -> None:
    with pytest.raises(InvalidSql):
        filled.export("SELECT 1 / (id - 3) AS x FROM people")
    assert leftovers(filled.folder) == []


def leftovers(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if "export" in file.name]


@pytest.mark.parametrize("file_format", FORMATS, ids=name_of)
def test_a_cancel_stops_the_export_and_leaves_no_file(desk: Desk, file_format: FileFormat) -> None:
    desk.run(MANY_ROWS)
    target = ExportFile(desk.folder / "export-cancelled", file_format)
    query = parse_script("SELECT a.n, b.text FROM many a, many b")[0]
    stopped = threading.Event()

    def stop(_: int) -> None:
        stopped.set()
        desk.bulk.cancel(desk.tenant_id, "job")

    with pytest.raises(StatementCancelledError):
        desk.bulk.export(desk.tenant_id, "job", query, target, stop)
    assert stopped.is_set()
    assert leftovers(desk.folder) == []


def test_gzip_is_readable_by_everybody(filled: Desk) -> None:
    target = ExportFile(filled.folder / "packed", replace(CSV, compression=Compression.GZIP))
    filled.bulk.export(
        filled.tenant_id, "job", parse_script("SELECT id FROM people ORDER BY id")[0], target, filled.progress.append
    )
    content = target.file.read_bytes()
    assert gzip.decompress(content) == b"id\n1\n2\n3\n"
    assert content[3] == 0, "the header has a name or another optional field"
