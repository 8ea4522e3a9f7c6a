"""What a check found, and what follows from it for each requirement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Layer = Literal["contract", "scenarios", "diff"]
Level = Literal["MUST", "SHOULD", "MAY"]


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 -- a verdict, no password
    FAIL = "fail"
    WARN = "warn"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


WORST_FIRST = (Verdict.ERROR, Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.NOT_APPLICABLE)
OF_A_FAILURE = {"MUST": Verdict.FAIL, "SHOULD": Verdict.WARN, "MAY": Verdict.PASS}
"""What a failed check means for a requirement of each level."""


@dataclass(frozen=True)
class Outcome:
    """What one check found; `check` is the id that `--only` takes.

    A layer reports a broken promise as FAIL whatever its level; `graded` makes of it what the level says.
    """

    requirements: tuple[str, ...]
    check: str
    layer: Layer
    verdict: Verdict
    expected: str = ""
    actual: str = ""
    curl: str = ""
    note: str = ""
    seed: int | None = None
    seconds: float = 0.0


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of some verdicts; of none, NOT_APPLICABLE."""
    return min(verdicts, key=WORST_FIRST.index, default=Verdict.NOT_APPLICABLE)


def graded(outcome: Outcome, level: Level) -> Verdict:
    """Return what an outcome means for a requirement of a level."""
    return OF_A_FAILURE[level] if outcome.verdict is Verdict.FAIL else outcome.verdict


def by_requirement(outcomes: Iterable[Outcome], levels: Mapping[str, Level]) -> dict[str, Verdict]:
    """Return the worst verdict of each requirement that any outcome names."""
    named: dict[str, list[Verdict]] = {}
    for outcome in outcomes:
        for id_ in outcome.requirements:
            named.setdefault(id_, []).append(graded(outcome, levels[id_]))
    return {id_: worst(verdicts) for id_, verdicts in named.items()}
