"""What one tenant's credentials get under another tenant's name."""

from __future__ import annotations

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asides import note
from spectra_conformance.suite.operations import REQUIREMENTS, call
from spectra_conformance.suite.refusals import assert_code_fits
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_identities import SQL, assert_acts_for_owner
from spectra_conformance.target import Target

CREATED = 201
REFUSALS = frozenset({400, 401, 403, 404})
BOTH = ("second_tenant",)


def assert_gets_nothing(stranger: Client, operation: str, job_id: str) -> None:
    """Assert that a call is refused, and not as by one who has seen the job."""
    answer = call(stranger, operation, job_id)

    assert answer.status in REFUSALS, answer.shown
    assert_code_fits(answer)


@pytest.mark.parametrize("operation", REQUIREMENTS)
@decides("TEN-03", "TEN-01", "TEN-02", needs=BOTH, bulk_creations=1, queries=0)
def test_another_tenants_name_opens_none_of_its_jobs(owner: Client, peer: Client, theirs: str, operation: str) -> None:
    assert_gets_nothing(owner.acting_as(peer.identity.tenant), operation, theirs)


@pytest.mark.parametrize("proof", ["jwt", "sigv4"])
@decides("TEN-03", "TEN-01", "AUTH-08", "AUTH-10", needs=(*BOTH, "jwt", "sigv4"), bulk_creations=1, queries=1)
def test_no_other_proof_acts_for_another_tenant(
    request: pytest.FixtureRequest, owner: Client, peer: Client, target: Target, theirs: str, proof: str
) -> None:
    stranger: Client = request.getfixturevalue(proof).acting_as(peer.identity.tenant)

    assert_gets_nothing(stranger, "get_bulk_job", theirs)
    assert_gets_nothing(stranger, "cancel", theirs)
    assert_acts_for_owner(owner, stranger.send("POST", "/queries", json=SQL, check=False), target)


@decides("TEN-03", "TEN-01", needs=BOTH, bulk_creations=1, queries=0, profile="full")
def test_a_job_made_under_another_tenants_name_is_not_theirs(owner: Client, peer: Client) -> None:
    stranger = owner.acting_as(peer.identity.tenant)
    answer = stranger.send("POST", "/bulk/jobs", json={"operation": "insert", "object": bulk.TABLE}, check=False)

    if answer.status == CREATED:
        note("X-Tenant-ID is ignored where the credentials name the tenant")
        assert bulk.record(owner, answer.json()["job_id"])["operation"] == "insert"
    else:
        assert answer.status in REFUSALS, answer.shown


@decides("TEN-03", "TEN-01", "BLK-23", needs=BOTH, bulk_creations=1, queries=0)
def test_a_job_is_as_it_was_after_all_that_others_tried(peer: Client, theirs: str) -> None:
    assert bulk.record(peer, theirs)["state"] == "Open"
