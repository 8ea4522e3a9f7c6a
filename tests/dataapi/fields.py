"""Rows of the embedded engine as the Data API spells them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from spectra_emulator.domain.catalogue import Column
from spectra_emulator.sql.type_names import SqlType, parsed_type

Field = dict[str, Any]

_TYPE_NAMES = {
    "SMALLINT": "int2",
    "INTEGER": "int4",
    "BIGINT": "int8",
    "DECIMAL": "numeric",
    "REAL": "float4",
    "DOUBLE PRECISION": "float8",
    "BOOLEAN": "bool",
    "CHAR": "bpchar",
}
_MOMENT = re.compile(r"(\d{4,}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)(Z?)")


def _moment(value: Any) -> Field:
    found = _MOMENT.fullmatch(str(value))
    return {"stringValue": f"{found[1]} {found[2]}{'+00' if found[3] else ''}" if found else str(value)}


def _text(value: Any) -> Field:
    return {"stringValue": str(value)}


_FIELDS: Mapping[str, Callable[[Any], Field]] = {
    **dict.fromkeys(("SMALLINT", "INTEGER", "BIGINT"), lambda value: {"longValue": int(value)}),
    **dict.fromkeys(("REAL", "DOUBLE PRECISION"), lambda value: {"doubleValue": float(value)}),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ"), _moment),
    "BOOLEAN": lambda value: {"booleanValue": value},
    "SUPER": lambda value: {"stringValue": _nested(value)},
}


def field(value: Any, kind: str) -> Field:
    return {"isNull": True} if value is None else _FIELDS.get(parsed_type(kind).name, _text)(value)


def metadata(column: Column) -> dict[str, Any]:
    kind = parsed_type(column.type)
    name = _TYPE_NAMES.get(kind.name, kind.name.lower())
    described = {"name": column.name, "label": column.name, "typeName": name, "nullable": 1}
    return {**described, "precision": _precision(kind), "scale": kind.scale, "length": 0}


def _precision(kind: SqlType) -> int:
    return kind.size or 0


def _nested(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_number)


def _number(value: Decimal) -> float:
    return float(value)
