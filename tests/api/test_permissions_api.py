from __future__ import annotations

import pytest

from tests.credentials import READ_ONLY_KEY, token
from tests.emulator import TENANT, Answer, Emulator, Emulators
from tests.requirements import requirement

INSERT = {"operation": "insert", "object": "sales"}
NEEDS: dict[str, tuple[str, str, object, set[str]]] = {
    "executeQuery": ("POST", "/queries", {"sql": "SELECT 1 AS a"}, {"query:execute"}),
    "getJob": ("GET", "/jobs/none", None, {"query:execute", "bulk:read"}),
    "getJobResults": ("GET", "/jobs/none/results", None, {"query:execute", "bulk:read"}),
    "createBulkJob": ("POST", "/bulk/jobs", INSERT, {"bulk:create"}),
    "listBulkJobs": ("GET", "/bulk/jobs", None, {"bulk:read"}),
    "getBulkJob": ("GET", "/bulk/jobs/none", None, {"bulk:read"}),
    "getUploadUrl": ("GET", "/bulk/jobs/none/upload-url", None, {"bulk:create"}),
    "getBulkJobResults": ("GET", "/bulk/jobs/none/results", None, {"bulk:read"}),
    "getBulkJobFailedResults": ("GET", "/bulk/jobs/none/failed-results", None, {"bulk:read"}),
    "complete": ("PATCH", "/bulk/jobs/none", {"state": "UploadComplete"}, {"bulk:create"}),
    "abort": ("PATCH", "/bulk/jobs/none", {"state": "Aborted"}, {"bulk:cancel"}),
}
"""Method, path and body of each operation, and the permissions of which any one is enough."""

EVERY = {"query:execute", "bulk:create", "bulk:read", "bulk:cancel"}


def called(server: Emulator, operation: str, permissions: set[str]) -> Answer:
    method, path, body, _ = NEEDS[operation]
    return server.call(method, path, body, key=token(permissions=sorted(permissions)))


@requirement("PRM-01", "PRM-02", "PRM-03", "ERR-14")
@pytest.mark.parametrize("operation", NEEDS)
def test_all_other_permissions_together_do_not_admit(server: Emulator, operation: str) -> None:
    answer = called(server, operation, EVERY - NEEDS[operation][3])

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert answer.details["required_permission"]


@requirement("PRM-02", "PRM-03")
@pytest.mark.parametrize(
    ("operation", "permission"), [(name, one) for name, (*_, needed) in NEEDS.items() for one in sorted(needed)]
)
def test_any_one_needed_permission_admits(server: Emulator, operation: str, permission: str) -> None:
    assert called(server, operation, {permission}).status in {200, 201, 404}


@requirement("PRM-02")
@pytest.mark.parametrize("operation", NEEDS)
def test_the_star_admits_everywhere(server: Emulator, operation: str) -> None:
    assert called(server, operation, {"*"}).status in {200, 201, 404}


@requirement("PRM-02")
@pytest.mark.parametrize("operation", [name for name in NEEDS if name != "executeQuery"])
def test_the_star_of_bulk_covers_bulk(server: Emulator, operation: str) -> None:
    assert called(server, operation, {"bulk:*"}).status in {200, 201, 404}


@requirement("PRM-02")
@pytest.mark.parametrize(
    "permissions",
    [set(), {"bulk:*"}, {"admin:*"}, {"query:*"}, {"query"}, {"QUERY:EXECUTE"}, {"query:execute "}],
    ids=str,
)
def test_nothing_else_covers_a_query(server: Emulator, permissions: set[str]) -> None:
    assert called(server, "executeQuery", permissions).code == "FORBIDDEN"


@requirement("PRM-03")
def test_cancelling_a_query_needs_the_permission_to_query(server: Emulator) -> None:
    job_id = server.query("SELECT 1 AS a").json["metadata"]["job_id"]
    without = server.call("DELETE", f"/jobs/{job_id}", key=token(permissions=["bulk:*"]))
    allowed = server.call("DELETE", f"/jobs/{job_id}", key=token(permissions=["query:execute"]))

    assert (without.code, allowed.code) == ("FORBIDDEN", "CONFLICT")


@requirement("PRM-03")
def test_cancelling_a_bulk_job_needs_the_permission_to_cancel(server: Emulator) -> None:
    job_id = server.call("POST", "/bulk/jobs", INSERT).json["job_id"]
    without = server.call("DELETE", f"/jobs/{job_id}", key=token(permissions=["query:execute", "bulk:read"]))
    allowed = server.call("DELETE", f"/jobs/{job_id}", key=token(permissions=["bulk:cancel"]))

    assert (without.status, without.code, allowed.status) == (403, "FORBIDDEN", 200)


@requirement("PRM-03", "GEN-10")
def test_a_caller_who_may_change_no_bulk_job_is_not_told_what_is_wrong_with_the_change(server: Emulator) -> None:
    reader = token(permissions=["query:execute", "bulk:read"])

    assert server.call("PATCH", "/bulk/jobs/none", b"{", key=reader).code == "FORBIDDEN"


@requirement("PRM-03", "GEN-10")
def test_a_refused_caller_leaves_no_trace(server: Emulator) -> None:
    path = f"/tenants/{TENANT}/jobs?limit=1"
    before = server.control("GET", path).json["jobs"]
    called(server, "executeQuery", {"bulk:read"})

    assert server.control("GET", path).json["jobs"] == before


@requirement("PRM-01")
def test_the_demos_reading_key_may_not_query(server: Emulator) -> None:
    answer = server.call("POST", "/queries", {"sql": "SELECT 1 AS a"}, key=READ_ONLY_KEY)

    assert (answer.status, answer.code, answer.details["required_permission"]) == (403, "FORBIDDEN", "query:execute")


@requirement("PRM-04")
def test_a_credential_that_names_no_permissions_may_do_everything(server: Emulator) -> None:
    statuses = [server.call(method, path, body).status for method, path, body, _ in NEEDS.values()]

    assert set(statuses) == {200, 201, 404}


@requirement("PRM-04")
@pytest.mark.parametrize(
    ("operation", "status"), [("executeQuery", 200), ("listBulkJobs", 200), ("createBulkJob", 403), ("abort", 403)]
)
def test_the_documented_default_is_to_query_and_to_read(documented: Emulator, operation: str, status: int) -> None:
    method, path, body, _ = NEEDS[operation]

    assert documented.call(method, path, body, key=token("plain"), tenant="plain").status == status


@pytest.fixture(scope="module")
def documented(emulators: Emulators) -> Emulator:
    return emulators.start("--default-permissions", "documented", "--rate-limits", "off")
