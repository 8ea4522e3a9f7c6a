"""What the Redshift Data API answers, as results and errors of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from spectra_emulator.adapters.redshift.positions import SENT
from spectra_emulator.adapters.redshift.warehouse import VALUE_BYTES
from spectra_emulator.domain.catalogue import Column
from spectra_emulator.domain.errors import InternalError, InvalidSql

_TYPES: Mapping[str, str] = {
    "int2": "SMALLINT",
    "int4": "INTEGER",
    "int8": "BIGINT",
    "oid": "BIGINT",
    "float4": "REAL",
    "float8": "DOUBLE PRECISION",
    "numeric": "DECIMAL",
    "bool": "BOOLEAN",
    "char": "CHAR",
    "bpchar": "CHAR",
    "varchar": "VARCHAR",
    "text": "VARCHAR",
    "name": "VARCHAR",
    "unknown": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "time": "TIME",
    "timetz": "TIMETZ",
    "interval": "INTERVAL",
    "intervaly2m": "INTERVAL",
    "intervald2s": "INTERVAL",
    "super": "SUPER",
    "varbyte": "VARBYTE",
    "geometry": "GEOMETRY",
    "geography": "GEOGRAPHY",
    "hllsketch": "HLLSKETCH",
}
"""Types by the names that the database itself has for them; any other is shown as text."""

_STATE = re.compile(r"\s*\[?SQL ?State\s*[:=]\s*([0-9A-Z]{5})\]?\s*", re.IGNORECASE)
_POSITION = re.compile(r"\s*\bPosition:\s*(\d+)\s*;?", re.IGNORECASE)
_QUOTED = re.compile(r"\"(?:[^\"]|\"\")*\"|(?<!\w)'(?:[^']|'')*'")
_NAMED = re.compile(r"\b(column|function|operator|procedure|relation|schema) .* does not exist")
"""Where the client's own words are in a message."""
_CANCELLED = "57014"
_WAREHOUSE_CLASSES = ("08", "25", "40", "53", "54", "55", "57", "58", "F0")
_INTERNAL = "XX"
"""The class of failures inside the warehouse, of which some are a statement's after all: their words tell."""
_ERROR_ID = re.compile(r"\s*\[ErrorId:[^\]]*\]")
_OF_THE_WAREHOUSE = re.compile(
    r"serializable isolation|deadlock detected|disk full|out of memory|internal error|assertion"
    r"|could not connect|too many connections|connection (?:was )?(?:closed|reset|refused|lost)"
    r"|password authentication failed|is (?:paused|resuming|not available)",
    re.IGNORECASE,
)
"""Failures that the statement is not to blame for."""
_OF_THE_S3 = re.compile(
    r"S3ServiceException|S3CurlException|not authorized to (?:assume|get credentials)", re.IGNORECASE
)
_STATES: Mapping[str, re.Pattern[str]] = {
    "42601": re.compile(r"syntax error"),
    "42P01": re.compile(r"relation .* does not exist|missing FROM-clause"),
    "42703": re.compile(r"column .* does not exist|no such column"),
    "42883": re.compile(r"(?:function|operator|procedure) .* does not exist"),
    "3F000": re.compile(r"schema .* does not exist"),
    "42702": re.compile(r"is ambiguous"),
    "42803": re.compile(r"must appear in the GROUP BY|aggregates? not allowed|nested aggregate"),
    "42501": re.compile(r"permission denied|must be owner"),
    "42804": re.compile(r"is of type .* but expression is of type|cannot be matched"),
    "22012": re.compile(r"division by zero|divide by zero", re.IGNORECASE),
    "22P02": re.compile(r"invalid input syntax|invalid digit", re.IGNORECASE),
    "22007": re.compile(r"invalid .*(?:date|time).*format", re.IGNORECASE),
    "22008": re.compile(r"(?:date|time|timestamp).* out of range", re.IGNORECASE),
    "22003": re.compile(r"out of range|overflow", re.IGNORECASE),
    "22001": re.compile(r"value too long"),
    "23502": re.compile(r"cannot insert a NULL value|null value in column", re.IGNORECASE),
    "0A000": re.compile(r"not supported", re.IGNORECASE),
}
"""States by the words of the messages that have them, the first that fits; the API tells no state.

Source: PostgreSQL, "Error Codes"; Redshift's leader node words its errors alike.
"""
_STOPPED = re.compile(r"cancell?(?:ed|ing) .*(?:on user'?s request|due to|by user)|statement timeout", re.IGNORECASE)


def columns(metadata: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(str(one.get("label") or one.get("name", "")), _type(one)) for one in metadata)


def values(record: Sequence[Mapping[str, Any]]) -> list[object]:
    """Return a row's values; each field has one member, which says what it holds."""
    return [_value(field) for field in record]


def held_bytes(row: Sequence[object]) -> int:
    """Return about what a row takes in this process."""
    return sum(VALUE_BYTES + len(str(value)) for value in row)


def _value(field: Mapping[str, Any]) -> object:
    if field.get("isNull"):
        return None
    return next(iter(field.values()), None)


def _type(metadata: Mapping[str, Any]) -> str:
    kind = str(metadata.get("typeName", "")).lower()
    name = _TYPES.get(kind, "VARCHAR")
    if name == "DECIMAL" and metadata.get("precision"):
        return f"DECIMAL({metadata['precision']},{metadata.get('scale', 0)})"
    return name


def is_stop(message: str) -> bool:
    """Tell whether a failure is the end that a timeout or a cancel puts to a statement."""
    words = _words(message)
    return _state(words) == _CANCELLED or _STOPPED.search(words) is not None


def is_of_the_s3(message: str) -> bool:
    """Tell whether COPY or UNLOAD failed for what they may not reach."""
    return _OF_THE_S3.search(_words(message)) is not None


def failure(message: str) -> InvalidSql | InternalError:
    """Return what a failed statement's message means: by its state where it tells one, else by its words."""
    words = _words(message)
    told, position = _state(words), _POSITION.search(words)
    likely = next((state for state, pattern in _STATES.items() if pattern.search(words)), "")
    if _is_of_the_warehouse(words, told, likely):
        return InternalError("The warehouse cannot run statements now")
    details: dict[str, object] = {"sql_state": told or likely} if told or likely else {}
    if position is not None:
        details[SENT] = int(position[1])
    return InvalidSql(_cleaned(message) or "The warehouse refuses the statement", **details)


def _is_of_the_warehouse(words: str, told: str, likely: str) -> bool:
    if told.startswith(_INTERNAL):
        return not likely
    return told.startswith(_WAREHOUSE_CLASSES) if told else _OF_THE_WAREHOUSE.search(words) is not None


def _state(words: str) -> str:
    found = _STATE.search(words)
    return found[1].upper() if found else ""


def _words(message: str) -> str:
    """Return the warehouse's own words: not what it quotes of the client, nor names that it found nowhere."""
    return _NAMED.sub(r'\1 "" does not exist', _QUOTED.sub('""', message))


def _cleaned(message: str) -> str:
    """Return the first line: further ones tell of the server's inside."""
    first = message.strip().partition("\n")[0]
    for pattern in (_ERROR_ID, _STATE, _POSITION):
        first = pattern.sub("", first)
    return first.removeprefix("ERROR:").strip()


Described = Mapping[str, Any]


def substatements(described: Described) -> Sequence[Described]:
    """Return the parts of a batch, or the statement itself."""
    parts: Sequence[Described] = described.get("SubStatements") or [described]
    return parts


def reason(described: Described) -> str:
    """Return why a batch failed: the failed part says more than the whole."""
    told = [str(part.get("Error", "")) for part in substatements(described) if part.get("Status") == "FAILED"]
    return next(filter(None, told), str(described.get("Error", "")))
