"""How much the contract layer sends, by profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spectra_conformance.target import Target


@dataclass(frozen=True)
class Effort:
    """`coverage_share` keeps one of so many coverage cases; the creations of fixtures are part of `bulk_creations`."""

    phases: tuple[str, ...]
    bulk_creations: int
    fuzzing_examples: int
    stateful_examples: int
    coverage_share: int
    stateful_creates: bool
    undeclared_methods: bool


EFFORTS: Mapping[str, Effort] = {
    "smoke": Effort(("examples", "coverage"), 0, 0, 0, 12, stateful_creates=False, undeclared_methods=False),
    "standard": Effort(
        ("examples", "coverage", "fuzzing", "stateful"), 6, 2, 3, 20, stateful_creates=False, undeclared_methods=False
    ),
    "full": Effort(
        ("examples", "coverage", "fuzzing", "stateful"), 16, 4, 5, 6, stateful_creates=False, undeclared_methods=True
    ),
}
UNPACED: Mapping[str, Effort] = {
    "smoke": EFFORTS["smoke"],
    "standard": Effort(
        ("examples", "coverage", "fuzzing", "stateful"), 40, 10, 20, 1, stateful_creates=True, undeclared_methods=True
    ),
    "full": Effort(
        ("examples", "coverage", "fuzzing", "stateful"), 150, 20, 40, 1, stateful_creates=True, undeclared_methods=True
    ),
}
READ_ONLY_PHASES = ("examples", "coverage", "fuzzing")


def effort_for(target: Target) -> Effort:
    """Return what a run of a target sends."""
    return (EFFORTS if target.pacing else UNPACED)[target.profile]
