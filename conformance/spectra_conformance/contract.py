"""Holds one answer against the description of its operation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind

from spectra_conformance import allowances
from spectra_conformance.answer import GATEWAY_HEADER, Answer, Problem
from spectra_conformance.openapi import Operation, complaints, operation_of, resolved
from spectra_conformance.verdicts import Verdict

KINDS: Mapping[str, tuple[str, ...]] = {
    "unpromised-status": ("GEN-13",),
    "undescribed-status": ("ERR-20", "ERR-24"),
    "unlisted-status": ("ERR-24",),
    "engine-status": ("QRY-63",),
    "server-error": ("QRY-64", "ERR-20"),
    "content-type": ("GEN-04",),
    "no-json": ("GEN-04",),
    "missing-member": ("GEN-07",),
    "lesser-member": ("JOB-15",),
    "other-status": ("JOB-15",),
    "absent-total": ("QRY-24",),
    "import-results": ("BLK-67",),
    "wrong-value": ("GEN-07",),
    "timestamp": ("GEN-05",),
    "job-id": ("GEN-11",),
    "envelope": ("ERR-01",),
    "error-code": ("ERR-02",),
    "stack-trace": ("ERR-23",),
    "rate-headers": ("RTL-03", "HDR-07"),
    "undeclared-rate-headers": ("RTL-09",),
    "rate-header-value": ("RTL-02",),
    "retry-after": ("HDR-08",),
    "request-id": ("HDR-05",),
    "other-header": ("GEN-07",),
}
"""Every kind of problem, and the requirements that it breaks."""

TAKES = {
    "timestamp": "success",
    "job-id": "success",
    "missing-member": "success",
    "lesser-member": "success",
    "other-status": "success",
    "absent-total": "success",
    "import-results": "success",
    "envelope": "failure",
    "error-code": "failure",
    "stack-trace": "failure",
    "rate-headers": "rate headers",
    "rate-header-value": "rate headers",
    "undeclared-rate-headers": "rate headers",
    "retry-after": "refusal",
}
"""What an answer must be for a kind of problem to be possible at all; any answer will do for the others."""

TOLERATED_STATUSES = frozenset({405, 408, 410, 415, 422, 425})
"""Not described for every operation, but allowed where the reference is silent: scenarios judge them."""

BY_STATUS = {
    401: "ERR-13",
    403: "ERR-14",
    404: "ERR-15",
    409: "ERR-16",
    413: "ERR-17",
    429: "ERR-18",
    500: "ERR-20",
    504: "ERR-19",
}
"""The requirement that ties a status to its code."""

GATEWAY_STATUSES = frozenset({400, 401, 403, 404, 405, 413, 415, 429, 500, 502, 503, 504})
FIRST_ERROR = 400
SERVER_ERROR = 500
_STACK_TRACE = re.compile(
    r'Traceback \(most recent call last\)|File "[^"]+", line \d+|site-packages/|node_modules/|'
    r"\bat [\w.$<>]+ ?\([\w./]+\.(?:java|kt|js|ts|py|go):\d+"
)
_JSON_TYPE = re.compile(r"application/json\s*(;.*)?", re.IGNORECASE)
_NEVER_PROMISED = frozenset({202, 204, *range(300, 400)})
_HEADER_KINDS = {"x-ratelimit": "rate-header-value", "retry-after": "retry-after", "x-request-id": "request-id"}


def written_by_gateway(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Say whether API Gateway worded an error itself, before any of the deployment's code ran."""
    if status not in GATEWAY_STATUSES or GATEWAY_HEADER not in headers:
        return False
    try:
        parsed = json.loads(body)
    except ValueError:
        return False
    return isinstance(parsed, dict) and "error" not in parsed and bool({"message", "Message"} & parsed.keys())


def problems(answer: Answer, path: str, *, rate_limited: bool) -> tuple[Problem, ...]:
    """Return what an answer has against the contract; `path` is under the base URL.

    A deployment that does not declare its rate limits may leave their headers out, which is but a warning.

    An error that API Gateway worded itself has none: it is a deviation, which the caller counts.
    """
    if answer.from_gateway:
        return ()
    operation = operation_of(answer.method, path)
    if operation is None:
        return (*_off_route(answer), *_stack_trace(answer))
    found = (*_on_route(answer, operation), *_stack_trace(answer))
    return tuple(found if rate_limited else map(_undeclared, found))


def _undeclared(problem: Problem) -> Problem:
    kind = "undeclared-rate-headers"
    return replace(problem, kind=kind, requirements=KINDS[kind]) if problem.kind == "rate-headers" else problem


def shown_by(answer: Answer) -> frozenset[str]:
    """Return what an answer is, in the terms of `TAKES`."""
    facts = {
        "success": answer.status < FIRST_ERROR,
        "failure": answer.status >= FIRST_ERROR,
        "rate headers": "x-ratelimit-limit" in answer.headers,
        "refusal": answer.status == 429,  # noqa: PLR2004 -- the status itself
    }
    return frozenset(name for name, holds in facts.items() if holds and not answer.from_gateway)


def _problem(kind: str, message: str, *more: str) -> Problem:
    return Problem(kind, KINDS[kind] + more, message, allowances.VERDICTS.get(kind, Verdict.FAIL))


def _off_route(answer: Answer) -> Iterator[Problem]:
    """Whatever the route, an error has the envelope and a redirect is none of the API's."""
    if answer.status in _NEVER_PROMISED:
        yield _problem("unpromised-status", f"{answer.status} is no status of the API")
    elif answer.status >= FIRST_ERROR and answer.method != "HEAD":
        yield from _media_type(answer)
        yield from _error_body(answer)


def _on_route(answer: Answer, operation: Operation) -> Iterator[Problem]:
    code = answer.code or ""
    if operation.operation_id == "executeQuery" and _failed_in_the_engine(answer.status, code):
        yield _problem("engine-status", f"{answer.status} {code} in place of 400 INVALID_SQL")
        yield from _media_type(answer)
        yield from _error_body(replace(answer, body=answer.body.replace(code.encode(), b"INVALID_SQL", 1)))
        return
    described = operation.responses.get(answer.status)
    if described is None:
        yield from _undescribed(answer, operation)
        if answer.status >= FIRST_ERROR:
            yield from _error_body(answer)
        return
    if answer.status == SERVER_ERROR:
        yield _problem("server-error", "nothing that the kit sends may be answered with 500")
    yield from _headers(answer, described)
    content = described.get("content", {})
    if "application/json" in content:
        yield from _media_type(answer)
        yield from _body(answer, content["application/json"]["schema"], operation.operation_id)
    else:
        yield from _other_media_type(answer, content)


def _failed_in_the_engine(status: int, code: str) -> bool:
    return status in allowances.ENGINE_STATUSES and code in allowances.OF_THE_ENGINE


def _undescribed(answer: Answer, operation: Operation) -> Iterator[Problem]:
    expected = ", ".join(str(status) for status in operation.responses)
    documented = "unlisted-status" if answer.status in allowances.DOCUMENTED_STATUSES else "undescribed-status"
    kind = "unpromised-status" if answer.status < FIRST_ERROR else documented
    if answer.status not in TOLERATED_STATUSES:
        yield _problem(kind, f"{answer.status} is no status of {operation.operation_id}: expected one of {expected}")


def _headers(answer: Answer, described: Mapping[str, Any]) -> Iterator[Problem]:
    for name, reference in described.get("headers", {}).items():
        header, told = resolved(reference), answer.headers.get(name.lower())
        if told is None:
            if header.get("required"):
                yield _problem(_kind_of_absent(name), f"header {name} is missing")
            continue
        if complaints(header["schema"], _typed(header["schema"], told)):
            yield _problem(_kind_of_header(name), f"header {name} is {told!r}, which its description does not allow")


def _kind_of_header(name: str) -> str:
    lowered = name.lower()
    return next((kind for start, kind in _HEADER_KINDS.items() if lowered.startswith(start)), "other-header")


def _kind_of_absent(name: str) -> str:
    kind = _kind_of_header(name)
    return "rate-headers" if kind == "rate-header-value" else kind


def _typed(schema: Mapping[str, Any], told: str) -> object:
    kind = resolved(schema).get("type")
    if kind == "integer" and told.isascii() and told.isdigit():
        return int(told)
    return {"true": True, "false": False}.get(told.lower(), told) if kind == "boolean" else told


def _media_type(answer: Answer) -> Iterator[Problem]:
    told = answer.headers.get("content-type", "")
    if not _JSON_TYPE.fullmatch(told.strip()):
        yield _problem("content-type", f"Content-Type is {told or 'absent'}: expected application/json")


def _other_media_type(answer: Answer, content: Mapping[str, Any]) -> Iterator[Problem]:
    told = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content and told not in content:
        yield _problem("content-type", f"Content-Type is {told or 'absent'}: expected {', '.join(content)}")


def _error_body(answer: Answer) -> Iterator[Problem]:
    return _body(answer, {"$ref": "#/components/schemas/Error"})


def _stack_trace(answer: Answer) -> Iterator[Problem]:
    if answer.status >= FIRST_ERROR and (found := _STACK_TRACE.search(answer.text.replace('\\"', '"'))):
        yield _problem("stack-trace", f"the body tells where the server's code failed: {found[0]}")


def _body(answer: Answer, schema: Mapping[str, Any], operation_id: str = "") -> Iterator[Problem]:
    try:
        parsed = json.loads(answer.body, parse_constant=_no_number)
    except ValueError as error:
        yield _problem("no-json", f"the body is no JSON: {error}")
        return
    free = allowances.free_form(operation_id, parsed) if answer.status < FIRST_ERROR else None
    if free != "other-results":
        for complaint in complaints(_meant(schema, parsed), parsed):
            yield from _of_complaint(answer, complaint, operation_id, free)


def _meant(schema: Mapping[str, Any], body: object) -> Mapping[str, Any]:
    forms = resolved(schema).get("oneOf", ())
    return allowances.narrowed(schema, [resolved(form) for form in forms], body) if forms else schema


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no JSON number")


def _of_complaint(answer: Answer, complaint: ValidationError, operation_id: str, free: str | None) -> Iterator[Problem]:
    path = "/".join(str(part) for part in complaint.instance_path)
    message = f"{path or 'body'}: {complaint.message}"
    if answer.status >= FIRST_ERROR:
        yield _of_error(answer.status, path, message)
        return
    place, value = _at(path, complaint)
    allowed = allowances.allowance(operation_id, place, value)
    if allowed is None:
        kind = next((kind for kind, holds in _COMPLAINT_KINDS if holds(path, message)), "wrong-value")
        yield _problem(free or kind, message)
    elif allowed.kind:
        yield _problem(allowed.kind, message)


def _at(path: str, complaint: ValidationError) -> tuple[str, object]:
    """Return the place that a complaint is about, and what stands there."""
    if isinstance(complaint.kind, ValidationErrorKind.Required):
        return f"{path}/{complaint.kind.property}".lstrip("/"), allowances.ABSENT
    return path, complaint.instance


def _of_error(status: int, place: str, message: str) -> Problem:
    if place == "error/code":
        more = (BY_STATUS[status],) if status in BY_STATUS else ()
        return _problem("error-code", message, *more)
    if place.startswith("error/details"):
        return _problem("error-code", message)
    return _problem("envelope", message)


_COMPLAINT_KINDS: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("missing-member", lambda _place, message: "is a required property" in message),
    ("timestamp", lambda place, _message: place.endswith("_at")),
    ("job-id", lambda place, _message: place.endswith(("job_id", "query_id"))),
)
