"""The seed hook of `spectra-emulator demo`: jobs in every state that a demonstration wants to show."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

SANDBOX = "spectra_conformance_sandbox"
SALES_BY_REGION = "SELECT region, SUM(amount) AS total FROM sales GROUP BY region ORDER BY total DESC"
SALES_OF_2024 = "SELECT * FROM sales WHERE year = 2024"
BROKEN_QUOTIENT = "SELECT region, SUM(amount) / (MIN(year) - MIN(year)) AS share FROM sales GROUP BY region"
RECORDS = b"""\
id,name,amount,created
1,Ada,12.50,2026-01-29
2,,3.00,2026-01-29
three,Grace,4.00,2026-01-29
4,Alan,5.00,yesterday
"""
_PATIENCE_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.05
_ENDED = frozenset({"JobComplete", "Failed", "Aborted"})


@dataclass(frozen=True)
class Api:
    """The API as one tenant, and the control plane."""

    url: str
    control_url: str
    headers: Mapping[str, str]
    control_headers: Mapping[str, str]

    def query(self, sql: str) -> None:
        """Run a query, whose failure is part of the demonstration."""
        try:
            self._json("POST", "/queries", {"sql": sql})
        except HTTPError as refused:
            refused.close()

    def bulk_job(self, **members: str) -> dict[str, Any]:
        created: dict[str, Any] = self._json("POST", "/bulk/jobs", members)
        return created

    def move(self, job_id: str, state: str) -> None:
        self._json("PATCH", f"/bulk/jobs/{job_id}", {"state": state})

    def wait(self, job_id: str) -> None:
        """Return when the bulk job has ended.

        Raises: TimeoutError.
        """
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while self._json("GET", f"/bulk/jobs/{job_id}")["state"] not in _ENDED:
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{job_id} has not ended within {_PATIENCE_SECONDS:g} s")
            time.sleep(_LOOK_AGAIN_SECONDS)

    def control(self, path: str) -> None:
        sent(Request(self.control_url + path, b"", dict(self.control_headers), method="POST"))  # noqa: S310 - the server's own

    def _json(self, method: str, path: str, body: object = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        return json.loads(sent(Request(self.url + path, content, dict(self.headers), method=method)))  # noqa: S310 - the server's own


def sent(request: Request) -> bytes:
    """Return what the server answers; no proxy lies between it and its own hook."""
    with build_opener(ProxyHandler({})).open(request, timeout=_PATIENCE_SECONDS) as answer:
        content: bytes = answer.read()
        return content


def api(environ: Mapping[str, str]) -> Api:
    """Return the API that a seed hook is told of."""
    token = environ.get("SPECTRA_CONTROL_TOKEN")
    return Api(
        environ["SPECTRA_API_URL"],
        environ["SPECTRA_CONTROL_URL"],
        {
            "Authorization": f"Bearer {environ['SPECTRA_API_KEY']}",
            "X-Tenant-ID": environ["SPECTRA_TENANT_ID"],
            "Content-Type": "application/json",
        },
        {} if token is None else {"X-Spectra-Control-Token": token},
    )


def play(demo: Api) -> None:
    """Make two queries that completed, one that failed, and bulk jobs: exported, imported, open, aborted, running."""
    demo.query(SALES_BY_REGION)
    demo.query(SALES_OF_2024)
    demo.query(BROKEN_QUOTIENT)
    exported = demo.bulk_job(operation="query", object="sales", query=SALES_OF_2024, compression="GZIP")["job_id"]
    demo.move(exported, "UploadComplete")
    imported = demo.bulk_job(operation="upsert", object=SANDBOX, external_id_field="id")
    sent(Request(imported["upload_url"], RECORDS, {"Content-Type": "text/csv"}, method="PUT"))  # noqa: S310 - the server's own
    demo.move(imported["job_id"], "UploadComplete")
    aborted = demo.bulk_job(operation="delete", object="customers", external_id_field="customer_id")["job_id"]
    demo.move(aborted, "Aborted")
    demo.bulk_job(operation="insert", object=SANDBOX)
    for job_id in (exported, imported["job_id"]):
        demo.wait(job_id)
    leave_running(demo)


def leave_running(demo: Api) -> None:
    """Export all sales, and hold the job while it runs: it goes on when a tester advances or releases it."""
    running = demo.bulk_job(operation="query", object="sales", query="SELECT * FROM sales", content_type="PARQUET")
    demo.control(f"/jobs/{running['job_id']}/hold")
    demo.move(running["job_id"], "UploadComplete")
    demo.control(f"/jobs/{running['job_id']}/advance")


if __name__ == "__main__" and os.environ.get("SPECTRA_SEED_TENANT") in (None, os.environ["SPECTRA_TENANT_ID"]):
    play(api(os.environ))
