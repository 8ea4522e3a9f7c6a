"""What a run means to do, told before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from spectra_conformance import run
from spectra_conformance.pacing import Pacer
from spectra_conformance.session import Plan
from spectra_conformance.suite import layer

from tests.conformance.command import KitRun, kit
from tests.conformance.deployments import Reply, answering
from tests.conformance.kit import session_on

OWNERS, PEERS = Plan(1, {"queries": 5, "bulk_creations": 9}), Plan(2, {}, {"bulk_creations": 18})
LIMITS = {"queries": 100, "bulk_creations": 10}


def test_the_calls_of_two_tenants_are_added_apart() -> None:
    both = run.together([OWNERS, PEERS, OWNERS])

    assert (both.checks, both.calls, both.peer_calls) == (
        4,
        {"queries": 10, "bulk_creations": 18},
        {"bulk_creations": 18},
    )
    assert both.of_the_busiest == {"queries": 10, "bulk_creations": 18}


def test_each_layer_waits_for_its_fullest_bucket() -> None:
    assert run.minutes([OWNERS, PEERS], Pacer(LIMITS)) == 2


@pytest.mark.parametrize(("declared", "shared"), [(True, True), (False, False)], ids=["two tenants", "one"])
def test_scenarios_share_their_calls_out_where_there_are_two_tenants(
    tmp_path: Path, declared: bool, shared: bool
) -> None:
    peer = {} if declared else {"peer_api_key": None, "peer_tenant": None}
    with session_on("http://127.0.0.1:1", tmp_path, no_pacing=False, **peer) as (session, _):
        plan = layer.plan(session)

    assert bool(plan.peer_calls) is shared
    assert plan.calls["bulk_creations"] > plan.peer_calls.get("bulk_creations", 0)


@pytest.fixture(scope="module")
def unmatched(tmp_path_factory: pytest.TempPathFactory) -> tuple[KitRun, int]:
    """Run what no check is called, and return how many requests that sent."""
    with answering(lambda _: Reply()) as deployment:
        environ = {"SPECTRA_API_KEY": "any"}
        ran = kit(
            tmp_path_factory.mktemp("unmatched"), "run", "--url", deployment.url, "--only", "nothing.*", environ=environ
        )
        return ran, len(deployment.received)


def test_a_pattern_that_matches_nothing_ends_the_run_in_one_sentence(unmatched: tuple[KitRun, int]) -> None:
    ran, sent = unmatched

    assert (ran.code, sent) == (2, 0)
    assert "--only nothing.* matches no check and no requirement" in ran.output
    assert len(ran.output.strip().splitlines()) == 1
