"""The description of the API as the generator gets it: harmless, and with the target's own names."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from spectra_conformance import openapi
from spectra_conformance.contract_layer.known_queries import known_queries
from spectra_conformance.target import Target

ABSENT_TABLE = "spectra_conformance_no_such_table"
"""A table that no deployment has: what generated jobs name."""
READING_OPERATIONS = ("get", "head")
IDEMPOTENCY_KEY = "#/components/parameters/IdempotencyKey"
TENANT_ID = "#/components/parameters/TenantId"


def described_for(target: Target) -> dict[str, Any]:
    """Return the description with SQL and tables that harm nothing.

    Generated idempotency keys repeat, and later answers would then belong to earlier requests: the parameter is gone.
    """
    document: dict[str, Any] = copy.deepcopy(dict(openapi.document()))
    document["servers"] = [{"url": target.url}]
    _name_known_sql(document)
    _name_absent_table(document)
    for path, item in document["paths"].items():
        document["paths"][path] = {key: one for key, one in item.items() if _stays(key, one, target)}
    document["paths"] = {path: item for path, item in document["paths"].items() if _methods(item)}
    for holder in _holders(document):
        _keep_parameters(holder, target)
    _name_tenant(document, target)
    return document


def _name_known_sql(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Sql"] = {"type": "string", "enum": list(known_queries())}


def _name_absent_table(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("BulkQueryRequest", "BulkDataRequest"):
        schemas[name]["properties"]["object"] = {"type": "string", "enum": [ABSENT_TABLE]}
    bodies = (document["paths"]["/queries"]["post"], document["paths"]["/bulk/jobs"]["post"])
    for operation in bodies:
        operation["requestBody"]["content"]["application/json"]["examples"] = {}
    _examples(bodies[0])["all"] = {
        "value": {"sql": "SELECT 1 AS one", "parameters": {"limit": 1, "timeout_seconds": 30}}
    }
    _examples(bodies[1])["export"] = {
        "value": {"operation": "query", "object": ABSENT_TABLE, "query": "SELECT 1 AS one"}
    }
    _examples(bodies[1])["import"] = {
        "value": {"operation": "upsert", "object": ABSENT_TABLE, "external_id_field": "id", "compression": "GZIP"}
    }


def _examples(operation: dict[str, Any]) -> dict[str, Any]:
    examples: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["examples"]
    return examples


def _stays(key: str, one: Any, target: Target) -> bool:
    if key not in openapi.METHODS or not target.read_only:
        return True
    return key in READING_OPERATIONS or one["operationId"] == "executeQuery"


def _methods(item: dict[str, Any]) -> bool:
    return bool(openapi.METHODS & item.keys())


def _holders(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all that has parameters: paths and operations."""
    for item in document["paths"].values():
        yield item
        yield from (one for key, one in item.items() if key in openapi.METHODS)


def _keep_parameters(holder: dict[str, Any], target: Target) -> None:
    dropped = {IDEMPOTENCY_KEY} if target.owner.tenant else {IDEMPOTENCY_KEY, TENANT_ID}
    if "parameters" in holder:
        holder["parameters"] = [one for one in holder["parameters"] if one.get("$ref") not in dropped]


def _name_tenant(document: dict[str, Any], target: Target) -> None:
    if target.owner.tenant:
        document["components"]["parameters"]["TenantId"]["example"] = target.owner.tenant
