"""What differs between two traces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from spectra_conformance.answer import GATEWAY_HEADER
from spectra_conformance.diff.trace import Record, Trace
from spectra_conformance.diff.workload import Step

ABSENT = "<absent>"
OK, REFUSED = 200, 400
UNSPECIFIED = "unspecified"
OF_THE_STEP = "step"
"""Stands in the table of members for the promise of the step itself."""


@dataclass(frozen=True)
class Difference:
    """One step that was answered in two ways; `requirements` is empty where the contract leaves it open."""

    step: Step
    place: str
    requirements: tuple[str, ...]
    expected: Any
    actual: Any
    curl: str

    @property
    def named(self) -> str:
        return " ".join(self.requirements) or UNSPECIFIED


@cache
def tolerances() -> Mapping[str, Any]:
    """Return what may be answered in place of what the reference answers."""
    parsed: Mapping[str, Any] = yaml.safe_load((files(__package__) / "tolerances.yaml").read_text(encoding="utf-8"))
    return parsed


def differences(reference: Trace, played: Trace, *, promised: bool) -> Iterator[Difference]:
    """Yield what differs in the steps of both; `promised` leaves out what the contract leaves open."""
    for name, step in played.steps.items():
        expected, actual = reference.records.get(name), played.records[name]
        if expected is None:
            continue
        found = _promised(step, expected, actual) if promised else _every(step, expected, actual)
        yield from (Difference(step, place, ids, one, other, actual.curl) for place, ids, one, other in found)


def noisy(first: Trace, second: Trace) -> frozenset[str]:
    """Return the steps that one deployment answers in two ways."""
    return frozenset(difference.step.name for difference in differences(first, second, promised=False))


_Found = Iterator[tuple[str, tuple[str, ...], Any, Any]]


def _every(step: Step, expected: Record, actual: Record) -> _Found:
    ids = (step.promise,) if step.promise else ()
    if expected.status != actual.status:
        yield "status", _ids_of_status(step, expected, actual), expected.status, actual.status
        return
    if expected.headers != actual.headers:
        yield "headers", (), expected.headers, actual.headers
    members = tolerances()["members"].get(step.kind, {})
    for place, one, other in _leaves(expected.body, actual.body):
        if place.rpartition(".")[2] != "position":
            known = next((id_ for member, id_ in members.items() if place.startswith(member)), None)
            known = step.promise if known == OF_THE_STEP else known
            yield place, (known,) if known else ids if place == "error.code" else (), one, other


def _ids_of_status(step: Step, expected: Record, actual: Record) -> tuple[str, ...]:
    return (step.promise,) if step.promise and not _status_allowed(step, expected, actual) else ()


def _promised(step: Step, expected: Record, actual: Record) -> _Found:
    if step.promise is None:
        return
    if not _status_allowed(step, expected, actual):
        yield "status", (step.promise,), expected.status, actual.status
        return
    if expected.status != actual.status:
        return
    if actual.status >= REFUSED:
        yield from _code(step, expected, actual)
        return
    for member, id_ in tolerances()["members"].get(step.kind, {}).items():
        one, other = _at(expected.body, member), _at(actual.body, member)
        if not _same(step, member, one, other, actual.body):
            yield member, _ids_of_member(step, member, id_), one, other


def _status_allowed(step: Step, expected: Record, actual: Record) -> bool:
    tolerated = tolerances()["statuses"].get(step.promise, ())
    return actual.status in (expected.status, *tolerated, *step.allowed)


def _ids_of_member(step: Step, member: str, id_: str) -> tuple[str, ...]:
    """Return what a member decides: rows and files decide more than that they are there."""
    if id_ == OF_THE_STEP:
        return (step.promise,) if step.promise else ()
    return tuple(dict.fromkeys((id_, *step.more))) if member in ("data", "content") else (id_,)


def _code(step: Step, expected: Record, actual: Record) -> _Found:
    if GATEWAY_HEADER in actual.headers:
        return  # worded by API Gateway: a deviation, which the wire counts
    one, other = _at(expected.body, "error.code"), _at(actual.body, "error.code")
    if step.promise and one != other and not _code_allowed(step.promise, other):
        yield "error.code", (step.promise,), one, other


def _code_allowed(promise: str, code: Any) -> bool:
    return promise in tolerances()["any_code"] or code in tolerances()["codes"].get(promise, ())


def _same(step: Step, member: str, one: Any, other: Any, body: Any) -> bool:
    if one == ABSENT or (member == "metadata.column_types" and not step.typed):
        return True
    if member == "metadata.total_rows":
        return other in (one, ABSENT) or _more_than_shown(body, one, other)
    if member == "error.code":
        return (one in (None, ABSENT)) is (other in (None, ABSENT))
    groups = tolerances()["same"].get(f"{step.kind}.{member}", ())
    alike = any(one in group and (None if other == ABSENT else other) in group for group in groups)
    return alike or _plain(one) == _plain(other)


def _more_than_shown(body: Any, one: Any, other: Any) -> bool:
    """Where rows were cut, a deployment may know no more than that there are more."""
    count = _at(body, "metadata.row_count")
    whole = isinstance(one, int) and isinstance(other, int) and isinstance(count, int)
    return whole and _at(body, "metadata.truncated") is True and count < other <= one


def _plain(value: Any) -> Any:
    """Tell 1 from true, take 1 for 1.0, and a time with a space for one with a T."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int | float):
        return Decimal(str(value)).normalize()
    return _time(value) if isinstance(value, str) else value


def _time(text: str) -> str:
    looks_like_one = (
        len(text) >= len("2024-01-15 10:00:00") and text[4:5] == "-" and text[10:11] == " " and text[13:14] == ":"
    )
    return f"{text[:10]}T{text[11:]}" if looks_like_one else text


def _at(body: Any, member: str) -> Any:
    for name in member.split("."):
        if not isinstance(body, dict) or name not in body:
            return ABSENT
        body = body[name]
    return body


def _leaves(one: Any, other: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from _leaves(one.get(key, ABSENT), other.get(key, ABSENT), f"{place}.{key}".lstrip("."))
    elif repr(one) != repr(other):
        yield place, one, other
