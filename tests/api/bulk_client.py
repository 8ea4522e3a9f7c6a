"""A client of the Bulk API for the tests: from the creation of a job to its file."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from tests.emulator import DEMO_KEY, TENANT, Answer, Emulator, eventually

TERMINAL = {"JobComplete", "Failed", "Aborted"}
SANDBOX = "spectra_conformance_sandbox"


@dataclass(frozen=True)
class BulkClient:
    server: Emulator
    key: str = DEMO_KEY
    tenant: str = TENANT

    def call(self, method: str, path: str, body: object = None) -> Answer:
        """Call the API; `path` is under `/v1/bulk/jobs`."""
        return self.server.call(method, f"/bulk/jobs{path}", body, key=self.key, tenant=self.tenant)

    def created(self, **request: object) -> dict[str, Any]:
        answer = self.call("POST", "", request)
        assert answer.status == 201, answer.content
        job: dict[str, Any] = answer.json
        return job

    def patched(self, job_id: str, state: str) -> Answer:
        return self.call("PATCH", f"/{job_id}", {"state": state})

    def uploaded(self, url: str, content: bytes) -> Answer:
        return self._linked("PUT", url, content)

    def downloaded(self, url: str) -> Answer:
        return self._linked("GET", url)

    def _linked(self, method: str, url: str, content: bytes | None = None) -> Answer:
        """Follow a link to wherever the objects lie."""
        parts = urlsplit(url)
        place = replace(self.server, url=f"{parts.scheme}://{parts.netloc}")
        return place.request(method, path_of(url), content)

    def ended(self, job_id: str) -> dict[str, Any]:
        """Return the job once it has ended."""

        def found() -> dict[str, Any] | None:
            job: dict[str, Any] = self.call("GET", f"/{job_id}").json
            return job if job["state"] in TERMINAL else None

        job: dict[str, Any] = eventually(found, 60)
        return job

    def exported(self, query: str, **options: str) -> dict[str, Any]:
        """Return the ended job of an export."""
        job = self.created(operation="query", object="sales", query=query, **options)
        assert self.patched(job["job_id"], "UploadComplete").status == 200
        return self.ended(job["job_id"])

    def imported(self, content: bytes, **request: object) -> dict[str, Any]:
        """Return the ended job of an import."""
        job = self.created(**request)
        assert self.uploaded(job["upload_url"], content).status == 200
        assert self.patched(job["job_id"], "UploadComplete").status == 200
        return self.ended(job["job_id"])

    def export_text(self, job_id: str) -> str:
        """Return the text of a complete export's file."""
        results = self.call("GET", f"/{job_id}/results").json
        content = self.downloaded(results["download_url"]).content
        return (gzip.decompress(content) if results["compression"] == "gzip" else content).decode()


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
