"""GET and DELETE under /jobs."""

from __future__ import annotations

from dataclasses import replace

from litestar import delete, get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator.api.base_url import BaseUrl
from spectra_emulator.api.error_links import linked_job_error
from spectra_emulator.api.gate import Gate
from spectra_emulator.api.replies import json_reply, query_reply
from spectra_emulator.api.shapes import JobCancelled, export_shape, job_shape
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.domain.bulk_files import ExportedFile
from spectra_emulator.services.jobs import JobService
from spectra_emulator.services.rate_limits import Bucket


def job_routes(gate: Gate, jobs: JobService, base_url: BaseUrl) -> list[HTTPRouteHandler]:
    @get("/jobs/{job_id:str}", name="getJob")
    async def get_job(request: AnyRequest, job_id: str) -> ASGIResponse:
        caller = await gate.admitted(request, Bucket.JOBS, "query:execute", "bulk:read")
        job = await gate.called(lambda: jobs.job(caller, job_id))
        return json_reply(job_shape(replace(job, error=linked_job_error(request, job.error))))

    @get("/jobs/{job_id:str}/results", name="getJobResults")
    async def get_job_results(request: AnyRequest, job_id: str) -> ASGIResponse:
        caller = await gate.admitted(request, Bucket.JOBS, "query:execute", "bulk:read")
        base = base_url(request)
        found = await gate.called(lambda: jobs.results(caller, job_id, base))
        return json_reply(export_shape(found)) if isinstance(found, ExportedFile) else query_reply(found)

    @delete("/jobs/{job_id:str}", name="cancelJob", status_code=200)
    async def cancel_job(request: AnyRequest, job_id: str) -> ASGIResponse:
        caller = await gate.admitted(request, None)
        job = await gate.called(lambda: jobs.cancel(caller, job_id))
        return json_reply(JobCancelled(job.job_id, job.status, "Job cancelled by user"))

    return [get_job, get_job_results, cancel_job]
