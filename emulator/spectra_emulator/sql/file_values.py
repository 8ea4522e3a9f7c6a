"""Values of an uploaded file as a table's values, or the reason why they are none.

Every text here is DuckDB's. A file's columns are called `c0`, `c1` …, and what they come to `t0`, `t1` ….

Source: "Data format parameters" and "Data conversion parameters" of COPY, "Character types".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spectra_emulator.domain.catalogue import Column
from spectra_emulator.sql.rewrites.casts import FALSE_WORDS, FORMS, MOMENT_TEXT, TRUE_WORDS
from spectra_emulator.sql.rewrites.context import quoted
from spectra_emulator.sql.type_names import INTEGERS, SqlType, parsed_type

_SHOWN_CHARACTERS = 40
_QUOTE = "'"
_UTC_TEXT = r"( ?(Z|UTC|[+-]00(:?00)?))?"
_SPECIAL_FLOAT = r"[+-]?(NaN|Inf|Infinity)"
_READ_FORMS: Mapping[str, str] = {
    **FORMS,
    "TIMESTAMP": MOMENT_TEXT + _UTC_TEXT,
    **{name: rf"(?i:{FORMS[name]}|{_SPECIAL_FLOAT})" for name in ("REAL", "DOUBLE PRECISION")},
}
_INEXACT = ("FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class FileColumn:
    """A file's column, read by DuckDB as `kind`, and the table's that it fills; some records lack a sparse one."""

    number: int
    kind: str
    target: Column
    sparse: bool = False

    @property
    def type(self) -> SqlType:
        return parsed_type(self.target.type)

    @property
    def raw(self) -> str:
        return f"c{self.number}"

    @property
    def typed(self) -> str:
        return f"t{self.number}"

    @property
    def present(self) -> str:
        return f"h{self.number}"


def typed_query(raw_query: str, columns: Sequence[FileColumn]) -> str:
    """Return the query of the typed values of all records, and of `fault`: why a record is none, or NULL."""
    values = ", ".join(f"{_value(column)} AS {column.typed}" for column in columns)
    faults = " ".join(fault for column in columns for fault in _faults(column))
    kept = [column.present for column in columns if column.sparse]
    outputs = ", ".join([*(column.typed for column in columns), *kept, f"CASE {faults} END AS fault"])
    return f"SELECT {outputs} FROM (SELECT *, {values} FROM ({raw_query}))"  # noqa: S608 - names and types are quoted or our own


def _value(column: FileColumn) -> str:
    if column.kind == "VARCHAR":
        return _from_text(column)
    if column.kind == column.type.duckdb:
        return column.raw
    return _from_typed(column)


def _from_text(column: FileColumn) -> str:
    raw, kind = column.raw, column.type
    if kind.name in _TEXT_READERS:
        return _TEXT_READERS[kind.name](raw)
    cast = f"TRY_CAST({raw} AS {kind.duckdb})"
    if kind.name not in _READ_FORMS:
        return cast
    form = quoted(rf"\s*(?:{_READ_FORMS[kind.name]})\s*")
    return f"CASE WHEN regexp_full_match({raw}, {form}) THEN {cast} END"


def _boolean(raw: str) -> str:
    truths, falsehoods = (", ".join(map(quoted, words)) for words in (TRUE_WORDS, FALSE_WORDS))
    word = f"lower(trim({raw}))"
    return f"CASE WHEN {word} IN ({truths}) THEN TRUE WHEN {word} IN ({falsehoods}) THEN FALSE END"


def _from_hex(raw: str) -> str:
    return f"CASE WHEN regexp_full_match({raw}, '([0-9A-Fa-f]{{2}})*') THEN unhex({raw}) END"


_TEXT_READERS: Mapping[str, Callable[[str], str]] = {
    "VARCHAR": lambda raw: raw,
    "CHAR": lambda raw: f"rtrim({raw}, ' ')",
    "BOOLEAN": _boolean,
    "VARBYTE": _from_hex,
}


def _from_typed(column: FileColumn) -> str:
    """Return a value that the file has with a type of its own; a whole number takes no fraction."""
    kind = column.type
    if kind.name == "SUPER":
        return f"to_json({column.raw})"
    if kind.is_string and column.kind.endswith(("]", ")")) and not column.kind.startswith("DECIMAL"):
        return f"CAST(to_json({column.raw}) AS VARCHAR)"
    cast = f"TRY_CAST({column.raw} AS {kind.duckdb})"
    if kind.name in INTEGERS and column.kind.startswith(_INEXACT):
        return f"CASE WHEN {cast} = {column.raw} THEN {cast} END"
    return cast


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
    if kind.name == "CHAR":
        multibyte = quoted(f"{name}: CHAR values hold single-byte characters only")
        branches.append(f"WHEN strlen({typed}) <> length({typed}) THEN {multibyte}")
    if not column.target.nullable:
        branches.append(f"WHEN {typed} IS NULL THEN {quoted(f'{name} may not be null')}")
    return branches
