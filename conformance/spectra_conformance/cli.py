"""The command `spectra-conformance`."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spectra_conformance import __version__, clean_up, journal, page, selection, wire
from spectra_conformance.cli_flags import parser
from spectra_conformance.diff.commands import compare, record
from spectra_conformance.diff.trace import TraceError
from spectra_conformance.discovery import UnusableTargetError
from spectra_conformance.masking import masked_text
from spectra_conformance.pacing import Pacer, PacingError
from spectra_conformance.report.console import Console, summary
from spectra_conformance.report.files import FILES
from spectra_conformance.requirements import requirements
from spectra_conformance.results import Exit
from spectra_conformance.run import Options, run
from spectra_conformance.session import Session
from spectra_conformance.target import Target
from spectra_conformance.target_sources import TargetError, gathered, target
from spectra_conformance.waivers import WaiverError
from spectra_conformance.waivers import read as read_waivers

FAULTS = (TargetError, TraceError, WaiverError, UnusableTargetError, PacingError)
"""What keeps the kit from doing its job, told in one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = parser().parse_args(arguments)
    command: Callable[[Namespace], int] = COMMANDS[given.command]
    try:
        return command(given)
    except FAULTS as error:
        print(f"spectra-conformance: {masked_text(str(error))}", file=sys.stderr)
        return Exit.NOT_TESTED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


def described_target(given: Namespace) -> Target:
    """Return the target that flags, variables and file describe."""
    return target(gathered(vars(given), os.environ, given.target))


def run_command(given: Namespace) -> int:
    """Test a deployment and write the reports."""
    options = Options(
        only=tuple(given.only),
        layers=tuple(given.layer),
        strict=given.strict,
        waivers=read_waivers(given.waivers, requirements()) if given.waivers else (),
        reference=given.reference,
    )
    chosen = described_target(given)
    if (complaint := selection.complaint(options.only, chosen)) is not None:
        raise TargetError(complaint)
    console = Console(sys.stderr, live=sys.stderr.isatty())
    console.greets(f"spectra-conformance {__version__}: {masked_text(chosen.url)}, profile {chosen.profile}")
    results = run(chosen, options, console, _new_journal())
    console.end()
    print(summary(results))
    for name, written in FILES.items():
        if (path := getattr(given, name)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written(results))
            print(f"{name}: {path}")
    return results.exit_code


def clean_command(given: Namespace) -> int:
    """Close what earlier runs left open."""
    writing = replace(described_target(given), read_only=False)
    left: list[str] = []
    for path in given.journals or clean_up.earlier():
        left += _clean(writing, path)
    print(f"left open: {', '.join(left)}" if left else "nothing is left open")
    return Exit.BROKEN if left else Exit.CONFORMING


def _clean(writing: Target, path: Path) -> list[str]:
    opened = wire.opened(writing, Pacer(writing.limits, enabled=writing.pacing), journal.read(path))
    with closing(opened.http):
        return clean_up.close_all(Session(writing, opened, path.parent, lambda _: None))


def requirements_command(given: Namespace) -> int:
    """Print the requirements."""
    print(page.markdown() if given.markdown else page.plain(), end="")
    return Exit.CONFORMING


def diff_command(given: Namespace) -> int:
    """Play the recorded workload on two deployments and print what differs."""
    first, second = (_deployment(place, given) for place in (given.first, given.second))
    if isinstance(first, Path):
        raise TargetError(f"{first} is a trace: the first deployment must be one that runs, as a target file or a URL")
    return compare(first, second, print)


def record_command(given: Namespace) -> int:
    """Play the workload on one deployment and keep its answers as a trace."""
    return record(described_target(given), given.trace, print)


def _deployment(place: str, given: Namespace) -> Target | Path:
    """Return what a place of `diff` means: a target file, a URL with the flags' credentials, or a trace."""
    if place.startswith(("http://", "https://")):
        return target(gathered({**vars(given), "url": place}, os.environ, given.target))
    path = Path(place)
    if path.suffix == ".toml":
        return target(gathered(_without_url(vars(given)), os.environ, path))
    return path


def _without_url(flags: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if name != "url"}


def _new_journal() -> Path:
    clean_up.JOURNALS.mkdir(exist_ok=True)
    started = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return clean_up.JOURNALS.resolve() / f"{started}-{os.getpid()}.jsonl"


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "run": run_command,
    "diff": diff_command,
    "record": record_command,
    "clean": clean_command,
    "requirements": requirements_command,
}
