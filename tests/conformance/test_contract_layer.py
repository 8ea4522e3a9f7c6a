"""Generated requests on real deployments, sound and broken."""

from __future__ import annotations

import json
import re
from dataclasses import replace
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

from tests.conformance.kit import failed, session_on
from tests.conformance.wrapped import Alter, Passing, wrapped
from tests.emulator import Emulator


def changed(passing: Passing, **members: Any) -> Passing:
    """Change members of a JSON answer."""
    return replace(passing, body=json.dumps({**json.loads(passing.body), **members}).encode())


def with_another_row_count(passing: Passing) -> Passing:
    metadata = json.loads(passing.body)["metadata"]
    return changed(passing, metadata={**metadata, "row_count": metadata["row_count"] + 1})


FAULTS: tuple[tuple[str, str, int, Alter], ...] = (
    ("POST", r"/v1/queries", 200, with_another_row_count),
    ("GET", r"/v1/bulk/jobs", 200, lambda passing: replace(passing, status=500)),
    ("POST", r"/v1/bulk/jobs", 201, lambda passing: changed(passing, operation="delete")),
    ("GET", r"/v1/jobs/[^/]+", 200, lambda passing: changed(passing, tenant_id="somebody")),
    ("GET", r"/v1/bulk/jobs/[^/]+/results", 200, lambda passing: changed(passing, size_bytes=1)),
    ("GET", r"/v1/bulk/jobs/[^/]+", 200, lambda passing: replace(passing, headers={"content-type": "text/html"})),
)
"""Method, path and status of the answers that are altered, and how."""


def broken(passing: Passing) -> Passing:
    """Break one promise of each of several operations."""
    path = passing.path.partition("?")[0]
    for method, form, status, alter in FAULTS:
        if (passing.method, passing.status) == (method, status) and re.fullmatch(form, path):
            return alter(passing)
    return passing


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


def test_only_one_check_is_told_of_when_one_is_asked_for(tmp_path: Path) -> None:
    only = ("contract:known_rows_come_back:executeQuery",)
    with session_on("http://127.0.0.1:9", tmp_path, only, profile="smoke") as (session, _):
        assert layer.plan(session).checks == 1


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
        creations = layer.plan(session).of_the_busiest["bulk_creations"]
    assert creations == {"smoke": 0, "standard": 7, "full": 19}[profile]
