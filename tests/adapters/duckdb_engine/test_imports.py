"""Imports: what a file's records do to a table."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import duckdb
import pytest
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.domain.files import ContentType, FileFormat
from spectra_emulator.ports import Applied, StatementCancelledError

from tests.adapters.duckdb_engine.desk import CSV, JSON, PARQUET, Desk, gzipped
from tests.requirements import requirement

FORMATS = [CSV, JSON, PARQUET, *map(gzipped, (CSV, JSON, PARQUET))]
PEOPLE = "SELECT id, name, amount FROM people ORDER BY id"
Encode = Callable[[str, FileFormat], bytes]


def name_of(file_format: FileFormat) -> str:
    return f"{file_format.content_type}-{file_format.compression}"


@pytest.fixture
def encode(desk: Desk) -> Encode:
    """Return what makes a file of any format from the rows of a DuckDB query."""

    def encoded(query: str, file_format: FileFormat) -> bytes:
        file = desk.folder / "encoded"
        options = {"CSV": "csv, header", "JSON": "json, array true", "PARQUET": "parquet"}[file_format.content_type]
        duckdb.connect().execute(f"COPY ({query}) TO '{file}' (FORMAT {options})")
        content = file.read_bytes()
        return gzip.compress(content) if file_format.gzipped_whole else content

    return encoded


def rows(*values: tuple[object, ...]) -> list[dict[str, object]]:
    return [dict(zip(("id", "name", "amount"), row, strict=True)) for row in values]


@pytest.mark.parametrize("file_format", FORMATS, ids=name_of)
class TestEveryFormat:
    """Each operation with each format and compression."""

    @requirement("FMT-15", "BLK-46")
    def test_insert_adds_all_records(self, desk: Desk, encode: Encode, file_format: FileFormat) -> None:
        content = encode("SELECT 2 AS id, 'Bob' AS name, 2.5 AS amount UNION ALL SELECT 1, 'Ada', NULL", file_format)
        assert desk.apply("insert", "people", content, file_format) == Applied(2, 0)
        assert desk.rows(PEOPLE) == rows((1, "Ada", None), (2, "Bob", "2.50"))

    @requirement("FMT-16")
    def test_update_changes_only_columns_present(self, desk: Desk, encode: Encode, file_format: FileFormat) -> None:
        desk.apply("insert", "people", "id,name,amount\n1,Ada,1\n2,Bob,2\n")
        content = encode("SELECT 9.99 AS amount, 2 AS id UNION ALL SELECT 1, 3", file_format)
        assert desk.apply("update", "people", content, file_format) == Applied(1, 1)
        assert desk.rows(PEOPLE) == rows((1, "Ada", "1.00"), (2, "Bob", "9.99"))
        assert desk.failed()[1][-1] == "no matching record"

    @requirement("FMT-17")
    def test_upsert_updates_and_inserts(self, desk: Desk, encode: Encode, file_format: FileFormat) -> None:
        desk.apply("insert", "people", "id,name,amount,rank\n1,Ada,1,5\n2,Bob,2,5\n")
        content = encode("SELECT 2 AS id, 'Bea' AS name, 3.5 AS amount UNION ALL SELECT 3, 'Cy', 4", file_format)
        assert desk.apply("upsert", "people", content, file_format) == Applied(2, 0)
        assert desk.rows(PEOPLE) == rows((1, "Ada", "1.00"), (2, "Bea", "3.50"), (3, "Cy", "4.00"))
        assert desk.rows("SELECT rank FROM people WHERE id = 2") == [{"rank": 5}]

    @requirement("FMT-18")
    def test_delete_needs_the_key_alone(self, desk: Desk, encode: Encode, file_format: FileFormat) -> None:
        desk.apply("insert", "people", "id,name\n1,Ada\n2,Bob\n")
        assert desk.apply(
            "delete", "people", encode("SELECT 2 AS id UNION ALL SELECT 7", file_format), file_format
        ) == (Applied(1, 1))
        assert desk.rows(PEOPLE) == rows((1, "Ada", None))

    def test_a_file_of_another_kind_is_refused_whole(self, desk: Desk, encode: Encode, file_format: FileFormat) -> None:
        other = {ContentType.CSV: PARQUET, ContentType.JSON: CSV, ContentType.PARQUET: JSON}[file_format.content_type]
        content = encode("SELECT 1 AS id, 'Ada' AS name", other)
        content = gzip.compress(content) if file_format.gzipped_whole else content
        with pytest.raises(InvalidRequest):
            desk.apply("insert", "people", content, file_format)
        assert desk.rows(PEOPLE) == []


@requirement("FMT-10", "TYP-11")
@pytest.mark.parametrize("file_format", FORMATS, ids=name_of)
def test_what_was_exported_comes_back_the_same(desk: Desk, file_format: FileFormat) -> None:
    desk.apply("insert", "people", EVERYTHING, JSON)
    before = desk.rows("SELECT * FROM people ORDER BY id")
    exported = desk.export("SELECT * FROM people", file_format)
    desk.run("TRUNCATE TABLE people")
    content = gzip.compress(exported) if file_format.gzipped_whole else exported
    assert desk.apply("insert", "people", content, file_format) == Applied(2, 0)
    assert desk.rows("SELECT * FROM people ORDER BY id") == before


EVERYTHING = """[
  {"id": 1, "name": "a\\"b\\n,", "amount": -1.05, "active": false, "born": "1815-12-10", "seen": "2024-01-15T10:00:00",
   "zoned": "2024-01-15T10:00:00Z", "score": 0.1, "code": "ab", "rank": -3, "tags": {"a": [1, "x"], "b": null},
   "exact": 1234567890123456789012345.0123456789},
  {"id": 2, "name": ""}
]"""


@requirement("FMT-10", "TYP-03")
def test_numbers_in_json_keep_all_their_digits(desk: Desk) -> None:
    desk.apply("insert", "people", EVERYTHING, JSON)
    assert desk.rows("SELECT exact, tags FROM people WHERE id = 1") == [
        {"exact": "1234567890123456789012345.0123456789", "tags": {"a": [1, "x"], "b": None}}
    ]


@requirement("FMT-01", "FMT-02", "FMT-03", "FMT-06")
@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("NAME,Id\nAda,1\n", ["Ada"]),
        ("\ufeffid,name\n1,Ada\n", ["Ada"]),
        ("id,name\r\n1,Ada\r\n2,Bob\r\n", ["Ada", "Bob"]),
        ("id,name\n1,Ada\n2,Bob", ["Ada", "Bob"]),
        ('id,name\n1,"A\nd""a"\n', ['A\nd"a']),
        ('id,name\n1,""\n2,NULL\n3," x "\n', ["", "NULL", " x "]),
        ("id,name\n", []),
        ("name|id\nA,b|1\n", ["A,b"]),
    ],
    ids=["any order and case", "byte order mark", "crlf", "no last newline", "quoted", "empty", "no records", "pipe"],
)
def test_csv_is_read_as_written(desk: Desk, content: str, names: list[str]) -> None:
    delimiter = "|" if "|" in content else ","
    desk.apply("insert", "people", content, FileFormat(column_delimiter=delimiter))
    assert [row["name"] for row in desk.rows("SELECT name FROM people ORDER BY id")] == names


@requirement("FMT-03", "FMT-04", "FMT-05")
@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        *(("active", text, True) for text in ("t", "TRUE", "1", "yes")),
        *(("active", text, False) for text in ("f", "False", "0", "no")),
        ("active", "", None),
        ("born", "2024-01-15", "2024-01-15"),
        ("seen", "2024-01-15T10:00:00", "2024-01-15T10:00:00"),
        ("seen", "2024-01-15 10:00:00.5", "2024-01-15T10:00:00.500"),
        ("seen", "2024-01-15T10:00:00Z", "2024-01-15T10:00:00"),
        ("zoned", "2024-01-15T10:00:00+02:00", "2024-01-15T08:00:00Z"),
        ("amount", "-.5", "-0.50"),
        ("score", "1e3", "1000.0"),
        ("rank", " 7 ", 7),
        ("tags", '"{""a"": [1]}"', {"a": [1]}),
    ],
)
def test_texts_become_values(desk: Desk, column: str, text: str, value: object) -> None:
    assert desk.apply("insert", "people", f"id,name,{column}\n1,Ada,{text}\n") == Applied(1, 0)
    assert desk.rows(f"SELECT {column} FROM people") == [{column: value}]


@requirement("FMT-15", "FMT-20", "BLK-47")
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("x,Ada,,,,,", "column \"id\" takes BIGINT, not 'x'"),
        ("1.5,Ada,,,,,", "column \"id\" takes BIGINT, not '1.5'"),
        ("9223372036854775808,Ada,,,,,", "column \"id\" takes BIGINT, not '9223372036854775808'"),
        (",Ada,,,,,", 'column "id" may not be null'),
        ("1,,,,,,", 'column "name" may not be null'),
        ("1,ääääa,,,,,", 'column "name": value too long for VARCHAR(8)'),
        ("1,Ada,12345678901.00,,,,", "column \"amount\" takes DECIMAL(12,2), not '12345678901.00'"),
        ("1,Ada,,maybe,,,", "column \"active\" takes BOOLEAN, not 'maybe'"),
        ("1,Ada,,,2024-02-30,,", "column \"born\" takes DATE, not '2024-02-30'"),
        ("1,Ada,,,15.01.2024,,", "column \"born\" takes DATE, not '15.01.2024'"),
        ("1,Ada,,,,abcd,", 'column "code": value too long for CHAR(3)'),
        ("1,Ada,,,,ä,", 'column "code": CHAR values hold single-byte characters only'),
        ("1,Ada,,,,,{oops", "column \"tags\" takes SUPER, not '{oops'"),
        ("1,Ada", "too few fields: the header has 7: 1,Ada"),
        ("1,Ada,,,,,,9", "too many fields: the header has 7: 1,Ada,,,,,,9"),
        ('1,"A"da,,,,,', 'a quote stands inside a quoted value without being doubled: 1,"A"da,,,,,'),
        ("5,Twin,,,,,", "duplicate key: a record with this primary key exists"),
        ("7,Old,,,,,", "duplicate key: a record with this primary key exists"),
    ],
)
def test_a_bad_record_fails_alone_with_its_reason(desk: Desk, record: str, reason: str) -> None:
    desk.apply("insert", "people", "id,name\n7,Gus\n")
    content = f"id,name,amount,active,born,code,tags\n5,Eve,,,,,\n{record}\n6,Fay,1.5,,,,\n"
    assert desk.apply("insert", "people", content) == Applied(2, 1)
    assert [row["name"] for row in desk.rows(PEOPLE)] == ["Eve", "Fay", "Gus"]
    header, failed = desk.failed()
    assert header == ["id", "name", "amount", "active", "born", "code", "tags", "error"]
    assert failed[-1] == reason
    assert failed[1] == record.split(",")[1].replace('"A"da', "Ada")


def test_failed_records_are_found_again_in_a_large_file(desk: Desk) -> None:
    numbers = ("bad" if number % 1000 == 7 else str(number) for number in range(200_000))
    content = "n,text\n" + "".join(f"{number},row {place}\n" for place, number in enumerate(numbers))
    assert desk.apply("insert", "many", content) == Applied(199_800, 200)
    assert [record[1] for record in desk.failed()[1:]] == [f"row {place}" for place in range(7, 200_000, 1000)]
    assert desk.progress[-1] == 200_000


def test_failed_records_of_json_and_parquet_are_csv_too(desk: Desk, encode: Encode) -> None:
    desk.apply("insert", "people", '[{"id": "x", "name": "Ada", "tags": {"a": 1}}]', JSON)
    assert desk.failed() == [
        ["id", "name", "tags", "error"],
        ["x", "Ada", '{"a":1}', "column \"id\" takes BIGINT, not 'x'"],
    ]
    desk.apply("insert", "people", encode("SELECT 1.5 AS id, 'Ada' AS name", PARQUET), PARQUET)
    assert desk.failed() == [["id", "name", "error"], ["1.5", "Ada", "column \"id\" takes BIGINT, not '1.5'"]]


@requirement("FMT-07", "FMT-21")
@pytest.mark.parametrize(
    ("content", "file_format", "words"),
    [
        ("id,nome\n1,Ada\n", CSV, 'no column "nome": perhaps you meant "name"'),
        ("id,name,ID\n1,Ada,2\n", CSV, 'Two columns of the file fill the column "id"'),
        ("id\n1\n", CSV, 'lacks the column "name"'),
        ("", CSV, "empty"),
        (" \n", CSV, "empty"),
        ("id,,name\n1,,Ada\n", CSV, "must name every column"),
        (b"id,n\xffme\n1,Ada\n", CSV, "UTF-8"),
        ('id,name\n1,"Ada\n2,Bob\n', CSV, "a quote opened on line 2 is never closed"),
        ("id,name\r\n1,Ada\n2,Bob\r\n", CSV, "no valid CSV: its lines end in different ways"),
        ("id,name\n1,Ada\r\n2,Bob\n", CSV, "no valid CSV: its lines end in different ways"),
        ("id,name\n1,A\rda\n2,Bob\n", CSV, "no valid CSV: its lines end in different ways"),
        ("id,name\n1,Ada\n", gzipped(CSV), "not in gzip"),
        (gzip.compress(b"id,name\n1,Ada\n" * 9999)[:-20], gzipped(CSV), "cut short"),
        ("", gzipped(CSV), "not in gzip"),
        (gzip.compress(b"id,name\n1,Ada\n"), CSV, "no valid CSV: it is gzip"),
        (b"PK\x03\x04 and so on", JSON, "no valid JSON: it is a zip archive"),
        (b"PAR1 and so on", CSV, "no valid CSV: it is Parquet"),
        ("greeting\nhello\n", CSV, 'no column "greeting": its columns are id, name,'),
        ("", JSON, "empty"),
        ('[{"id": 1, "name": "Ada"}, {"id"', JSON, "Malformed JSON"),
        ('{"id": 1, "name": "Ada"}\n{"id": 2,\n', JSON, "Malformed JSON"),
        ('[{"id": 1, "name": "Ada"}, 7]', JSON, "every record must be an object"),
        ("[{}]", JSON, "its objects are empty"),
        ('[{"id": 1, "nome": "Ada"}]', JSON, 'no column "nome"'),
        ("nonsense", JSON, "no valid JSON"),
        ("", PARQUET, "no valid PARQUET"),
        (b"PAR1 and nothing more", PARQUET, "no valid PARQUET"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_file_changes_nothing(desk: Desk, content: bytes | str, file_format: FileFormat, words: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        desk.apply("insert", "people", content, file_format)
    assert words in refused.value.message
    assert str(desk.folder) not in refused.value.message
    assert desk.rows(PEOPLE) == []


@requirement("BLK-07", "BLK-17")
@pytest.mark.parametrize(
    ("operation", "table", "options", "words"),
    [
        ("insert", "peeple", {}, '"peeple" does not exist: perhaps you meant "people"'),
        ("insert", "names", {}, "is a view"),
        ("upsert", "people", {"external_id_field": "nope"}, 'external_id_field "nope" is no column'),
        ("update", "keyless", {}, "no primary key"),
        ("delete", "people", {"external_id_field": "rank"}, 'lacks the key column "rank"'),
        ("insert", "people", {"renamed": (("other", "rank"),)}, 'renames "other"'),
    ],
)
def test_a_job_that_does_not_fit_is_refused(
    desk: Desk, operation: str, table: str, options: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        desk.apply(operation, table, "id,name\n1,Ada\n", **options)
    assert words in refused.value.message


@requirement("BLK-07")
def test_the_key_is_the_field_asked_for_else_the_primary_key_else_id(desk: Desk) -> None:
    desk.apply("update", "loose", "name,city\nAda,Oslo\n", external_id_field="NAME")
    desk.apply("update", "loose", "id,city\n2,Kiev\n")
    assert desk.rows("SELECT city FROM loose ORDER BY id") == [{"city": "Oslo"}, {"city": "Kiev"}]


@requirement("BLK-08")
def test_renamed_columns_fill_others(desk: Desk) -> None:
    desk.apply("insert", "people", "key,Full Name\n1,Ada\n", renamed=(("key", "id"), ("full name", "name")))
    assert desk.rows(PEOPLE) == rows((1, "Ada", None))


@pytest.mark.parametrize("operation", ["update", "upsert", "delete"])
@pytest.mark.parametrize("column", ["s SUPER", "t SUPER", "r SUPER", "fault VARCHAR(40)", '"rowid" VARCHAR(9)'])
def test_a_table_may_call_its_columns_as_it_likes(desk: Desk, column: str, operation: str) -> None:
    desk.run(f"CREATE TABLE odd (id BIGINT PRIMARY KEY, name VARCHAR(10), {column})")
    desk.run("INSERT INTO odd (id, name) VALUES (1, 'one'), (2, 'two')")
    applied = desk.apply(operation, "odd", "id,name\n1,A\n")
    left = {"update": ["A", "two"], "upsert": ["A", "two"], "delete": ["two"]}[operation]

    assert applied == Applied(1, 0)
    assert [row["name"] for row in desk.rows("SELECT name FROM odd ORDER BY id")] == left


def test_a_column_called_fault_takes_its_values(desk: Desk) -> None:
    desk.run("CREATE TABLE machines (id INT, fault VARCHAR(40))")

    assert desk.apply("insert", "machines", "id,fault\n1,overheating\n2,\n") == Applied(2, 0)
    assert desk.rows("SELECT fault FROM machines ORDER BY id")[0] == {"fault": "overheating"}


@requirement("FMT-17")
def test_the_last_record_of_a_key_wins(desk: Desk) -> None:
    assert desk.apply("upsert", "loose", "id,name,city\n1,A,B\n3,C,D\n3,E,F\n1,G,H\n") == Applied(4, 0)
    assert desk.rows("SELECT * FROM loose ORDER BY id") == [
        {"id": 1, "name": "G", "city": "H"},
        {"id": 2, "name": "Bob", "city": "Rome"},
        {"id": 3, "name": "E", "city": "F"},
    ]


@requirement("FMT-16")
def test_members_that_a_json_record_lacks_stay_as_they_are(desk: Desk) -> None:
    desk.apply("update", "loose", '{"id": 1, "name": "Eve"}\n{"id": 2, "city": null}\n', JSON)
    assert desk.rows("SELECT * FROM loose ORDER BY id") == [
        {"id": 1, "name": "Eve", "city": "Bern"},
        {"id": 2, "name": "Bob", "city": None},
    ]


@requirement("FMT-07")
def test_columns_that_a_file_lacks_take_their_default(desk: Desk) -> None:
    desk.apply("insert", "loose", "id\n3\n")
    assert desk.rows("SELECT name, city FROM loose WHERE id = 3") == [{"name": None, "city": "Oslo"}]


@requirement("FMT-07")
def test_a_member_that_a_json_record_lacks_takes_its_default(desk: Desk) -> None:
    desk.run("CREATE TABLE choosy (id INT NOT NULL, city VARCHAR(9) NOT NULL DEFAULT 'Oslo', n INT DEFAULT 7)")
    content = '{"id": 1}\n{"id": 2, "city": "Bern"}\n{"id": 3, "n": null}\n{"id": 4, "city": null}\n'
    assert desk.apply("insert", "choosy", content, JSON) == Applied(3, 1)
    assert desk.failed()[1][-1] == 'column "city" may not be null'
    assert [tuple(row.values()) for row in desk.rows("SELECT * FROM choosy ORDER BY id")] == [
        (1, "Oslo", 7),
        (2, "Bern", 7),
        (3, "Oslo", None),
    ]


@requirement("FMT-16", "FMT-17")
@pytest.mark.parametrize(("operation", "expected"), [("update", Applied(2, 1)), ("upsert", Applied(2, 1))])
def test_a_member_that_may_not_be_null_may_be_absent_where_there_is_a_row(
    desk: Desk, operation: str, expected: Applied
) -> None:
    desk.apply("insert", "people", "id,name\n1,Ada\n2,Bob\n")
    content = '{"id": 1, "amount": 5}\n{"id": 2, "name": "Bea"}\n{"id": 3, "amount": 6}\n'
    assert desk.apply(operation, "people", content, JSON) == expected
    assert desk.rows(PEOPLE) == rows((1, "Ada", "5.00"), (2, "Bea", None))


@requirement("FMT-17")
@pytest.mark.parametrize("columns", ["id,name,city", "id,name"])
def test_an_upsert_keeps_every_row_of_a_key_that_repeats(desk: Desk, columns: str) -> None:
    desk.run("INSERT INTO loose (id, name, city) VALUES (1, 'Twin', 'Bern')")
    values = {"id": "1", "name": "Eve", "city": "Rome"}
    record = ",".join(values[name] for name in columns.split(","))
    assert desk.apply("upsert", "loose", f"{columns}\n{record}\n{record.replace('1', '9', 1)}\n") == Applied(2, 0)
    found = desk.rows("SELECT id, name FROM loose WHERE name = 'Eve' ORDER BY id")
    assert [row["id"] for row in found] == [1, 1, 9]


NEARLY_ALIKE = """[
  {"id": 1, "name": "a", "tags": {"exact": 123456789012345678.10}, "exact": 123456789012345678.91},
  {"id": 2, "name": "b", "tags": {"exact": 1}, "exact": 123456789012345678.92},
  {"id": 3, "name": "c", "tags": null, "exact": "123456789012345678.93"}
]"""


@requirement("FMT-10", "TYP-03")
def test_digits_that_another_member_makes_uncertain_fail_by_name(desk: Desk) -> None:
    assert desk.apply("insert", "people", NEARLY_ALIKE, JSON) == Applied(2, 1)
    assert 'column "exact" takes DECIMAL(' in desk.failed()[1][-1]
    assert [row["exact"][:21] for row in desk.rows("SELECT exact FROM people ORDER BY id")] == [
        "123456789012345678.92",
        "123456789012345678.93",
    ]


@requirement("FMT-10")
def test_a_whole_number_of_json_is_an_integer_however_it_is_written(desk: Desk) -> None:
    content = '{"id": 1.0, "name": "a"}\n{"id": 1e3, "name": "b"}\n{"id": 1.5, "name": "c"}\n'
    assert desk.apply("insert", "people", content, JSON) == Applied(2, 1)
    assert [row["id"] for row in desk.rows(PEOPLE)] == [1, 1000]


@requirement("FMT-15")
@pytest.mark.parametrize(
    ("column", "text"),
    [
        *(("born", text) for text in ("infinity", "0044-03-15 (BC)", "12024-01-01", "290000-01-01", "epoch")),
        *(("seen", text) for text in ("infinity", "-infinity", "9999-12-31 24:00:00", "290000-01-01 00:00:00")),
        *(("zoned", text) for text in ("infinity", "0044-03-15 (BC) 00:00:00+00")),
        ("at", "24:00:00"),
        *(("score", text) for text in ("1e400", "inf")),
        *(("small", text) for text in ("1e39", "-inf")),
        ("note", "a\0b"),
    ],
)
def test_what_no_answer_could_hold_fails_alone(desk: Desk, column: str, text: str) -> None:
    kinds = "born DATE, seen TIMESTAMP, zoned TIMESTAMPTZ, at TIME, score DOUBLE PRECISION, small REAL, note VARCHAR(9)"
    desk.run(f"CREATE TABLE held (id INT, {kinds})")
    assert desk.apply("insert", "held", f"id,{column}\n1,{text}\n2,\n") == Applied(1, 1)
    assert f'column "{column}"' in desk.failed()[1][-1]


@requirement("FMT-15")
@pytest.mark.parametrize(
    ("column", "value"),
    [("born", "DATE 'infinity'"), ("seen", "TIMESTAMP '290000-01-01'"), ("at", "TIME '24:00:00'"), ("small", "1e39")],
)
def test_what_no_answer_could_hold_fails_from_parquet_too(desk: Desk, encode: Encode, column: str, value: str) -> None:
    desk.run("CREATE TABLE held (id INT, born DATE, seen TIMESTAMP, at TIME, small REAL)")
    content = encode(f"SELECT 1 AS id, {value} AS {column} UNION ALL SELECT 2, NULL", PARQUET)
    assert desk.apply("insert", "held", content, PARQUET) == Applied(1, 1)


@requirement("FMT-15", "FMT-17")
def test_an_upsert_that_lacks_a_needed_column_fails_for_new_records_alone(desk: Desk) -> None:
    desk.apply("insert", "people", "id,name\n1,Ada\n")
    assert desk.apply("upsert", "people", "id,amount\n1,5\n2,6\n") == Applied(1, 1)
    assert desk.failed()[1] == ["2", "6", 'column "name" may not be null']
    assert desk.rows(PEOPLE) == rows((1, "Ada", "5.00"))


@requirement("FMT-19")
def test_keys_repeat_freely_where_none_is_declared(desk: Desk) -> None:
    assert desk.apply("insert", "loose", "id,name\n1,Twin\n1,Twin\n") == Applied(2, 0)


def test_records_without_a_key_fail(desk: Desk) -> None:
    assert desk.apply("delete", "loose", "id\n\n2\n") == Applied(1, 1)
    assert desk.failed() == [["id", "error"], ["", 'key column "id" may not be null']]


def test_an_empty_array_changes_nothing(desk: Desk) -> None:
    assert desk.apply("insert", "people", "[]", JSON) == Applied(0, 0)


def test_all_records_may_fail_or_go_in(desk: Desk) -> None:
    content = "id,name\n" + "".join(f"{number},x\n" for number in range(150_000))
    assert desk.apply("update", "people", content) == Applied(0, 150_000)
    assert len(desk.failed()) == 150_001
    assert desk.apply("insert", "people", content) == Applied(150_000, 0)
    assert desk.apply("insert", "people", content) == Applied(0, 150_000)
    assert desk.apply("upsert", "people", content) == Applied(150_000, 0)
    assert desk.rows("SELECT count(*) AS n FROM people") == [{"n": 150_000}]


@requirement("BLK-24")
def test_a_cancel_rolls_the_import_back(desk: Desk) -> None:
    content = "n,text\n" + "".join(f"{number},row\n" for number in range(300_000))

    def cancel(_: int) -> None:
        assert desk.bulk.cancel(desk.tenant_id, "cancelled")

    desk.progress = CallingList(cancel)
    with pytest.raises(StatementCancelledError):
        desk.apply("insert", "many", content, job_id="cancelled")
    assert desk.rows("SELECT count(*) AS n FROM many") == [{"n": 0}]
    assert desk.bulk.applied(desk.tenant_id, "cancelled") is None
    assert not desk.bulk.cancel(desk.tenant_id, "cancelled")


class CallingList(list[int]):
    def __init__(self, call: Callable[[int], None]) -> None:
        super().__init__()
        self.append = call  # type: ignore[method-assign]  # what a desk tells its progress to
