"""The commands `record` and `diff`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from spectra_conformance.diff import trace
from spectra_conformance.diff.comparison import Difference, differences
from spectra_conformance.diff.control import controlled, played
from spectra_conformance.diff.trace import Trace
from spectra_conformance.masking import masked_text, masked_url
from spectra_conformance.target import Target

SAME, DIFFERENT = 0, 1
Say = Callable[[str], None]


def record(target: Target, path: Path, say: Say) -> int:
    """Play the workload twice and keep the answers that were alike.

    Raises: UnusableTargetError.
    """
    first = _quiet(target, say)
    trace.write(first, path)
    say(f"{len(first.records)} steps in {path}")
    return SAME


def compare(first: Target, second: Target | Path, say: Say) -> int:
    """Play the workload on both, the first one twice, and tell what differs.

    Raises: UnusableTargetError, TraceError.
    """
    if isinstance(second, Path):
        reference = trace.read(second)
        latest = _quiet(first, say)
    else:
        reference = _quiet(first, say)
        latest = played(second)
    found = list(differences(reference, latest, promised=False))
    for difference in found:
        say(_told(difference))
    compared = reference.records.keys() & latest.records.keys()
    say(f"{len(found)} differences in {len({one.step.name for one in found})} of {len(compared)} steps")
    return DIFFERENT if found else SAME


def _quiet(target: Target, say: Say) -> Trace:
    first, noise = controlled(target)
    say(f"control of {masked_url(target.url)}: {len(noise)} of {len(first.records) + len(noise)} steps are noisy")
    for name in sorted(noise):
        say(f"  left out: {name}")
    return first


def _told(difference: Difference) -> str:
    expected, actual = (masked_text(repr(one)[:300]) for one in (difference.expected, difference.actual))
    return (
        f"{difference.named}  {difference.step.name}  {difference.place}: {expected} | {actual}\n    {difference.curl}"
    )
