"""The flags of the command `spectra-conformance`."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spectra_conformance import __version__
from spectra_conformance.target_sources import SETTINGS, Setting

ENDING = """\
Every setting of the target may also stand in its file (as api_key) or in a variable (as SPECTRA_API_KEY); a flag
counts before a variable, and that before the file.

exit codes: 0 conforming, 1 a MUST is broken, 2 the kit could not do its job, 3 only SHOULDs are broken and --strict,
130 interrupted
"""


def parser() -> ArgumentParser:
    """Return the parser of all commands."""
    whole = ArgumentParser(
        "spectra-conformance", description="Say what a deployment of the Redshift Spectra API keeps."
    )
    whole.add_argument("--version", action="version", version=__version__)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (help_, add_flags) in OF_A_TARGET.items():
        one = commands.add_parser(
            name, help=help_, description=help_, epilog=ENDING, formatter_class=RawDescriptionHelpFormatter
        )
        _target(one)
        add_flags(one)
    listing = commands.add_parser("requirements", help="print what a deployment promises, and what decides it")
    listing.add_argument("--markdown", action="store_true", help="as a page")
    return whole


def _target(one: ArgumentParser) -> None:
    group = one.add_argument_group("target")
    group.add_argument("--target", type=Path, metavar="FILE", help="target.toml, which describes the deployment")
    for setting in SETTINGS:
        if setting.kind == "switch":
            group.add_argument(setting.flag, dest=setting.name, action="store_true", help=setting.help)
        else:
            group.add_argument(setting.flag, dest=setting.name, help=setting.help, **_taking(setting))


def _taking(setting: Setting) -> dict[str, Any]:
    """Return how argparse takes a setting's value."""
    if setting.kind == "names":
        return {"action": "append", "metavar": "NAME"}
    return {"metavar": {"text": "TEXT", "secret": "SECRET", "number": "N"}[setting.kind]}


def _run(one: ArgumentParser) -> None:
    what = one.add_argument_group("what to test")
    what.add_argument(
        "--only", action="append", default=[], metavar="ID", help="a requirement or a check, or a glob; may be repeated"
    )
    what.add_argument(
        "--layer",
        action="append",
        default=[],
        choices=("contract", "scenarios", "diff"),
        help="a layer; may be repeated (default: all)",
    )
    what.add_argument("--reference", metavar="TRACE", help="trace to compare with (default: the kit's own)")
    judging = one.add_argument_group("judging")
    judging.add_argument("--strict", action="store_true", help="end with 3 where a SHOULD is broken")
    judging.add_argument("--waivers", type=Path, metavar="FILE", help="known deviations, with reason and expiry")
    reports = one.add_argument_group("reports")
    for name, what_ in (("json", "JSON"), ("junit", "JUnit XML"), ("html", "one HTML page"), ("markdown", "Markdown")):
        reports.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write the report as {what_}")


def _diff(one: ArgumentParser) -> None:
    one.add_argument("first", metavar="A", help="a target file, or a URL for which the flags hold")
    one.add_argument("second", metavar="B", help="the same, or a trace that `record` wrote")


def _record(one: ArgumentParser) -> None:
    one.add_argument("trace", type=Path, metavar="TRACE", help="where to write the answers")


def _clean(one: ArgumentParser) -> None:
    one.add_argument("journals", type=Path, nargs="*", metavar="JOURNAL", help="default: all of .spectra-conformance/")


OF_A_TARGET: Mapping[str, tuple[str, Callable[[ArgumentParser], None]]] = {
    "run": ("test a deployment", _run),
    "diff": ("play one workload on two deployments and show what differs", _diff),
    "record": ("play the workload on one deployment and keep its answers", _record),
    "clean": ("close what earlier runs left open", _clean),
}
"""The commands that call a deployment: what each does, and its own flags."""
