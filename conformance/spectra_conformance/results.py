"""All that a run found, as every report tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum

from spectra_conformance.capabilities import Capability
from spectra_conformance.requirements import Requirement
from spectra_conformance.verdicts import Outcome, Verdict, graded, worst
from spectra_conformance.waivers import BROKEN, Waiver


class Exit(IntEnum):
    CONFORMING = 0
    BROKEN = 1
    NOT_TESTED = 2
    ONLY_SHOULD = 3
    INTERRUPTED = 130


@dataclass(frozen=True)
class Result:
    """What became of one requirement; `reason` says why where it is not applicable or waived."""

    requirement: Requirement
    verdict: Verdict
    outcomes: tuple[Outcome, ...] = ()
    reason: str = ""
    waiver: Waiver | None = None

    @property
    def broken(self) -> tuple[Outcome, ...]:
        """The outcomes that are no pass: what a reader wants to see first."""
        return tuple(one for one in self.outcomes if one.verdict not in {Verdict.PASS, Verdict.NOT_APPLICABLE})

    @property
    def counts(self) -> bool:
        """Whether the verdict counts for the end of the run."""
        return self.waiver is None


@dataclass(frozen=True)
class Circumstances:
    """What a reader needs to know, and to repeat, a run; `calls` are those of the busiest tenant, by bucket."""

    kit_version: str
    contract_sha256: str
    schemathesis_version: str
    url: str
    profile: str
    seed: int
    read_only: bool
    strict: bool
    pacing: bool
    started_at: datetime
    seconds: float
    capabilities: tuple[Capability, ...]
    calls: Mapping[str, int] = field(default_factory=dict)
    checked_answers: int = 0
    waited_seconds: float = 0.0
    unexpected_429: int = 0
    deviations: Mapping[str, int] = field(default_factory=dict)
    flakes: tuple[str, ...] = ()
    left_open: tuple[str, ...] = ()
    interrupted: bool = False
    stopped_by: str = ""


@dataclass(frozen=True)
class Results:
    circumstances: Circumstances
    results: tuple[Result, ...]
    waiver_complaints: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    """What went wrong with the kit itself, beyond any requirement."""

    @property
    def counted(self) -> Counter[Verdict]:
        return Counter(result.verdict for result in self.results)

    @property
    def broken(self) -> bool:
        """Whether a MUST failed that no waiver excuses."""
        return any(result.counts and result.verdict is Verdict.FAIL for result in self.results)

    @property
    def exit_code(self) -> Exit:
        """0 conforming, 1 a MUST failed, 2 the kit could not do its job, 3 only SHOULDs and strict, 130 interrupted."""
        verdicts = {result.verdict for result in self.results if result.counts}
        tested = any(result.verdict is not Verdict.NOT_APPLICABLE for result in self.results)
        unfit = bool(self.circumstances.stopped_by or self.faults) or Verdict.ERROR in verdicts or not tested
        held = (
            (self.circumstances.interrupted, Exit.INTERRUPTED),
            (self.broken or bool(self.waiver_complaints), Exit.BROKEN),
            (unfit, Exit.NOT_TESTED),
            (self.circumstances.strict and Verdict.WARN in verdicts, Exit.ONLY_SHOULD),
        )
        return next((code for holds, code in held if holds), Exit.CONFORMING)


def judged(
    outcomes: Iterable[Outcome],
    requirements: Mapping[str, Requirement],
    deciders: Mapping[str, Iterable[str]],
    waivers: Iterable[Waiver],
) -> tuple[Result, ...]:
    """Return the result of every requirement; `deciders` are the checks of each, whether or not they ran."""
    named: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for id_ in outcome.requirements:
            named.setdefault(id_, []).append(outcome)
    waived = {waiver.requirement: waiver for waiver in waivers}
    return tuple(
        _result(requirement, tuple(named.get(id_, ())), bool(deciders.get(id_)), waived.get(id_))
        for id_, requirement in requirements.items()
    )


def complaints(results: Iterable[Result], waivers: Iterable[Waiver], today: date) -> tuple[str, ...]:
    """Return what is wrong with the waivers themselves."""
    verdicts = {result.requirement.id: result.verdict for result in results}
    told = (waiver.complaint(verdicts.get(waiver.requirement), today) for waiver in waivers)
    return tuple(complaint for complaint in told if complaint)


def _result(requirement: Requirement, outcomes: tuple[Outcome, ...], decided: bool, waiver: Waiver | None) -> Result:
    verdict = worst(graded(outcome, requirement.level) for outcome in outcomes)
    reason = _reason(requirement, outcomes, decided) if verdict is Verdict.NOT_APPLICABLE else ""
    return Result(requirement, verdict, outcomes, reason, waiver if verdict in BROKEN else None)


def _reason(requirement: Requirement, outcomes: tuple[Outcome, ...], decided: bool) -> str:
    """Say why a requirement is not applicable."""
    told = next((outcome.note for outcome in outcomes if outcome.note), "")
    if told or outcomes:
        return told
    if requirement.beyond:
        return requirement.beyond
    return "nothing of this run decides it" if decided else "no check decides it"
