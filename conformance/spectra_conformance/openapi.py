"""The API's description, as the kit reads it: operations, and a JSON Schema for each answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jsonschema_rs import Draft202012Validator, ValidationError

METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})
UNASSERTED = frozenset({"discriminator", "example", "xml", "externalDocs", "description", "title", "default"})


@dataclass(frozen=True)
class Operation:
    operation_id: str
    method: str
    path: str
    form: re.Pattern[str]
    responses: Mapping[int, Mapping[str, Any]]


@cache
def text() -> bytes:
    """Return the description as it is on disk."""
    return (files("spectra_conformance") / "openapi.yaml").read_bytes()


@cache
def sha256() -> str:
    return hashlib.sha256(text()).hexdigest()


@cache
def document() -> Mapping[str, Any]:
    """Return the description; callers must not change it."""
    parsed: Mapping[str, Any] = yaml.safe_load(text())
    return parsed


def resolved(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a `$ref` within the description."""
    while "$ref" in described:
        found: Any = document()
        for part in str(described["$ref"]).removeprefix("#/").split("/"):
            found = found[part]
        described = found
    return described


@cache
def operations() -> tuple[Operation, ...]:
    """Return every operation, in the order of the description."""
    return tuple(
        Operation(
            operation_id=described["operationId"],
            method=method.upper(),
            path=path,
            form=re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))),
            responses={int(status): resolved(response) for status, response in described["responses"].items()},
        )
        for path, item in document()["paths"].items()
        for method, described in item.items()
        if method in METHODS
    )


def operation_of(method: str, path: str) -> Operation | None:
    """Return the operation that a request means; `path` is under the base URL."""
    bare = path.partition("?")[0]
    return next((one for one in operations() if one.method == method and one.form.fullmatch(bare)), None)


def json_schema(schema: Any) -> Any:
    """Return an OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a type, what asserts nothing goes."""
    if isinstance(schema, list):
        return [json_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace("#/components/schemas/", "#/$defs/")}
    plain = {key: _member(key, value) for key, value in schema.items() if key not in UNASSERTED | {"nullable"}}
    return _nullable(plain) if schema.get("nullable") else plain


def complaints(schema: Mapping[str, Any], value: object) -> list[ValidationError]:
    """Return what a value has against a schema of the description."""
    return list(_validator(repr(schema), _Hidden(schema)).iter_errors(value))


def _member(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: json_schema(one) for name, one in value.items()}
    return value if key in {"enum", "required"} else json_schema(value)


def _nullable(plain: dict[str, Any]) -> dict[str, Any]:
    kind = {"type": [plain["type"], "null"]} if "type" in plain else {}
    values = {"enum": [*plain["enum"], None]} if "enum" in plain else {}
    return {**plain, **kind, **values}


@dataclass(frozen=True)
class _Hidden:
    """A schema that takes no part in the key of a cache."""

    schema: Mapping[str, Any]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hidden)

    def __hash__(self) -> int:
        return 0


@cache
def _definitions() -> dict[str, Any]:
    return {name: json_schema(schema) for name, schema in document()["components"]["schemas"].items()}


@cache
def _validator(_key: str, hidden: _Hidden) -> Draft202012Validator:
    schema = {**json_schema(hidden.schema), "$defs": _definitions()}
    return Draft202012Validator(schema, validate_formats=True)
