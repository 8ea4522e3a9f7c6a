"""Generated requests on real deployments, sound and broken."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from spectra_conformance.contract_layer import layer
from spectra_conformance.contract_layer.assignment import Assignment
from spectra_conformance.contract_layer.description import described_for
from spectra_conformance.contract_layer.known_queries import known_queries
from spectra_conformance.contract_layer.promises import deciders, promises
from spectra_conformance.openapi import operations
from spectra_conformance.requirements import requirements
from spectra_conformance.verdicts import Outcome

from tests.conformance.kit import failed, session_on, unhappy
from tests.conformance.wrapped import Alter, Passing, wrapped
from tests.emulator import Emulator, Emulators


def changed(passing: Passing, **members: Any) -> Passing:
    """Change members of a JSON answer."""
    return replace(passing, body=json.dumps({**json.loads(passing.body), **members}).encode())


def with_another_row_count(passing: Passing) -> Passing:
    metadata = json.loads(passing.body)["metadata"]
    return changed(passing, metadata={**metadata, "row_count": metadata["row_count"] + 1})


FAULTS: tuple[tuple[str, str, int, Alter], ...] = (
    ("POST", r"/v1/queries", 200, with_another_row_count),
    ("GET", r"/v1/bulk/jobs", 400, lambda passing: replace(passing, status=500)),
    ("POST", r"/v1/bulk/jobs", 201, lambda passing: changed(passing, operation="delete")),
    ("GET", r"/v1/jobs/[^/]+", 200, lambda passing: changed(passing, tenant_id="somebody")),
    ("GET", r"/v1/bulk/jobs/[^/]+/results", 200, lambda passing: changed(passing, size_bytes=1)),
    ("GET", r"/v1/bulk/jobs/[^/]+", 404, lambda passing: replace(passing, headers={"content-type": "text/html"})),
)
"""Method, path and status of the answers that are altered, and how."""


def broken(passing: Passing) -> Passing:
    """Break one promise of each of several operations."""
    path = passing.path.partition("?")[0]
    for method, form, status, alter in FAULTS:
        if (passing.method, passing.status) == (method, status) and re.fullmatch(form, path):
            return alter(passing)
    return passing


@dataclass(frozen=True)
class SoundRun:
    outcomes: list[Outcome]
    creations_planned: int
    creations_sent: int
    still_open: list[Any]


@pytest.fixture(scope="module")
def sound(emulators: Emulators, tmp_path_factory: pytest.TempPathFactory) -> SoundRun:
    """Run `standard` with its own budget on a server of its own."""
    own = emulators.start("--rate-limits", "off")
    statuses: list[int] = []

    def count(passing: Passing) -> Passing:
        statuses.extend([passing.status] if (passing.method, passing.path) == ("POST", "/v1/bulk/jobs") else [])
        return passing

    limits = dict.fromkeys(("queries", "job_reads", "bulk_creations", "bulk_reads"), 6000)
    settings: dict[str, Any] = {"no_pacing": False, "limits": limits, "rate_limits": False, "profile": "standard"}
    folder = tmp_path_factory.mktemp("sound")
    with wrapped(own.url, count) as url, session_on(url, folder, **settings) as (session, outcomes):
        layer.run(session)
    still_open = own.call("GET", "/bulk/jobs?state=Open&limit=100").json["jobs"]
    sent = sum(status != 401 for status in statuses)
    return SoundRun(outcomes, layer.plan(session).calls["bulk_creations"], sent, still_open)


def test_a_sound_deployment_keeps_every_promise_that_generated_requests_ask_of_it(sound: SoundRun) -> None:
    assert unhappy(sound.outcomes) == []
    assert len(sound.outcomes) > 100


def test_generated_jobs_are_closed_at_the_end(sound: SoundRun) -> None:
    assert sound.still_open == []


def test_no_more_jobs_are_created_than_the_profile_has(sound: SoundRun) -> None:
    assert 0 < sound.creations_sent <= sound.creations_planned


def test_broken_promises_are_found_and_named(server: Emulator, tmp_path: Path) -> None:
    limits = dict.fromkeys(("queries", "job_reads", "bulk_creations", "bulk_reads"), 6000)
    settings: dict[str, Any] = {"no_pacing": False, "limits": limits, "rate_limits": False, "profile": "standard"}
    with wrapped(server.url, broken) as url, session_on(url, tmp_path, **settings) as (session, outcomes):
        layer.run(session)
    assert failed(outcomes) >= {
        "contract:row_count_is_the_number_of_rows:executeQuery",
        "contract:ST101:listBulkJobs",
        "contract:a_new_job_is_as_it_was_asked_for:createBulkJob",
        "contract:the_record_names_the_callers_tenant:getJob",
        "contract:the_download_link_gives_the_file:getBulkJobResults",
        "contract:the_answer_is_as_described:getBulkJob",
    }


def test_a_read_only_run_sends_reads_alone(server: Emulator, tmp_path: Path) -> None:
    seen: list[Passing] = []

    def note(passing: Passing) -> Passing:
        seen.append(passing)
        return passing

    with wrapped(server.url, note) as url, session_on(url, tmp_path, profile="smoke", read_only=True) as (session, _):
        layer.run(session)
    posts = [passing for passing in seen if passing.method == "POST"]
    assert {passing.method for passing in seen} == {"GET", "POST"}
    assert {passing.path for passing in posts} == {"/v1/queries"}
    assert {json.loads(passing.sent)["sql"] for passing in posts} <= known_queries().keys()


def test_only_one_check_is_told_of_when_one_is_asked_for(server: Emulator, tmp_path: Path) -> None:
    only = ("contract:known_rows_come_back:executeQuery",)
    with session_on(server.url, tmp_path, only, profile="smoke") as (session, outcomes):
        layer.run(session)
    assert {outcome.check for outcome in outcomes} == set(only)


def test_every_requirement_that_a_check_names_exists() -> None:
    named = {id_ for ids in layer.deciders().values() for id_ in ids}
    of_queries = {id_ for known in known_queries().values() for id_ in known.promises}
    assert named | of_queries <= requirements().keys()


def test_every_check_of_the_list_has_a_function() -> None:
    own = {name for name, promise in promises().items() if promise.code is None}
    assert own == deciders().keys()


def test_every_operation_that_a_check_names_is_described() -> None:
    known = {operation.operation_id for operation in operations()} | {"*", "undeclared"}
    assert {operation_id for one in promises().values() for operation_id in one.by_operation} <= known


def test_the_generator_knows_no_table_and_no_sql_but_the_kits_own(tmp_path: Path) -> None:
    with session_on("http://127.0.0.1:9", tmp_path) as (session, _):
        described = described_for(session.target)
    bodies = [described["paths"][path]["post"]["requestBody"] for path in ("/queries", "/bulk/jobs")]
    requests = json.dumps([bodies, described["components"]["schemas"]["Sql"]])
    assert "sales" not in requests
    assert "customers" not in requests
    assert "IdempotencyKey" not in json.dumps(described["paths"])


def test_credentials_on_disk_are_for_this_user_alone(tmp_path: Path) -> None:
    with session_on("http://127.0.0.1:9", tmp_path) as (session, _):
        path = tmp_path / "assignment"
        Assignment(session.target, *([None] * 4)).write(path)  # type: ignore[arg-type] -- only the mode is looked at
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("profile", ["smoke", "standard", "full"])
def test_the_plan_of_a_profile_keeps_to_its_creations(tmp_path: Path, profile: str) -> None:
    with session_on("http://127.0.0.1:9", tmp_path, profile=profile, no_pacing=False) as (session, _):
        creations = layer.plan(session).calls["bulk_creations"]
    assert creations == {"smoke": 0, "standard": 12, "full": 30}[profile]
