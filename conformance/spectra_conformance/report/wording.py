"""The words that all reports share."""

from __future__ import annotations

from collections.abc import Mapping

from spectra_conformance.results import Circumstances, Exit, Result, Results
from spectra_conformance.verdicts import Outcome, Verdict

VERDICTS: Mapping[Verdict, str] = {
    Verdict.FAIL: "failed",
    Verdict.ERROR: "could not be judged",
    Verdict.WARN: "warned",
    Verdict.PASS: "passed",
    Verdict.NOT_APPLICABLE: "not applicable",
}
"""In the order in which reports tell them."""

ENDINGS: Mapping[Exit, str] = {
    Exit.CONFORMING: "conforming",
    Exit.BROKEN: "not conforming: a MUST is broken",
    Exit.NOT_TESTED: "not judged: the kit could not do its job",
    Exit.ONLY_SHOULD: "not conforming under --strict: a SHOULD is broken",
    Exit.INTERRUPTED: "interrupted",
}


def ending(results: Results) -> str:
    """Say in one line how a run ended."""
    if results.exit_code is Exit.BROKEN and not results.broken:
        return "not conforming: a waiver does not hold"
    ended = results.circumstances.stopped_by
    return f"{ENDINGS[results.exit_code]}: {ended}" if ended else ENDINGS[results.exit_code]


def counts(results: Results) -> str:
    """Return as `3 failed, 1 warned, 260 passed`."""
    counted = results.counted
    waived = sum(result.waiver is not None for result in results.results)
    told = [f"{counted[verdict]} {words}" for verdict, words in VERDICTS.items() if counted[verdict]]
    return ", ".join([*told, *([f"{waived} of them waived"] if waived else [])])


def again(outcome: Outcome) -> str:
    """Return the flags that repeat one check."""
    seed = "" if outcome.seed is None else f" --seed {outcome.seed}"
    return f"--only '{outcome.check}'{seed}"


def spoken(seconds: float) -> str:
    """Return a duration as people say it."""
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60:02} s"  # noqa: PLR2004 -- two minutes


def told_first(results: Results) -> list[Result]:
    """Return what is broken, the worst first."""
    order = list(VERDICTS)
    broken = [result for result in results.results if result.verdict in order[:3]]
    return sorted(broken, key=lambda result: order.index(result.verdict))


def facts(circumstances: Circumstances) -> dict[str, str]:
    """Return what a reader needs to know of a run, by name."""
    calls = ", ".join(f"{count} {bucket.replace('_', ' ')}" for bucket, count in circumstances.calls.items())
    told = {
        "Deployment": circumstances.url,
        "Profile": circumstances.profile + (", read-only" if circumstances.read_only else ""),
        "Seed": str(circumstances.seed),
        "Started": circumstances.started_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "Took": spoken(circumstances.seconds),
        "Counted calls of the busiest tenant": calls,
        "Answers held against the contract": str(circumstances.checked_answers),
        "Waited for rate limits": spoken(circumstances.waited_seconds) if circumstances.waited_seconds else "",
        "Unexpected 429": str(circumstances.unexpected_429 or ""),
        "Gateway deviations": ", ".join(f"{count} x {what}" for what, count in circumstances.deviations.items()),
        "Repeated reads": "; ".join(circumstances.flakes),
        "Left open": ", ".join(circumstances.left_open),
        "Kit": f"{circumstances.kit_version}, schemathesis {circumstances.schemathesis_version}",
        "Contract": f"openapi.yaml, SHA-256 {circumstances.contract_sha256}",
    }
    return {name: text for name, text in told.items() if text}


def capability_state(*, declared: bool, found: bool | None) -> str:
    """Say what became of a capability."""
    if not declared:
        return "not declared"
    return {True: "declared, found", False: "declared, absent", None: "declared"}[found]
