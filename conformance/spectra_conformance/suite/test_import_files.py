"""The files that an import takes, and those that fail it."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import zlib
from decimal import Decimal
from typing import Any

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import hold, warn_unless
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_imports import NEEDS, counted, rows_of

FIRST_OF_PARQUET = 900_000_000_000_001
PARQUET = zlib.decompress(
    base64.b64decode(
        "eNp9ks1Kw0AQxyfrEkKphx5m2UAPEUyIEIoVWijswUqPpRQPHopU0iRi0KbaNj31DXoVn0HvvoEv5jQfVjC4LDvDf2d/OzO74/51"
        "GwE99Dzk5OioAzAA4Jp2OXzdXRwBKyztKlR/wmq0PvvLlzRaW18fJMMqChZJSFETnPwKP6Gtvgb/j7fCIjOHHZDHYRo8hrO7VfAQ"
        "zX2iILeZZHFonwLWyeWJP49syHXdny/SZG3X6FLp3e5XQgluNk3lQBO5iWDuTyOJYiRGjqGkUdYnjbJiAW6F2mgQbI+pZ5js5gw0"
        "FVPnRkk9r1vWDt0gUIX6A8rzKbLOUFuxdT41Sqrsw8ETzK1QM5Z4Z4I7Bhlw3QF1bHBlbaLlKl4k1qbd6rS6ljtL46fQOu/2gqB3"
        "35t1zkzVBMgnJPQsY/oJ36LZVy8="
    )
)
"""Two records, `id`, `name` and `amount`: the smallest file of its kind, written once by a Parquet writer."""
FILES: dict[str, tuple[Any, dict[str, Any]]] = {
    "json": (lambda rows: json.dumps(rows).encode(), {"content_type": "JSON"}),
}
MORE_FILES: dict[str, tuple[Any, dict[str, Any]]] = {
    "compressed-csv-with-a-byte-order-mark-and-no-last-line-end": (
        lambda rows: gzip.compress(b"\xef\xbb\xbf" + as_csv(rows).encode().rstrip(b"\n")),
        {"compression": "GZIP"},
    ),
    "compressed-json-lines": (
        lambda rows: gzip.compress("\n".join(map(json.dumps, rows)).encode()),
        {"content_type": "JSON", "compression": "GZIP"},
    ),
}
FILES_WITH_OPTIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "crlf-and-pipe": (
        lambda rows: as_csv(rows, "|", "\r\n").encode(),
        {"line_ending": "CRLF", "column_delimiter": "|"},
    ),
    "tab": (lambda rows: as_csv(rows, "\t").encode(), {"column_delimiter": "\t"}),
}


TRICKY = 'a,b|"c" é\nd 😀'
"""Text that a file has to quote or to write in several bytes."""


def as_csv(rows: list[dict[str, object]], delimiter: str = ",", line_end: str = "\n") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def assert_file_goes_in(owner: Client, sandbox: str, first: int, form: tuple[Any, dict[str, Any]]) -> None:
    """Assert that all records arrive as they were written, whatever the file's form."""
    written, options = form
    rows = [
        {"name": TRICKY, "id": first, "amount": 1.5, "created": "2024-02-29"},
        {"name": "NULL", "id": first + 1, "amount": None, "created": None},
        {"name": "007", "id": first + 2, "amount": 0, "created": None},
        {"name": "1e3", "id": first + 3, "amount": -1.05, "created": None},
        {"name": "true", "id": first + 4, "amount": 12345678.9, "created": None},
    ]
    job_id = bulk.imported(owner, written(rows), operation="insert", object=sandbox, **options)

    assert counted(owner, job_id) == (5, 0)
    assert rows_of(owner, sandbox, first) == [
        (first, TRICKY, Decimal("1.50"), "2024-02-29"),
        (first + 1, "NULL", None, None),
        (first + 2, "007", Decimal(0), None),
        (first + 3, "1e3", Decimal("-1.05"), None),
        (first + 4, "true", Decimal("12345678.90"), None),
    ]


@pytest.mark.parametrize("form", FILES)
@decides("FMT-10", "FMT-01", "FMT-02", "FMT-03", "BLK-04", "BLK-06", needs=NEEDS, bulk_creations=1)
def test_a_file_of_each_format_goes_in(owner: Client, sandbox: str, first: int, form: str) -> None:
    assert_file_goes_in(owner, sandbox, first, FILES[form])


@pytest.mark.parametrize("form", MORE_FILES)
@decides("FMT-06", "FMT-10", "BLK-06", needs=NEEDS, profile="full", bulk_creations=1)
def test_a_file_of_a_rarer_form_goes_in(owner: Client, sandbox: str, first: int, form: str) -> None:
    assert_file_goes_in(owner, sandbox, first, MORE_FILES[form])


@pytest.mark.parametrize("form", FILES_WITH_OPTIONS)
@decides("BLK-09", "BLK-10", needs=NEEDS, profile="full", bulk_creations=1)
def test_a_file_of_the_form_that_its_options_say_goes_in(owner: Client, sandbox: str, first: int, form: str) -> None:
    assert_file_goes_in(owner, sandbox, first, FILES_WITH_OPTIONS[form])


BLANKS: dict[str, tuple[str, dict[str, Any]]] = {
    "csv": ('id,name,amount\n{0},"",\n{1},,1.50\n{2}," ",\n', {}),
    "json": (
        '[{{"id": {0}, "name": ""}}, {{"id": {1}, "name": null, "amount": 1.5}}, {{"id": {2}, "name": " "}}]',
        {"content_type": "JSON"},
    ),
}
"""An empty string, NULL where it may not be, and a blank, in the column that takes no NULL."""


@pytest.mark.parametrize("form", BLANKS)
@decides("FMT-03", "FMT-10", "FMT-15", "TYP-14", needs=NEEDS, profile="full", bulk_creations=1)
def test_an_empty_string_is_no_null(owner: Client, sandbox: str, first: int, form: str) -> None:
    text, options = BLANKS[form]
    file = text.format(first, first + 1, first + 2).encode()
    job_id = bulk.imported(owner, file, operation="insert", object=sandbox, **options)
    found = rows_of(owner, sandbox, first)

    # What CSV means by "" depends on the options of the load, so that another reading is but reported.
    if form == "csv" and (not found or found[0][0] != first):
        warn_unless("FMT-03", found, [(first, "", None, None), (first + 2, " ", None, None)], "rows")
        return
    assert found == [(first, "", None, None), (first + 2, " ", None, None)]
    assert counted(owner, job_id) == (2, 1)


@decides("FMT-12", "FMT-17", "BLK-04", needs=NEEDS, profile="full", bulk_creations=1)
def test_a_parquet_file_goes_in(owner: Client, sandbox: str) -> None:
    bulk.USED_IDS.update({FIRST_OF_PARQUET, FIRST_OF_PARQUET + 1})
    options: dict[str, Any] = {
        "operation": "upsert",
        "object": sandbox,
        "external_id_field": "id",
        "content_type": "PARQUET",
    }
    job_id = bulk.imported(owner, PARQUET, **options)

    assert counted(owner, job_id) == (2, 0)
    assert [row[:3] for row in rows_of(owner, sandbox, FIRST_OF_PARQUET)] == [
        (FIRST_OF_PARQUET, "parquet é", Decimal("1.50")),
        (FIRST_OF_PARQUET + 1, "second", None),
    ]


@decides("BLK-08", needs=NEEDS, profile="full", bulk_creations=1)
def test_mapped_columns_are_renamed(owner: Client, sandbox: str, first: int) -> None:
    mappings = [{"source_column": "number", "target_column": "id"}, {"source_column": "who", "target_column": "name"}]
    file = f"number,who\n{first},a\n".encode()
    bulk.imported(owner, file, operation="insert", object=sandbox, column_mappings=mappings)

    assert [row[:2] for row in rows_of(owner, sandbox, first)] == [(first, "a")]


UNUSABLE: dict[str, tuple[bytes, dict[str, object]]] = {
    "no-gzip": (b"id,name\n1,a\n", {"compression": "GZIP"}),
    "no-json": (b"[{", {"content_type": "JSON"}),
    "no-such-column": (b"id,name,nowhere_column\n%d,a,b\n", {}),
}
MORE_UNUSABLE: dict[str, tuple[bytes, dict[str, object]]] = {
    "no-parquet": (b"PAR1 no parquet", {"content_type": "PARQUET"}),
    "half-a-gzip": (gzip.compress(b"id,name\n1,a\n" * 99)[:-20], {"compression": "GZIP"}),
    "json-of-numbers": (b"[1, 2]", {"content_type": "JSON"}),
    "csv-as-json": (b"id,name\n1,a\n", {"content_type": "JSON"}),
}


def assert_unusable(owner: Client, sandbox: str, first: int, case: tuple[bytes, dict[str, object]]) -> None:
    """Assert that a file which cannot be read fails its job and changes nothing."""
    file, options = case
    file = file.replace(b"%d", str(first).encode())
    job_id = bulk.uploaded(owner, file, operation="insert", object=sandbox, **options)
    bulk.closed(owner, job_id)
    record = owner.settled(job_id).json()

    hold("FMT-21", record["state"], "Failed", "state of an import that cannot be read")
    assert record["number_records_processed"] == 0, record
    if record["state"] == "Failed":
        hold("BLK-44", bool((record.get("error") or {}).get("message")), True, "error.message is given")
        assert rows_of(owner, sandbox, first) == []


@pytest.mark.parametrize("case", UNUSABLE)
@decides("FMT-21", "FMT-07", "BLK-46", needs=NEEDS, bulk_creations=1, profile="full")
def test_a_file_that_cannot_be_read_fails_its_job(owner: Client, sandbox: str, first: int, case: str) -> None:
    assert_unusable(owner, sandbox, first, UNUSABLE[case])


@pytest.mark.parametrize("case", MORE_UNUSABLE)
@decides("FMT-21", "BLK-46", needs=NEEDS, profile="full", bulk_creations=1)
def test_a_file_that_is_of_another_kind_fails_its_job(owner: Client, sandbox: str, first: int, case: str) -> None:
    assert_unusable(owner, sandbox, first, MORE_UNUSABLE[case])
