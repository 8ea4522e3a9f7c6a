"""What `--only` leaves of a run, known before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from spectra_conformance.deciders import checks
from spectra_conformance.suite import layer as suite_layer
from spectra_conformance.target import Target

CASES_BEHIND_A_COLON = ("contract:", "diff:", "answer:", "capability:")
"""Layers that name their checks as they go: what begins so is not known beforehand."""


def complaint(only: Sequence[str], target: Target) -> str | None:
    """Return why `--only` leaves nothing to check, None where it leaves something."""
    if not only or any(pattern.startswith(CASES_BEHIND_A_COLON) for pattern in only):
        return None
    matched = set(_matched(only))
    if not matched:
        return f"--only {' '.join(only)} matches no check and no requirement: see spectra-conformance requirements"
    profiles = suite_layer.profiles()
    others = {profiles[check] for check in matched & profiles.keys() if not target.includes(profiles[check])}
    if matched <= profiles.keys() and all(not target.includes(profiles[check]) for check in matched):
        return (
            f"--only {' '.join(only)} matches only checks of the profile {' and '.join(sorted(others))}, "
            f"not of {target.profile}: give --profile full"
        )
    return None


def _matched(only: Sequence[str]) -> Iterator[str]:
    for check, requirements in checks().items():
        for pattern in only:
            names = (check, *requirements)
            if any(fnmatchcase(name, one) for name in names for one in (pattern, pattern.partition(":")[0])):
                yield check
