"""The running server and its description agree: routes, parameters, answers and examples, in both directions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from spectra_emulator import contract

from tests.contract_answers import faults
from tests.credentials import OTHER_KEY, OTHER_TENANT, READ_ONLY_KEY, token
from tests.described import OPERATIONS, media_types
from tests.emulator import DEMO_KEY, TENANT, Answer, Emulator, Emulators
from tests.long_running import SLOW, running_query
from tests.requirements import requirement

EXAMPLES = Path(__file__).parent.parent / "examples"
NO_ROUTE = "No such resource, or not with this method"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
BESIDE_THE_API = {("GET", "/health"), ("GET", "/openapi.json")}
UNDESCRIBED = [
    ("GET", "/v1/jobs"),
    ("GET", "/v1"),
    ("GET", "/v1/query"),
    ("POST", "/v1/query"),
    ("POST", "/v1/bulk"),
    ("GET", "/v1/bulk"),
    ("PUT", "/v1/bulk/jobs/x/batches"),
    ("DELETE", "/v1/bulk/jobs/x"),
    ("GET", "/v1/jobs/x/result"),
    ("GET", "/v1/health"),
    ("GET", "/v1/docs"),
    ("GET", "/docs"),
    ("GET", "/schema"),
    ("GET", "/schema/openapi.json"),
    ("GET", "/redoc"),
    ("GET", "/openapi.yaml"),
    ("GET", "/metrics"),
    ("GET", "/queries"),
    ("POST", "/queries"),
    ("GET", "/jobs/x"),
    ("GET", "/favicon.ico"),
]
REQUESTS = {
    name: value
    for place, media_type in media_types()
    if place.endswith("-request")
    for name, value in (
        (f"{place}-{key}", contract.resolved(each)["value"]) for key, each in media_type["examples"].items()
    )
}
REPLAYED_FILES = {
    "query_request": ("executeQuery", 200),
    "count_orders_request": ("executeQuery", 200),
    "bulk_job_request": ("createBulkJob", 201),
    "upload_complete_request": ("updateBulkJob", 200),
    "aborted_request": ("updateBulkJob", 200),
}
SUCCESS = {"executeQuery": 200, "createBulkJob": 201, "updateBulkJob": 200}
INSERT = {"operation": "insert", "object": "spectra_conformance_sandbox"}
BODIES: dict[str, object] = {
    "executeQuery": {"sql": "SELECT id, region, amount FROM sales WHERE id <= 2"},
    "createBulkJob": INSERT,
    "updateBulkJob": {"state": "Aborted"},
}
CALLERS: dict[str, dict[str, str]] = {
    "as-tenant": {},
    "without-credential": {"Authorization": ""},
    "with-a-wrong-key": {"Authorization": "Bearer wrong"},
    "without-permission": {"Authorization": f"Bearer {token(permissions=[])}"},
    "as-another-tenant": {"Authorization": f"Bearer {OTHER_KEY}", "X-Tenant-ID": OTHER_TENANT},
    "for-another-tenant": {"X-Tenant-ID": OTHER_TENANT},
    "for-no-tenant": {"X-Tenant-ID": ""},
    "with-a-text-body": {"Content-Type": "text/plain"},
    "with-a-key": {"X-Idempotency-Key": "contract"},
    "with-a-bad-key": {"X-Idempotency-Key": "x" * 129},
    "with-an-id": {"X-Request-ID": "contract-1"},
}
QUERIES: dict[str, object] = {
    "rows": {"sql": "SELECT * FROM sales", "parameters": {"limit": 3}},
    "truncated": {"sql": "SELECT * FROM sales"},
    "no-rows": {"sql": "SELECT * FROM spectra_conformance_sandbox"},
    "every-json-value": {"sql": "SELECT 1 AS a, NULL AS b, TRUE AS c, JSON_PARSE('[1,{}]') AS d, 1.50 AS e, 'x' AS f"},
    "syntax-error": {"sql": "SELECT region FORM sales"},
    "unknown-column": {"sql": "SELECT regoin FROM sales"},
    "unknown-table": {"sql": "SELECT 1 FROM salez"},
    "division-by-zero": {"sql": "SELECT 1 / (id - id) AS a FROM sales"},
    "blocked": {"sql": "DROP TABLE sales"},
    "blocked-union": {"sql": "SELECT 1 UNION SELECT 2"},
    "blocked-object": {"sql": "SELECT * FROM pg_class"},
    "too-many-joins": {
        "sql": "SELECT 1 AS a FROM sales a0 " + " ".join(f"JOIN sales a{n} ON TRUE" for n in range(1, 13))
    },
    "too-long": {"sql": "x" * 100_001},
    "too-large": {"sql": "x" * (7 * 2**20)},
    "no-sql": {},
    "wrong-limit": {"sql": "SELECT 1", "parameters": {"limit": 0}},
    "no-object": [],
    "timeout": {"sql": SLOW, "parameters": {"timeout_seconds": 1}},
}
LISTS = ["", "?limit=1", "?state=Open", "?operation=insert", "?limit=0", "?state=x", "?operation=x", "?offset=x"]


@pytest.fixture(scope="module")
def counted(emulators: Emulators) -> Emulator:
    """Start a server that counts calls as by default, in windows that no test here fills."""
    roomy = ("--rate-limit-queries", "5000", "--rate-limit-bulk-create", "5000", "--rate-limit-bulk-read", "5000")
    return emulators.start(*roomy)


def at(operation_id: str, job_id: str = "x") -> str:
    """Return the operation's path, under `/v1`."""
    return OPERATIONS[operation_id].path.replace("{job_id}", job_id)


def called(server: Emulator, operation_id: str, job_id: str = "x", **headers: str) -> Answer:
    """Call the operation with a fitting body."""
    operation = OPERATIONS[operation_id]
    body = BODIES.get(operation_id)
    return server.call(operation.method, at(operation_id, job_id), body, headers=headers)


def open_bulk_job(server: Emulator) -> str:
    return str(server.call("POST", "/bulk/jobs", INSERT).json["job_id"])


def has_no_route(answer: Answer) -> bool:
    return answer.status == 404 and answer.json["error"]["message"] == NO_ROUTE


def undescribed_routes() -> Iterator[tuple[str, str]]:
    """Yield every method that no description gives to a described path, and paths of other services."""
    described = {(each.method, f"/v1{at(name)}") for name, each in OPERATIONS.items()} | BESIDE_THE_API
    paths = sorted({path for _, path in described})
    yield from ((method, path) for path in paths for method in METHODS if (method, path) not in described)
    yield from UNDESCRIBED


@requirement("OPS-01")
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_described_operation_is_served(server: Emulator, operation_id: str) -> None:
    assert not has_no_route(called(server, operation_id))


@requirement("OPS-01", "GEN-09")
@pytest.mark.parametrize(("method", "path"), [*undescribed_routes()])
def test_no_other_route_is_served(server: Emulator, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {DEMO_KEY}", "X-Tenant-ID": TENANT, "Content-Type": "application/json"}

    assert has_no_route(server.request(method, path, {}, headers))


def test_the_schema_of_a_list_parameter_is_what_the_server_checks(server: Emulator) -> None:
    listed = [parameter.name for parameter in OPERATIONS["listBulkJobs"].parameters if parameter.location == "query"]
    refused = [server.call("GET", f"/bulk/jobs?{name}=~").details["field"] for name in listed]

    assert listed == refused == ["state", "operation", "limit", "offset"]


@requirement("HDR-02", "TEN-06")
@pytest.mark.parametrize("operation_id", [name for name in OPERATIONS if name != "getOpenApi"])
def test_every_operation_checks_the_tenant_header(server: Emulator, operation_id: str) -> None:
    answer = called(server, operation_id, **{"X-Tenant-ID": "a b"})

    assert (answer.status, answer.details["field"]) == (400, "X-Tenant-ID")


@requirement("HDR-06", "IDM-09")
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_the_idempotency_key_is_read_where_it_is_described(server: Emulator, operation_id: str) -> None:
    described = contract.Parameter("X-Idempotency-Key", "header", required=False) in OPERATIONS[operation_id].parameters
    answer = called(server, operation_id, **{"X-Idempotency-Key": "x" * 129})

    assert (answer.status == 400 and answer.details["field"] == "X-Idempotency-Key") == described


@requirement("GEN-04", "GEN-07", "ERR-01", "ERR-02", "HDR-05", "RTL-03", "RTL-08")
@pytest.mark.parametrize("headers", CALLERS.values(), ids=CALLERS)
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_an_answer_is_as_described(counted: Emulator, operation_id: str, headers: dict[str, str]) -> None:
    answer = called(counted, operation_id, open_bulk_job(counted), **headers)

    assert faults(operation_id, answer) == []


@requirement("GEN-12", "JOB-16")
@pytest.mark.parametrize("job_id", ["unknown", "x" * 300, "a%20b"], ids=["unknown", "too-long", "blank"])
@pytest.mark.parametrize("operation_id", [name for name in OPERATIONS if "{job_id}" in OPERATIONS[name].path])
def test_the_answer_for_an_unknown_job_is_as_described(counted: Emulator, operation_id: str, job_id: str) -> None:
    answer = called(counted, operation_id, job_id)

    assert answer.status == 404
    assert faults(operation_id, answer) == []


@requirement("QRY-20", "QRY-22", "QRY-30", "ERR-11", "ERR-12", "ERR-17", "ERR-19")
@pytest.mark.parametrize("body", QUERIES.values(), ids=QUERIES)
def test_the_answer_to_a_query_is_as_described(counted: Emulator, body: object) -> None:
    assert faults("executeQuery", counted.call("POST", "/queries", body)) == []


@requirement("JOB-01", "JOB-20", "JOB-30", "JOB-31")
@pytest.mark.parametrize("operation_id", ["getJob", "getJobResults", "cancelJob"])
def test_the_answer_about_a_finished_query_is_as_described(counted: Emulator, operation_id: str) -> None:
    job_id = counted.query("SELECT id, amount FROM sales WHERE id < 4").json["metadata"]["job_id"]

    assert faults(operation_id, called(counted, operation_id, job_id)) == []


@requirement("JOB-03", "JOB-23", "JOB-30", "JOB-34")
def test_the_answers_about_a_running_and_a_cancelled_query_are_as_described(counted: Emulator) -> None:
    names = ("getJob", "getJobResults", "cancelJob", "getJob", "getJobResults", "cancelJob")
    with running_query(counted) as running:
        found = {name: faults(name, called(counted, name, running.job_id)) for name in names}
        found["executeQuery"] = faults("executeQuery", running.answer.result(timeout=20))

    assert not any(found.values()), found


@requirement("BLK-12", "BLK-22", "BLK-40", "BLK-65", "BLK-66")
@pytest.mark.parametrize("state", ["Aborted", "UploadComplete"])
@pytest.mark.parametrize("operation_id", [name for name in OPERATIONS if "{job_id}" in OPERATIONS[name].path])
def test_the_answer_about_a_finished_bulk_job_is_as_described(counted: Emulator, operation_id: str, state: str) -> None:
    job_id = open_bulk_job(counted)
    assert counted.call("PATCH", f"/bulk/jobs/{job_id}", {"state": state}).status == 200

    assert faults(operation_id, called(counted, operation_id, job_id)) == []


@requirement("BLK-70", "BLK-71", "BLK-72", "BLK-73", "BLK-74")
@pytest.mark.parametrize("query", LISTS)
def test_the_answer_of_the_list_is_as_described(counted: Emulator, query: str) -> None:
    open_bulk_job(counted)

    assert faults("listBulkJobs", counted.call("GET", f"/bulk/jobs{query}")) == []


@requirement("RTL-04")
def test_the_refusal_of_one_call_too_many_is_as_described(emulators: Emulators) -> None:
    own = emulators.start("--rate-limit-bulk-create", "1")
    answers = [own.call("POST", "/bulk/jobs", INSERT) for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 429]
    assert [faults("createBulkJob", answer) for answer in answers] == [[], []]
    own.stop()


@requirement("OPS-01", "ERR-22")
@pytest.mark.parametrize("name", REQUESTS)
def test_an_example_of_the_description_replays(server: Emulator, name: str) -> None:
    operation_id = name.partition("-")[0]
    path = at(operation_id, open_bulk_job(server))
    answer = server.call(OPERATIONS[operation_id].method, path, REQUESTS[name])

    assert answer.status == SUCCESS[operation_id]


@requirement("OPS-02")
@pytest.mark.parametrize("name", REPLAYED_FILES)
def test_an_example_of_the_reference_replays(server: Emulator, name: str) -> None:
    operation_id, status = REPLAYED_FILES[name]
    body = json.loads((EXAMPLES / f"{name}.json").read_text())
    path = at(operation_id, open_bulk_job(server))

    assert server.call(OPERATIONS[operation_id].method, path, body).status == status


def test_every_request_of_the_reference_is_replayed() -> None:
    assert {path.stem for path in EXAMPLES.glob("*_request.json")} == set(REPLAYED_FILES)


@requirement("QRY-20", "QRY-24", "TYP-03")
def test_the_query_of_the_reference_gives_the_totals_of_the_reference(server: Emulator) -> None:
    wanted: dict[str, Any] = json.loads((EXAMPLES / "query_result.json").read_text())
    given = server.call("POST", "/queries", json.loads((EXAMPLES / "query_request.json").read_text())).json
    changing = {"execution_time_ms", "query_id"}

    assert by_region(given) == by_region(wanted)
    assert {name: given["metadata"][name] for name in wanted["metadata"].keys() - changing} == {
        name: value for name, value in wanted["metadata"].items() if name not in changing
    }


def by_region(result: dict[str, Any]) -> dict[str, float]:
    return {row["region"]: row["total"] for row in result["data"]}


@requirement("ERR-22")
@pytest.mark.parametrize(
    ("name", "sql"),
    [("sql_blocked", "DROP TABLE sales"), ("invalid_sql", "SELECT region, SUM(amount) AS total, 1 AS a FORM sales")],
)
def test_an_error_of_the_reference_is_given_as_it_stands(server: Emulator, name: str, sql: str) -> None:
    wanted = json.loads((EXAMPLES / f"{name}.json").read_text())["error"]
    given = server.query(sql).json["error"]

    assert (given["code"], given["message"]) == (wanted["code"], wanted["message"])
    assert given["details"].items() >= wanted["details"].items()


@requirement("PRM-01")
def test_the_demos_reading_key_is_refused_as_described(counted: Emulator) -> None:
    answer = counted.call("POST", "/queries", {"sql": "SELECT 1"}, key=READ_ONLY_KEY)

    assert (answer.status, faults("executeQuery", answer)) == (403, [])


@requirement("GEN-05", "BLK-43", "JOB-04")
def test_every_time_in_an_answer_is_utc_to_the_second(server: Emulator) -> None:
    job_id = open_bulk_job(server)
    query_id = server.query("SELECT 1 AS a").json["metadata"]["query_id"]
    answers = [
        server.call("GET", path).json for path in (f"/bulk/jobs/{job_id}", f"/jobs/{job_id}", f"/jobs/{query_id}")
    ]
    times = [value for answer in answers for name, value in answer.items() if name.endswith("_at") and value]

    assert len(times) >= 6
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", value) for value in times)
