"""The report for a CI summary."""

from __future__ import annotations

from collections.abc import Iterator

from spectra_conformance.report.wording import again, capability_state, counts, ending, facts, told_first
from spectra_conformance.results import Exit, Result, Results
from spectra_conformance.verdicts import Verdict
from spectra_conformance.waivers import Waiver

MOST_SHOWN = 50
MARKS = {Verdict.FAIL: "❌", Verdict.ERROR: "⚠️", Verdict.WARN: "🟡"}


def written(results: Results) -> str:
    """Return the report as Markdown."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    mark = "✅" if results.exit_code is Exit.CONFORMING else "❌"
    yield f"## {mark} Redshift Spectra conformance: {ending(results)}"
    yield ""
    yield f"{counts(results)}."
    yield ""
    broken = told_first(results)
    yield from (f"- ❌ {_cell(complaint)}" for complaint in results.waiver_complaints)
    yield from (f"- ⚠️ the kit's own fault: {_cell(fault)}" for fault in results.faults)
    if broken:
        yield from ("", "| | Requirement | Promise | Expected | Came |", "|---|---|---|---|---|")
        yield from (_row(result) for result in broken[:MOST_SHOWN])
    if len(broken) > MOST_SHOWN:
        yield f"\n… and {len(broken) - MOST_SHOWN} more."
    for result in broken[:MOST_SHOWN]:
        yield from _evidence(result)
    yield from _circumstances(results)


def _row(result: Result) -> str:
    first = result.broken[0] if result.broken else None
    cells = (
        _waived(result.waiver) if result.waiver else MARKS[result.verdict],
        f"{result.requirement.id} {result.requirement.level}",
        result.requirement.promise,
        first.expected if first else "",
        first.actual if first else "",
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _waived(waiver: Waiver) -> str:
    return f"waived until {waiver.expires}: {waiver.reason}"


def _cell(text: str) -> str:
    one_line = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return one_line if len(one_line) <= 200 else one_line[:199] + "…"  # noqa: PLR2004 -- what a table can bear


def _evidence(result: Result) -> Iterator[str]:
    for outcome in result.broken[:3]:
        yield f"\n<details><summary>{result.requirement.id}: {_cell(outcome.check)}</summary>\n"
        yield f"````text\n{outcome.curl or 'no single request shows it'}\nrepeat with {again(outcome)}\n````\n"
        yield "</details>"


def _circumstances(results: Results) -> Iterator[str]:
    yield "\n<details><summary>About this run</summary>\n"
    yield from ("| | |", "|---|---|")
    yield from (f"| {name} | {_cell(text)} |" for name, text in facts(results.circumstances).items())
    for one in results.circumstances.capabilities:
        yield f"| capability {one.name} | {capability_state(declared=one.declared, found=one.found)} |"
    yield "\n</details>"
