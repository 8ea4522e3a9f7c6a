"""Loaded by schemathesis: paces what it sends, journals what it creates, and adds the kit's checks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import requests
import schemathesis

from spectra_conformance import contract, journal, openapi, wire
from spectra_conformance.answer import Answer
from spectra_conformance.client import Client
from spectra_conformance.contract_layer.assignment import Assignment, assigned
from spectra_conformance.contract_layer.exchange import Exchange
from spectra_conformance.contract_layer.known_queries import known_queries
from spectra_conformance.contract_layer.promises import Decider, Promise, deciders, promises
from spectra_conformance.pacing import Pacer, bucket_of
from spectra_conformance.read_only import allows

Case = schemathesis.Case[Any]
WORD = re.compile(r"[A-Za-z]{4,}")
CREATED = 201


@dataclass
class Session:
    """What one process of schemathesis knows; `creations` counts the bulk jobs that it asked for."""

    assignment: Assignment
    client: Client
    creations: int = 0
    exchanges: dict[str, Exchange] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        return urlsplit(self.assignment.target.url).path


def opened() -> Session:
    """Return a session with the run's own pacer and journal."""
    assignment = assigned()
    pacer = Pacer(assignment.target.limits, assignment.target.pacing, assignment.windows)
    pacer.restore()
    kept = journal.read(assignment.journal) if assignment.journal.exists() else journal.Journal(assignment.journal)
    return Session(assignment, Client(wire.opened(assignment.target, pacer, kept), assignment.target.owner))


SESSION = opened()


@schemathesis.hook
def filter_case(_context: object, case: Case) -> bool:
    """Send nothing that could harm, only reads where only those are allowed, and no more than the profile has."""
    return _is_harmless(case) and _is_allowed(case) and _is_in_the_sample(case)


@schemathesis.hook
def before_call(_context: object, case: Case, kwargs: dict[str, Any]) -> None:
    """Wait for the rate limit, and sign what is signed call by call."""
    SESSION.client.wire.pacer.before(SESSION.assignment.target.owner.tenant or "", bucket_of(case.method, _path(case)))
    kwargs["allow_redirects"] = False


@schemathesis.hook
def after_call(_context: object, case: Case, response: schemathesis.Response) -> None:
    """Journal what was created, and wait until what was started has ended."""
    answer = _answer(response)
    tenant = answer.sent_headers.get("x-tenant-id", "")
    SESSION.client.wire.pacer.after(tenant, bucket_of(answer.method, _under(answer.url)), answer.headers)
    if answer.status == CREATED and answer.method == "POST":
        SESSION.client.wire.journal.created(SESSION.assignment.target.owner.name, _job_id(answer))
    if answer.method == "PATCH" and answer.status == requests.codes.ok and case.path_parameters:
        SESSION.client.settled(str(case.path_parameters.get("job_id")))


@schemathesis.hook
def filter_failure(_context: object, failure: Exception, _case: Case, response: schemathesis.Response) -> bool:
    """Leave out what API Gateway worded itself: a deviation, which the report counts."""
    del failure
    return not _answer(response).from_gateway


def _is_harmless(case: Case) -> bool:
    """Let out SQL that is known to read nothing, or text without any word of SQL."""
    return not isinstance(case.body, Mapping) or all(_says_nothing(case.body.get(name)) for name in ("sql", "query"))


def _says_nothing(text: object) -> bool:
    return not isinstance(text, str) or text in known_queries() or not WORD.search(text)


def _is_allowed(case: Case) -> bool:
    if not SESSION.assignment.target.read_only:
        return True
    body = case.body if isinstance(case.body, Mapping) else {}
    sql = str(body.get("sql"))
    return allows(case.method.upper(), case.path, b"{}") or (case.path == "/queries" and sql in known_queries())


def _is_in_the_sample(case: Case) -> bool:
    effort = SESSION.assignment.effort
    creates = case.method.upper() == "POST" and case.path == "/bulk/jobs"
    phase = case.meta.phase.name.value if case.meta else ""
    if creates and phase == "stateful":
        return effort.stateful_creates
    if creates and SESSION.creations >= effort.bulk_creations:
        return phase == "fuzzing"
    kept = phase != "coverage" or _drawn(case) % _share(creates) == 0
    SESSION.creations += creates and kept
    return kept


def _share(creates: bool) -> int:
    effort = SESSION.assignment.effort
    return max(effort.coverage_share, 300 // max(1, effort.bulk_creations)) if creates else effort.coverage_share


def _drawn(case: Case) -> int:
    """Return a number that depends on what a case is about, so that every run draws the same ones."""
    meta = case.meta
    description = getattr(meta.phase.data, "description", "") if meta else ""
    about = repr((case.path, case.method, case.body, case.query, description))
    return int.from_bytes(hashlib.sha256(about.encode("utf-8", "replace")).digest()[:4])


def _answer(response: schemathesis.Response) -> Answer:
    headers = {name.lower(): ", ".join(values) for name, values in response.headers.items()}
    request = response.request
    body = request.body.encode() if isinstance(request.body, str) else request.body
    return Answer(
        method=request.method or "",
        url=request.url or "",
        status=response.status_code,
        headers=headers,
        body=response.content or b"",
        elapsed=response.elapsed,
        sent_headers={name.lower(): _text(value) for name, value in request.headers.items()},
        sent_body=body if isinstance(body, bytes) else None,
        from_gateway=contract.written_by_gateway(response.status_code, headers, response.content or b""),
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _exchange(response: schemathesis.Response, case: Case) -> Exchange:
    if case.id not in SESSION.exchanges:
        answer = _answer(response)
        path = _under(answer.url)
        operation = openapi.operation_of(answer.method, path)
        answer = replace(answer, operation_id=operation.operation_id if operation else None)
        assignment = SESSION.assignment
        SESSION.exchanges = {case.id: Exchange(operation, path, answer, assignment.target, assignment.fixtures)}
    return SESSION.exchanges[case.id]


def _under(url: str) -> str:
    parts = urlsplit(url)
    path = parts.path.removeprefix(SESSION.prefix)
    return f"{path}?{parts.query}" if parts.query else path


def _path(case: Case) -> str:
    return case.path.replace("{job_id}", "x")


def _job_id(answer: Answer) -> str:
    try:
        return str(answer.json().get("job_id"))
    except (AssertionError, AttributeError):
        return ""


def _register(promise: Promise, decide: Decider) -> None:
    def check(_context: object, response: schemathesis.Response, case: Case) -> bool | None:
        exchange = _exchange(response, case)
        if not promise.looks_at(exchange) or exchange.answer.from_gateway:
            return True
        complaint = decide(exchange, SESSION.client)
        if complaint:
            raise AssertionError(complaint)
        return None

    check.__name__ = promise.name
    schemathesis.check(check)


for _name, _decide in deciders().items():
    _register(promises()[_name], _decide)
