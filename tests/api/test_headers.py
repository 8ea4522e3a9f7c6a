from __future__ import annotations

import re
import uuid

import pytest

from tests.emulator import DEMO_KEY, Answer, Emulator, Emulators
from tests.raw_connection import AS_DEMO, connected
from tests.requirements import requirement

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,x-tenant-id"}
PAGE = "https://page.example"
OTHER_PAGE = "https://other.example"


def preflight(server: Emulator, origin: str, path: str = "/v1/queries") -> Answer:
    return server.request("OPTIONS", path, None, PREFLIGHT | {"Origin": origin})


@pytest.fixture(scope="module")
def one_origin(emulators: Emulators) -> Emulator:
    return emulators.start("--cors-origins", PAGE, "--rate-limits", "off")


@requirement("HDR-04", "HDR-05")
@pytest.mark.parametrize("text", ["a", "my-request-1", "with blanks, and ~signs!", "x" * 128])
def test_the_callers_request_id_comes_back(server: Emulator, text: str) -> None:
    assert server.call("GET", "/bulk/jobs", headers={"X-Request-ID": text}).headers["x-request-id"] == text


@requirement("HDR-05")
def test_a_call_without_an_id_gets_a_new_one_each_time(server: Emulator) -> None:
    ids = [server.call("GET", "/bulk/jobs").headers["x-request-id"] for _ in range(2)]

    assert all(UUID.fullmatch(found) for found in ids)
    assert ids[0] != ids[1]


@requirement("HDR-05")
@pytest.mark.parametrize(
    "text", [b"", b"x" * 129, b"caf\xc3\xa9", b"\xff", b"a\tb"], ids=["empty", "too-long", "utf-8", "byte", "tab"]
)
def test_an_id_that_cannot_be_used_is_replaced(server: Emulator, text: bytes) -> None:
    with connected(server.url) as connection:
        answer = connection.call("GET", "/v1/bulk/jobs", AS_DEMO + b"X-Request-ID: %b\r\n" % text)

    assert answer.status == 200
    assert UUID.fullmatch(answer.headers["x-request-id"])


@requirement("HDR-05", "GEN-04")
@pytest.mark.parametrize(
    ("method", "path", "key", "status"),
    [
        ("GET", "/bulk/jobs", DEMO_KEY, 200),
        ("GET", "/nothing", DEMO_KEY, 404),
        ("DELETE", "/queries", DEMO_KEY, 404),
        ("OPTIONS", "/queries", DEMO_KEY, 404),
        ("GET", "/jobs/x", DEMO_KEY, 404),
        ("POST", "/queries", DEMO_KEY, 400),
        ("GET", "/bulk/jobs", "wrong", 401),
        ("GET", "/openapi.json", DEMO_KEY, 200),
    ],
)
def test_every_answer_is_json_and_names_its_request(
    server: Emulator, method: str, path: str, key: str, status: int
) -> None:
    sent = str(uuid.uuid4())
    answer = server.call(method, path, key=key, headers={"X-Request-ID": sent})

    assert (answer.status, answer.headers["x-request-id"]) == (status, sent)
    assert answer.headers["content-type"] == "application/json"


@requirement("HDR-07", "HDR-08", "HDR-09")
def test_a_plain_success_says_neither_retry_nor_replay(limited_server: Emulator) -> None:
    answer = limited_server.query("SELECT 1 AS a")

    assert {"retry-after", "idempotency-replayed"}.isdisjoint(answer.headers)
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= answer.headers.keys()


def test_no_header_comes_twice(server: Emulator) -> None:
    with connected(server.url) as connection:
        answer = connection.call("POST", "/v1/queries", AS_DEMO, b'{"sql": "SELECT 1 AS a"}')

    assert [name for name, value in answer.headers.items() if ", " in value and name != "date"] == []


@requirement("HDR-11", "GEN-13")
def test_a_created_bulk_job_is_not_redirected_to(server: Emulator) -> None:
    answer = server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "sales"})

    assert answer.status == 201
    assert answer.headers.get("location", "/v1/bulk/jobs/").startswith("/v1/bulk/jobs/")


@requirement("HDR-12")
def test_a_preflight_of_any_page_passes(server: Emulator) -> None:
    answer = preflight(server, PAGE)

    assert (answer.status, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    methods = set(re.findall(r"\w+", answer.headers["access-control-allow-methods"]))
    assert {"POST", "PUT", "PATCH", "DELETE", "HEAD"} <= methods
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


@requirement("HDR-12")
def test_a_page_sees_answers_and_refusals_and_their_headers(server: Emulator) -> None:
    answers = [server.call("GET", path, headers={"Origin": PAGE}) for path in ("/bulk/jobs", "/nothing")]

    assert [answer.headers["access-control-allow-origin"] for answer in answers] == ["*", "*"]
    assert {"X-RateLimit-Remaining", "ETag"} <= set(answers[0].headers["access-control-expose-headers"].split(", "))


@requirement("HDR-12")
def test_a_caller_that_is_no_page_sees_no_cross_origin_header(server: Emulator) -> None:
    answer = server.call("GET", "/bulk/jobs")

    assert [name for name in answer.headers if name.startswith("access-control")] == []


@requirement("HDR-12")
def test_only_the_configured_page_may_call(one_origin: Emulator) -> None:
    allowed, refused = preflight(one_origin, PAGE), preflight(one_origin, OTHER_PAGE)

    assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (204, PAGE)
    assert (refused.status, refused.headers.get("access-control-allow-origin")) == (404, None)


@requirement("HDR-12")
def test_the_answer_to_one_page_is_not_cached_for_another(one_origin: Emulator) -> None:
    answer = one_origin.call("GET", "/bulk/jobs", headers={"Origin": PAGE})

    assert (answer.headers["access-control-allow-origin"], answer.headers["vary"]) == (PAGE, "Origin")


@requirement("HDR-12")
def test_the_control_plane_belongs_to_no_page(server: Emulator) -> None:
    answer = preflight(server, PAGE, "/_spectra/reset")

    assert (answer.status, answer.headers.get("access-control-allow-origin")) == (404, None)
