"""The API's description is valid OpenAPI and has every operation, status, header and link."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from spectra_emulator import contract
from spectra_emulator.domain.errors import BY_CODE

from tests.described import DOCUMENT, OPERATIONS, SCHEMAS, headers, raw, required_headers, responses
from tests.requirements import requirement

ROUTES = {
    "executeQuery": ("POST", "/queries"),
    "getJob": ("GET", "/jobs/{job_id}"),
    "getJobResults": ("GET", "/jobs/{job_id}/results"),
    "cancelJob": ("DELETE", "/jobs/{job_id}"),
    "createBulkJob": ("POST", "/bulk/jobs"),
    "listBulkJobs": ("GET", "/bulk/jobs"),
    "getBulkJob": ("GET", "/bulk/jobs/{job_id}"),
    "updateBulkJob": ("PATCH", "/bulk/jobs/{job_id}"),
    "getUploadUrl": ("GET", "/bulk/jobs/{job_id}/upload-url"),
    "getBulkJobResults": ("GET", "/bulk/jobs/{job_id}/results"),
    "getBulkJobFailedResults": ("GET", "/bulk/jobs/{job_id}/failed-results"),
    "getOpenApi": ("GET", "/openapi.json"),
}
SPECIFIC_STATUSES = {
    "executeQuery": {200, 400, 409, 504},
    "getJob": {200, 404},
    "getJobResults": {200, 404, 409},
    "cancelJob": {200, 404, 409},
    "createBulkJob": {201, 400, 409},
    "listBulkJobs": {200, 400},
    "getBulkJob": {200, 404},
    "updateBulkJob": {200, 400, 404, 409},
    "getUploadUrl": {200, 404, 409},
    "getBulkJobResults": {200, 404, 409},
    "getBulkJobFailedResults": {200, 404, 409},
    "getOpenApi": {200},
}
WITH_BODY = {"executeQuery", "createBulkJob", "updateBulkJob"}
IDEMPOTENT = {"executeQuery", "createBulkJob"}
UNLIMITED = {"cancelJob", "updateBulkJob", "getOpenApi"}
OPEN = {"getOpenApi"}
RATE_HEADERS = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
CODES_OF_STATUS = {
    kind.status: {code for code, other in BY_CODE.items() if other.status == kind.status} for kind in BY_CODE.values()
}


def links() -> Iterator[Any]:
    for operation_id in OPERATIONS:
        for status, response in responses(operation_id).items():
            for name, link in response.get("links", {}).items():
                yield pytest.param(contract.resolved(link), id=f"{operation_id}-{status}-{name}")


def codes(operation_id: str, status: int) -> set[str]:
    schema = contract.resolved(responses(operation_id)[status]["content"]["application/json"]["schema"])
    envelope, narrowed = schema["allOf"]
    assert envelope == {"$ref": "#/components/schemas/Error"}
    return set(narrowed["properties"]["error"]["properties"]["code"]["enum"])


each_operation = pytest.mark.parametrize("operation_id", ROUTES)
each_limited_operation = pytest.mark.parametrize("operation_id", sorted(ROUTES.keys() - UNLIMITED))
each_unlimited_operation = pytest.mark.parametrize("operation_id", sorted(UNLIMITED))
each_secured_operation = pytest.mark.parametrize("operation_id", sorted(ROUTES.keys() - OPEN))


@requirement("OPS-01")
def test_the_document_is_valid_openapi_3_0() -> None:
    assert DOCUMENT["openapi"] == "3.0.3"
    assert [error.message for error in OpenAPIV30SpecValidator(DOCUMENT).iter_errors()] == []


@requirement("OPS-01")
def test_the_document_has_every_operation_and_no_other() -> None:
    described = {name: (operation.method, operation.path) for name, operation in OPERATIONS.items()}

    assert described == ROUTES


def test_the_document_is_json_with_the_servers_own_address_first() -> None:
    served = json.loads(contract.document_json("http://127.0.0.1:4711"))

    assert served["servers"][0]["url"] == "http://127.0.0.1:4711/v1"
    assert {**served, "servers": DOCUMENT["servers"]} == DOCUMENT


def test_serving_the_document_leaves_its_own_servers_as_they_are() -> None:
    contract.document_json("http://127.0.0.1:4711")

    assert contract.document()["servers"][0]["url"] == "http://127.0.0.1:8439/v1"


@each_operation
def test_an_operation_declares_the_statuses_that_it_can_answer(operation_id: str) -> None:
    assert SPECIFIC_STATUSES[operation_id] | {500} <= set(OPERATIONS[operation_id].statuses)


@each_operation
def test_a_body_over_the_limit_is_declared_where_there_is_a_body(operation_id: str) -> None:
    assert (413 in OPERATIONS[operation_id].statuses) == (operation_id in WITH_BODY)


@each_operation
def test_a_rate_limit_is_declared_where_there_is_one(operation_id: str) -> None:
    assert (429 in OPERATIONS[operation_id].statuses) == (operation_id not in UNLIMITED)


@requirement("AUTH-03", "PRM-01", "TEN-06")
@each_secured_operation
def test_a_refused_caller_is_declared_on_every_operation_that_needs_credentials(operation_id: str) -> None:
    assert {400, 401, 403} <= set(OPERATIONS[operation_id].statuses)


@requirement("AUTH-01")
def test_bearer_tokens_and_signatures_are_alternatives() -> None:
    assert DOCUMENT["security"] == [{"bearerAuth": []}, {"sigv4": []}]


@requirement("AUTH-11")
def test_only_the_document_itself_needs_no_credentials() -> None:
    assert {name for name in OPERATIONS if raw(name).get("security") == []} == OPEN


@requirement("HDR-02")
@each_secured_operation
def test_the_tenant_header_is_required(operation_id: str) -> None:
    assert contract.Parameter("X-Tenant-ID", "header", required=True) in OPERATIONS[operation_id].parameters


@requirement("HDR-04")
@each_operation
def test_a_request_may_name_itself(operation_id: str) -> None:
    assert contract.Parameter("X-Request-ID", "header", required=False) in OPERATIONS[operation_id].parameters


@requirement("HDR-06", "IDM-09")
def test_the_idempotency_key_is_a_header_of_the_two_creating_operations() -> None:
    key = contract.Parameter("X-Idempotency-Key", "header", required=False)

    assert {name for name, operation in OPERATIONS.items() if key in operation.parameters} == IDEMPOTENT


@requirement("HDR-05")
@each_operation
def test_every_answer_names_its_request(operation_id: str) -> None:
    unnamed = [status for status in responses(operation_id) if "X-Request-ID" not in headers(operation_id, status)]

    assert unnamed == []


@requirement("RTL-02", "RTL-03")
@each_limited_operation
def test_success_and_refusal_of_a_limited_operation_require_the_rate_headers(operation_id: str) -> None:
    statuses = [status for status in responses(operation_id) if status in {200, 201, 429}]

    assert all(required_headers(operation_id, status) >= RATE_HEADERS for status in statuses)


@requirement("RTL-03")
@each_limited_operation
def test_every_other_answer_of_a_limited_operation_may_carry_the_rate_headers(operation_id: str) -> None:
    assert all(headers(operation_id, status).keys() >= RATE_HEADERS for status in responses(operation_id))


@requirement("RTL-08")
@each_unlimited_operation
def test_an_unlimited_operation_has_no_rate_headers(operation_id: str) -> None:
    assert all(headers(operation_id, status).keys().isdisjoint(RATE_HEADERS) for status in responses(operation_id))


@requirement("HDR-08")
@each_limited_operation
def test_a_429_says_how_long_to_wait(operation_id: str) -> None:
    assert "Retry-After" in required_headers(operation_id, 429)


@requirement("HDR-09")
@pytest.mark.parametrize(("operation_id", "status"), [("executeQuery", 200), ("createBulkJob", 201)])
def test_a_replay_can_say_that_it_is_one(operation_id: str, status: int) -> None:
    assert "Idempotency-Replayed" in headers(operation_id, status)


@requirement("ERR-02")
def test_the_error_codes_are_the_eleven_of_the_domain() -> None:
    assert SCHEMAS["ErrorCode"]["enum"] == [*dict.fromkeys(SCHEMAS["ErrorCode"]["enum"])]
    assert set(SCHEMAS["ErrorCode"]["enum"]) == set(BY_CODE)


@requirement("ERR-01", "ERR-02")
@each_operation
def test_every_error_has_the_envelope_with_the_codes_of_its_status(operation_id: str) -> None:
    strays = {
        status: codes(operation_id, status) - CODES_OF_STATUS[status]
        for status in responses(operation_id)
        if status >= 400
    }

    assert not any(strays.values())


@pytest.mark.parametrize("code", BY_CODE)
def test_every_code_is_declared_with_its_status(code: str) -> None:
    status = BY_CODE[code].status
    declared = [name for name in OPERATIONS if status in responses(name) and code in codes(name, status)]

    assert declared


@pytest.mark.parametrize("link", [*links()])
def test_a_link_leads_to_an_operation_and_fills_its_path(link: dict[str, Any]) -> None:
    target = OPERATIONS[link["operationId"]]
    in_path = {parameter.name for parameter in target.parameters if parameter.location == "path"}

    assert in_path <= link["parameters"].keys() <= {parameter.name for parameter in target.parameters}
