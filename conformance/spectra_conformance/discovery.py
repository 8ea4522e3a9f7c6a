"""Finds out, before anything is tested, whether the target is there at all and what it can do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from spectra_conformance.answer import GATEWAY_HEADER, UNREADABLE, Answer, UnansweredError
from spectra_conformance.client import Client
from spectra_conformance.session import Session

PATIENCE_SECONDS = 7.0
"""How long the first answer may take; together with the rest a diagnosis stands within ten seconds."""
MOST_SKEW_SECONDS = 300.0
SAME_SKEW_SECONDS = 120.0
WINDOW_SECONDS = 60.0
ABSENT_JOB = "/jobs/spectra-conformance-absent"
OK = 200
DOCUMENTED_MEMBERS = frozenset({"jobs", "next_offset", "data", "metadata"})
DENIED = frozenset({401, 403})


class UnusableTargetError(Exception):
    """The target cannot be tested; the text is one sentence that says why."""


def diagnose(session: Session) -> None:
    """Return if the target can be tested.

    Raises: UnusableTargetError.
    """
    client = session.client(session.target.owner)
    with patience(session, PATIENCE_SECONDS):
        first = _first(client)
        _check_clock(_date_skew(first))
        if _is_the_api(first):
            return
        answers = [first, *_more(client)]
    if not any(_is_the_api(answer) for answer in answers):
        raise UnusableTargetError(_sentence(session.target.url, answers))


def check_clock_by_records(session: Session) -> None:
    """Hold the deployment's own timestamps against our clock; one that alone is wrong is no wrong clock.

    Raises: UnusableTargetError.
    """
    client = session.client(session.target.owner)
    try:
        query = client.send("POST", "/queries", json={"sql": "SELECT 1 AS n"}, check=False)
        job = client.get(f"/jobs/{query.json()['metadata']['query_id']}", check=False)
        submitted_at = datetime.fromisoformat(job.json()["submitted_at"]).astimezone(UTC)
        reset = float(job.headers["x-ratelimit-reset"])
    except (UnansweredError, AssertionError, *UNREADABLE):
        return
    now = datetime.now(UTC)
    by_record = (submitted_at - now).total_seconds()
    by_window = reset - WINDOW_SECONDS - now.timestamp()
    if abs(by_record - by_window) < SAME_SKEW_SECONDS:
        _check_clock(by_record)


class patience:  # noqa: N801 -- a context, used as a function
    """Lets no answer take longer than some seconds."""

    def __init__(self, session: Session, seconds: float) -> None:
        self.http = session.wire.http
        self.seconds = seconds
        self.usual = self.http.timeout

    def __enter__(self) -> None:
        self.http.timeout = httpx.Timeout(self.seconds)

    def __exit__(self, *_: object) -> None:
        self.http.timeout = self.usual


def _first(client: Client) -> Answer:
    url = client.wire.target.url
    try:
        return client.wire.attempt(client.call("GET", "/bulk/jobs?limit=1"))
    except UnansweredError as error:
        reason = str(error)
        if "Timeout" in reason and "Connect" not in reason:
            raise UnusableTargetError(
                f"{url} takes the connection and then does not answer within {PATIENCE_SECONDS:.0f} seconds: it hangs"
            ) from error
        raise UnusableTargetError(
            f"{url} cannot be reached ({reason}): check the address, and that the deployment runs"
        ) from error


def _more(client: Client) -> Iterator[Answer]:
    for method, path, body in (("GET", ABSENT_JOB, None), ("POST", "/queries", {"sql": "SELECT 1 AS n"})):
        try:
            yield client.wire.attempt(client.call(method, path, body))
        except UnansweredError:
            continue


def _is_the_api(answer: Answer) -> bool:
    """Say whether an answer shows that the API is there and knows us."""
    if answer.status in DENIED or not _is_json(answer):
        return False
    refused = answer.code not in (None, "NOT_FOUND", "RATE_LIMITED")
    return _has_a_documented_member(answer) or refused or _is_no_such_job(answer)


def _has_a_documented_member(answer: Answer) -> bool:
    body = answer.json()
    return answer.status == OK and isinstance(body, dict) and bool(DOCUMENTED_MEMBERS & body.keys())


def _is_no_such_job(answer: Answer) -> bool:
    """Say whether a 404 is about the job that was asked for, not about the route."""
    return answer.code == "NOT_FOUND" and ABSENT_JOB in answer.url and "job" in answer.text.lower()


def _is_json(answer: Answer) -> bool:
    try:
        answer.json()
    except AssertionError:
        return False
    return True


def _sentence(url: str, answers: list[Answer]) -> str:
    statuses = {answer.status for answer in answers}
    first = answers[0]
    if all(_is_html(answer) for answer in answers):
        return f"{url} answers with HTML ({first.status}), so it is no deployment of the API: check the base URL"
    if len(statuses) > 1:
        told = ", ".join(f"{answer.method} {urlsplit(answer.url).path}: {answer.status}" for answer in answers)
        return (
            f"nothing at {url} answers as the API does ({told}): check the base URL, which ends in /v1, and the API key"
        )
    return f"every call to {url} answers {first.status}{_gateway_type(first)}, {_meaning(first)}"


def _is_html(answer: Answer) -> bool:
    start = answer.text[:200].lstrip().lower()
    return "html" in answer.headers.get("content-type", "") or start.startswith(("<!doctype html", "<html"))


def _gateway_type(answer: Answer) -> str:
    told = answer.headers.get(GATEWAY_HEADER, "")
    return f" ({told})" if told else ""


_DENIED_WORDS = "so its authorizer or a firewall denies us, or it has no such route: check the API key and the base URL"
_MEANINGS: tuple[tuple[range, str], ...] = (
    (range(300, 400), "so it is elsewhere: give the address that it redirects to"),
    (range(401, 402), "so it does not accept our credentials: check the API key and the tenant"),
    (range(403, 404), _DENIED_WORDS),
    (range(404, 405), "so the API is not at this path: check the base URL, which ends in /v1"),
    (range(429, 430), "so the tenant's calls are used up: wait a minute, or take another tenant"),
    (range(500, 600), "so it is down, or its gateway does not reach it: look at its log"),
)


def _meaning(answer: Answer) -> str:
    if "MissingAuthenticationToken" in answer.headers.get(GATEWAY_HEADER, ""):
        return "so API Gateway has no such route: check the base URL, its stage and the /v1 at its end"
    otherwise = "so it is no deployment of the API: check the base URL, which ends in /v1"
    return next((words for statuses, words in _MEANINGS if answer.status in statuses), otherwise)


def _date_skew(answer: Answer) -> float:
    """Return by how many seconds the deployment's clock is ahead, 0 where it does not say."""
    try:
        told = parsedate_to_datetime(answer.headers["date"])
    except (LookupError, ValueError):
        return 0.0
    aware = told if told.tzinfo else told.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()


def _check_clock(skew: float) -> None:
    if abs(skew) > MOST_SKEW_SECONDS:
        way = "ahead of" if skew > 0 else "behind"
        raise UnusableTargetError(
            f"the deployment's clock is {_spoken(abs(skew))} {way} ours, so no time or expiry can be judged: "
            "set the clock that is wrong"
        )


def _spoken(seconds: float) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
