"""A client that takes bulk jobs from their creation to their end; only what is asked for is timed."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.connection import KEY, TENANT, AnswerError

_TIMEOUT_SECONDS = 600
_LOOK_SECONDS = 0.01
_JSON = {"Authorization": f"Bearer {KEY}", "X-Tenant-ID": TENANT, "Content-Type": "application/json"}
_FIRST_FAILURE = 300
EXPORTED = "exported"


class BulkClient:
    def __init__(self, port: int) -> None:
        self._api = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)

    def close(self) -> None:
        self._api.close()

    def script(self, sql: str) -> None:
        """Run SQL on the tenant's tables, outside the contract."""
        self._called("POST", f"/_spectra/tenants/{TENANT}/sql", {"sql": sql})

    def query(self, sql: str) -> None:
        self._called("POST", "/v1/queries", {"sql": sql})

    def created(self, request: Mapping[str, str], file: Path | None = None) -> str:
        """Create a job, upload its file and return its id."""
        job = self._called("POST", "/v1/bulk/jobs", request)
        if file is not None:
            _put(job["upload_url"], file)
        return str(job["job_id"])

    def carried_out(self, job_id: str) -> Mapping[str, Any]:
        """Close the job and wait until it is complete.

        Raises: AnswerError.
        """
        self._called("PATCH", f"/v1/bulk/jobs/{job_id}", {"state": "UploadComplete"})
        while True:
            job = self._called("GET", f"/v1/bulk/jobs/{job_id}")
            if job["state"] == "JobComplete":
                return job
            if job["state"] == "Failed":
                raise AnswerError(str(job["error"]))
            time.sleep(_LOOK_SECONDS)

    def fetchable(self, job_id: str) -> str:
        """Close the job, wait until its file can be fetched, and return its link."""
        self.carried_out(job_id)
        return str(self._called("GET", f"/v1/bulk/jobs/{job_id}/results")["download_url"])

    def _called(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        self._api.request(method, path, None if body is None else json.dumps(body), _JSON)
        answer = self._api.getresponse()
        content = answer.read()
        if answer.status >= _FIRST_FAILURE:
            raise AnswerError(f"{method} {path}: {answer.status} {content[:500]!r}")
        found: Mapping[str, Any] = json.loads(content)
        return found


def _put(url: str, file: Path) -> None:
    """Upload the file by a link."""
    parts = urlsplit(url)
    link = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_SECONDS)
    with file.open("rb") as content:
        link.request("PUT", f"{parts.path}?{parts.query}", content, {"Content-Length": str(file.stat().st_size)})
        answer = link.getresponse()
        answer.read()
    link.close()
    if answer.status >= _FIRST_FAILURE:
        raise AnswerError(f"PUT of {file.name}: {answer.status}")


def export_of(content_type: str, compression: str) -> Mapping[str, str]:
    """Return the request for an export of the whole table `exported`."""
    return {
        "operation": "query",
        "object": EXPORTED,
        "query": f"SELECT * FROM {EXPORTED}",
        "content_type": content_type,
        "compression": compression,
    }
