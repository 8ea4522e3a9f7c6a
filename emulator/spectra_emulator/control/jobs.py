"""Everything under /_spectra/jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from litestar import get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.shapes import job_shape
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.plane import Plane
from spectra_emulator.domain.durations import EXAMPLES, duration
from spectra_emulator.domain.errors import BY_CODE, InternalError, InvalidRequest, NotFound
from spectra_emulator.services.job_control import ControlledJob, JobControl, job_error
from spectra_emulator.services.job_steps import Pace, Steps


class StepsBody(msgspec.Struct, forbid_unknown_fields=True):
    pace: str
    delay: str | None = None


class FailBody(msgspec.Struct, forbid_unknown_fields=True):
    code: str = InternalError.code
    message: str | None = None


def job_routes(plane: Plane, jobs: JobControl) -> list[HTTPRouteHandler]:
    moves: Mapping[str, Callable[[str], ControlledJob]] = {
        "hold": jobs.hold,
        "release": jobs.release,
        "advance": jobs.advance,
    }

    @get("/_spectra/jobs", name="getSteps")
    async def get_steps(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        return json_reply(_steps_shape(jobs.steps.steps))

    @put("/_spectra/jobs", name="setSteps")
    async def set_steps(request: AnyRequest) -> ASGIResponse:
        jobs.steps.set(_steps(await plane.body(request, StepsBody)))
        return json_reply(_steps_shape(jobs.steps.steps))

    @get("/_spectra/jobs/{job_id:str}", name="getControlledJob")
    async def get_job(request: AnyRequest, job_id: str) -> ASGIResponse:
        plane.check(request)
        return json_reply(_shape(await plane.called(lambda: jobs.shown(job_id))))

    @post("/_spectra/jobs/{job_id:str}/{move:str}", name="moveJob", status_code=200)
    async def move_job(request: AnyRequest, job_id: str, move: str) -> ASGIResponse:
        plane.check(request)
        if move not in moves:
            raise NotFound(f"A job can be moved by {', '.join(moves)} and fail")
        return json_reply(_shape(await plane.called(lambda: moves[move](job_id))))

    @post("/_spectra/jobs/{job_id:str}/fail", name="failJob", status_code=200)
    async def fail_job(request: AnyRequest, job_id: str) -> ASGIResponse:
        body = await plane.body(request, FailBody)
        if body.code not in BY_CODE:
            raise InvalidRequest(f"code must be one of {', '.join(sorted(BY_CODE))}", field="code")
        error = job_error(body.code, body.message)
        return json_reply(_shape(await plane.called(lambda: jobs.fail(job_id, error))))

    return [get_steps, set_steps, get_job, move_job, fail_job]


def _steps(body: StepsBody) -> Steps:
    if body.pace not in set(Pace):
        raise InvalidRequest(f"pace must be one of {', '.join(Pace)}", field="pace")
    if (body.pace == Pace.DELAYED) != (body.delay is not None):
        raise InvalidRequest("delay belongs to the pace delayed, and is needed there", field="delay")
    if body.delay is None:
        return Steps(Pace(body.pace))
    try:
        return Steps(Pace.DELAYED, duration(body.delay))
    except ValueError as error:
        raise InvalidRequest(f"delay must be a time such as {EXAMPLES}", field="delay") from error


def _steps_shape(steps: Steps) -> dict[str, object]:
    return {"pace": steps.pace, "delay_seconds": steps.delay.total_seconds()}


def _shape(controlled: ControlledJob) -> dict[str, object]:
    return {
        "job": job_shape(controlled.job),
        "tenant_id": controlled.job.tenant_id,
        "state": controlled.state,
        "waits": controlled.waits,
    }
