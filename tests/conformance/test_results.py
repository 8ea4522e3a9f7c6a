"""What single checks found becomes a verdict for each requirement, and an exit code for the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from spectra_conformance.report.wording import ending
from spectra_conformance.requirements import Requirement
from spectra_conformance.results import Exit, Results, judged
from spectra_conformance.verdicts import Outcome, Verdict, graded, worst
from spectra_conformance.waivers import Waiver

from tests.conformance.circumstances import CIRCUMSTANCES

MUST = Requirement("GEN-01", "MUST", "reference", "It must.")
SHOULD = Requirement("GEN-02", "SHOULD", "reference", "It should.")
MAY = Requirement("GEN-03", "MAY", "reference", "It may.")
BEYOND = Requirement("GEN-05", "MUST", "reference", "It must, unseen.", beyond="No client can see it.")
ALL = {one.id: one for one in (MUST, SHOULD, MAY, BEYOND)}
WAIVER = Waiver("GEN-01", "known", date(2999, 1, 1))


def outcome(verdict: Verdict, *ids: str) -> Outcome:
    return Outcome(ids, "a.check", "scenarios", verdict)


def results(*outcomes: Outcome, waivers: tuple[Waiver, ...] = (), **circumstances: object) -> Results:
    met = replace(CIRCUMSTANCES, **circumstances)  # type: ignore[arg-type]  # members of the dataclass
    faults = tuple(one.check for one in outcomes if not one.requirements)
    return Results(met, judged(outcomes, ALL, {"GEN-01": ["a.check"]}, waivers), faults=faults)


@pytest.mark.parametrize(
    ("requirement", "expected"), [(MUST, Verdict.FAIL), (SHOULD, Verdict.WARN), (MAY, Verdict.PASS)]
)
def test_a_broken_promise_means_what_its_level_says(requirement: Requirement, expected: Verdict) -> None:
    assert graded(outcome(Verdict.FAIL), requirement.level) is expected


def test_the_worst_of_the_deciders_is_the_verdict() -> None:
    (result, *_) = results(outcome(Verdict.PASS, "GEN-01"), outcome(Verdict.FAIL, "GEN-01")).results

    assert (result.verdict, len(result.broken)) == (Verdict.FAIL, 1)


def test_nothing_decided_is_not_applicable() -> None:
    assert worst([]) is Verdict.NOT_APPLICABLE


def test_what_is_not_applicable_says_why() -> None:
    skipped = Outcome(("GEN-02",), "a.check", "scenarios", Verdict.NOT_APPLICABLE, note="no second tenant is declared")

    assert [one.reason for one in results(skipped).results] == [
        "nothing of this run decides it",
        "no second tenant is declared",
        "no check decides it",
        "No client can see it.",
    ]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(results(outcome(Verdict.PASS, "GEN-01")), Exit.CONFORMING, id="conforming"),
        pytest.param(results(outcome(Verdict.FAIL, "GEN-01")), Exit.BROKEN, id="a MUST"),
        pytest.param(results(outcome(Verdict.FAIL, "GEN-02")), Exit.CONFORMING, id="a SHOULD"),
        pytest.param(results(outcome(Verdict.FAIL, "GEN-02"), strict=True), Exit.ONLY_SHOULD, id="a SHOULD, strict"),
        pytest.param(results(outcome(Verdict.FAIL, "GEN-03"), strict=True), Exit.CONFORMING, id="a MAY, strict"),
        pytest.param(results(), Exit.NOT_TESTED, id="nothing tested"),
        pytest.param(results(outcome(Verdict.ERROR, "GEN-01")), Exit.NOT_TESTED, id="the kit's own fault"),
        pytest.param(
            results(outcome(Verdict.PASS, "GEN-01"), outcome(Verdict.ERROR)), Exit.NOT_TESTED, id="a layer's fault"
        ),
        pytest.param(results(outcome(Verdict.PASS, "GEN-01"), stopped_by="429"), Exit.NOT_TESTED, id="stopped"),
        pytest.param(results(outcome(Verdict.FAIL, "GEN-01"), interrupted=True), Exit.INTERRUPTED, id="interrupted"),
        pytest.param(results(outcome(Verdict.FAIL, "GEN-01"), waivers=(WAIVER,)), Exit.CONFORMING, id="waived"),
        pytest.param(
            replace(results(outcome(Verdict.PASS, "GEN-01")), waiver_complaints=("expired",)),
            Exit.BROKEN,
            id="bad waiver",
        ),
    ],
)
def test_the_exit_code_says_how_the_run_ended(found: Results, expected: Exit) -> None:
    assert found.exit_code is expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(results(outcome(Verdict.FAIL, "GEN-01")), "not conforming: a MUST is broken", id="a promise"),
        pytest.param(
            replace(results(outcome(Verdict.PASS, "GEN-01"), waivers=(WAIVER,)), waiver_complaints=("it passes",)),
            "not conforming: a waiver does not hold",
            id="a waiver alone",
        ),
    ],
)
def test_the_last_line_says_what_does_not_hold(found: Results, expected: str) -> None:
    assert ending(found) == expected
