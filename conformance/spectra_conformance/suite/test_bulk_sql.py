"""The SQL rules when a bulk job is created."""

from __future__ import annotations

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import hold
from spectra_conformance.suite.asking import NOWHERE
from spectra_conformance.suite.refusals import assert_refused
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_sql_rules import assert_blocked

CREATED, BAD_REQUEST = 201, 400

AT_CREATION = {
    "drop": f"DROP TABLE {NOWHERE}",
    "stacked": f"SELECT 1 AS a; DROP TABLE {NOWHERE}",
    "lower-delete": f"delete from {NOWHERE}",
    "into": f"SELECT 1 AS a INTO {NOWHERE}",
    "with-delete": f"WITH a AS (SELECT 1 AS n) DELETE FROM {NOWHERE}",
    "unload": f"UNLOAD ('SELECT 1') TO 's3://{NOWHERE}/x' IAM_ROLE default",
}


@pytest.mark.parametrize("sql", list(AT_CREATION.values())[:1], ids=list(AT_CREATION)[:1])
@decides("SQL-18", "BLK-15", "ERR-12", "SQL-19", bulk_creations=1, queries=0)
def test_a_bulk_job_takes_no_blocked_sql(either: Client, sql: str) -> None:
    assert_blocked_at_creation(either, sql)


@pytest.mark.parametrize("sql", list(AT_CREATION.values())[1:], ids=list(AT_CREATION)[1:])
@decides("SQL-18", "BLK-15", "ERR-12", "SQL-19", profile="full", bulk_creations=1, queries=0)
def test_a_bulk_job_takes_no_hidden_change(either: Client, sql: str) -> None:
    assert_blocked_at_creation(either, sql)


@decides("SQL-18", "BLK-15", "ERR-11", "IDM-06", profile="full", bulk_creations=2, queries=0)
def test_a_bulk_job_takes_no_sql_that_does_not_parse(either: Client, key: str) -> None:
    named = {"x-idempotency-key": key}
    answer = either.bulk(named, operation="query", object=NOWHERE, query="SELECT (1")

    if answer.status == CREATED:
        hold("SQL-18", answer.status, BAD_REQUEST, "status of a creation with broken SQL")
    else:
        assert_refused(answer, "INVALID_SQL")
        repeated = either.bulk(named, operation="query", object=NOWHERE, query="SELECT 1 AS a")
        hold("IDM-06", repeated.status, CREATED, "status of another creation with the key of a refused one")


def assert_blocked_at_creation(owner: Client, sql: str) -> None:
    """Assert that a bulk job is refused for its SQL; one that is created all the same must fail as it runs."""
    answer = owner.bulk(operation="query", object=NOWHERE, query=sql)
    if answer.status == CREATED:
        hold("SQL-18", answer.status, BAD_REQUEST, "status of a creation with blocked SQL")
        job_id = answer.json()["job_id"]
        bulk.begun(owner, job_id)
        bulk.ended(owner, job_id, "Failed")
        return
    assert_blocked(answer)
