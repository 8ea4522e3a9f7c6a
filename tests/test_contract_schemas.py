"""The examples and schemas of the API's description agree with the reference and with each other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.described import DOCUMENT, SCHEMAS, complaints, examples
from tests.requirements import requirement

EXAMPLES = Path(__file__).parent / "examples"
SCHEMA_OF_EXAMPLE = {
    "query_request": "QueryRequest",
    "count_orders_request": "QueryRequest",
    "query_result": "QueryResult",
    "completed_job": "Job",
    "inline_results": "JobResults",
    "export_results": "JobResults",
    "cancelled_job": "JobCancelled",
    "bulk_job_request": "BulkJobRequest",
    "created_bulk_job": "BulkJobCreated",
    "complete_bulk_job": "BulkJob",
    "upload_complete_request": "BulkJobPatch",
    "aborted_request": "BulkJobPatch",
    "upload_complete_state": "BulkJobState",
    "upload_url": "UploadUrl",
    "bulk_results": "BulkJobResults",
    "bulk_job_list": "BulkJobList",
    "invalid_sql": "InvalidQueryError",
    "sql_blocked": "InvalidQueryError",
    "rate_limited": "RateLimitedError",
}
REFUSED = {
    "no-sql": ("QueryRequest", {}),
    "blank-sql": ("QueryRequest", {"sql": " \n"}),
    "sql-too-long": ("QueryRequest", {"sql": "x" * 100_001}),
    "limit-0": ("QueryRequest", {"sql": "SELECT 1", "parameters": {"limit": 0}}),
    "limit-over-the-cap": ("QueryRequest", {"sql": "SELECT 1", "parameters": {"limit": 10_001}}),
    "limit-as-text": ("QueryRequest", {"sql": "SELECT 1", "parameters": {"limit": "5"}}),
    "timeout-over-300": ("QueryRequest", {"sql": "SELECT 1", "parameters": {"timeout_seconds": 301}}),
    "parameters-as-a-list": ("QueryRequest", {"sql": "SELECT 1", "parameters": []}),
    "export-without-query": ("BulkJobRequest", {"operation": "query", "object": "sales"}),
    "unknown-operation": ("BulkJobRequest", {"operation": "merge", "object": "sales"}),
    "no-object": ("BulkJobRequest", {"operation": "insert"}),
    "object-with-a-blank": ("BulkJobRequest", {"operation": "insert", "object": "a b"}),
    "lower-case-format": ("BulkJobRequest", {"operation": "insert", "object": "a", "content_type": "csv"}),
    "unknown-compression": ("BulkJobRequest", {"operation": "insert", "object": "a", "compression": "ZSTD"}),
    "state-of-the-service": ("BulkJobPatch", {"state": "InProgress"}),
    "no-state": ("BulkJobPatch", {}),
    "unknown-code": ("Error", {"error": {"code": "ERROR_CODE", "message": "x"}}),
    "code-of-another-status": ("NotFoundError", {"error": {"code": "CONFLICT", "message": "x"}}),
    "429-without-seconds": ("RateLimitedError", {"error": {"code": "RATE_LIMITED", "message": "x", "details": {}}}),
}
ACCEPTED = {
    "parameters-null": ("QueryRequest", {"sql": "SELECT 1", "parameters": None}),
    "unknown-members": ("QueryRequest", {"sql": "SELECT 1", "metadata": {}}),
    "object-with-schema": ("BulkJobRequest", {"operation": "insert", "object": "public.sales"}),
    "query-beside-data": ("BulkJobRequest", {"operation": "insert", "object": "sales", "query": "SELECT 1"}),
    "import-counts": (
        "BulkJobResults",
        {"job_id": "a", "state": "JobComplete", "number_records_processed": 1, "number_records_failed": 0},
    ),
    "last-page": ("BulkJobList", {"jobs": [], "next_offset": None}),
}


def stands_in_the_document(wanted: object) -> bool:
    """Look among the examples of bodies and the JSON blocks of the introduction."""
    shown = [example.values[1] for example in examples()]
    blocks = re.findall(r"```json\n(.*?)```", DOCUMENT["info"]["description"], re.DOTALL)
    return wanted in [*shown, *map(json.loads, blocks)]


@pytest.mark.parametrize(("schema", "value"), [*examples()])
def test_an_example_fits_its_schema(schema: dict[str, Any], value: object) -> None:
    assert complaints(schema, value) == []


def test_every_example_file_belongs_to_a_schema() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == {*SCHEMA_OF_EXAMPLE, "error_format"}


@requirement("ERR-22")
@pytest.mark.parametrize("name", [*SCHEMA_OF_EXAMPLE, "error_format"])
def test_an_example_of_the_reference_stands_in_the_document(name: str) -> None:
    assert stands_in_the_document(json.loads((EXAMPLES / f"{name}.json").read_text()))


@pytest.mark.parametrize(("name", "schema"), SCHEMA_OF_EXAMPLE.items())
def test_an_example_of_the_reference_fits_its_schema(name: str, schema: str) -> None:
    value = json.loads((EXAMPLES / f"{name}.json").read_text())

    assert complaints({"$ref": f"#/components/schemas/{schema}"}, value) == []


@requirement("QRY-01", "QRY-03", "QRY-04", "BLK-01", "BLK-02", "BLK-03", "BLK-05", "BLK-21")
@pytest.mark.parametrize(("schema", "value"), REFUSED.values(), ids=REFUSED)
def test_a_schema_refuses_what_the_api_refuses(schema: str, value: object) -> None:
    assert complaints({"$ref": f"#/components/schemas/{schema}"}, value)


@requirement("QRY-02", "GEN-06", "BLK-16", "BLK-67", "BLK-75")
@pytest.mark.parametrize(("schema", "value"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_schema_accepts_what_the_api_accepts(schema: str, value: object) -> None:
    assert complaints({"$ref": f"#/components/schemas/{schema}"}, value) == []


@pytest.mark.parametrize(
    ("schema", "facts"),
    [
        ("RowLimit", {"minimum": 1, "maximum": 10_000, "default": 10_000}),
        ("TimeoutSeconds", {"minimum": 1, "maximum": 300, "default": 60}),
        ("PageSize", {"minimum": 1, "maximum": 100, "default": 25}),
        ("Sql", {"maxLength": 100_000, "format": "sql"}),
        ("ContentType", {"enum": ["CSV", "JSON", "PARQUET"], "default": "CSV"}),
        ("Compression", {"enum": ["NONE", "GZIP"], "default": "NONE"}),
        ("JobStatus", {"enum": ["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"]}),
        ("BulkState", {"enum": ["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]}),
        ("BulkOperation", {"enum": ["query", "insert", "update", "upsert", "delete"]}),
    ],
)
@requirement("LIM-01", "LIM-02", "LIM-06", "LIM-09", "BLK-04", "BLK-06", "BLK-20", "JOB-03")
def test_a_schema_carries_the_documented_limits(schema: str, facts: dict[str, object]) -> None:
    assert SCHEMAS[schema].items() >= facts.items()
