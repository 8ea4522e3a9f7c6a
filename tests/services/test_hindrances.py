"""What is remembered of jobs that a tester steers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.domain.jobs import Job, JobStatus
from spectra_emulator.services.faults import Faults
from spectra_emulator.services.hindrances import Hindrances

NOW = datetime(2030, 1, 31, tzinfo=UTC)
JOB = Job("job-1", "tenant-123", JobStatus.RUNNING, submitted_at=NOW, started_at=NOW)


@pytest.fixture
def hindrances() -> Hindrances:
    return Hindrances(Faults(lambda: NOW))


def held(hindrances: Hindrances, *jobs: Job) -> SqliteState:
    """Hold the job and return a store with its records."""
    state = SqliteState()
    for job in jobs:
        state.add_job(job)
    hindrances.steps.hold(JOB.job_id, JOB.tenant_id)
    return state


@pytest.mark.parametrize(
    "jobs",
    [pytest.param((replace(JOB, status=JobStatus.FAILED),), id="ended"), pytest.param((), id="gone")],
)
def test_a_job_that_is_over_is_held_no_longer(hindrances: Hindrances, jobs: tuple[Job, ...]) -> None:
    hindrances.forget_ended(held(hindrances, *jobs), JOB.tenant_id)

    assert hindrances.steps.free


def test_a_job_under_way_stays_held(hindrances: Hindrances) -> None:
    hindrances.forget_ended(held(hindrances, JOB), JOB.tenant_id)

    assert not hindrances.steps.free


def test_another_tenant_s_job_stays_held(hindrances: Hindrances) -> None:
    hindrances.forget_ended(held(hindrances), "tenant-456")

    assert not hindrances.steps.free


def test_a_step_that_was_granted_goes_with_its_job(hindrances: Hindrances) -> None:
    hindrances.steps.advance(JOB.job_id, JOB.tenant_id)
    hindrances.steps.hold(JOB.job_id, JOB.tenant_id)
    hindrances.steps.forget(JOB.job_id)
    hindrances.steps.hold(JOB.job_id, JOB.tenant_id)

    assert not hindrances.steps.passed(JOB.job_id, lambda: True)
