"""The scenario layer: what it selects, and that it can fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from spectra_conformance import wire
from spectra_conformance.journal import Journal
from spectra_conformance.pacing import Pacer
from spectra_conformance.requirements import requirements
from spectra_conformance.session import Session
from spectra_conformance.suite import layer
from spectra_conformance.suite.pytest_plugin import played
from spectra_conformance.target import Target
from spectra_conformance.target_sources import gathered
from spectra_conformance.target_sources import target as described
from spectra_conformance.verdicts import Outcome, Verdict, by_requirement
from spectra_conformance.wire import Wire

from tests.conformance.command import played_on
from tests.conformance.wrapped import Alter, Passing, wrapped
from tests.emulator import Emulator
from tests.mutants.catalogue import hand_written
from tests.mutants.deployment import deployed
from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.mechanical import mechanical
from tests.mutants.trial import EMULATOR, catches

PROFILES = ("smoke", "standard", "full")


def target_at(url: str, profile: str) -> Target:
    return described(gathered({}, {}, EMULATOR) | {"url": url, "profile": profile, "no_pacing": True})


@contextmanager
def wired(target: Target, folder: Path) -> Iterator[Wire]:
    opened = wire.opened(target, Pacer(target.limits, enabled=False), Journal(folder / "journal.jsonl"))
    yield opened
    opened.http.close()


def test_every_scenario_decides_promises_that_exist() -> None:
    decided = {id_ for named in layer.deciders().values() for id_ in named}

    assert decided <= requirements().keys()


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    """Play one family of scenarios on a deployment that counts all rows for those of the answer."""
    (mutant,) = (each for each in hand_written() if each.name == "query:the-row-count-is-the-total")
    with (
        deployed(mutant.file, mutant.source(), "--rate-limits", "off") as url,
        wired(target_at(url, "smoke"), tmp_path_factory.mktemp("broken")) as opened,
    ):
        return played(opened, lambda _: None, lambda check, _: check.startswith("row_cap."))


def test_a_broken_promise_is_found(broken: list[Outcome]) -> None:
    assert {"QRY-23"} <= {id_ for each in broken if catches(each) for id_ in each.requirements}


def test_a_failure_shows_what_was_expected_what_came_and_how_to_repeat_it(broken: list[Outcome]) -> None:
    (failure,) = (each for each in broken if each.check == "row_cap.the_limit_parameter_caps_the_rows:1")

    assert (failure.expected, failure.actual.splitlines()[0]) == ("1", "100")
    assert "SELECT n FROM numbers" in failure.curl
    assert "spk_tenant-123_demo" not in failure.curl


@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_keeps_to_its_bulk_creations(tmp_path: Path, profile: str) -> None:
    target = target_at("http://127.0.0.1:1/v1", profile)
    with wired(target, tmp_path) as opened:
        calls = layer.plan(Session(target, opened, tmp_path, lambda _: None)).calls

    assert calls["bulk_creations"] <= {"smoke": 8, "standard": 45, "full": 120}[profile]


def test_every_mutant_is_placed_and_named_once() -> None:
    mutants = hand_written()

    assert len({each.name for each in mutants}) == len(mutants) >= 100
    assert [each.name for each in mutants if each.source() == (each.source().replace(each.new, each.old))] == []


def test_every_equivalent_is_a_mutant_with_a_reason() -> None:
    assert EQUIVALENT.keys() <= {each.name for each in hand_written()}
    assert all(EQUIVALENT.values())


def test_a_seed_draws_the_same_mechanical_mutants() -> None:
    first, second = ([each.name for each in mechanical(5, seed=1)] for _ in range(2))

    assert first == second


def begun_at_once(passing: Passing) -> Passing:
    """Show an export that is open as one that runs already."""
    shown = json.loads(passing.body) if passing.method == "GET" and passing.path.startswith("/v1/bulk/jobs/") else {}
    if shown.get("operation") != "query":
        return passing
    return replace(passing, body=json.dumps(shown | {"state": "InProgress"}).encode())


def refusing_changes(passing: Passing) -> Passing:
    """Answer every change of a job with the documented conflict."""
    conflict = {"error": {"code": "CONFLICT", "message": "No.", "details": {}}}
    return replace(passing, status=409, body=json.dumps(conflict).encode()) if passing.method == "PATCH" else passing


def verdicts_on(server: Emulator, alter: Alter, folder: Path, check: str) -> list[tuple[Verdict, str]]:
    """Play one scenario on a changed deployment and return what it told."""
    with wrapped(server.url, alter) as url, wired(target_at(f"{url}/v1", "full"), folder) as opened:
        told = played(opened, lambda _: None, lambda one, _: one == check)
    return [(outcome.verdict, outcome.note or outcome.expected) for outcome in told]


def test_what_a_deployment_is_free_to_do_is_not_applicable_with_its_reason(server: Emulator, tmp_path: Path) -> None:
    check = "states.a_client_sets_no_other_state:InProgress"

    assert verdicts_on(server, begun_at_once, tmp_path, check) == [
        (Verdict.NOT_APPLICABLE, "exports begin when they are created")
    ]


def test_a_refusal_where_a_success_is_due_is_no_fault_of_the_kit(server: Emulator, tmp_path: Path) -> None:
    check = "running.a_running_job_is_ended_by_its_user_for_good:patch"
    told = {verdict for verdict, _ in verdicts_on(server, refusing_changes, tmp_path, check)}

    assert told == {Verdict.FAIL}


def without_its_tenant(passing: Passing) -> Passing:
    """Leave the tenant out of every job's record."""
    if passing.method != "GET" or not passing.path.startswith("/v1/jobs/"):
        return passing
    told = json.loads(passing.body)
    told.pop("tenant_id", None)
    return replace(passing, body=json.dumps(told).encode())


def test_a_lesser_member_that_is_missing_is_warned_of_and_no_more(server: Emulator, tmp_path: Path) -> None:
    check = "jobs.a_query_that_has_answered_has_a_completed_record"
    with wrapped(server.url, without_its_tenant) as url, wired(target_at(f"{url}/v1", "full"), tmp_path) as opened:
        told = played(opened, lambda _: None, lambda one, _: one == check)
    levels = {id_: one.level for id_, one in requirements().items()}
    found = {id_: verdict for id_, verdict in by_requirement(told, levels).items() if verdict is not Verdict.PASS}

    assert found == {"JOB-15": Verdict.WARN}


@pytest.mark.parametrize(("flags", "code"), [((), 0), (("--strict",), 3)], ids=["told", "strict"])
def test_warnings_alone_fail_a_strict_run(
    own_server: Emulator, tmp_path: Path, flags: tuple[str, ...], code: int
) -> None:
    with wrapped(own_server.url, without_its_tenant) as url:
        ran = played_on(tmp_path, url, "--only", "jobs.a_query_that_has_answered*", *flags)

    assert ran.code == code, ran.output
