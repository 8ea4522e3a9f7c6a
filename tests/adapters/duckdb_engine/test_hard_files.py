"""Imports of files that are damaged, hold values of unusual length, or keys that only look different."""

from __future__ import annotations

import json

import duckdb
import pytest
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.domain.files import FileFormat
from spectra_emulator.ports import Applied

from tests.adapters.duckdb_engine.desk import CSV, JSON, PARQUET, Desk
from tests.requirements import requirement

MEBIBYTE = 2**20
TABLES = """
CREATE TABLE wide (id BIGINT, note SUPER);
CREATE TABLE codes (code VARCHAR(10), amount INTEGER);
CREATE TABLE bytes (id BIGINT, raw VARBYTE(4));
INSERT INTO codes VALUES ('one', 1), ('two', 2)
"""


@pytest.fixture(autouse=True)
def tables(desk: Desk) -> None:
    desk.run(TABLES)


def refusal(desk: Desk, content: bytes | str, file_format: FileFormat, table: str = "wide") -> str:
    with pytest.raises(InvalidRequest) as refused:
        desk.apply("insert", table, content, file_format)
    assert desk.rows(f"SELECT * FROM {table} WHERE id IS NOT NULL") == []
    return refused.value.message


@pytest.mark.parametrize("size", [5 * MEBIBYTE, 9 * MEBIBYTE, 15 * MEBIBYTE])
@pytest.mark.parametrize("text", ['"{}"', '"""{}"""', '"[""{}""\n]"'], ids=["quoted", "with quotes", "several lines"])
def test_long_csv_records_are_counted_and_never_lost(desk: Desk, size: int, text: str) -> None:
    content = "id,note\n1,1\n2," + text.format("7" * size) + "\n3,3\n"
    applied = desk.apply("insert", "wide", content)
    assert applied.processed + applied.failed == 3
    assert desk.rows("SELECT count(*) AS n FROM wide") == [{"n": applied.processed}]


def test_a_long_csv_value_comes_in_whole(desk: Desk) -> None:
    assert desk.apply("insert", "wide", 'id,note\n1,"[""' + "x" * 5 * MEBIBYTE + '""]"\n') == Applied(1, 0)
    assert desk.rows("SELECT json_size(note) > 5000000 AS whole FROM wide") == [{"whole": True}]


@pytest.mark.parametrize("quote", ["", '"'], ids=["plain", "quoted"])
def test_a_csv_record_over_the_limit_is_refused_by_its_line(desk: Desk, quote: str) -> None:
    content = f"id,note\n1,1\n2,{quote}{'x' * 17 * MEBIBYTE}{quote}\n3,3\n"
    message = refusal(desk, content, CSV)
    assert "line 3 is longer than 16777216 bytes" in message


@pytest.mark.parametrize("size", [17 * MEBIBYTE, 40 * MEBIBYTE])
def test_a_json_record_over_the_limit_is_refused(desk: Desk, size: int) -> None:
    content = json.dumps([{"id": 1, "note": "x" * size}, {"id": 2}])
    message = refusal(desk, content, JSON)
    assert "too long" in message
    assert "one may have 16777216 bytes at most" in message


def test_broken_json_is_refused_without_a_position_that_misleads(desk: Desk) -> None:
    assert (
        refusal(desk, '{"id": 1}\n{"id" 2}\n', JSON)
        == "The file is no valid JSON: Malformed JSON: unexpected character."
    )


@pytest.mark.parametrize("damage", [b"\xff", b"\0", b"a", b"\x15"], ids=repr)
def test_damaged_parquet_is_refused(desk: Desk, damage: bytes) -> None:
    file = desk.folder / "damaged"
    duckdb.connect().execute(f"COPY (SELECT 1 AS id) TO '{file}' (FORMAT parquet)")
    content = bytearray(file.read_bytes())
    content[4:14] = damage * 10
    assert refusal(desk, bytes(content), PARQUET).startswith("The file is no valid PARQUET: ")


@pytest.mark.parametrize("file_format", [CSV, JSON, PARQUET], ids=lambda one: one.content_type)
def test_a_form_around_the_file_is_told_as_such(desk: Desk, file_format: FileFormat) -> None:
    form = '--x1\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nid,note\r\n1,1\r\n--x1--\r\n'
    assert refusal(desk, form, file_format).startswith("The upload is a multipart form around the file")


@requirement("FMT-15")
def test_more_bytes_than_a_column_holds_fail_their_record(desk: Desk) -> None:
    assert desk.apply("insert", "bytes", "id,raw\n1,0102030405\n2,01020304\n") == Applied(1, 1)
    assert desk.failed()[1] == ["1", "0102030405", 'column "raw": value too long for VARBYTE(4)']
    assert desk.rows("SELECT id FROM bytes") == [{"id": 2}]


@requirement("FMT-17")
@pytest.mark.parametrize(
    ("operation", "amounts"),
    [("upsert", [1, 5]), ("update", [1, 5]), ("delete", [1])],
)
def test_trailing_blanks_of_a_key_do_not_count(desk: Desk, operation: str, amounts: list[int]) -> None:
    content = "code,amount\ntwo ,4\ntwo  ,5\n"
    assert desk.apply(operation, "codes", content, external_id_field="code") == Applied(2, 0)
    assert [row["amount"] for row in desk.rows("SELECT amount FROM codes ORDER BY amount")] == amounts
