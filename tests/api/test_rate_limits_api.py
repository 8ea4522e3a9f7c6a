from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.credentials import token
from tests.emulator import Answer, Emulator, Emulators
from tests.requirements import requirement

LIMITS = {"queries": 100, "jobs": 300, "bulk_create": 10, "bulk_read": 100}
CALLS: dict[str, tuple[str, str, object]] = {
    "queries": ("POST", "/queries", {"sql": "DROP TABLE x"}),
    "jobs": ("GET", "/jobs/none", None),
    "bulk_create": ("POST", "/bulk/jobs", {}),
    "bulk_read": ("GET", "/bulk/jobs/none", None),
}
"""One call of each bucket; all are refused after they were counted, which is quick."""

RATE_HEADERS = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
STORM = 130


@pytest.fixture(scope="module")
def small(emulators: Emulators) -> Emulator:
    """Two queries and one bulk job a window of two seconds."""
    flags = ("--rate-limit-queries", "2", "--rate-limit-bulk-create", "1", "--rate-limit-window-seconds", "2")
    return emulators.start(*flags)


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> str:
    """Name a tenant of the test's own, with every window unused."""
    return "t-" + "".join(letter for letter in request.node.name if letter.isalnum())[-100:]


def called(server: Emulator, bucket: str, tenant: str, *, subject: str = "ada") -> Answer:
    method, path, body = CALLS[bucket]
    return server.call(method, path, body, key=token(tenant, sub=subject), tenant=tenant)


def window(answer: Answer) -> tuple[int, int]:
    """Return the limit and what is left."""
    return int(answer.headers["x-ratelimit-limit"]), int(answer.headers["x-ratelimit-remaining"])


def used_up(server: Emulator, bucket: str, tenant: str) -> Iterator[Answer]:
    for _ in range(LIMITS[bucket]):
        yield called(server, bucket, tenant)


@requirement("RTL-01", "RTL-02", "RTL-03", "HDR-07")
@pytest.mark.parametrize("bucket", CALLS)
def test_a_counted_call_shows_its_buckets_limit_and_what_is_left(
    limited_server: Emulator, bucket: str, tenant: str
) -> None:
    first, second = (window(called(limited_server, bucket, tenant)) for _ in range(2))

    assert (first, second) == ((LIMITS[bucket], LIMITS[bucket] - 1), (LIMITS[bucket], LIMITS[bucket] - 2))


@requirement("RTL-02", "RTL-06")
def test_the_reset_is_the_end_of_the_window_in_unix_seconds(limited_server: Emulator, tenant: str) -> None:
    before = time.time()
    resets = [int(called(limited_server, "queries", tenant).headers["x-ratelimit-reset"]) for _ in range(3)]

    assert resets == [resets[0]] * 3
    assert before + 59 <= resets[0] <= time.time() + 61


@requirement("RTL-01", "RTL-04", "RTL-06", "HDR-08", "ERR-18", "ERR-22")
@pytest.mark.parametrize("bucket", CALLS)
def test_the_call_beyond_the_limit_is_refused(limited_server: Emulator, bucket: str, tenant: str) -> None:
    admitted = [answer.status for answer in used_up(limited_server, bucket, tenant)]
    refused = called(limited_server, bucket, tenant)

    assert 429 not in admitted
    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert refused.json["error"]["message"] == "Too many requests"
    assert window(refused) == (LIMITS[bucket], 0)
    assert 1 <= refused.json["error"]["details"]["retry_after"] == int(refused.headers["retry-after"]) <= 60


@requirement("RTL-01", "RTL-05")
def test_of_a_storm_exactly_the_limit_is_admitted(limited_server: Emulator, tenant: str) -> None:
    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(lambda _: called(limited_server, "queries", tenant), range(STORM)))

    assert Counter(answer.status for answer in answers) == {400: 100, 429: STORM - 100}
    assert sorted(window(answer)[1] for answer in answers if answer.status == 400) == list(range(100))


@requirement("RTL-05")
def test_one_bucket_used_up_leaves_the_others(small: Emulator, tenant: str) -> None:
    answers = [called(small, "bulk_create", tenant) for _ in range(2)]

    assert answers[1].status == 429
    assert [called(small, bucket, tenant).status for bucket in ("queries", "jobs", "bulk_read")] == [400, 404, 404]


@requirement("RTL-05")
def test_all_credentials_of_a_tenant_share_a_window(limited_server: Emulator, tenant: str) -> None:
    first = called(limited_server, "queries", tenant, subject="ada")
    second = called(limited_server, "queries", tenant, subject="grace")

    assert window(second)[1] == window(first)[1] - 1


@requirement("RTL-05", "TEN-01")
def test_two_tenants_never_share_a_window(small: Emulator, tenant: str) -> None:
    answers = [called(small, "bulk_create", tenant) for _ in range(2)]

    assert answers[1].status == 429
    assert called(small, "bulk_create", f"{tenant}-other").status == 400


@requirement("RTL-01")
@pytest.mark.parametrize("paths", [("/jobs/a", "/jobs/a/results"), ("/bulk/jobs", "/bulk/jobs/a/upload-url")], ids=str)
def test_the_reads_of_one_kind_share_a_bucket(limited_server: Emulator, tenant: str, paths: tuple[str, str]) -> None:
    answers = [limited_server.call("GET", path, key=token(tenant), tenant=tenant) for path in paths]

    assert window(answers[1])[1] == window(answers[0])[1] - 1


@requirement("RTL-06")
def test_a_new_window_begins_with_the_first_call_after_the_old_one(small: Emulator, tenant: str) -> None:
    refused = [called(small, "queries", tenant) for _ in range(3)][-1]
    time.sleep(max(0.0, int(refused.headers["x-ratelimit-reset"]) - time.time()))
    again = called(small, "queries", tenant)

    assert refused.status == 429
    assert (again.status, window(again)) == (400, (2, 1))
    assert again.headers["x-ratelimit-reset"] > refused.headers["x-ratelimit-reset"]


@requirement("RTL-06")
def test_refused_calls_do_not_prolong_the_window(small: Emulator, tenant: str) -> None:
    resets = {called(small, "queries", tenant).headers["x-ratelimit-reset"] for _ in range(6)}

    assert len(resets) == 1


@requirement("RTL-07")
@pytest.mark.parametrize(
    ("change", "status"),
    [({"Authorization": ""}, 401), ({"Authorization": "Bearer forged"}, 401), ({"X-Tenant-ID": "other"}, 403)],
    ids=["no-credential", "forged", "foreign-tenant"],
)
def test_a_call_of_nobody_known_is_not_counted(
    limited_server: Emulator, tenant: str, change: dict[str, str], status: int
) -> None:
    first = called(limited_server, "queries", tenant)
    body = {"sql": "SELECT 1"}
    unknown = limited_server.call("POST", "/queries", body, key=token(tenant), tenant=tenant, headers=change)
    second = called(limited_server, "queries", tenant)

    assert (unknown.status, RATE_HEADERS & unknown.headers.keys()) == (status, set())
    assert window(second)[1] == window(first)[1] - 1


@requirement("GEN-10", "RTL-07")
def test_the_limit_is_looked_at_before_the_body(small: Emulator, tenant: str) -> None:
    answers = [
        small.call("POST", "/queries", b"{", key=token(tenant), tenant=tenant, headers={"Content-Type": "text/plain"})
        for _ in range(3)
    ]

    assert [answer.status for answer in answers] == [400, 400, 429]


@requirement("RTL-08")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/jobs/none", None),
        ("PATCH", "/bulk/jobs/none", {"state": "Aborted"}),
        ("GET", "/openapi.json", None),
        ("GET", "/nothing", None),
    ],
)
def test_an_unlimited_route_has_no_rate_headers(limited_server: Emulator, method: str, path: str, body: object) -> None:
    assert RATE_HEADERS.isdisjoint(limited_server.call(method, path, body).headers)


@requirement("RTL-09")
@pytest.mark.parametrize("bucket", CALLS)
def test_nothing_is_counted_where_limits_are_off(server: Emulator, bucket: str, tenant: str) -> None:
    answers = [called(server, bucket, tenant) for _ in range(12)]

    assert 429 not in {answer.status for answer in answers}
    assert {window(answer) for answer in answers} == {(LIMITS[bucket], LIMITS[bucket])}
