"""Values of an uploaded file as a table's values, or the reason why they are none.

Every text here is DuckDB's. A file's columns are called `c0`, `c1` …, and what they come to `t0`, `t1` ….

Source: "Data format parameters" and "Data conversion parameters" of COPY, "Character types".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spectra_emulator.domain.catalogue import Column
from spectra_emulator.sql.rewrites.casts import FALSE_WORDS, FINITE_FLOAT, FORMS, TRUE_WORDS
from spectra_emulator.sql.rewrites.context import quoted
from spectra_emulator.sql.rewrites.date_range import BEYOND, CLOCKS, FIRST
from spectra_emulator.sql.spatial_signatures import READING
from spectra_emulator.sql.type_names import INTEGERS, SPATIAL, SqlType, parsed_type

_SHOWN_CHARACTERS = 40
_QUOTE = "'"
_UTC_TEXT = r"( ?(Z|UTC|[+-]00(:?00)?))?"
_TIME_TEXT = r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
_MOMENT_TEXT = rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}([ T]{_TIME_TEXT})?"
_ZONE_TEXT = r"( ?(Z|UTC|[+-]\d{1,2}(:?\d{2})?))?"
FLOATS = frozenset({"REAL", "DOUBLE PRECISION"})
_READ_FORMS: Mapping[str, str] = {
    **FORMS,
    **dict.fromkeys(FLOATS, FINITE_FLOAT),
    "DATE": _MOMENT_TEXT,
    "TIMESTAMP": _MOMENT_TEXT + _UTC_TEXT,
    "TIMESTAMPTZ": _MOMENT_TEXT + _ZONE_TEXT,
    "TIME": _TIME_TEXT,
}
_FIRST_WRITTEN = "0001-01-01"
"""The first day that a text of ISO 8601 names."""
_INEXACT = ("FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class FileColumn:
    """A file's column, read by DuckDB as `kind`, and the table's that it fills; some records lack a sparse one.

    An `optional` one may be lacking where the table's takes no NULL.
    """

    number: int
    kind: str
    target: Column
    sparse: bool = False
    optional: bool = False

    @property
    def type(self) -> SqlType:
        return parsed_type(self.target.type)

    @property
    def raw(self) -> str:
        return f"c{self.number}"

    @property
    def cast(self) -> str:
        return f"v{self.number}"

    @property
    def typed(self) -> str:
        return f"t{self.number}"

    @property
    def present(self) -> str:
        return f"h{self.number}"


def typed_query(raw_query: str, columns: Sequence[FileColumn]) -> str:
    """Return the query of the typed values of all records, and of `fault`: why a record is none, or NULL."""
    casts = ", ".join(f"{_cast(column)} AS {column.cast}" for column in columns)
    values = ", ".join(f"{_value(column)} AS {column.typed}" for column in columns)
    kept = [column.present for column in columns if column.sparse]
    faults = " ".join(fault for column in columns for fault in _faults(column))
    outputs = ", ".join([*(column.typed for column in columns), *kept, f"CASE {faults} ELSE NULL END AS fault"])
    cast_query = f"SELECT *, {casts} FROM ({raw_query})"  # noqa: S608 - names and types are quoted or our own
    return f"SELECT {outputs} FROM (SELECT *, {values} FROM ({cast_query}))"  # noqa: S608 - names and types are quoted or our own


def _cast(column: FileColumn) -> str:
    """Return the value as DuckDB reads it, which takes more texts for one than Redshift does."""
    if column.type.name in SPATIAL:
        return column.raw
    if column.kind == column.type.duckdb or (column.kind == "VARCHAR" and column.type.name in _TEXT_READERS):
        return column.raw
    if column.kind != "VARCHAR" and column.type.name == "SUPER":
        return f"to_json({column.raw})"
    if _is_nested(column.kind) and column.type.is_string:
        return f"CAST(to_json({column.raw}) AS VARCHAR)"
    return f"TRY_CAST({column.raw} AS {column.type.duckdb})"


def _value(column: FileColumn) -> str:
    if column.type.name in SPATIAL:
        return _spatial(column)
    if column.kind == "VARCHAR":
        return _from_text(column)
    if column.type.name in INTEGERS and column.kind.startswith(_INEXACT):
        return f"CASE WHEN {column.cast} = {column.raw} THEN {column.cast} END"
    if column.type.name in FLOATS and column.kind.startswith(_INEXACT):
        return f"CASE WHEN isfinite({column.cast}) OR NOT isfinite({column.raw}) THEN {column.cast} END"
    return _bounded(column, column.cast, FIRST)


def _from_text(column: FileColumn) -> str:
    """Return the value where the text is one of Redshift's: told by how it would be written, or else by its form."""
    raw, cast, name = column.raw, column.cast, column.type.name
    if name in _TEXT_READERS:
        return _TEXT_READERS[name](raw)
    if name in FLOATS:
        return f"CASE WHEN NOT contains({raw}, '_') AND NOT isinf({cast}) THEN {cast} END"
    if name == "DECIMAL":
        return f"CASE WHEN NOT contains({raw}, '_') THEN {cast} END"
    if name not in _READ_FORMS:
        return cast
    form = quoted(rf"\s*(?:{_READ_FORMS[name]})\s*")
    written = f"replace({raw}, 'T', ' ')" if name == "TIMESTAMP" else raw
    is_read = f"WHEN regexp_full_match({raw}, {form}) THEN {cast}"
    return _bounded(column, f"CASE WHEN CAST({cast} AS VARCHAR) = {written} THEN {cast} {is_read} END", _FIRST_WRITTEN)


def _bounded(column: FileColumn, value: str, first: str) -> str:
    """Return the value where answers can hold it."""
    if column.type.name in CLOCKS:
        kind, clock = CLOCKS[column.type.name]
        within = f"{column.cast} >= {kind} '{first}{clock}' AND {column.cast} < {kind} '{BEYOND}{clock}'"
        return f"CASE WHEN {within} THEN {value} END"
    return f"CASE WHEN {column.cast} < TIME '24:00:00' THEN {value} END" if column.type.name == "TIME" else value


def _boolean(raw: str) -> str:
    truths, falsehoods = (", ".join(map(quoted, words)) for words in (TRUE_WORDS, FALSE_WORDS))
    word = f"lower(trim({raw}))"
    others = f"CASE WHEN {word} IN ({truths}) THEN TRUE WHEN {word} IN ({falsehoods}) THEN FALSE END"
    return f"CASE {raw} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE ELSE {others} END"


def _from_hex(raw: str) -> str:
    return f"CASE WHEN regexp_full_match({raw}, '([0-9A-Fa-f]{{2}})*') THEN unhex({raw}) END"


_TEXT_READERS: Mapping[str, Callable[[str], str]] = {
    "VARCHAR": lambda raw: raw,
    "CHAR": lambda raw: f"rtrim({raw}, ' ')",
    "BOOLEAN": _boolean,
    "VARBYTE": _from_hex,
}


def _spatial(column: FileColumn) -> str:
    """Return the geometry that hexadecimal digits or bytes hold, or NULL where they hold none."""
    reading = READING.get((column.kind, column.type.name))
    return "CAST(NULL AS BLOB)" if reading is None else f"{reading.engine_name}({column.raw})"


def _is_nested(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(("STRUCT(", "MAP("))


def _faults(column: FileColumn) -> list[str]:
    """Return the branches that tell what is wrong with a value, the most telling first."""
    name = f'column "{column.target.name}"'
    typed, kind = column.typed, column.type
    shown = f"left(CAST({column.raw} AS VARCHAR), {_SHOWN_CHARACTERS})"
    not_read = quoted(f"{name} takes {kind.text}, not ")
    reason = f"{not_read} || {quoted(_QUOTE)} || {shown} || {quoted(_QUOTE)}"
    branches = [f"WHEN {typed} IS NULL AND {column.raw} IS NOT NULL THEN {reason}"]
    if kind.is_string and kind.size is not None:
        too_long = quoted(f"{name}: value too long for {kind.text}")
        branches.append(f"WHEN strlen({typed}) > {kind.size} THEN {too_long}")
    if kind.name == "VARBYTE" and kind.size is not None:
        too_long = quoted(f"{name}: value too long for {kind.text}")
        branches.append(f"WHEN octet_length({typed}) > {kind.size} THEN {too_long}")
    if kind.name == "CHAR":
        multibyte = quoted(f"{name}: CHAR values hold single-byte characters only")
        branches.append(f"WHEN strlen({typed}) <> length({typed}) THEN {multibyte}")
    if kind.is_string:
        branches.append(f"WHEN contains({typed}, chr(0)) THEN {quoted(f'{name} takes no text with the character NUL')}")
    if not column.target.nullable:
        lacking = f"{typed} IS NULL AND {column.present}" if column.optional else f"{typed} IS NULL"
        branches.append(f"WHEN {lacking} THEN {quoted(f'{name} may not be null')}")
    return branches
