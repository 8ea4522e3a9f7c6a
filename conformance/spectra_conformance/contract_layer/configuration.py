"""The configuration of schemathesis for one run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spectra_conformance.contract_layer.effort import Effort
from spectra_conformance.pacing import Pacer
from spectra_conformance.target import Identity, Target

BUCKET_OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "queries": ("executeQuery",),
    "job_reads": ("getJob", "getJobResults"),
    "bulk_creations": ("createBulkJob",),
    "bulk_reads": ("listBulkJobs", "getBulkJob", "getUploadUrl", "getBulkJobResults", "getBulkJobFailedResults"),
}
"""Operations that share one rate limit."""

JOB_OPERATIONS: Mapping[str, tuple[str, float]] = {
    "getJob": ("any_job", 0.8),
    "getJobResults": ("any_job", 0.8),
    "cancelJob": ("ended_job", 0.5),
    "getBulkJob": ("bulk_job", 0.8),
    "updateBulkJob": ("ended_bulk_job", 0.5),
    "getUploadUrl": ("bulk_job", 0.8),
    "getBulkJobResults": ("bulk_job", 0.8),
    "getBulkJobFailedResults": ("bulk_job", 0.8),
}
"""The dictionary that names jobs for each operation, and how often it does."""

CHECKS_OF_OUR_OWN = (
    # The kit's own checks know what the contract tolerates.
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "positive_data_acceptance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    # A cancelled job stays readable by contract.
    "use_after_free",
)


def configuration(
    target: Target, effort: Effort, pacer: Pacer, jobs: Mapping[str, Sequence[str]], credentials: Path
) -> dict[str, Any]:
    """Return the configuration; `jobs` are ids by dictionary, `credentials` is the file of `accounts`."""
    bounded = [_bounded(operation_ids, bucket, pacer) for bucket, operation_ids in BUCKET_OPERATIONS.items()]
    named = [_named(operation_id) for operation_id in JOB_OPERATIONS if _dictionary(operation_id, jobs)]
    return {
        "continue-on-failure": True,
        "request-timeout": target.request_seconds,
        "max-redirects": 0,
        "suppress-health-check": ["all"],
        "warnings": False,
        "cache": {"enabled": False},
        "generation": {"database": "none"},
        "auth": {"wfc": _wfc(target, credentials)},
        "phases": _phases(target, effort),
        "checks": {name: {"enabled": False} for name in CHECKS_OF_OUR_OWN} | _kept_checks(target),
        "dictionaries": {name: {"values": list(ids)} for name, ids in jobs.items() if ids},
        "operations": [*(bounded if target.pacing else []), *named, *_creations(effort)],
    }


def accounts(target: Target, proof: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the identities in the format of Web Fuzzing Commons; `proof` are the headers of each by name."""
    return {"auth": [_account(one, proof[one.name]) for one in (target.owner, target.peer) if one]}


def toml(document: Mapping[str, Any]) -> str:
    """Write a document as TOML, with inline tables."""
    return "".join(f"{json.dumps(key)} = {_value(value)}\n" for key, value in document.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return json.dumps(value)


def _account(identity: Identity, proof: Mapping[str, str]) -> dict[str, Any]:
    headers = {"Authorization": proof["authorization"]} | ({"X-Tenant-ID": identity.tenant} if identity.tenant else {})
    return {"name": identity.name, "fixedHeaders": [{"name": name, "value": value} for name, value in headers.items()]}


def _wfc(target: Target, credentials: Path) -> dict[str, Any]:
    peers = {"peers": [target.owner.name, target.peer.name]} if target.peer else {}
    return {"path": str(credentials), "user": target.owner.name, **peers}


def _phases(target: Target, effort: Effort) -> dict[str, Any]:
    methods: dict[str, Any] = {} if effort.undeclared_methods and not target.read_only else {"unexpected-methods": []}
    return {
        "coverage": methods,
        "fuzzing": {
            "generation": {"max-examples": max(1, effort.fuzzing_examples)},
            "error-feedback": {"enabled": False},
        },
        "stateful": {"max-steps": 8, "generation": {"max-examples": max(1, effort.stateful_examples)}},
    }


def _kept_checks(target: Target) -> dict[str, Any]:
    return {"object_level_authorization": {"enabled": target.peer is not None}}


def _bounded(operation_ids: Sequence[str], bucket: str, pacer: Pacer) -> dict[str, Any]:
    return {"include-operation-id": list(operation_ids), "rate-limit": f"{pacer.allowed(bucket)}/m"}


def _dictionary(operation_id: str, jobs: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return jobs.get(JOB_OPERATIONS[operation_id][0], ())


def _named(operation_id: str) -> dict[str, Any]:
    dictionary, probability = JOB_OPERATIONS[operation_id]
    drawn = {"path.job_id": {"dictionary": dictionary, "probability": probability}}
    return {"include-operation-id": operation_id, "parameters": drawn}


def _creations(effort: Effort) -> list[dict[str, Any]]:
    """Creations are dear: they have examples of their own."""
    fuzzing = {"generation": {"max-examples": max(1, effort.bulk_creations // 5)}}
    return [{"include-operation-id": "createBulkJob", "phases": {"fuzzing": fuzzing}}]
