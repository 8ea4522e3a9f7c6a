"""The one place that sends to the deployment: guarded, paced, signed, retried, checked, journalled."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

import httpx

from spectra_conformance import contract, openapi
from spectra_conformance.answer import Answer, Problem, UnansweredError
from spectra_conformance.bulk_ids import BulkIds
from spectra_conformance.journal import Journal, undisturbed
from spectra_conformance.pacing import Pacer, bucket_of
from spectra_conformance.read_only import refuse_writes
from spectra_conformance.target import Identity, Target

TOO_MANY_REQUESTS = 429
OK = 200
CREATED = 201
ENDED = frozenset({"JobComplete", "Failed", "Aborted", "CANCELLED", "COMPLETED", "FAILED"})
_JOB = re.compile(r"/(?:bulk/)?jobs/([^/]+)")
FLAKY_STATUSES = frozenset({502, 503, 504})
ONCE_MORE_SECONDS = 0.5


@dataclass(frozen=True)
class Call:
    """One request of one identity; `path` is under the base URL."""

    identity: Identity
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    checked: bool = True
    paced: bool = True


@dataclass
class Wire:
    """Shared by all clients of a run; `problems` collects what answers have against the contract, until drained."""

    target: Target
    pacer: Pacer
    journal: Journal
    http: httpx.Client
    problems: list[tuple[Answer, Problem]] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)
    deviations: Counter[str] = field(default_factory=Counter)
    flakes: list[str] = field(default_factory=list)
    latest: Answer | None = None
    failed_kinds: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    bulk_ids: BulkIds = field(default_factory=BulkIds)

    def send(self, call: Call) -> Answer:
        """Send a call of the API and return its answer.

        Raises: UnansweredError, WriteRefusedError, PacingError.
        """
        if self.target.read_only:
            refuse_writes(call.method, call.path, call.body)
        answer = self._persistent(call)
        if answer.status == TOO_MANY_REQUESTS and call.paced:
            answer = self._after_refusal(call, answer)
        self._note(call, answer)
        return self._held(call, answer)

    def attempt(self, call: Call) -> Answer:
        """Send a call once and hold nothing against its answer: to see whether anybody is there.

        Raises: UnansweredError, WriteRefusedError.
        """
        if self.target.read_only:
            refuse_writes(call.method, call.path, call.body)
        return self._paced(call)

    def drained(self) -> list[tuple[Answer, Problem]]:
        """Return the problems since the last call, and forget them."""
        found, self.problems = self.problems, []
        return found

    def fetch(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Send to a signed link: without credentials, unpaced, unchecked.

        Raises: UnansweredError; WriteRefusedError for anything but a read in a read-only run.
        """
        if self.target.read_only:
            refuse_writes(method, "/", body)
        return self._exchange(method, url, headers, body)

    def _persistent(self, call: Call) -> Answer:
        """Try a read once more where the network or the gateway failed; no write is ever repeated."""
        repeatable = call.method in {"GET", "HEAD"}
        try:
            answer = self._paced(call)
        except UnansweredError as error:
            if not repeatable:
                raise
            return self._once_more(call, str(error))
        flaky = answer.status in FLAKY_STATUSES and answer.from_gateway
        return self._once_more(call, f"{answer.status} of the gateway") if repeatable and flaky else answer

    def _once_more(self, call: Call, reason: str) -> Answer:
        self.flakes.append(f"{call.method} {call.path.partition('?')[0]}: {reason}")
        time.sleep(ONCE_MORE_SECONDS)
        return self._paced(call)

    def _paced(self, call: Call) -> Answer:
        tenant, bucket = call.identity.payer, bucket_of(call.method, call.path)
        self.pacer.before(tenant, bucket, waiting=call.paced)
        url = call.path if call.path.startswith(("http://", "https://")) else self.target.url + call.path
        headers = dict(call.headers)
        headers.update(call.identity.sign(call.method, url, headers, call.body or b""))
        headers.update(call.headers)
        with undisturbed() if _creates(call) else nullcontext():
            answer = self._exchange(call.method, url, headers, call.body)
            self._note_creation(call, answer)
        self.pacer.after(tenant, bucket, answer.headers)
        return answer

    def _after_refusal(self, call: Call, refused: Answer) -> Answer:
        seconds = self.pacer.refused(refused.headers, refused.details.get("retry_after"))
        self.pacer.wait_seconds(seconds)
        return self._paced(call)

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        started = time.monotonic()
        try:
            with self.http.stream(method, url, headers=dict(headers), content=body) as response:
                content = b"".join(response.iter_raw())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnansweredError(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from error
        told = {name.lower(): value for name, value in response.headers.items()}
        self.latest = Answer(
            method=method,
            url=url,
            status=response.status_code,
            headers=told,
            body=content,
            elapsed=time.monotonic() - started,
            sent_headers={name.lower(): value for name, value in headers.items()},
            sent_body=body,
            from_gateway=contract.written_by_gateway(response.status_code, told, content),
        )
        return self.latest

    def _note_creation(self, call: Call, answer: Answer) -> None:
        if _creates(call) and answer.status == CREATED and (job_id := _told(answer, "job_id") or _told(answer, "id")):
            self.journal.created(call.identity.name, job_id)
            self.bulk_ids.tenants[job_id] = call.identity.payer

    def _note(self, call: Call, answer: Answer) -> None:
        if answer.from_gateway:
            self.deviations[f"{answer.status} worded by API Gateway"] += 1
        self.bulk_ids.note(call.identity.payer, call.path, answer)
        job = _JOB.fullmatch(call.path.partition("?")[0])
        if job and answer.status == OK and _has_ended(answer):
            self.journal.closed(job[1])

    def _held(self, call: Call, answer: Answer) -> Answer:
        """Return the answer with what it has against the contract."""
        operation = openapi.operation_of(call.method, call.path)
        operation_id = operation.operation_id if operation else None
        if not call.checked:
            return replace(answer, operation_id=operation_id)
        found = contract.problems(answer, call.path, rate_limited=self.target.can("rate_limits"))
        held = replace(answer, operation_id=operation_id, problems=found)
        self.checked[operation_id or "no operation"] += 1
        self.problems += [(held, problem) for problem in found]
        self.failed_kinds.update(problem.kind for problem in found)
        self.shown |= contract.shown_by(answer)
        return held


def _creates(call: Call) -> bool:
    return call.method == "POST" and call.path.partition("?")[0] == "/bulk/jobs"


def _has_ended(answer: Answer) -> bool:
    return bool({_told(answer, "state"), _told(answer, "status")} & ENDED)


def _told(answer: Answer, member: str) -> str | None:
    """Return a member of an answer that is text."""
    try:
        body = answer.json()
    except AssertionError:
        return None
    value = body.get(member) if isinstance(body, dict) else None
    return value if isinstance(value, str) else None


def opened(target: Target, pacer: Pacer, journal: Journal) -> Wire:
    """Return a wire with connections of its own; the caller closes `wire.http`."""
    http = httpx.Client(
        timeout=httpx.Timeout(target.request_seconds, connect=10.0),
        follow_redirects=False,
        limits=httpx.Limits(max_connections=32, keepalive_expiry=20.0),
    )
    for name in list(http.headers):
        if name.lower() in {"accept-encoding", "accept"}:
            del http.headers[name]
    http.headers["accept"] = "*/*"
    http.headers["accept-encoding"] = "identity"
    return Wire(target, pacer, journal, http)
