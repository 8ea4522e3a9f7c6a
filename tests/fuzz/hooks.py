"""What generated chains cannot guess: valid SQL, a file to upload, and when a job has ended."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import schemathesis

from tests.api.bulk_client import SANDBOX, TERMINAL
from tests.emulator import DEMO_KEY, TENANT

Choice = TypeVar("Choice")
QUERIES = (
    "SELECT id, region, amount FROM sales LIMIT 20",
    "SELECT region, COUNT(*) AS sold FROM sales GROUP BY region",
    "SELECT name FROM customers WHERE id <= 3 ORDER BY id",
)
PLAIN = {"column_mappings": [], "line_ending": "LF", "column_delimiter": ","}
IMPORT = {
    **PLAIN,
    "operation": "upsert",
    "object": SANDBOX,
    "external_id_field": "id",
    "content_type": "CSV",
    "compression": "NONE",
}
RECORDS = b"id,name\n1,Ada\n2,\n"
"""One that goes in and one that is refused."""

SETTLED = {"GET /bulk/jobs/{job_id}/results", "GET /bulk/jobs/{job_id}/failed-results"}
HEADERS = {"Authorization": f"Bearer {DEMO_KEY}", "X-Tenant-ID": TENANT, "Content-Type": "application/json"}
PATIENCE_SECONDS = 20.0


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:  # noqa: ARG001 - the hook's shape
    """Make most bodies of a chain such as a user would send, and let a job end before its results are asked for."""
    if not _of_a_chain(case):
        return
    label, body = case.operation.label, case.body
    if label == "POST /bulk/jobs" and isinstance(body, dict):
        body.update(_sensible(body))
    if label == "POST /queries" and isinstance(body, dict):
        body["sql"] = _chosen(QUERIES, body)
    if label in SETTLED and case.path_parameters["job_id"].startswith("bulk-"):
        _settle(f"{case.operation.base_url}/bulk/jobs/{case.path_parameters['job_id']}")


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:  # noqa: ARG001 - the hook's shape
    """Upload a file once a job waits for one."""
    if _of_a_chain(case) and response.status_code == 201 and "upload_url" in response.json():
        _answered("PUT", response.json()["upload_url"], {}, RECORDS)


def _of_a_chain(case: Any) -> bool:
    meta = case.meta
    return bool(meta and meta.phase.name.value == "stateful" and meta.generation.mode.value == "positive")


def _sensible(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what makes the request an export or an import that can be carried out; every fourth stays as it is."""
    export = {**PLAIN, "operation": "query", "object": "sales", "query": _chosen(QUERIES, body)}
    return _chosen(({}, export, IMPORT, IMPORT), body)


def _chosen(choices: Sequence[Choice], body: Mapping[str, Any]) -> Choice:
    """Choose by the request's own bytes, so that a seed gives the same run again."""
    return choices[sum(json.dumps(body, sort_keys=True, default=str).encode()) % len(choices)]


def _settle(url: str) -> None:
    """Close the job, where it still can be, and wait until it has ended."""
    _answered("PATCH", url, HEADERS, b'{"state": "UploadComplete"}')
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        if json.loads(_answered("GET", url, HEADERS)).get("state", "Failed") in TERMINAL:
            return
        time.sleep(0.02)


def _answered(method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> bytes:
    request = urllib.request.Request(url, content, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            found: bytes = answer.read()
    except urllib.error.HTTPError as error:
        return error.read()
    return found
