"""What a tester puts in the way of a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobState
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.domain.faults import BULK_WORK, Call
from spectra_emulator.domain.jobs import JobError
from spectra_emulator.ports import StateStore
from spectra_emulator.services.faults import Fault, Faults
from spectra_emulator.services.job_steps import JobSteps

_MESSAGE = "The job failed as a test asked for"


class JobFaultError(Exception):
    """The job is to fail with this reason."""

    def __init__(self, error: JobError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True)
class Hindrances:
    faults: Faults
    steps: JobSteps = field(default_factory=JobSteps)

    def met(self, job: BulkJob) -> Fault | None:
        """Return what befalls one attempt at a bulk job."""
        request = job.request
        named = {"object": request.object, "operation": str(request.operation)}
        return self.faults.met(Call(BULK_WORK, job.tenant_id, named, request.query or "", job.job_id))

    def forget_ended(self, state: StateStore, tenant_id: str) -> None:
        """Hold no job of the tenant any more that has ended or is gone."""
        for job_id in self.steps.steered(tenant_id):
            found = state.bulk_job(tenant_id, job_id) or state.job(tenant_id, job_id)
            if found is None or found.finished:
                self.steps.forget(job_id)


def before_work(fault: Fault | None, state: BulkJobState, sleep: Callable[[float], object]) -> None:
    """Let happen what a fault says of a job that has entered a state.

    Raises: JobFaultError, InternalError.
    """
    if fault is None:
        return
    if state is BulkJobState.IN_PROGRESS:
        sleep(fault.delay_seconds)
        _raise_at_work(fault)
    if fault.action.job is not None and fault.action.job.fail_in is state:
        raise JobFaultError(_reason(fault))


def refused_first(fault: Fault | None) -> int:
    """Return how many of an import's first records are to fail."""
    return 0 if fault is None or fault.action.job is None else fault.action.job.failed_records


def _raise_at_work(fault: Fault) -> None:
    if fault.action.object_store is not None:
        raise InternalError(f"The object store answered {fault.action.object_store}")
    if fault.action.error is not None and fault.action.job is None:
        raise JobFaultError(_reason(fault))


def _reason(fault: Fault) -> JobError:
    error = fault.action.raised
    if error is None:
        return JobError(InternalError.code, fault.action.message or _MESSAGE, {})
    return JobError(error.code, error.message, error.details)
