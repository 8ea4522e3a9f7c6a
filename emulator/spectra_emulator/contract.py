"""The API's own description, `openapi.yaml`, as it is packaged beside this module."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("openapi.yaml")
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True)
class Parameter:
    """`location` is `path`, `query` or `header`."""

    name: str
    location: str
    required: bool


@dataclass(frozen=True)
class Operation:
    """`method` is in upper case, `path` a template under the server's URL: `/jobs/{job_id}`."""

    operation_id: str
    method: str
    path: str
    statuses: tuple[int, ...]
    parameters: tuple[Parameter, ...]


@cache
def document() -> dict[str, Any]:
    """Return the parsed document; every caller gets the same one and must not change it."""
    import yaml  # noqa: PLC0415 - start-up need not wait for what is asked for later, if ever

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    parsed: dict[str, Any] = yaml.load(FILE.read_bytes(), loader)  # noqa: S506 - a safe loader, in C where there is one
    return parsed


def document_json(base_url: str) -> bytes:
    """Return the document as JSON, its first server `base_url` with `/v1` behind it."""
    first, *others = document()["servers"]
    servers = [{**first, "url": f"{base_url}/v1"}, *others]
    return json.dumps({**document(), "servers": servers}, ensure_ascii=False).encode()


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Follow the references of `node` within the document, if it is one."""
    while "$ref" in node:
        target = document()
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


@cache
def operations() -> tuple[Operation, ...]:
    return tuple(_operations())


def _operations() -> Iterator[Operation]:
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield _operation(method, path, item)


def _operation(method: str, path: str, item: dict[str, Any]) -> Operation:
    described = item[method]
    parameters = [*item.get("parameters", []), *described.get("parameters", [])]
    return Operation(
        operation_id=described["operationId"],
        method=method.upper(),
        path=path,
        statuses=tuple(int(status) for status in described["responses"]),
        parameters=tuple(_parameter(resolved(parameter)) for parameter in parameters),
    )


def _parameter(described: dict[str, Any]) -> Parameter:
    return Parameter(described["name"], described["in"], described.get("required", False))
