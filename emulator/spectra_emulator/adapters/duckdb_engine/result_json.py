"""Rows as JSON, written from Arrow without making Python objects of them."""

from __future__ import annotations

import io
from dataclasses import dataclass

import arro3.core
import arro3.io
import duckdb
import msgspec

from spectra_emulator.adapters.duckdb_engine.export_columns import AS_TEXT
from spectra_emulator.sql.interval_text import interval_text

_SUPER = "JSON"
_UNWRITTEN = b'"ERROR: Cast error: '


@dataclass(frozen=True)
class Fetched:
    """`rows_json` holds `row_count` objects; `overflowed` tells that the query gave more."""

    rows_json: bytes
    types: list[str]
    row_count: int
    overflowed: bool


def fetched(cursor: duckdb.DuckDBPyConnection, sql: str, columns: list[str], cap: int) -> Fetched:
    """Run the query and render its first `cap` rows; where two columns share a name, the row keeps the last."""
    relation = cursor.sql(sql)
    types = [str(kind) for kind in relation.types]
    table = arro3.core.Table.from_arrow(_readable(relation, types))
    overflowed = table.num_rows > cap
    rows = table.slice(0, cap) if overflowed else table
    nested = [name for name, kind in dict(zip(columns, types, strict=True)).items() if kind == _SUPER]
    rows_json = with_nested(array(named(rows, columns)), nested)
    return Fetched(rows_json, types, rows.num_rows, overflowed)


def _readable(relation: duckdb.DuckDBPyRelation, types: list[str]) -> duckdb.DuckDBPyRelation:
    """Turn the types that Arrow's JSON writer cannot tell exactly into text."""
    if AS_TEXT.isdisjoint(types):
        return relation
    casts = (
        f"{_text(kind, number)} AS c{number}" if kind in AS_TEXT else f"#{number} AS c{number}"
        for number, kind in enumerate(types, 1)
    )
    return relation.project(", ".join(casts))


def _text(kind: str, number: int) -> str:
    return interval_text(f"#{number}") if kind == "INTERVAL" else f"CAST(#{number} AS VARCHAR)"


def named(table: arro3.core.Table, columns: list[str]) -> arro3.core.Table:
    if len(set(columns)) == len(columns):
        return table.rename_columns(columns)
    kept = sorted({name: place for place, name in enumerate(columns)}.values())
    return table.select(kept).rename_columns([columns[place] for place in kept])


def array(table: arro3.core.Table) -> bytes:
    """Return a JSON array."""
    buffer = io.BytesIO()
    arro3.io.write_json(table, buffer, explicit_nulls=True)
    content = buffer.getvalue()
    if _UNWRITTEN in content:
        _require_writable(table)
    return content


def _require_writable(table: arro3.core.Table) -> None:
    """Pass a table whose dates and times have a text: in place of such as have none the writer puts its own error.

    Raises: duckdb.OutOfRangeException.
    """
    schema = table.schema
    moments = [name for name in schema.names if arro3.core.DataType.is_temporal(schema.field(name).type)]
    try:
        arro3.io.write_csv(table.select(moments), io.BytesIO())
    except Exception as error:
        raise duckdb.OutOfRangeException("date or time out of range: it cannot be written") from error


def with_nested(rows_json: bytes, names: list[str]) -> bytes:
    """Put the JSON that SUPER columns hold as text in its place as JSON."""
    if not names:
        return rows_json
    rows = msgspec.json.decode(rows_json, type=list[dict[str, msgspec.Raw]])
    for row in rows:
        for name in names:
            text = msgspec.json.decode(row[name], type=str | None)
            row[name] = msgspec.Raw(b"null" if text is None else text.encode())
    return msgspec.json.encode(rows)
