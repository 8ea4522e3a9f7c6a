"""A deployment that keeps bulk jobs apart is warned of; one that finds them at times is broken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from spectra_conformance.answer import Answer
from spectra_conformance.bulk_ids import APART, BulkIds
from spectra_conformance.diff import layer as diff_layer
from spectra_conformance.diff.player import Player
from spectra_conformance.diff.workload import Step
from spectra_conformance.suite import layer as suite_layer
from spectra_conformance.verdicts import Outcome, Verdict

from tests.conformance.command import played_on
from tests.conformance.kit import failed, session_on
from tests.conformance.wrapped import Passing, wrapped
from tests.emulator import Emulator

AT_JOBS = re.compile(r"(/v1/jobs/)([^/?]+)")
SHOWN = "states.a_bulk_job_shows_as_a_job*"
CANCELLED = "bulk_jobs.an_open_job_is_cancelled_through_the_job_api:import"
LIVES = ("diff:export-csv", "diff:export-cancelled")


def not_found(passing: Passing) -> Passing:
    error = {"error": {"code": "NOT_FOUND", "message": "Job not found", "details": {}}}
    return replace(passing, status=404, body=json.dumps(error).encode())


@dataclass
class Deployment:
    """Knows the bulk jobs that were created through it."""

    ids: set[str] = field(default_factory=set)

    def note(self, passing: Passing) -> Passing:
        if (passing.method, passing.path, passing.status) == ("POST", "/v1/bulk/jobs", 201):
            self.ids.add(json.loads(passing.body)["job_id"])
        return passing

    def elsewhere(self, path: str) -> str:
        """Ask for an unknown job in the place of a bulk job."""
        found = AT_JOBS.match(path)
        return AT_JOBS.sub(r"\1no-such-job", path) if found and found[2] in self.ids else path

    def without_the_finished(self, passing: Passing) -> Passing:
        found = AT_JOBS.match(passing.path)
        finished = passing.status == 200 and b'"COMPLETED"' in passing.body
        return not_found(passing) if finished and found and found[2] in self.ids else self.note(passing)


@contextmanager
def apart(server: Emulator) -> Iterator[str]:
    """Serve a deployment that finds no bulk job at /jobs."""
    deployment = Deployment()
    with wrapped(server.url, deployment.note, deployment.elsewhere) as url:
        yield url


@contextmanager
def apart_at_times(server: Emulator) -> Iterator[str]:
    """Serve a deployment that finds no finished bulk job at /jobs."""
    with wrapped(server.url, Deployment().without_the_finished) as url:
        yield url


def warnings(outcomes: list[Outcome]) -> list[tuple[tuple[str, ...], str]]:
    return [(one.requirements, one.note) for one in outcomes if one.verdict is Verdict.WARN]


def test_scenarios_warn_once_of_a_deployment_that_keeps_bulk_jobs_apart(server: Emulator, tmp_path: Path) -> None:
    with apart(server) as url, session_on(url, tmp_path, (SHOWN, CANCELLED)) as (session, outcomes):
        suite_layer.run(session)
    unseen = {one.check for one in outcomes if (one.verdict, one.note) == (Verdict.NOT_APPLICABLE, APART)}

    assert (failed(outcomes), warnings(outcomes)) == (set(), [(("JOB-10",), APART)])
    assert unseen >= {"states.a_bulk_job_shows_as_a_job:open_export", CANCELLED}


def test_scenarios_fail_where_bulk_jobs_are_found_at_times(server: Emulator, tmp_path: Path) -> None:
    with apart_at_times(server) as url, session_on(url, tmp_path, (SHOWN,)) as (session, outcomes):
        suite_layer.run(session)

    assert failed(outcomes) == {f"{SHOWN[:-1]}:finished_export", f"{SHOWN[:-1]}:finished_import"}
    assert warnings(outcomes) == []


def test_the_workload_warns_once_of_a_deployment_that_keeps_bulk_jobs_apart(server: Emulator, tmp_path: Path) -> None:
    with apart(server) as url, session_on(url, tmp_path, LIVES, profile="full") as (session, outcomes):
        diff_layer.run(session)
    passed = {id_ for one in outcomes if one.verdict is Verdict.PASS for id_ in one.requirements}

    assert (failed(outcomes), warnings(outcomes)) == (set(), [(("JOB-10",), APART)])
    assert not {"JOB-01", "JOB-10", "JOB-21"} & passed
    assert "BLK-40" in passed


def test_the_workload_fails_where_bulk_jobs_are_found_at_times(server: Emulator, tmp_path: Path) -> None:
    with apart_at_times(server) as url, session_on(url, tmp_path, LIVES, profile="full") as (session, outcomes):
        diff_layer.run(session)

    assert failed(outcomes) == {"diff:export-csv"}


def of_an_export(step: Step) -> bool:
    return step.name.startswith(("export-csv", "export-cancelled"))


def test_a_reference_that_keeps_bulk_jobs_apart_blames_no_other_deployment(server: Emulator, tmp_path: Path) -> None:
    with apart(server) as url, session_on(url, tmp_path, profile="full") as (session, _):
        reference = Player(session, of_an_export).play()
    with session_on(server.url, tmp_path, profile="full") as (session, _):
        played = Player(session, of_an_export).play()
    told = list(diff_layer.outcomes(reference, played, 1, BulkIds()))

    assert {one.check for one in told} == {"diff:export-csv"}
    assert [one.actual for one in told if one.verdict is not Verdict.PASS] == []


@pytest.mark.parametrize(("flags", "code"), [((), 0), (("--strict",), 3)], ids=["told", "strict"])
def test_a_run_warns_once_and_goes_on(server: Emulator, tmp_path: Path, flags: tuple[str, ...], code: int) -> None:
    with apart(server) as url:
        ran = played_on(tmp_path, url, "--only", SHOWN, "--only", LIVES[0], *flags)
    told = {one["id"]: one for one in ran.report["requirements"]}
    warned = [one["check"] for one in told["JOB-10"]["deciders"] if one["verdict"] == "warn"]

    assert ran.code == code, ran.output
    assert [id_ for id_, one in told.items() if one["verdict"] == "warn"] == ["JOB-10"]
    assert warned == [LIVES[0]]


def answered(status: int, code: str) -> Answer:
    body = json.dumps({"error": {"code": code, "message": ""}}).encode()
    return Answer("GET", "http://x/v1/jobs/b", status, {}, body, 0.0, {}, None)


MISS = ("owner", "/jobs/b", answered(404, "NOT_FOUND"))


@pytest.mark.parametrize(
    ("exchanges", "kept_apart"),
    [
        pytest.param([], False, id="nobody asked"),
        pytest.param([MISS], True, id="never found"),
        pytest.param([MISS, ("owner", "/jobs/b", answered(409, "CONFLICT"))], False, id="in a state that conflicts"),
        pytest.param([MISS, ("owner", "/jobs/b/results", answered(200, ""))], False, id="by its results"),
        pytest.param([MISS, ("owner", "/jobs/b", answered(401, "UNAUTHORIZED"))], True, id="without credentials"),
        pytest.param([MISS, ("owner", "/bulk/jobs/b", answered(200, ""))], True, id="as a bulk job"),
        pytest.param([MISS, ("owner", "/jobs/q", answered(200, ""))], True, id="a query's job"),
        pytest.param([("peer", *MISS[1:])], False, id="by another tenant"),
        pytest.param([("owner", "/jobs/b", answered(404, ""))], False, id="not in the contract's words"),
    ],
)
def test_bulk_jobs_are_apart_where_none_was_ever_found(
    exchanges: list[tuple[str, str, Answer]], kept_apart: bool
) -> None:
    bulk_ids = BulkIds(tenants={"b": "owner"})
    for exchange in exchanges:
        bulk_ids.note(*exchange)

    assert bulk_ids.apart is kept_apart
