"""A first look into an uploaded file: which columns it has; worker side."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import duckdb

from spectra_emulator.adapters.duckdb_engine import gzip_files, long_records
from spectra_emulator.adapters.duckdb_engine.file_refusals import broken
from spectra_emulator.adapters.duckdb_engine.wire import Header
from spectra_emulator.adapters.duckdb_engine.work import Work
from spectra_emulator.domain.errors import InvalidRequest

_MAX_HEADER_BYTES = 1_000_000
_MAX_FORM_HEADER_BYTES = 1_000
_FORM_FIELD = b"\ncontent-disposition: form-data"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PARQUET_MAGIC = b"PAR1"
_MAGICS = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "a zip archive", _PARQUET_MAGIC: "Parquet"}
"""What files begin with that are no text."""
_SHAPES = """
    SELECT json_type(json) = 'OBJECT', json_keys(json) AS names, count(*) AS objects
    FROM read_json_objects(?, format = ?) GROUP BY ALL ORDER BY objects DESC, names
"""


def answered(work: Work, request: Header) -> tuple[Header, bytes]:
    """Unpack the file where it is gzipped as a whole, and tell its columns.

    Raises: InvalidRequest, InterruptedWorkError.
    """
    file = Path(request["file"])
    if request["packed_file"] is not None:
        _require_bare(Path(request["packed_file"]))
        gzip_files.unpack(Path(request["packed_file"]), file, work.check)
    _require_bare(file)
    with work.file_reader() as reader:
        answer = _LOOKS[request["content_type"]](reader, file, request)
    if request["content_type"] == "CSV":
        answer["record_bytes"] = long_records.record_bytes(file, request["column_delimiter"], work.check)
    return answer, b""


def _csv_look(_reader: duckdb.DuckDBPyConnection, file: Path, request: Header) -> Header:
    with file.open("rb") as content:
        start = content.read(_MAX_HEADER_BYTES)
    _require_text(start, "CSV")
    if not start.strip():
        raise InvalidRequest("The file is empty: its first line must name the columns")
    names = _first_record(start, request["column_delimiter"])
    if not names or not all(names) or any("\0" in name or "\ufffd" in name for name in names):
        raise InvalidRequest("The file is no valid CSV: its first line must name every column, in UTF-8")
    return {"columns": names}


def _first_record(start: bytes, delimiter: str) -> list[str]:
    text = start.decode("utf-8-sig", errors="replace")
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration) as error:
        raise InvalidRequest("The file is no valid CSV: its first line cannot be read") from error
    return [name.strip() for name in names]


def _json_look(reader: duckdb.DuckDBPyConnection, file: Path, _request: Header) -> Header:
    is_array = _json_start(file) == b"["
    try:
        shapes = reader.execute(_SHAPES, [str(file), "array" if is_array else "unstructured"]).fetchall()
    except (duckdb.InvalidInputException, duckdb.OutOfMemoryException) as error:
        raise broken("JSON", str(error)) from error
    if not all(is_object for is_object, _, _ in shapes):
        raise InvalidRequest("The file is no valid JSON of records: every record must be an object")
    counts: dict[str, int] = {}
    for _, names, objects in shapes:
        for name in dict.fromkeys(names):
            counts[name] = counts.get(name, 0) + objects
    if shapes and not counts:
        raise InvalidRequest("The file is no valid JSON of records: its objects are empty")
    total = sum(objects for _, _, objects in shapes)
    sparse = [number for number, count in enumerate(counts.values()) if count < total]
    return {"columns": list(counts), "sparse": sparse, "is_array": is_array}


def _require_bare(file: Path) -> None:
    """Refuse a file that came as a form's field."""
    with file.open("rb") as content:
        start = content.read(_MAX_FORM_HEADER_BYTES)
    if start.startswith(b"--") and _FORM_FIELD in start.lower():
        raise InvalidRequest(
            "The upload is a multipart form around the file: PUT the file alone, as curl's -T does and its -F does not"
        )


def _require_text(start: bytes, content_type: str) -> None:
    """Refuse a file that is plainly of another kind than the job says."""
    for magic, kind in _MAGICS.items():
        if start.startswith(magic):
            raise InvalidRequest(f"The file is no valid {content_type}: it is {kind}, which the job does not say")


def _json_start(file: Path) -> bytes:
    with file.open("rb") as content:
        start = content.read(_MAX_HEADER_BYTES).removeprefix(_BYTE_ORDER_MARK).lstrip()
    _require_text(start, "JSON")
    if not start:
        raise InvalidRequest("The file is empty: it must hold an array of objects, or one object a line")
    if start[:1] not in {b"[", b"{"}:
        raise InvalidRequest("The file is no valid JSON: it must hold an array of objects, or one object a line")
    return start[:1]


def _parquet_look(reader: duckdb.DuckDBPyConnection, file: Path, _request: Header) -> Header:
    with file.open("rb") as content:
        start = content.read(len(_PARQUET_MAGIC))
    if start != _PARQUET_MAGIC:
        raise InvalidRequest("The file is no valid PARQUET: it is empty or begins as something else")
    try:
        described = reader.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(file)]).fetchall()
    except duckdb.Error as error:
        raise broken("PARQUET", str(error)) from error
    return {"columns": [name for name, *_ in described], "kinds": [kind for _, kind, *_ in described]}


_LOOKS: dict[str, Callable[[duckdb.DuckDBPyConnection, Path, Header], Header]] = {
    "CSV": _csv_look,
    "JSON": _json_look,
    "PARQUET": _parquet_look,
}
