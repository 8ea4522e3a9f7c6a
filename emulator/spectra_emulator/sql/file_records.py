"""The records of an uploaded file, as a query of DuckDB; the file's columns are called `c0`, `c1` and so on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spectra_emulator.domain.files import ContentType, FileFormat
from spectra_emulator.sql.rewrites.context import quoted, quoted_name
from spectra_emulator.sql.type_names import INTEGERS, SqlType

MAX_RECORD_BYTES = 4 * 2**20
"""What a CSV record has room for, unless the look into its file found a longer one."""
LONG_RECORD_BYTES = 16 * 2**20
"""The most that a record of CSV or JSON may have."""
EXACT_DIGITS = 15
"""What every decimal number of so many digits keeps as a DOUBLE."""
UNCERTAIN = " or so: a member inside another has its name and nearly its value"

Targets = Sequence[SqlType | None]
"""What each of the file's columns fills; None for one that is only carried along."""


@dataclass(frozen=True)
class FileShape:
    """What a look into a file tells: its columns, the engine's types of Parquet's, and which some records lack."""

    columns: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    sparse: frozenset[int] = frozenset()
    is_array: bool = False
    record_bytes: int = MAX_RECORD_BYTES


def kinds(content_type: ContentType, shape: FileShape) -> tuple[str, ...]:
    """Return the types that the columns come as: text, JSON too, unless the file is typed."""
    if content_type is ContentType.PARQUET:
        return tuple("VARCHAR" if kind == "JSON" else kind for kind in shape.kinds)
    return ("VARCHAR",) * len(shape.columns)


def records_query(path: str, file_format: FileFormat, shape: FileShape, targets: Targets) -> str:
    """Return the query of all records in the file's order; a sparse column `c1` has `h1`, whether it is there."""
    return _QUERIES[file_format.content_type](quoted(path), file_format, shape, targets)


def _csv_query(path: str, file_format: FileFormat, shape: FileShape, _targets: Targets) -> str:
    """Read all as text; a quoted empty field is an empty string, an unquoted one NULL."""
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number, _ in enumerate(shape.columns))
    options = {
        "auto_detect": "false",
        "header": "true",
        "delim": quoted(file_format.column_delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "nullstr": "''",
        "allow_quoted_nulls": "false",
        "store_rejects": "true",
        "max_line_size": str(shape.record_bytes),
        "buffer_size": str(2 * shape.record_bytes),
        "columns": f"{{{columns}}}",
    }
    spelt = ", ".join(f"{name} = {value}" for name, value in options.items())
    return f"SELECT * FROM read_csv({path}, {spelt})"  # noqa: S608 - quoted


def _json_query(path: str, _format: FileFormat, shape: FileShape, targets: Targets) -> str:
    """Read every scalar as text, whatever its JSON type; what goes to SUPER stays JSON."""
    pointers = [quoted(_pointer(name)) for name in shape.columns]
    values = [_json_value(number, shape.columns[number], target) for number, target in enumerate(targets)]
    presence = [f"json_exists(json, {pointers[number]}) AS h{number}" for number in sorted(shape.sparse)]
    texts = f"json_extract_string(json, [{', '.join(pointers)}]) AS texts"
    form = "array" if shape.is_array else "unstructured"
    objects = f"read_json_objects({path}, format = '{form}', maximum_object_size = {LONG_RECORD_BYTES})"
    return f"SELECT {', '.join([*values, *presence])} FROM (SELECT json, {texts} FROM {objects})"  # noqa: S608 - quoted


def _json_value(number: int, name: str, target: SqlType | None) -> str:
    text = f"texts[{number + 1}]"
    if is_super(target):
        member = f"json_extract(json, {quoted(_pointer(name))})"
        return f"CASE WHEN json_type({member}) <> 'NULL' THEN {member} END AS c{number}"
    if target is not None and target.name == "DECIMAL" and (target.size or 0) > EXACT_DIGITS:
        return f"{_exact(text, name)} AS c{number}"
    if target is not None and target.name in INTEGERS:
        return f"{_whole(text)} AS c{number}"
    return f"{text} AS c{number}"


def _exact(text: str, name: str) -> str:
    """Return a number's digits as they stand in the record, which are more than a DOUBLE keeps.

    A name in its quotes can stand nowhere but at a member; one of the same name deeper inside is told by its value.
    Where that does not tell them apart, the value is none, and says so.
    """
    pattern = quoted(rf'"{re.escape(name)}"\s*:\s*(-?[0-9][0-9.eE+-]*)')
    numbers = f"regexp_extract_all(CAST(json AS VARCHAR), {pattern}, 1)"
    same = f"list_distinct(list_filter({numbers}, n -> TRY_CAST(n AS DOUBLE) = TRY_CAST({text} AS DOUBLE)))"
    digits = f"CASE WHEN len({same}) = 1 THEN {same}[1] ELSE {text} || {quoted(UNCERTAIN)} END"
    is_rounded = f"json_type(json, {quoted(_pointer(name))}) = 'DOUBLE'"
    inexact = f"strlen({text}) > {EXACT_DIGITS} OR contains({text}, 'e')"
    return f"CASE WHEN {inexact} THEN CASE WHEN {is_rounded} THEN {digits} ELSE {text} END ELSE {text} END"


def _whole(text: str) -> str:
    """Return a number without the fraction that it does not have: JSON knows one kind of numbers."""
    digits = f"left({text}, -2)"
    return (
        f"CASE WHEN ends_with({text}, '.0') AND TRY_CAST({digits} AS BIGINT) IS NOT NULL THEN {digits} ELSE {text} END"
    )


def _parquet_query(path: str, _format: FileFormat, shape: FileShape, _targets: Targets) -> str:
    values = ", ".join(f"{quoted_name(name)} AS c{number}" for number, name in enumerate(shape.columns))
    return f"SELECT {values} FROM read_parquet({path})"  # noqa: S608 - quoted


def _pointer(name: str) -> str:
    """Return the JSON pointer to a member.

    Source: RFC 6901.
    """
    return "/" + name.replace("~", "~0").replace("/", "~1")


def is_super(target: SqlType | None) -> bool:
    return target is not None and target.name == "SUPER"


def failed_query(records: str, columns: Sequence[str]) -> str:
    """Return the query of the records that the table `failed` names by their number from 0, with the reason last."""
    values = ", ".join(f"c{number} AS {quoted_name(name)}" for number, name in enumerate(columns))
    numbered = f"SELECT *, row_number() OVER () - 1 AS record FROM ({records})"  # noqa: S608 - our own
    return f"SELECT {values}, reason AS error FROM ({numbered}) JOIN failed USING (record) ORDER BY record"  # noqa: S608 - names are quoted


_QUERIES: Mapping[ContentType, Callable[[str, FileFormat, FileShape, Targets], str]] = {
    ContentType.CSV: _csv_query,
    ContentType.JSON: _json_query,
    ContentType.PARQUET: _parquet_query,
}
