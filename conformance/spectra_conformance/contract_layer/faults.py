"""What is wrong with a request, judged by the description alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from spectra_conformance.contract_layer.exchange import Exchange
from spectra_conformance.openapi import complaints

SCHEMAS: Mapping[str, str] = {
    "executeQuery": "QueryRequest",
    "createBulkJob": "BulkDataRequest",
    "updateBulkJob": "BulkJobPatch",
}
INTEGER = re.compile(r"-?[0-9]{1,15}")
WORDY = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True, order=True)
class Fault:
    """`place` is `body`, a member's dotted path, or `query.` with a parameter; `rule` is a keyword of JSON Schema."""

    place: str
    rule: str


def faults(exchange: Exchange) -> tuple[Fault, ...] | None:
    """Return what is wrong with a request, none where it is valid, None where that is open to interpretation."""
    if exchange.operation_id in SCHEMAS:
        return _of_body(exchange)
    if exchange.operation_id == "listBulkJobs":
        return _of_list(exchange)
    return ()


def _of_body(exchange: Exchange) -> tuple[Fault, ...] | None:
    sent_type = exchange.answer.sent_headers.get("content-type", "").partition(";")[0].strip().lower()
    text = exchange.answer.sent_body
    if text and sent_type != "application/json":
        return None
    try:
        parsed = json.loads(text or b"", parse_constant=_no_constant)
    except ValueError:
        return (Fault("body", "json"),)
    if not isinstance(parsed, dict):
        return (Fault("body", "type"),)
    if _has_fraction(parsed):
        return None
    return tuple(sorted(set(_complaints(exchange.operation_id, parsed))))


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON")


def _has_fraction(value: Any) -> bool:
    """Say whether a whole number is written as a fraction, which some readers take for an integer and some do not."""
    if isinstance(value, dict):
        return any(_has_fraction(one) for one in value.values())
    if isinstance(value, list):
        return any(_has_fraction(one) for one in value)
    return isinstance(value, float) and value.is_integer()


def _complaints(operation_id: str, parsed: Mapping[str, Any]) -> Iterator[Fault]:
    name = SCHEMAS[operation_id]
    if operation_id == "createBulkJob":
        operation = parsed.get("operation")
        if operation not in ("query", "insert", "update", "upsert", "delete"):
            yield Fault("operation", "required" if "operation" not in parsed else "enum")
            return
        name = "BulkQueryRequest" if operation == "query" else name
    for complaint in complaints({"$ref": f"#/components/schemas/{name}"}, parsed):
        yield from _faults_of(complaint)


def _faults_of(complaint: Any) -> Iterator[Fault]:
    place = ".".join(str(part) for part in complaint.instance_path if not isinstance(part, int))
    rule = complaint.kind.name
    if rule == "required":
        missing = str(complaint.message).split('"')[1]
        place = f"{place}.{missing}" if place else missing
    yield Fault(place or "body", rule)


def _of_list(exchange: Exchange) -> tuple[Fault, ...] | None:
    told = exchange.query
    if exchange.answer.url.count("=") != len(told) or "" in told.values() or "offset" in told:
        return None  # twice or empty may mean anything, and so may a token
    found = [*_of_choice(told, "state", "BulkState"), *_of_choice(told, "operation", "BulkOperation")]
    limit = _of_limit(told.get("limit"))
    if limit is None:
        return None
    return tuple(found + limit)


def _of_choice(told: Mapping[str, str], name: str, schema: str) -> list[Fault]:
    wrong = name in told and complaints({"$ref": f"#/components/schemas/{schema}"}, told[name])
    return [Fault(f"query.{name}", "enum")] if wrong else []


def _of_limit(text: str | None) -> list[Fault] | None:
    if text is None:
        return []
    if not INTEGER.fullmatch(text):
        return [Fault("query.limit", "type")] if WORDY.search(text) else None
    if int(text) < 1:
        return [Fault("query.limit", "minimum")]
    return [Fault("query.limit", "maximum")] if int(text) > 100 else []  # noqa: PLR2004 -- the documented page
