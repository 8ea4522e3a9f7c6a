from __future__ import annotations

import pytest

from tests.credentials import OTHER_KEY, OTHER_TENANT, query_as, token
from tests.emulator import DEMO_KEY, TENANT, Answer, Emulator, Emulators
from tests.raw_connection import connected
from tests.requirements import requirement

QUERY = {"sql": "SELECT 1 AS a"}
BY_REGION = "SELECT region, SUM(amount) AS total FROM sales GROUP BY region"
TOTALS = {
    TENANT: {"AMER": 3_100_000, "APAC": 1_500_000, "EMEA": 2_300_000},
    OTHER_TENANT: {"AMER": 3_220_000, "APAC": 7_000_000, "EMEA": 5_040_000},
}
JOB_PATHS = [
    ("GET", "/jobs/{}", None),
    ("GET", "/jobs/{}/results", None),
    ("DELETE", "/jobs/{}", None),
    ("GET", "/bulk/jobs/{}", None),
    ("GET", "/bulk/jobs/{}/results", None),
    ("GET", "/bulk/jobs/{}/failed-results", None),
    ("GET", "/bulk/jobs/{}/upload-url", None),
    ("PATCH", "/bulk/jobs/{}", {"state": "Aborted"}),
    ("PATCH", "/bulk/jobs/{}", {"state": "UploadComplete"}),
]


def with_tenant_lines(server: Emulator, lines: bytes, key: str = DEMO_KEY) -> Answer:
    """Send a query with the tenant header's lines as they are given."""
    with connected(server.url) as connection:
        headers = f"Authorization: Bearer {key}\r\n".encode() + lines
        return connection.call("POST", "/v1/queries", headers, b'{"sql": "SELECT 1 AS a"}')


@requirement("TEN-01", "TEN-07")
@pytest.mark.parametrize(("key", "tenant"), [(DEMO_KEY, TENANT), (OTHER_KEY, OTHER_TENANT)], ids=TOTALS)
def test_each_tenant_reads_its_own_rows(server: Emulator, key: str, tenant: str) -> None:
    rows = server.call("POST", "/queries", {"sql": BY_REGION}, key=key, tenant=tenant).json["data"]

    assert {row["region"]: row["total"] for row in rows} == TOTALS[tenant]


@requirement("TEN-01", "TEN-02", "BLK-33", "BLK-55", "JOB-16")
@pytest.mark.parametrize(("method", "path", "body"), JOB_PATHS, ids=lambda value: str(value)[:40])
def test_another_tenants_bulk_job_answers_like_an_unknown_one(
    server: Emulator, method: str, path: str, body: object
) -> None:
    created = server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "sales"}).json["job_id"]
    foreign = server.call(method, path.format(created), body, key=OTHER_KEY, tenant=OTHER_TENANT)
    unknown = server.call(method, path.format("bulk-unknown"), body, key=OTHER_KEY, tenant=OTHER_TENANT)

    assert (foreign.status, foreign.code) == (404, "NOT_FOUND")
    assert foreign.content.replace(created.encode(), b"bulk-unknown") == unknown.content
    assert server.call("GET", f"/bulk/jobs/{created}").json["state"] == "Open"


@requirement("TEN-03", "ERR-14")
@pytest.mark.parametrize("key", [DEMO_KEY, token()], ids=["api-key", "token"])
def test_a_credential_of_one_tenant_cannot_act_as_another(server: Emulator, key: str) -> None:
    answer = server.call("POST", "/queries", QUERY, key=key, tenant=OTHER_TENANT)

    assert (answer.status, answer.code, answer.details["field"]) == (403, "FORBIDDEN", "X-Tenant-ID")


@requirement("TEN-04", "HDR-02")
@pytest.mark.parametrize("key", [DEMO_KEY, token()], ids=["api-key", "token"])
def test_a_request_that_names_no_tenant_is_refused(server: Emulator, key: str) -> None:
    answer = with_tenant_lines(server, b"", key)

    assert (answer.status, answer.code, answer.details["field"]) == (401, "UNAUTHORIZED", "X-Tenant-ID")


@requirement("TEN-04")
def test_the_credential_names_the_tenant_where_the_server_has_one(emulators: Emulators) -> None:
    own = emulators.start("--multi-tenant", "off", "--rate-limits", "off")
    answer = with_tenant_lines(own, b"", token("lonely"))

    assert answer.status == 200
    assert own.call("GET", f"/jobs/{answer.json['metadata']['job_id']}", key=token("lonely"), tenant="lonely").json[
        "tenant_id"
    ] == ("lonely")
    own.stop()


@requirement("TEN-06", "ERR-10")
@pytest.mark.parametrize(
    "lines",
    [
        b"X-Tenant-ID:\r\n",
        b"X-Tenant-ID: a b\r\n",
        b"X-Tenant-ID: a/b\r\n",
        b"X-Tenant-ID: caf\xc3\xa9\r\n",
        b"X-Tenant-ID: \xff\r\n",
        b"X-Tenant-ID: " + b"x" * 129 + b"\r\n",
        b"X-Tenant-ID: tenant-123\r\nX-Tenant-ID: tenant-123\r\n",
        b"X-Tenant-ID: tenant-123\r\nX-Tenant-ID: tenant-456\r\n",
        b"X-Tenant-ID: *\r\n",
    ],
    ids=["empty", "blank", "slash", "utf-8", "byte", "too-long", "twice", "two", "star"],
)
def test_a_tenant_that_cannot_be_is_refused_by_its_header(server: Emulator, lines: bytes) -> None:
    answer = with_tenant_lines(server, lines)

    assert (answer.status, answer.code, answer.details["field"]) == (400, "INVALID_REQUEST", "X-Tenant-ID")


@requirement("TEN-06")
@pytest.mark.parametrize("tenant", ["a", "A.b_c-9", "..", "x" * 128], ids=["one", "signs", "dots", "longest"])
def test_any_tenant_id_of_the_documented_form_works(server: Emulator, tenant: str) -> None:
    assert query_as(server, tenant, "SELECT COUNT(*) AS n FROM sales").json["data"] == [{"n": 0}]


@requirement("HDR-02")
def test_header_names_are_read_in_any_case(server: Emulator) -> None:
    assert with_tenant_lines(server, b"x-TENANT-id: tenant-123\r\n").status == 200


@requirement("TEN-01", "TEN-07")
def test_tenants_that_differ_in_case_alone_share_nothing(server: Emulator) -> None:
    assert server.sql("CREATE TABLE mine (a INTEGER)", "Case").status == 200

    assert query_as(server, "Case", "SELECT * FROM mine").status == 200
    assert query_as(server, "case", "SELECT * FROM mine").code == "INVALID_SQL"


@requirement("TEN-07")
def test_a_table_of_another_tenant_does_not_exist(server: Emulator) -> None:
    assert server.sql("CREATE TABLE only_theirs (a INTEGER)", "landlord").status == 200
    answer = query_as(server, "lodger", "SELECT * FROM only_theirs")

    assert (answer.status, answer.code, answer.details["sql_state"]) == (400, "INVALID_SQL", "42P01")


@requirement("TEN-05")
def test_a_key_of_every_tenant_lets_the_header_choose(
    emulators: Emulators, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any-tenant")
    (folder / "tenants.toml").write_text('[[api_keys]]\nkey = "any"\ntenant_id = "*"\n')
    own = emulators.start("--fixtures", str(folder), "--rate-limits", "off")
    chosen = own.call("POST", "/queries", QUERY, key="any", tenant="chosen")

    assert chosen.status == 200
    assert own.call("GET", "/bulk/jobs", key="any", tenant="another").status == 200
    assert with_tenant_lines(own, b"", "any").code == "UNAUTHORIZED"
    own.stop()
