"""Readers of the API's description for the tests that hold it to its promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from spectra_emulator import contract

DOCUMENT = contract.document()
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = {operation.operation_id: operation for operation in contract.operations()}


def raw(operation_id: str) -> dict[str, Any]:
    operation = OPERATIONS[operation_id]
    described: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.method.lower()]
    return described


def responses(operation_id: str) -> dict[int, dict[str, Any]]:
    return {int(status): contract.resolved(response) for status, response in raw(operation_id)["responses"].items()}


def headers(operation_id: str, status: int) -> dict[str, dict[str, Any]]:
    declared = responses(operation_id)[status].get("headers", {})
    return {name: contract.resolved(header) for name, header in declared.items()}


def required_headers(operation_id: str, status: int) -> set[str]:
    return {name for name, header in headers(operation_id, status).items() if header.get("required")}


def complaints(schema: dict[str, Any], value: object) -> list[str]:
    """Return what is wrong with a value; references in the schema are those of the document."""
    validator = OAS30Validator(
        {"allOf": [schema], "components": DOCUMENT["components"]}, format_checker=oas30_format_checker
    )
    return [error.message for error in validator.iter_errors(value)]


def media_types() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every request and response body, named after its operation and place."""
    for operation_id in OPERATIONS:
        places = {"request": raw(operation_id).get("requestBody", {})}
        places.update({str(status): response for status, response in responses(operation_id).items()})
        for place, described in places.items():
            for media_type in described.get("content", {}).values():
                yield f"{operation_id}-{place}", media_type


def examples() -> Iterator[Any]:
    for place, media_type in media_types():
        for name, example in media_type.get("examples", {}).items():
            value = contract.resolved(example)["value"]
            yield pytest.param(media_type["schema"], value, id=f"{place}-{name}")
