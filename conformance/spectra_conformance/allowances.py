"""What an answer may have otherwise than its description says, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spectra_conformance.verdicts import Verdict

ABSENT = "<absent>"
DOCUMENTED_STATUSES = frozenset({400, 401, 403, 404, 409, 413, 429, 504})
"""Errors of the API: one that is described for other operations alone is judged by scenarios."""

OF_THE_ENGINE = frozenset({"QUERY_FAILED", "QUERY_ERROR"})
ENGINE_STATUSES = frozenset({422, 500})
"""What a statement that fails as it runs may be answered with."""

VERDICTS: Mapping[str, Verdict] = {"absent-total": Verdict.WARN, "unlisted-status": Verdict.WARN}
"""Kinds of problem that are only reported, whatever the level of what they break; levels decide for the others."""


@dataclass(frozen=True)
class Allowance:
    """`values` are those that may stand at a place; without a `kind` nothing follows from them."""

    operations: frozenset[str]
    place: re.Pattern[str]
    values: frozenset[object]
    kind: str | None = None

    def covers(self, operation_id: str, place: str, value: object) -> bool:
        known = operation_id in self.operations and self.place.fullmatch(place)
        return bool(known) and (value is None or isinstance(value, str)) and value in self.values


def _allowance(operations: str, place: str, values: set[object], kind: str | None = None) -> Allowance:
    return Allowance(frozenset(operations.split()), re.compile(place), frozenset(values), kind)


ALLOWANCES = (
    _allowance("getJob", "tenant_id|execution_time_ms", {ABSENT}, "lesser-member"),
    _allowance("getJob", "status", {"SUBMITTED", "TIMEOUT"}, "other-status"),
    _allowance("executeQuery", "metadata/total_rows", {ABSENT}, "absent-total"),
    _allowance("listBulkJobs", "next_offset", {ABSENT}),
    _allowance("getBulkJobResults getJobResults", "compression", {ABSENT, None}),
    _allowance("createBulkJob getBulkJob", "content_type|compression|upload_url|upload_url_expires_at", {None}),
)


def allowance(operation_id: str, place: str, value: object) -> Allowance | None:
    """Return what allows a value at a place of an operation's answer, None where nothing does."""
    return next((one for one in ALLOWANCES if one.covers(operation_id, place, value)), None)


def free_form(operation_id: str, body: object) -> str | None:
    """Return the kind of a form of results that the reference leaves open, None for any other.

    The results of an import, and of a job that failed, may be told instead of refused.
    """
    if not isinstance(body, dict) or {"data", "download_url"} & body.keys():
        return None
    if operation_id == "getBulkJobResults":
        return "import-results"
    told = operation_id == "getJobResults" and {"status", "state"} & body.keys()
    return "other-results" if told else None


def narrowed(schema: Mapping[str, Any], forms: list[Mapping[str, Any]], body: object) -> Mapping[str, Any]:
    """Return the one of several forms that a body means, by the first member that it requires."""
    if not isinstance(body, dict):
        return schema
    return next((form for form in forms if form.get("required", [None])[0] in body), schema)
