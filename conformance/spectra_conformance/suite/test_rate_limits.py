"""How often a tenant may call, and what it is told of that."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

import pytest

from spectra_conformance.answer import Answer
from spectra_conformance.client import Client
from spectra_conformance.suite.asides import hold, note, warn_unless
from spectra_conformance.suite.asking import NOWHERE
from spectra_conformance.suite.moments import answered_at
from spectra_conformance.suite.refusals import assert_refused
from spectra_conformance.suite.registry import decides
from spectra_conformance.target import DOCUMENTED_LIMITS, Target

TOO_MANY, OK, BAD_REQUEST = 429, 200, 400
WINDOW_SECONDS = 60
SKEW_SECONDS = 120
"""How far a deployment's clock may be from ours."""
OWN_SKEW_SECONDS = 15
"""How far the parts of a deployment may be from each other."""
ENOUGH_SECONDS = 10
NEEDS = ("rate_limits",)
NAMES = ("limit", "remaining", "reset")
FROM_GATEWAY = "what the gateway answers by itself tells no limit"
CALLS: dict[str, tuple[str, str, object]] = {
    "queries": ("POST", "/queries", {"sql": "SELECT 1 AS a"}),
    "queries-refused": ("POST", "/queries", {}),
    "job_reads": ("GET", f"/jobs/{NOWHERE}", None),
    "job_reads-results": ("GET", f"/jobs/{NOWHERE}/results", None),
    "bulk_reads": ("GET", "/bulk/jobs", None),
    "bulk_reads-job": ("GET", f"/bulk/jobs/{NOWHERE}", None),
    "bulk_reads-results": ("GET", f"/bulk/jobs/{NOWHERE}/results", None),
    "bulk_reads-upload": ("GET", f"/bulk/jobs/{NOWHERE}/upload-url", None),
    "bulk_creations": ("POST", "/bulk/jobs", {}),
}


def told(answer: Answer) -> dict[str, int]:
    """Return what an answer says of its bucket; the scenario ends where the gateway wrote it."""
    if answer.from_gateway:
        pytest.skip(FROM_GATEWAY)
    found = {name: answer.headers.get(f"x-ratelimit-{name}", "") for name in NAMES}
    assert all(text.isdigit() for text in found.values()), found
    return {name: int(text) for name, text in found.items()}


def seconds_left(answer: Answer) -> float:
    """Return how long the answer's window is still open, by the deployment's own clock where it tells that."""
    return told(answer)["reset"] - answered_at(answer).timestamp()


@pytest.mark.parametrize("call", CALLS)
@decides("RTL-01", "RTL-02", "RTL-03", "RTL-07", "HDR-07", writes=True, queries=1)
def test_every_answer_of_a_limited_route_says_where_the_tenant_stands(owner: Client, target: Target, call: str) -> None:
    method, path, body = CALLS[call]
    answer = owner.send(method, path, json=body)
    if answer.from_gateway:
        note(FROM_GATEWAY)
        return
    if "x-ratelimit-limit" not in answer.headers and not target.can("rate_limits"):
        hold("RTL-09", "no X-RateLimit headers", "X-RateLimit headers", "a limited route")
        return
    found = told(answer)
    limit = DOCUMENTED_LIMITS[call.partition("-")[0]]

    assert found["limit"] == limit
    assert 0 <= found["remaining"] <= limit
    skew = OWN_SKEW_SECONDS if "date" in answer.headers else SKEW_SECONDS
    assert -skew <= seconds_left(answer) <= WINDOW_SECONDS + skew


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("DELETE", f"/jobs/{NOWHERE}", None, id="cancel"),
        pytest.param("PATCH", f"/bulk/jobs/{NOWHERE}", {"state": "Aborted"}, id="change"),
        pytest.param("GET", "/openapi.json", None, id="document"),
    ],
)
@decides("RTL-08", writes=True, queries=0)
def test_an_unlimited_route_tells_no_limit(owner: Client, method: str, path: str, body: object) -> None:
    answer = owner.send(method, path, json=body)

    warn_unless("RTL-08", [name for name in answer.headers if name.startswith("x-ratelimit-")], [], "rate headers")


@pytest.mark.parametrize("call", ["queries", "job_reads", "bulk_reads"])
@decides("RTL-02", "RTL-05", "RTL-06", needs=NEEDS, queries=2, writes=True)
def test_each_call_leaves_one_fewer(owner: Client, call: str) -> None:
    method, path, body = CALLS[call]
    first, second = (told(owner.send(method, path, json=body)) for _ in range(2))

    if second["reset"] == first["reset"]:
        assert first["remaining"] - second["remaining"] >= 1
    assert second["reset"] >= first["reset"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("job_reads", "job_reads-results", id="jobs"),
        pytest.param("bulk_reads", "bulk_reads-job", id="list-and-job"),
        pytest.param("bulk_reads-results", "bulk_reads-upload", id="results-and-upload-url"),
    ],
)
@decides("RTL-01", "RTL-05", needs=NEEDS, writes=True, queries=0)
def test_reads_of_one_kind_share_a_bucket(owner: Client, one: str, other: str) -> None:
    first, second = (told(owner.send(CALLS[call][0], CALLS[call][1])) for call in (one, other))

    assert second["reset"] == first["reset"] or second["reset"] > first["reset"]
    assert second["remaining"] < first["remaining"] or second["reset"] > first["reset"]


@decides("IDM-11", "RTL-07", needs=NEEDS, queries=2)
def test_a_replay_counts(owner: Client, key: str) -> None:
    first, second = (told(owner.query("SELECT 1 AS a", {"x-idempotency-key": key})) for _ in range(2))

    counts = second["remaining"] < first["remaining"] or second["reset"] > first["reset"]
    hold("IDM-11", counts, True, "a replay leaves one fewer")


@decides("RTL-05", needs=NEEDS, writes=True, queries=1)
def test_buckets_are_counted_apart(owner: Client) -> None:
    before = told(owner.get(f"/jobs/{NOWHERE}"))
    owner.get("/bulk/jobs")
    owner.query("SELECT 1 AS a")
    after = told(owner.get(f"/jobs/{NOWHERE}"))

    assert before["remaining"] - after["remaining"] == 1 or after["reset"] > before["reset"]


@pytest.mark.parametrize("call", ["job_reads", "bulk_reads"])
@decides("RTL-08", "RTL-05", needs=NEEDS, writes=True, queries=0)
def test_calls_of_unlimited_routes_are_not_counted(owner: Client, call: str) -> None:
    method, path, _ = CALLS[call]
    before = told(owner.send(method, path))
    for _ in range(2):
        owner.delete(f"/jobs/{NOWHERE}")
        owner.patch(f"/bulk/jobs/{NOWHERE}", json={"state": "Aborted"})
    after = told(owner.send(method, path))

    counted = 1 if after["reset"] > before["reset"] else before["remaining"] - after["remaining"]
    warn_unless("RTL-08", counted, 1, "calls that were counted")


@decides("RTL-07", "AUTH-04", needs=NEEDS, writes=True, queries=0)
def test_a_call_without_credentials_is_not_counted(owner: Client, anonymous: Client) -> None:
    before = told(owner.get(f"/jobs/{NOWHERE}"))
    for _ in range(3):
        anonymous.get(f"/jobs/{NOWHERE}")
    after = told(owner.get(f"/jobs/{NOWHERE}"))

    hold("RTL-07", after["reset"] > before["reset"] or before["remaining"] - after["remaining"] == 1, True, "uncounted")


@decides(
    "RTL-01", "RTL-04", "RTL-05", "RTL-06", "RTL-07", "RTL-08", "RTL-09", "ERR-18", "HDR-08",
    needs=NEEDS, bulk_creations=12, queries=1,
)  # fmt: skip
def test_the_call_beyond_the_limit_is_refused_and_no_other_bucket(owner: Client) -> None:
    method, path, _ = CALLS["bulk_creations"]
    first = early_in_a_window(owner)
    left = told(first)["remaining"]
    answers = [owner.send(method, path, json={}, paced=False) for _ in range(left + 1)]
    if windows(answers) != {told(first)["reset"]}:
        left = DOCUMENTED_LIMITS["bulk_creations"]
        answers += [owner.send(method, path, json={}, paced=False) for _ in range(left + 1)]
    refused = next((answer for answer in answers if answer.status == TOO_MANY), None)

    assert refused is not None, f"{len(answers)} calls were admitted where {left} were left"
    assert {answer.status for answer in answers} == {BAD_REQUEST, TOO_MANY}
    assert_none_was_left([first, *answers])
    assert_tells_how_long(refused)
    assert owner.query("SELECT 1 AS a").status == OK
    assert owner.get("/bulk/jobs").status == OK
    assert owner.patch(f"/bulk/jobs/{NOWHERE}", json={"state": "Aborted"}).status == 404


def windows(answers: Sequence[Answer]) -> set[int]:
    return {told(answer)["reset"] for answer in answers if not answer.from_gateway}


def assert_none_was_left(answers: Sequence[Answer]) -> None:
    """Assert that no call was refused while more were left; somebody else may have taken the last one."""
    for admitted, refused in pairwise(answers):
        if (admitted.status, refused.status) == (BAD_REQUEST, TOO_MANY) and len(windows([admitted, refused])) == 1:
            assert told(admitted)["remaining"] <= 1, f"refused after: {admitted.shown}"


def early_in_a_window(owner: Client) -> Answer:
    """Spend a call of the smallest bucket in a window that is open for long enough to spend all others."""
    method, path, _ = CALLS["bulk_creations"]
    answer = owner.send(method, path, json={})
    seconds = told(answer)["reset"] - time.time()
    if 0 <= seconds < ENOUGH_SECONDS:
        time.sleep(seconds + 1)
        return owner.send(method, path, json={}, paced=False)
    return answer


def assert_tells_how_long(refused: Answer) -> None:
    """Assert that a 429 says how long to wait, in all its places alike."""
    assert_refused(refused, "RATE_LIMITED")
    if refused.from_gateway:
        return
    seconds = refused.details["retry_after"]
    assert isinstance(seconds, int), refused.shown
    assert 1 <= seconds <= WINDOW_SECONDS + 1, refused.shown
    assert told(refused)["remaining"] == 0
    assert abs(told(refused)["reset"] - time.time() - seconds) <= SKEW_SECONDS
    hold("HDR-08", refused.headers.get("retry-after"), str(seconds), "Retry-After")


@decides("RTL-05", "RTL-04", needs=(*NEEDS, "jwt"), bulk_creations=1, queries=0)
def test_all_credentials_of_a_tenant_are_counted_together(owner: Client, jwt: Client) -> None:
    if owner.identity.tenant != jwt.identity.tenant:
        return
    mine, theirs = (client.send("POST", "/bulk/jobs", json={}, paced=False) for client in (owner, jwt))

    assert theirs.status == mine.status or len(windows([mine, theirs])) > 1
    left, then = (told(answer)["remaining"] for answer in (mine, theirs))
    assert then < left or left == 0 or len(windows([mine, theirs])) > 1


@decides("RTL-05", needs=(*NEEDS, "jwt"), writes=True, queries=0)
def test_a_call_with_another_credential_of_the_tenant_leaves_one_fewer(owner: Client, jwt: Client) -> None:
    if owner.identity.tenant != jwt.identity.tenant:
        return
    before, _, after = (told(client.get(f"/jobs/{NOWHERE}")) for client in (owner, jwt, owner))

    assert before["remaining"] - after["remaining"] >= 2 or after["reset"] > before["reset"]


@decides("RTL-05", needs=(*NEEDS, "second_tenant"), writes=True, queries=0)
def test_tenants_are_counted_apart(owner: Client, peer: Client) -> None:
    before = told(owner.get(f"/jobs/{NOWHERE}"))
    for _ in range(3):
        peer.get(f"/jobs/{NOWHERE}")
    after = told(owner.get(f"/jobs/{NOWHERE}"))

    assert before["remaining"] - after["remaining"] == 1 or after["reset"] > before["reset"]


@decides("RTL-06", "RTL-04", needs=NEEDS, profile="full", bulk_creations=2, queries=0)
def test_a_new_window_opens_when_it_was_said(owner: Client) -> None:
    method, path, _ = CALLS["bulk_creations"]
    refused = owner.send(method, path, json={}, paced=False)
    if refused.status == TOO_MANY:
        time.sleep((WINDOW_SECONDS if refused.from_gateway else refused.details["retry_after"]) + 0.5)
        again = owner.send(method, path, json={}, paced=False)
        assert again.status == BAD_REQUEST, again.shown
        hold("RTL-06", told(again)["remaining"], told(again)["limit"] - 1, "remaining in a new window")
        whole = abs(seconds_left(again) - WINDOW_SECONDS) <= OWN_SKEW_SECONDS or "date" not in again.headers
        hold("RTL-06", whole, True, f"a new window is open for {WINDOW_SECONDS} s")
    else:
        assert refused.status == BAD_REQUEST, refused.shown


@pytest.mark.parametrize("call", ["queries-refused", "job_reads", "bulk_reads"])
@decides("RTL-01", "RTL-04", "ERR-18", needs=(*NEEDS, "second_tenant"), profile="full", writes=True, queries=0)
def test_every_bucket_has_its_end(peer: Client, call: str) -> None:
    method, path, body = CALLS[call]
    answers = [peer.send(method, path, json=body, paced=False)]
    left = told(answers[0])["remaining"]
    answers.append(peer.send(method, path, json=body, paced=False))
    if len(windows(answers)) == 1 and answers[-1].status != TOO_MANY and told(answers[-1])["remaining"] == left:
        hold("RTL-07", "are not counted", "are counted", "calls that are refused")
        return
    while answers[-1].status != TOO_MANY and len(answers) < left + 2 and len(windows(answers[-2:])) == 1:
        answers.append(peer.send(method, path, json=body, paced=False))

    if len(windows(answers[-2:])) > 1:
        note("the window ended before its calls were used up")
        return
    assert answers[-1].status == TOO_MANY, f"{len(answers)} calls were admitted where {left + 1} were left"
    assert told(answers[-1])["remaining"] == 0
