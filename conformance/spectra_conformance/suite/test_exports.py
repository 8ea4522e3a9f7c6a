"""What an export gives: the file behind the link, and what the results say of it."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from spectra_conformance.answer import Answer
from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import hold, note, warn_unless
from spectra_conformance.suite.asking import numbers
from spectra_conformance.suite.links import own_end
from spectra_conformance.suite.moments import SKEW, answered_at, moment
from spectra_conformance.suite.parquet import contents
from spectra_conformance.suite.registry import decides

OK, CREATED, PARTIAL, FORBIDDEN, NOT_FOUND = 200, 201, 206, 403, 404
GZIP_MAGIC = b"\x1f\x8b"
SEVEN = [(str(place), f"name {place}") for place in range(7)]
ALL_TYPES = (
    "SELECT 7 AS i, CAST('2500000.10' AS DECIMAL(12,2)) AS d, 'a,b \"c\" é' AS t, CAST(NULL AS VARCHAR(9)) AS n, "
    "CAST('2024-02-29' AS DATE) AS day, CAST('2024-02-29 13:14:15' AS TIMESTAMP) AS at, 1 = 1 AS yes, 1 = 2 AS no, "
    "CAST(9007199254740993 AS BIGINT) AS big, 'one\ntwo' AS lines, CAST('' AS VARCHAR(9)) AS blank, 0 AS nought"
)
NAMES = ("i", "d", "t", "n", "day", "at", "yes", "no", "big", "lines", "blank", "nought")

TEXT = frozenset({"TEXT", "BYTE_ARRAY"})
PARQUET_TYPES = {
    "i": {"INT32", "INT64"},
    "nought": {"INT32", "INT64"},
    "d": {"DECIMAL"},
    "day": {"DATE"},
    "at": {"TIMESTAMP", "INT96"},
    "yes": {"BOOLEAN"},
    "no": {"BOOLEAN"},
    "big": {"INT64"},
}
"""How the columns may be written that are no text."""


def unpacked(file: bytes, compression: str) -> bytes:
    """Return a file's content, asserting that it is compressed exactly where the job asked for it."""
    assert file.startswith(GZIP_MAGIC) is (compression == "GZIP")
    return gzip.decompress(file) if compression == "GZIP" else file


def csv_rows(content: bytes, delimiter: str = ",") -> list[tuple[str, ...]]:
    """Return the records of a CSV file, its header first."""
    return [tuple(record) for record in csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter)]


def json_rows(content: bytes) -> list[dict[str, Any]]:
    """Return the rows of a JSON file: an array, an object around one, or one object a line."""
    text = content.decode()
    try:
        parsed = json.loads(text, parse_float=Decimal)
    except ValueError:
        note("one JSON object a line")
        return [json.loads(line, parse_float=Decimal) for line in text.splitlines() if line.strip()]
    if isinstance(parsed, dict):
        note("a JSON array inside an object")
        return list(parsed["data"])
    return list(parsed)


@decides(
    "BLK-04", "BLK-06", "BLK-12", "BLK-40", "BLK-45", "BLK-46", "BLK-60", "BLK-61", "BLK-62", "BLK-63", "BLK-64",
    "BLK-69", "URL-02", "URL-13", "FMT-11", bulk_creations=1, queries=0,
)  # fmt: skip
def test_an_export_gives_its_rows_in_the_format_asked_for(either: Client) -> None:
    made = either.bulk(
        operation="query", object=bulk.TABLE, query=bulk.SEVEN_ROWS, content_type="JSON", compression="GZIP"
    )
    assert made.status == CREATED, made.shown
    job_id = made.json()["job_id"]
    bulk.begun(either, job_id)
    record = bulk.ended(either, job_id, "JobComplete")
    told, file = bulk.results(either, job_id), bulk.downloaded(either, job_id)

    for shown in (made.json(), record):
        assert (shown.get("content_type", "JSON"), shown.get("compression", "GZIP")) == ("JSON", "GZIP")
    assert (told["format"], told["compression"], told["size_bytes"]) == ("json", "gzip", len(file))
    assert [(str(row["n"]), row["name"]) for row in json_rows(unpacked(file, "GZIP"))] == SEVEN
    assert record["number_records_processed"] == len(SEVEN)


@decides(
    "BLK-04", "BLK-06", "FMT-01", "BLK-60", "BLK-62", "BLK-63", "URL-02", profile="smoke", bulk_creations=1, queries=0
)
def test_a_file_is_plain_csv_unless_the_job_asks_otherwise(either: Client) -> None:
    job_id = bulk.exported(either, bulk.SEVEN_ROWS)
    told = bulk.results(either, job_id)
    file = bulk.downloaded(either, job_id)

    assert (told["format"], told.get("compression") or "none", told["size_bytes"]) == ("csv", "none", len(file))
    assert csv_rows(file) == [("n", "name"), *SEVEN]
    hold("FMT-02", b"\r" in file, False, "carriage returns in the file")


@pytest.mark.parametrize("compression", ["NONE", "GZIP"])
@decides("FMT-12", "BLK-04", "BLK-18", "BLK-62", "BLK-64", "BLK-69", profile="full", bulk_creations=1, queries=0)
def test_a_parquet_export_is_one_parquet_file(either: Client, compression: str) -> None:
    job_id = bulk.exported(either, bulk.SEVEN_ROWS, content_type="PARQUET", compression=compression)
    told, file = bulk.results(either, job_id), bulk.downloaded(either, job_id)

    assert (told["format"], told["size_bytes"]) == ("parquet", len(file))
    if file.startswith(GZIP_MAGIC):
        assert (told["compression"], compression) == ("gzip", "GZIP")
        file = gzip.decompress(file)
    else:
        assert (told.get("compression") or "none") == "none"
    inside = contents(file)
    assert (inside.rows, list(inside.columns)) == (len(SEVEN), ["n", "name"])


@decides("FMT-12", "BLK-04", profile="full", bulk_creations=1, queries=0)
def test_a_parquet_export_keeps_the_types_of_its_columns(either: Client) -> None:
    file = bulk.downloaded(either, bulk.exported(either, ALL_TYPES, content_type="PARQUET"))
    inside = contents(gzip.decompress(file) if file.startswith(GZIP_MAGIC) else file)

    assert inside.rows == 1
    assert list(inside.columns) == list(NAMES)
    wrong = {name: kind for name, kind in inside.columns.items() if kind not in PARQUET_TYPES.get(name, TEXT)}
    assert wrong == {}


@decides("FMT-02", "FMT-03", "FMT-04", "FMT-05", "FMT-06", "TYP-03", "TYP-13", bulk_creations=1, queries=0)
def test_a_csv_export_writes_each_type_as_documented(either: Client) -> None:
    content = bulk.downloaded(either, bulk.exported(either, ALL_TYPES))
    header, row = csv_rows(content)
    values = dict(zip(header, row, strict=True))

    assert header == NAMES
    assert (values["i"], Decimal(values["d"]), values["t"]) == ("7", Decimal("2500000.10"), 'a,b "c" é')
    assert (values["n"], values["day"]) == ("", "2024-02-29")
    assert (values["big"], values["lines"]) == ("9007199254740993", "one\ntwo")
    assert values["at"].replace(" ", "T").removesuffix(".000000") == "2024-02-29T13:14:15"
    assert (values["yes"].lower()[0], values["no"].lower()[0]) in {("t", "f"), ("1", "0")}
    hold("FMT-05", (values["yes"], values["no"]), ("true", "false"), "booleans")
    assert (values["blank"], values["nought"]) == ("", "0")
    assert b'"a,b ""c"" \xc3\xa9"' in content
    quoted = content.rstrip().endswith((b',"",0', b',"","0"'))
    warn_unless("FMT-03", quoted, True, "an empty string is quoted, unlike NULL")


@decides("FMT-11", "TYP-02", "TYP-03", "TYP-05", "TYP-13", "FMT-04", bulk_creations=1, queries=0)
def test_a_json_export_writes_each_type_as_documented(either: Client) -> None:
    job_id = bulk.exported(either, ALL_TYPES, content_type="JSON")
    told, content = bulk.results(either, job_id), bulk.downloaded(either, job_id)
    (row,) = json_rows(content)

    assert (told["format"], told.get("compression") or "none", told["size_bytes"]) == ("json", "none", len(content))
    assert list(row) == list(NAMES)
    assert (row["blank"], row["nought"]) == ("", 0)
    assert (row["big"], row["lines"]) == (9007199254740993, "one\ntwo")
    assert (row["i"], Decimal(str(row["d"])), row["t"], row["n"]) == (7, Decimal("2500000.10"), 'a,b "c" é', None)
    warn_unless("TYP-03", isinstance(row["d"], str), False, "decimals are text")
    assert (row["day"], row["yes"], row["no"]) == ("2024-02-29", True, False)
    assert str(row["at"]).replace(" ", "T") == "2024-02-29T13:14:15"


@decides("BLK-60", "FMT-01", "BLK-46", "BLK-64", bulk_creations=1, queries=0, profile="full")
def test_an_export_without_rows_has_its_header(either: Client) -> None:
    job_id = bulk.exported(either, f"{numbers(1)} SELECT n, 'x' AS t FROM numbers WHERE n < 0")

    assert csv_rows(bulk.downloaded(either, job_id)) == [("n", "t")]
    assert bulk.record(either, job_id)["number_records_processed"] == 0
    assert either.get(f"/jobs/{job_id}").json()["row_count"] == 0


@pytest.mark.parametrize(
    ("options", "first_line"),
    [
        pytest.param({"line_ending": "CRLF", "column_delimiter": "|"}, b"n|name\r\n0|name 0\r\n", id="crlf-and-pipe"),
        pytest.param({"column_delimiter": "\t"}, b"n\tname\n0\tname 0\n", id="tab"),
    ],
)
@decides("BLK-09", "BLK-10", profile="full", bulk_creations=1, queries=0)
def test_a_csv_export_is_written_as_its_options_say(either: Client, options: dict[str, str], first_line: bytes) -> None:
    assert bulk.downloaded(either, bulk.exported(either, bulk.SEVEN_ROWS, **options)).startswith(first_line)


@decides("JOB-21", "JOB-26", "BLK-61", "URL-10", "LIM-08", bulk_creations=1, queries=0)
def test_the_job_api_gives_the_exports_link_too(owner: Client, finished_export: str) -> None:
    record, answer = bulk.results(owner, finished_export), owner.get(f"/jobs/{finished_export}/results")
    told = answer.json()

    assert answer.status == OK, answer.shown
    assert (told["format"], told["size_bytes"]) == ("csv", record["size_bytes"])
    assert (told.get("compression") or "gzip") == "gzip"
    assert_lives_an_hour(answer, told["download_url"], told["expires_at"])
    assert owner.download(told["download_url"]).body == bulk.downloaded(owner, finished_export)


@decides("BLK-61", "URL-10", "LIM-08", "BLK-68", bulk_creations=1, queries=0)
def test_a_download_link_lives_for_an_hour(owner: Client, finished_export: str) -> None:
    answer = owner.get(f"/bulk/jobs/{finished_export}/results")

    assert_lives_an_hour(answer, answer.json()["download_url"], answer.json()["expires_at"])


def assert_lives_an_hour(answer: Answer, url: str, expires_at: object) -> None:
    """Assert that a link's expiry is in the future and not far in it; an hour is what is documented.

    A link that says by itself when it ends has to say the same.
    """
    told, own = moment(expires_at), own_end(url)
    for end in filter(None, (told, own)):
        assert timedelta(0) < end - answered_at(answer) <= timedelta(hours=24) + SKEW, end
    rest = told - answered_at(answer)
    warn_unless("URL-10", own is None or abs(own - told) < SKEW, True, f"the link ends when it is said to, not {own}")
    warn_unless("LIM-08", abs(rest - timedelta(hours=1)) < SKEW, True, f"an hour, not {rest}")


@decides(
    "URL-11",
    "URL-13",
    "URL-02",
    "BLK-60",
    "BLK-62",
    "BLK-63",
    "BLK-64",
    "FMT-01",
    "FMT-02",
    bulk_creations=1,
    queries=0,
)
def test_a_download_gives_the_bytes_as_they_are_stored(owner: Client, finished_export: str) -> None:
    told = bulk.results(owner, finished_export)
    answer = owner.download(told["download_url"], headers={"accept-encoding": "gzip, deflate"})

    assert answer.status == OK, answer.shown
    assert answer.headers.get("content-encoding") is None
    assert (told["format"], told["compression"], told["size_bytes"]) == ("csv", "gzip", len(answer.body))
    assert csv_rows(unpacked(answer.body, "GZIP")) == [("n", "name"), *SEVEN]


@decides("URL-13", bulk_creations=1, queries=0)
def test_a_download_can_be_looked_at_and_fetched_in_parts(owner: Client, finished_export: str) -> None:
    told = bulk.results(owner, finished_export)
    whole = owner.download(told["download_url"]).body
    head = owner.download(told["download_url"], "HEAD")
    part = owner.download(told["download_url"], headers={"range": "bytes=2-5"})

    if head.status == FORBIDDEN:
        note("a link signed for GET takes no HEAD")
    else:
        assert (head.status, head.headers.get("content-length")) == (OK, str(len(whole)))
    assert (part.status, part.body) in {(PARTIAL, whole[2:6]), (OK, whole)}, part.shown


def forged(url: str) -> str:
    """Return a link with another signature in it, or without one that we know of, another end."""
    parts = urlsplit(url)
    swapped = {"0": "1", "a": "b", "A": "B"}
    last = swapped.get(parts.query[-1:], "0" if parts.query else "")
    return urlunsplit(parts._replace(query=parts.query[:-1] + last))


@decides("URL-14", bulk_creations=1, queries=0)
def test_a_forged_link_gives_nothing(owner: Client, finished_export: str) -> None:
    url = bulk.results(owner, finished_export)["download_url"]
    whole = owner.download(url).body
    bare = urlunsplit(urlsplit(url)._replace(query=""))
    statuses = []
    other = urlunsplit(urlsplit(url)._replace(path=f"{urlsplit(url).path}0"))
    for tampered in (forged(url), bare, url.replace("X-Amz-Expires=3600", "X-Amz-Expires=86400"), other):
        answer = owner.download(tampered)
        elsewhere = tampered == other and answer.status == NOT_FOUND
        statuses.append(FORBIDDEN if tampered == url or elsewhere else answer.status)
        warn_unless("URL-14", tampered != url and answer.body == whole, False, "a tampered link gives the file")

    assert all(status < 500 for status in statuses), statuses
    warn_unless("URL-14", set(statuses), {FORBIDDEN}, "statuses of tampered links")


@decides("URL-14", "BLK-69", bulk_creations=1, queries=0)
def test_a_download_link_changes_nothing(owner: Client, finished_export: str) -> None:
    url = bulk.results(owner, finished_export)["download_url"]
    before = owner.download(url).body
    statuses = [owner.wire.fetch(method, url, {}, b"forged").status for method in ("PUT", "DELETE", "POST")]

    assert owner.download(url).body == before
    warn_unless("URL-14", [status for status in statuses if status < 400], [], "methods that a download link takes")


@decides("BLK-60", "BLK-68", "BLK-69", "URL-02", bulk_creations=1, queries=0)
def test_the_results_can_be_asked_for_again(owner: Client, finished_export: str) -> None:
    first, second = (bulk.results(owner, finished_export) for _ in range(2))

    for name in ("format", "size_bytes", "compression"):
        assert first.get(name) == second.get(name)
    assert owner.download(first["download_url"]).body == owner.download(second["download_url"]).body
