"""The report as one page that needs no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template

from spectra_conformance.report.wording import VERDICTS, again, capability_state, counts, ending, facts, spoken
from spectra_conformance.results import Exit, Result, Results
from spectra_conformance.verdicts import Outcome, Verdict

MARKS = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✗",
    Verdict.WARN: "!",
    Verdict.ERROR: "?",
    Verdict.NOT_APPLICABLE: "\N{EN DASH}",
}
MOST_OPENED = 12
MOST_CHECKS = 20


def written(results: Results) -> str:
    """Return the report as HTML."""
    circumstances = results.circumstances
    template = Template((files("spectra_conformance.report") / "page.html").read_text())
    return template.substitute(
        title=escape(f"Conformance: {ending(results)}"),
        tone="conforming" if results.exit_code is Exit.CONFORMING else "broken",
        url=escape(circumstances.url),
        profile=escape(circumstances.profile),
        started=circumstances.started_at.strftime("%Y-%m-%d %H:%M UTC"),
        ending=escape(_capitalised(ending(results))),
        counts=escape(counts(results)),
        took=spoken(circumstances.seconds),
        bar="".join(_stretch(verdict, results.counted[verdict]) for verdict in VERDICTS),
        complaints="".join(
            f'<p class="complaint">{escape(text)}</p>' for text in results.waiver_complaints + results.faults
        ),
        buttons="".join(_buttons(results)),
        chapters="\n".join(_chapters(results.results)),
        capabilities="".join(_capabilities(results)),
        facts="".join(_row(name, text) for name, text in facts(circumstances).items()),
    )


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stretch(verdict: Verdict, count: int) -> str:
    style = f"flex: {count}; background: var(--{verdict.value})"
    return f'<span style="{style}" title="{count} {VERDICTS[verdict]}"></span>' if count else ""


def _buttons(results: Results) -> Iterator[str]:
    yield f'<button data-verdict="all" aria-pressed="true">All {len(results.results)}</button>'
    for verdict, words in VERDICTS.items():
        if count := results.counted[verdict]:
            dot = f'<span class="dot" style="background: var(--{verdict.value})"></span>'
            yield f'<button data-verdict="{verdict.value}" aria-pressed="false">{dot}{count} {words}</button>'


def _chapters(results: Iterable[Result]) -> Iterator[str]:
    results = list(results)
    shown_first = Verdict.FAIL if any(result.verdict is Verdict.FAIL for result in results) else Verdict.ERROR
    opened = 0
    for chapter, group in groupby(results, key=lambda result: result.requirement.chapter):
        members = list(group)
        rows = []
        for member in members:
            unfolded = member.verdict is shown_first and opened < MOST_OPENED
            opened += unfolded
            rows.append(_requirement(member, unfolded=unfolded))
        held = sum(member.verdict is Verdict.PASS for member in members)
        heading = f"<h2>{escape(chapter)} <small>{held} of {len(members)} passed</small></h2>"
        yield f'<section class="chapter">{heading}<div class="list">{"".join(rows)}</div></section>'


def _requirement(result: Result, *, unfolded: bool) -> str:
    one, verdict = result.requirement, result.verdict.value
    parts = (
        f'<span class="mark {verdict}" title="{VERDICTS[result.verdict]}">{MARKS[result.verdict]}</span>',
        f'<span class="id">{one.id}</span>',
        f'<span class="level">{one.level}</span>',
        f'<span class="promise">{escape(one.promise)}</span>',
        f'<span class="count">{_count(result)}</span>',
    )
    opening = f'<details class="requirement" id="{one.id}" data-verdict="{verdict}"{" open" if unfolded else ""}>'
    evidence = "".join(_evidence(result))
    return f'{opening}<summary>{"".join(parts)}</summary><div class="evidence">{evidence}</div></details>'


def _count(result: Result) -> str:
    if result.waiver:
        return "waived"
    checks = len(result.outcomes)
    return f"{checks} check{'' if checks == 1 else 's'}" if checks else ""


def _evidence(result: Result) -> Iterator[str]:
    source = {
        "reference": "Said by the API reference.",
        "interpretation": "Settles what the API reference leaves open.",
    }
    yield f"<p>{source[result.requirement.source]} {escape(_capitalised(result.reason))}</p>"
    if result.waiver:
        waived = f"Waived until {result.waiver.expires}: {result.waiver.reason}"
        yield f"<p>{escape(waived)}</p>"
    yield from (_check(outcome) for outcome in result.broken[:MOST_CHECKS])
    if len(result.broken) > MOST_CHECKS:
        yield f"<p>… and {len(result.broken) - MOST_CHECKS} more checks</p>"
    passed = [outcome for outcome in result.outcomes if outcome.verdict is Verdict.PASS]
    if passed:
        yield f'<ul class="passed">{"".join(_passed(outcome) for outcome in passed[:MOST_CHECKS])}</ul>'
    if len(passed) > MOST_CHECKS:
        yield f"<p>… and {len(passed) - MOST_CHECKS} more that passed</p>"
    yield from _left_out(result)


def _left_out(result: Result) -> Iterator[str]:
    """Say once for each reason which checks did not run."""
    reasons = Counter(outcome.note for outcome in result.outcomes if outcome.verdict is Verdict.NOT_APPLICABLE)
    for reason, count in reasons.items():
        yield f"<p>Not run: {count} check{'' if count == 1 else 's'}, {escape(reason)}</p>"


def _passed(outcome: Outcome) -> str:
    note = f": {escape(outcome.note)}" if outcome.note else ""
    return (
        f'<li><span class="{outcome.verdict.value}">{MARKS[outcome.verdict]}</span> {escape(outcome.check)}{note}</li>'
    )


def _check(outcome: Outcome) -> str:
    told = {"Expected": outcome.expected, "Came": outcome.actual, "Note": outcome.note}
    lines = [f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in told.items() if text]
    lines += [f"<dt>{name}</dt><dd>{_command(text)}</dd>" for name, text in _commands(outcome) if text]
    heading = f"<h3>{escape(outcome.check)}</h3>"
    return f'<div class="check {outcome.verdict.value}">{heading}<dl>{"".join(lines)}</dl></div>'


def _commands(outcome: Outcome) -> Iterator[tuple[str, str]]:
    yield "Request", outcome.curl
    yield "Repeat", f"spectra-conformance run … {again(outcome)}"


def _command(text: str) -> str:
    return f'<pre><button class="copy" type="button">copy</button><code>{escape(text)}</code></pre>'


def _capabilities(results: Results) -> Iterator[str]:
    for one in results.circumstances.capabilities:
        state = capability_state(declared=one.declared, found=one.found)
        yield _row(one.name.replace("_", " "), state + (f" ({one.shown})" if one.found is False else ""))


def _row(name: str, text: str) -> str:
    return f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>"
