"""With `--gateway aws` some errors come in API Gateway's words."""

from __future__ import annotations

import pytest

from tests.emulator import DEMO_KEY, TENANT, Answer, Emulator, Emulators
from tests.requirements import requirement

KEY = {"Authorization": f"Bearer {DEMO_KEY}", "X-Tenant-ID": TENANT, "Content-Type": "application/json"}
READ_ONLY_KEY = KEY | {"Authorization": "Bearer spk_tenant-123_readonly"}
BAD_KEY = KEY | {"Authorization": "Bearer nothing"}


@pytest.fixture(scope="module")
def behind_gateway(emulators: Emulators) -> Emulator:
    return emulators.start("--gateway", "aws", "--rate-limit-bulk-read", "1", "--max-body-bytes", "1024")


def worded(answer: Answer) -> tuple[int, object, str]:
    return answer.status, answer.json, answer.headers["x-amzn-errortype"]


@requirement("LIM-13", "AUTH-04", "GEN-09")
@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "expected"),
    [
        pytest.param("GET", "/nothing", KEY, None, (403, "Missing Authentication Token"), id="unknown route"),
        pytest.param("GET", "/queries", KEY, None, (403, "Missing Authentication Token"), id="unknown method"),
        pytest.param("GET", "/jobs/none", {}, None, (401, "Unauthorized"), id="no credentials"),
        pytest.param("GET", "/jobs/none", KEY, None, (404, "Not Found"), id="unknown job"),
        pytest.param("POST", "/queries", KEY, b"x" * 2000, (413, "Request Too Long"), id="large body"),
    ],
)
def test_an_error_is_a_message_of_the_gateway(
    behind_gateway: Emulator, method: str, path: str, headers: dict[str, str], body: bytes | None, expected: object
) -> None:
    answer = behind_gateway.request(method, f"/v1{path}", body, headers)

    assert (answer.status, answer.json["message"]) == expected
    assert answer.headers["x-amzn-errortype"].endswith("Exception")
    assert answer.headers["content-type"] == "application/json"


@requirement("LIM-13", "AUTH-04")
@pytest.mark.parametrize("headers", [BAD_KEY, READ_ONLY_KEY], ids=["unknown key", "lacking permission"])
def test_a_denied_caller_is_told_so_by_the_authorizer(behind_gateway: Emulator, headers: dict[str, str]) -> None:
    answer = behind_gateway.request("POST", "/v1/queries", {"sql": "SELECT 1 AS n"}, headers)

    assert worded(answer) == (
        403,
        {"Message": "User is not authorized to access this resource"},
        "AccessDeniedException",
    )


@requirement("LIM-13", "RTL-09")
def test_a_call_too_many_is_throttled_without_the_headers_of_the_api(behind_gateway: Emulator) -> None:
    answers = [behind_gateway.call("GET", "/bulk/jobs") for _ in range(2)]

    assert worded(answers[1]) == (429, {"message": "Too Many Requests"}, "TooManyRequestsException")
    assert not [name for name in answers[1].headers if name.startswith(("x-ratelimit", "retry-after"))]


@requirement("LIM-13", "ERR-01")
def test_an_error_of_the_deployment_itself_keeps_its_envelope(behind_gateway: Emulator) -> None:
    answer = behind_gateway.query("SELEC 1")

    assert (answer.status, answer.code) == (400, "INVALID_SQL")
    assert "x-amzn-errortype" not in answer.headers


def test_what_is_no_part_of_the_api_has_no_gateway(behind_gateway: Emulator) -> None:
    answer = behind_gateway.control("GET", "/nothing")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
