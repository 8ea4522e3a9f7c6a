"""What credentials may do that have one permission alone."""

from __future__ import annotations

import pytest

from spectra_conformance.answer import Answer
from spectra_conformance.client import Client
from spectra_conformance.suite.asides import hold, note, warn_unless
from spectra_conformance.suite.asking import NOWHERE
from spectra_conformance.suite.operations import OK, REQUIREMENTS, Expected, assert_expected, call
from spectra_conformance.suite.refusals import STATUS, assert_refused
from spectra_conformance.suite.registry import decides

SERVED, BAD_REQUEST = 200, 400
SQL = {"sql": "SELECT 1 AS a"}
TO_READERS = frozenset({"get_job", "get_bulk_job", "results", "job_results"})
TO_ASKERS = frozenset({"get_job", "job_results"})


def assert_permitted(answer: Answer, operation: str, permitted: frozenset[str]) -> None:
    if operation == "set_open" and answer.status == STATUS["INVALID_REQUEST"]:
        note("an unknown state is refused before the permission")
        return
    assert_expected(answer, Expected(OK if operation in permitted else "FORBIDDEN"))


@decides("PRM-01", "PRM-02", "PRM-03", "ERR-14", needs=("restricted_key",), bulk_creations=1, queries=1)
def test_a_key_that_may_only_read_bulk_jobs_neither_queries_nor_creates(restricted: Client) -> None:
    assert_refused(restricted.query("SELECT 1 AS a"), "FORBIDDEN")
    refused = restricted.bulk(operation="query", object=NOWHERE, query="SELECT 1 AS a")
    assert_refused(refused, "FORBIDDEN")
    assert restricted.get("/bulk/jobs").status == SERVED
    named = refused.details.get("required_permission", "bulk:create")
    warn_unless("PRM-03", named, "bulk:create", "details.required_permission")


@pytest.mark.parametrize("operation", REQUIREMENTS)
@decides("PRM-01", "PRM-02", "PRM-03", "ERR-14", needs=("restricted_key",), bulk_creations=1, queries=0)
def test_a_key_that_may_only_read_bulk_jobs_does_no_more(
    restricted: Client, finished_export: str, operation: str
) -> None:
    assert_permitted(call(restricted, operation, finished_export), operation, TO_READERS)


@decides("PRM-03", "PRM-01", "FMT-20", needs=("restricted_key", "sandbox_table"), bulk_creations=1, queries=0)
def test_a_key_that_may_only_read_bulk_jobs_gets_the_refused_records(
    owner: Client, restricted: Client, finished_import: str
) -> None:
    path = f"/bulk/jobs/{finished_import}/failed-results"

    if owner.get(path, check=False).status == SERVED:
        warn_unless("PRM-03", restricted.get(path, check=False).status, SERVED, "status of the refused records")


@decides("PRM-01", "PRM-02", "PRM-03", "ERR-14", needs=("query_key",), queries=1, writes=True)
def test_a_key_that_may_only_query_reads_what_it_asked(owner: Client, querying: Client) -> None:
    asked = querying.query("SELECT 1 AS a")
    assert asked.status == SERVED, asked.shown
    job_id = asked.json()["metadata"]["query_id"]

    for operation in (*TO_ASKERS, "cancel"):
        shown = call(owner, operation, job_id).status
        warn_unless("PRM-03", call(querying, operation, job_id).status, shown, f"status of {operation}")


@decides("PRM-01", "PRM-02", "PRM-03", "ERR-14", needs=("query_key",), queries=0, writes=True)
def test_a_key_that_may_only_query_neither_lists_nor_creates_bulk_jobs(querying: Client) -> None:
    assert_refused(querying.get("/bulk/jobs"), "FORBIDDEN")
    refused = querying.bulk(operation="query", object=NOWHERE, query="SELECT 1 AS a")

    assert_refused(refused, "FORBIDDEN")
    named = refused.details.get("required_permission", "bulk:create")
    warn_unless("PRM-03", named, "bulk:create", "details.required_permission")


@pytest.mark.parametrize("operation", REQUIREMENTS)
@decides("PRM-01", "PRM-02", "PRM-03", "ERR-14", needs=("query_key",), bulk_creations=1, queries=0)
def test_a_key_that_may_only_query_changes_no_bulk_job(querying: Client, finished_export: str, operation: str) -> None:
    answer = call(querying, operation, finished_export)

    if operation in TO_ASKERS:
        warn_unless("PRM-03", answer.status, SERVED, f"status of {operation}")
    else:
        assert_permitted(answer, operation, TO_ASKERS)


@decides("GEN-10", "PRM-01", needs=("restricted_key",), writes=True, profile="full")
def test_the_permission_is_looked_at_before_the_body(restricted: Client) -> None:
    answer = restricted.post("/queries", content=b"{", headers={"content-type": "application/json"})

    assert answer.status in {403, BAD_REQUEST}, answer.shown
    hold("GEN-10", answer.status, 403, "status")


@decides("PRM-02", "PRM-01", "AUTH-12", needs=("restricted_key",), writes=True, profile="full")
def test_headers_add_no_permission(restricted: Client) -> None:
    claimed = {"x-permissions": "*", "x-db-user": "admin"}

    assert_refused(restricted.post("/queries", json=SQL, headers=claimed), "FORBIDDEN")
