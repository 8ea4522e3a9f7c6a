"""What the terminal shows as a run goes and at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from spectra_conformance.report.wording import again, counts, ending, spoken, told_first
from spectra_conformance.requirements import levels
from spectra_conformance.results import Result, Results
from spectra_conformance.session import Plan
from spectra_conformance.verdicts import Outcome, Verdict, graded, worst

BAR_WIDTH = 24
LINE_WIDTH = 100
LEAST_SHARE = 0.02
"""How much must be done before the pace says anything."""
REPAINT_SECONDS = 0.1
PLAIN_LINE_SECONDS = 15.0
MOST_EVIDENCE = 2
LONGEST_TEXT = 500
BROKEN = frozenset({Verdict.FAIL, Verdict.ERROR, Verdict.WARN})


@dataclass
class Console:
    """A line that is painted over where there is a terminal, plain lines where there is none."""

    out: TextIO
    live: bool
    now: Callable[[], float] = time.monotonic
    layer: str = ""
    planned_checks: int = 0
    planned_seconds: float = 0.0
    done: int = 0
    told: set[str] = field(default_factory=set)
    began_at: float = 0.0
    told_at: float = 0.0

    def greets(self, text: str) -> None:
        self._line(text)

    def planned(self, plan: Plan, minutes: float) -> None:
        """Tell the plan: how many checks and calls, and how long the rate limits make them take."""
        self.planned_checks, self.planned_seconds, self.began_at = plan.checks, minutes * 60, self.now()
        calls = ", ".join(f"{count} {bucket.replace('_', ' ')}" for bucket, count in plan.of_the_busiest.items())
        paced = f"; within the documented limits that takes about {minutes:.0f} min" if minutes >= 1 else ""
        self._line(f"plan: about {plan.checks} checks, {calls or 'no counted calls'}{paced}")

    def began(self, layer: str) -> None:
        self.layer = layer
        self._line(f"layer: {layer}")

    def found(self, outcome: Outcome) -> None:
        """Count a check, and tell one that is broken."""
        self.done += outcome.verdict is not Verdict.NOT_APPLICABLE
        line = _told(outcome)
        if line and line not in self.told:
            self.told.add(line)
            self._line(line)
        waited = self.now() - self.told_at
        if waited > (REPAINT_SECONDS if self.live else PLAIN_LINE_SECONDS):
            self._progress()

    def end(self) -> None:
        if self.live:
            self.out.write("\r\x1b[K")
            self.out.flush()

    def progress(self) -> str:
        """Return one line: how far the run is, what it found, and how long it still takes."""
        share = min(1.0, self.done / max(1, self.planned_checks, self.done))
        bar = "█" * round(share * BAR_WIDTH) + "░" * (BAR_WIDTH - round(share * BAR_WIDTH))
        broken = f", {len(self.told)} broken" if self.told else ""
        return f"{bar} {self.done}/{max(self.planned_checks, self.done)} {self.layer}{broken}{self._left(share)}"

    def _left(self, share: float) -> str:
        """Return the time left: what the pace so far says, and no less than the plan."""
        if share < LEAST_SHARE:
            return ""
        elapsed = self.now() - self.began_at
        left = max(elapsed / share - elapsed, self.planned_seconds * (1 - share))
        return f", {spoken(left)} left"

    def _progress(self) -> None:
        self.told_at = self.now()
        if self.live:
            self.out.write("\r\x1b[K" + self.progress()[:LINE_WIDTH])
            self.out.flush()
        else:
            self.out.write(self.progress() + "\n")

    def _line(self, text: str) -> None:
        self.out.write(("\r\x1b[K" if self.live else "") + text + "\n")
        self.out.flush()


def _told(outcome: Outcome) -> str:
    """Return a line about what is broken, empty for what is not."""
    meant = [graded(outcome, levels()[id_]) for id_ in outcome.requirements]
    verdict = worst(meant or [outcome.verdict])
    return f"{verdict.value}: {outcome.check} ({', '.join(outcome.requirements)})" if verdict in BROKEN else ""


def summary(results: Results) -> str:
    """Return what a run found, the broken promises first."""
    return "\n".join(_summary(results))


def _summary(results: Results) -> Iterator[str]:
    for result in told_first(results):
        yield from _broken(result)
    yield from results.waiver_complaints
    yield from (f"the kit's own fault: {fault}" for fault in results.faults)
    circumstances = results.circumstances
    for what, count in circumstances.deviations.items():
        yield f"deviation: {count} x {what}"
    if circumstances.unexpected_429:
        yield f"{circumstances.unexpected_429} calls were refused with 429 and repeated"
    if circumstances.left_open:
        yield f"left open, see spectra-conformance clean: {', '.join(circumstances.left_open)}"
    yield f"{counts(results)} in {spoken(circumstances.seconds)}, seed {circumstances.seed}"
    yield ending(results)


def _broken(result: Result) -> Iterator[str]:
    requirement, waiver = result.requirement, result.waiver
    waived = f" (waived until {waiver.expires}: {waiver.reason})" if waiver else ""
    yield f"{result.verdict.value.upper()} {requirement.id} {requirement.level}: {requirement.promise}{waived}"
    for outcome in result.broken[:MOST_EVIDENCE]:
        yield f"    check     {outcome.check}"
        yield from (f"    {name}  {_cut(text)}" for name, text in _evidence(outcome) if text)
    if len(result.broken) > MOST_EVIDENCE:
        yield f"    and {len(result.broken) - MOST_EVIDENCE} more checks"
    yield ""


def _evidence(outcome: Outcome) -> Iterator[tuple[str, str]]:
    yield "expected", outcome.expected
    yield "came    ", outcome.actual
    yield "request ", outcome.curl
    yield "repeat  ", again(outcome)


def _cut(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= LONGEST_TEXT else one_line[: LONGEST_TEXT - 1] + "…"
