"""Fault rules as JSON, in and out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from spectra_emulator.api.s3_errors import STATUSES
from spectra_emulator.domain.bulk_jobs import BulkJobState
from spectra_emulator.domain.durations import EXAMPLES, duration
from spectra_emulator.domain.errors import BY_CODE, InvalidRequest
from spectra_emulator.domain.faults import BULK_WORK, Action, BodyFault, JobFault, Latency, Match, Moment, Rule, Spread
from spectra_emulator.ports import Clock
from spectra_emulator.services.faults import RuleInForce

_OPERATIONS = frozenset(
    {
        *("executeQuery", "getJob", "getJobResults", "cancelJob"),
        *("createBulkJob", "listBulkJobs", "getBulkJob", "updateBulkJob", "getUploadUrl"),
        *("getBulkJobResults", "getBulkJobFailedResults"),
        *("putObject", "getObject", "bulkWork"),
    }
)
"""The contract's operations, those of `/_s3`, and the work of a bulk job itself."""

_STORING = frozenset({"putObject", "getObject", BULK_WORK})
_FAILS_IN = frozenset({BulkJobState.UPLOAD_COMPLETE, BulkJobState.IN_PROGRESS})
_MAX_MILLISECONDS = 600_000.0


class HeaderBody(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    value: str | None = None


class MatchBody(msgspec.Struct, forbid_unknown_fields=True):
    operation: str | None = None
    tenant_id: str | None = None
    header: HeaderBody | None = None
    sql: str | None = None
    job_id: str | None = None


class LatencyBody(msgspec.Struct, forbid_unknown_fields=True):
    fixed_ms: float | None = None
    uniform_ms: tuple[float, float] | None = None
    lognormal_ms: tuple[float, float] | None = None


class BodyFaultBody(msgspec.Struct, forbid_unknown_fields=True):
    cut_after_bytes: int | None = None
    bytes_per_second: int | None = None


class JobFaultBody(msgspec.Struct, forbid_unknown_fields=True):
    fail_in: str | None = None
    failed_records: int = 0


class ActionBody(msgspec.Struct, forbid_unknown_fields=True):
    error: str | None = None
    message: str | None = None
    details: dict[str, Any] | None = None
    latency: LatencyBody | None = None
    drop: str | None = None
    body: BodyFaultBody | None = None
    object_store: str | None = None
    job: JobFaultBody | None = None


class RuleBody(msgspec.Struct, forbid_unknown_fields=True):
    action: ActionBody
    id: str | None = None
    match: MatchBody = msgspec.field(default_factory=MatchBody)
    times: int | None = None
    after: int = 0
    probability: float = 1.0
    seed: int | None = None
    ttl: str | None = None


@dataclass(frozen=True)
class Reader:
    """Makes rules of their JSON; a time to live counts on `clock`."""

    clock: Clock

    def rule(self, body: RuleBody) -> Rule:
        """Return the rule that the body describes.

        Raises: InvalidRequest.
        """
        _require(body.times is None or body.times >= 1, "times", "times must be 1 or more")
        _require(body.after >= 0, "after", "after must not be negative")
        _require(0 < body.probability <= 1, "probability", "probability must be above 0 and at most 1")
        action = _action(body.action)
        _require(action != Action(), "action", "action must hold one of error, latency, drop, body, object_store, job")
        match = _match(body.match)
        _require_possible(match.operation, action)
        return Rule(
            id=body.id or f"fault-{secrets.token_hex(4)}",
            match=match,
            action=action,
            times=body.times,
            after=body.after,
            probability=body.probability,
            seed=secrets.randbits(31) if body.seed is None else body.seed,
            expires_at=None if body.ttl is None else self.clock() + _span(body.ttl),
        )


def rule_shape(each: RuleInForce) -> Mapping[str, object]:
    """Return a rule as it was given, with its counts."""
    rule = each.rule
    return {
        "id": rule.id,
        "match": _match_shape(rule.match),
        "action": _action_shape(rule.action),
        "times": rule.times,
        "after": rule.after,
        "probability": rule.probability,
        "seed": rule.seed,
        "expires_at": None if rule.expires_at is None else rule.expires_at.isoformat().replace("+00:00", "Z"),
        "matched": each.matched,
        "fired": each.fired,
    }


def _match_shape(match: Match) -> dict[str, Any]:
    header = None if match.header_name is None else {"name": match.header_name, "value": match.header_value}
    return _given(
        operation=match.operation, tenant_id=match.tenant_id, header=header, sql=match.sql, job_id=match.job_id
    )


def _action_shape(action: Action) -> dict[str, Any]:
    members = _given(**msgspec.to_builtins(action))
    if action.latency is not None:
        members["latency"] = _latency_shape(action.latency)
    return members


def _latency_shape(latency: Latency) -> dict[str, Any]:
    match latency.spread:
        case Spread.FIXED:
            return {"fixed_ms": latency.low}
        case Spread.UNIFORM:
            return {"uniform_ms": [latency.low, latency.high]}
        case Spread.LOGNORMAL:
            return {"lognormal_ms": [latency.low, latency.sigma]}


def _given(**members: Any) -> dict[str, Any]:
    return {name: member for name, member in members.items() if member is not None}


def _match(body: MatchBody) -> Match:
    known = body.operation is None or body.operation in _OPERATIONS
    _require(known, "match.operation", f"match.operation must be one of {', '.join(sorted(_OPERATIONS))}")
    header = body.header or HeaderBody("")
    return Match(body.operation, body.tenant_id, header.name or None, header.value, body.sql, body.job_id)


def _action(body: ActionBody) -> Action:
    known = body.error is None or body.error in BY_CODE
    _require(known, "action.error", f"action.error must be one of {', '.join(sorted(BY_CODE))}")
    moments = ", ".join(Moment)
    _require(body.drop is None or body.drop in set(Moment), "action.drop", f"action.drop must be one of {moments}")
    known = body.object_store is None or body.object_store in STATUSES
    codes = ", ".join(sorted(STATUSES))
    _require(known, "action.object_store", f"action.object_store must be one of {codes}")
    return Action(
        error=body.error,
        message=body.message,
        details=body.details,
        latency=None if body.latency is None else _latency(body.latency),
        drop=None if body.drop is None else Moment(body.drop),
        body=None if body.body is None else _body(body.body),
        object_store=body.object_store,
        job=None if body.job is None else _job(body.job),
    )


def _require_possible(operation: str | None, action: Action) -> None:
    """Pass a rule that can do what it says; one that names no operation can.

    Raises: InvalidRequest.
    """
    stored = operation is None or operation in _STORING
    storing = ", ".join(sorted(_STORING))
    _require(
        stored or action.object_store is None, "action.object_store", f"object_store needs an operation of {storing}"
    )
    worked = operation in (None, BULK_WORK)
    _require(worked or action.job is None, "action.job", f"job belongs to the operation {BULK_WORK}")
    answered = operation != BULK_WORK or not action.on_the_connection
    member = "action.body" if action.drop is None else "action.drop"
    _require(answered, member, f"{BULK_WORK} has no connection to act on: drop and body need another operation")
    both = action.error is not None and action.drop is not None
    _require(not both, "action.drop", "a dropped connection carries no error: give error or drop")


def _latency(body: LatencyBody) -> Latency:
    given = [each for each in (body.fixed_ms, body.uniform_ms, body.lognormal_ms) if each is not None]
    _require(len(given) == 1, "action.latency", "action.latency needs one of fixed_ms, uniform_ms, lognormal_ms")
    if body.uniform_ms is not None:
        low, high = body.uniform_ms
        _require(low <= high, "action.latency.uniform_ms", "uniform_ms must be [low, high], low not above high")
        latency = Latency(Spread.UNIFORM, *body.uniform_ms)
    elif body.lognormal_ms is not None:
        latency = Latency(Spread.LOGNORMAL, body.lognormal_ms[0], sigma=body.lognormal_ms[1])
    else:
        latency = Latency(Spread.FIXED, body.fixed_ms or 0.0)
    lowest = 0.001 if latency.spread is Spread.LOGNORMAL else 0.0
    fits = lowest <= latency.low <= _MAX_MILLISECONDS and 0 <= latency.high <= _MAX_MILLISECONDS
    _require(fits and 0 <= latency.sigma <= 2, "action.latency", "a latency is from 0 to 600000 ms, a sigma 0 to 2")  # noqa: PLR2004 - e to the 2nd is 7 times the median
    return latency


def _body(body: BodyFaultBody) -> BodyFault:
    paced = body.bytes_per_second is None or body.bytes_per_second >= 1
    cut = body.cut_after_bytes is None or body.cut_after_bytes >= 0
    _require(paced and cut, "action.body", "cut_after_bytes must not be negative, bytes_per_second be 1 or more")
    given = (body.cut_after_bytes, body.bytes_per_second) != (None, None)
    _require(given, "action.body", "action.body needs cut_after_bytes or bytes_per_second")
    return BodyFault(body.cut_after_bytes, body.bytes_per_second)


def _job(body: JobFaultBody) -> JobFault:
    known = body.fail_in is None or body.fail_in in _FAILS_IN
    _require(known, "action.job.fail_in", f"action.job.fail_in must be one of {', '.join(sorted(_FAILS_IN))}")
    counted = body.failed_records >= 0
    _require(counted, "action.job.failed_records", "action.job.failed_records must not be negative")
    given = body.fail_in is not None or body.failed_records > 0
    _require(given, "action.job", "action.job needs fail_in or failed_records")
    return JobFault(None if body.fail_in is None else BulkJobState(body.fail_in), body.failed_records)


def _span(text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as error:
        raise InvalidRequest(f"ttl must be a time such as {EXAMPLES}", field="ttl") from error


def _require(fact: bool, field: str, message: str) -> None:
    if not fact:
        raise InvalidRequest(message, field=field)
