"""What the Redshift Data API answers, as results and errors of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from spectra_emulator.adapters.redshift.error_classes import CANCELLED, is_of_the_warehouse, likely_state, words_of
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
_ERROR_ID = re.compile(r"\s*\[ErrorId:[^\]]*\]")
_OF_THE_S3 = re.compile(
    r"S3ServiceException|S3CurlException|not authorized to (?:assume|get credentials)", re.IGNORECASE
)
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
    words = words_of(message)
    return _state(words) == CANCELLED or _STOPPED.search(words) is not None


def is_of_the_s3(message: str) -> bool:
    """Tell whether COPY or UNLOAD failed for what they may not reach."""
    return _OF_THE_S3.search(words_of(message)) is not None


def failure(message: str) -> InvalidSql | InternalError:
    """Return what a failed statement's message means: by its state where it tells one, else by its words."""
    words = words_of(message)
    told, position = _state(words), _POSITION.search(words)
    likely = likely_state(words)
    if is_of_the_warehouse(told, words):
        return InternalError("The warehouse cannot run statements now")
    details: dict[str, object] = {"sql_state": told or likely} if told or likely else {}
    if position is not None:
        details[SENT] = int(position[1])
    return InvalidSql(_cleaned(message) or "The warehouse refuses the statement", **details)


def _state(words: str) -> str:
    found = _STATE.search(words)
    return found[1].upper() if found else ""


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
