"""A path that is written otherwise is another path."""

from __future__ import annotations

import pytest

from tests.emulator import DEMO_KEY, TENANT, Emulator
from tests.requirements import requirement

HEADERS = {"Authorization": f"Bearer {DEMO_KEY}", "X-Tenant-ID": TENANT, "Content-Type": "application/json"}
OTHERS = [
    ("GET", "/health/"),
    ("GET", "//health"),
    ("GET", "//v1//openapi.json"),
    ("GET", "/v1/openapi.json/"),
    ("POST", "/v1/queries/"),
    ("POST", "/v1//queries"),
    ("GET", "/v1/jobs//results"),
    ("GET", "/v1/jobs/{job_id}/"),
    ("GET", "/v1/jobs/{job_id}%2Fresults"),
    ("GET", "/v1/jobs/{job_id}/%2fresults"),
    ("GET", "/v1/bulk/jobs/"),
    ("GET", "/_spectra/openapi.json/"),
    ("GET", "/"),
]


@requirement("GEN-09", "ERR-24")
@pytest.mark.parametrize(("method", "path"), OTHERS)
def test_a_path_with_slashes_too_many_is_unknown(server: Emulator, method: str, path: str) -> None:
    job_id = server.query("SELECT 1 AS a").json["metadata"]["job_id"]
    body = {"sql": "SELECT 1 AS a"} if method == "POST" else None
    answer = server.request(method, path.format(job_id=job_id), body, HEADERS)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.headers["x-request-id"]


@requirement("HDR-12")
def test_a_page_of_another_origin_sees_that_answer_too(server: Emulator) -> None:
    answer = server.request("GET", "/health/", None, {"Origin": "https://example.com"})

    assert answer.headers["access-control-allow-origin"] == "*"
