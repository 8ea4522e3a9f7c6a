"""Selects the scenarios that a target allows, and turns what pytest says of each into outcomes."""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from spectra_conformance.answer import UNREADABLE, Answer, Problem, UnansweredError
from spectra_conformance.pacing import PacingError
from spectra_conformance.suite.asides import Aside, Notebook, open_notebook
from spectra_conformance.suite.registry import MARK, Decision, decision_of
from spectra_conformance.target import Target
from spectra_conformance.verdicts import Outcome, Verdict
from spectra_conformance.wire import Wire

WIRE = pytest.StashKey[Wire]()
LAST = ("test_running", "test_lists", "test_afterwards", "test_rate_limits")
"""Modules that run after all others, in this order: they look at what those left, or use a bucket up."""
LONGEST_SHOWN = 1500
PACKAGE = "spectra_conformance.suite"
FOLDER = Path(__file__).parent
ARGUMENTS = (
    f"--rootdir={FOLDER}",
    "--config-file=/dev/null",
    "--import-mode=importlib",
    "--capture=fd",
    "-p",
    "no:terminal",
    "-p",
    "no:cacheprovider",
    "--disable-plugin-autoload",
)
Heard = Callable[[Outcome], None]
Wants = Callable[[str, tuple[str, ...]], bool]
Enough = Callable[[Outcome], bool]
_ODD = re.compile(r"[^A-Za-z0-9_.-]+")


def never_enough(_outcome: Outcome) -> bool:
    return False


def all_are_wanted(_check: str, _requirements: tuple[str, ...]) -> bool:
    return True


@dataclass
class Comparison:
    """The last comparison of a scenario that did not hold."""

    expected: str = ""
    actual: str = ""


@dataclass
class SuitePlugin:
    """`wants` says of a check and its requirements whether it is asked for; `heard` is told each outcome."""

    wire: Wire
    heard: Heard
    wants: Wants = all_are_wanted
    enough: Enough = never_enough
    outcomes: list[Outcome] = field(default_factory=list)
    held: list[Outcome] = field(default_factory=list)
    failed: bool = False
    started: float = 0.0
    ended_by: BaseException | None = None
    comparison: Comparison = field(default_factory=Comparison)
    notebook: Notebook = field(default_factory=lambda: Notebook(lambda: None))

    def pytest_configure(self, config: pytest.Config) -> None:
        pytest.register_assert_rewrite(PACKAGE)
        config.stash[WIRE] = self.wire
        config.addinivalue_line("markers", f"{MARK}(decision): the promises that a scenario decides")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        selected = [item for item in items if self._is_asked_for(item)]
        applicable = [item for item in selected if self._applies(item)]
        items[:] = _spread(applicable)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self.comparison, self.notebook, self.failed = Comparison(), open_notebook(lambda: self.wire.latest), False
        self.wire.drained()
        self.wire.latest = None
        self.started = time.monotonic()
        ran = yield
        if not self.failed:
            self._tell(item, Verdict.PASS)
        self._tell_the_rest(item)
        if self.ended_by is not None or any(map(self.enough, self.outcomes)):
            item.session.shouldstop = "the run ends here"
        return ran

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is None or self.failed:
            return
        self.failed = True
        error = call.excinfo.value
        if isinstance(error, pytest.skip.Exception):
            self._add(_outcome(item, Verdict.NOT_APPLICABLE, note=str(error)))
        elif isinstance(error, AssertionError):
            expected, actual = self.comparison.expected, self.comparison.actual
            self._tell(item, Verdict.FAIL, expected or _promise(item), actual or _shown(str(error)))
        elif isinstance(error, UnansweredError):
            self._tell(item, Verdict.FAIL, "an answer", str(error))
        elif isinstance(error, UNREADABLE) and self.wire.latest is not None:
            self._tell(item, Verdict.FAIL, "an answer that reads as documented", f"{type(error).__name__}: {error}")
        else:
            self._tell(item, Verdict.ERROR, "", f"{type(error).__name__}: {error}")
        if isinstance(error, PacingError):
            self.ended_by = error

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if not isinstance(excinfo.value, pytest.Session.Interrupted):
            self.ended_by = KeyboardInterrupt()

    def pytest_sessionfinish(self) -> None:
        """Tell what rests on bulk ids that were not found at /jobs: now it is known whether any ever is."""
        for outcome in self.wire.bulk_ids.judged(self.held):
            self._add(outcome)

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        wanted = repr(right) if op == "==" else f"{op} {right!r}"
        self.comparison = Comparison(_shown(wanted), _shown(repr(left)))

    def _is_asked_for(self, item: pytest.Item) -> bool:
        check = check_id(item)
        requirements = decision_of(item).requirements
        return self.wants(check, requirements) or self.wants(check.partition(":")[0], requirements)

    def _applies(self, item: pytest.Item) -> bool:
        """Say whether the target allows a scenario; what it lacks makes one not applicable."""
        reason = reason_against(decision_of(item), self.wire.target)
        if reason is not None:
            self._add(_outcome(item, Verdict.NOT_APPLICABLE, note=reason))
        return reason is None

    def _tell(self, item: pytest.Item, verdict: Verdict, expected: str = "", actual: str = "") -> None:
        failed = verdict is not Verdict.PASS
        latest = self.wire.latest
        outcome = _outcome(
            item,
            verdict,
            expected=expected,
            actual=f"{actual}\n{latest.shown}" if failed and latest else actual,
            curl=latest.curl if failed and latest else "",
            note="; ".join(dict.fromkeys(self.notebook.notes)),
            seed=self.wire.target.seed,
            seconds=time.monotonic() - self.started,
        )
        self._add_or_hold(outcome, latest if verdict is Verdict.FAIL else None)

    def _tell_the_rest(self, item: pytest.Item) -> None:
        for aside in self.notebook.asides:
            self._add_or_hold(_of_aside(item, aside, self.wire.latest), aside.answer)
        told: set[tuple[str, str]] = set()
        for answer, problem in self.wire.drained():
            if (key := (problem.kind, problem.message)) not in told:
                told.add(key)
                self._add(_of_problem(item, answer, problem))

    def _add_or_hold(self, outcome: Outcome, cause: Answer | None) -> None:
        """Tell an outcome, later where its cause is that a bulk job was not found at /jobs."""
        if self.wire.bulk_ids.missed(cause):
            self.held.append(outcome)
        else:
            self._add(outcome)

    def _add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.heard(outcome)


def played(wire: Wire, heard: Heard, wants: Wants = all_are_wanted, enough: Enough = never_enough) -> list[Outcome]:
    """Run the scenarios that a wire's target allows, until `enough` is found, and return what they found.

    Raises: KeyboardInterrupt where the user ends the run, PacingError where the limits do.
    """
    _forget_what_pytest_reads_itself()
    plugin = SuitePlugin(wire, heard, wants, enough)
    pytest.main([str(FOLDER), *ARGUMENTS], plugins=[plugin])
    if plugin.ended_by is not None:
        raise plugin.ended_by
    return plugin.outcomes


def _forget_what_pytest_reads_itself() -> None:
    """Let pytest import the scenarios anew: it shows values only of the assertions that it has read itself."""
    families = [f"{PACKAGE}.{path.stem}" for path in FOLDER.glob("*.py") if path.stem.startswith("test_")]
    for name in (*families, *(f"{PACKAGE}.{module}" for module in ("asking", "bulk", "moments", "pages", "refusals"))):
        sys.modules.pop(name, None)


def reason_against(decision: Decision, target: Target) -> str | None:
    """Return why a target does not allow a scenario, None where it does."""
    lacking = sorted(decision.needs - target.capabilities)
    if not target.includes(decision.profile):
        return f"belongs to the profile {decision.profile}"
    if lacking:
        return f"the target does not declare {', '.join(lacking)}"
    if target.read_only and decision.writes:
        return "sends more than reads"
    return None


def check_id(item: pytest.Item) -> str:
    """Return the id of a scenario that `--only` takes: its module, its name and, after a colon, its case."""
    name, _, case = item.name.removeprefix("test_").partition("[")
    check = f"{item.path.stem.removeprefix('test_')}.{name}"
    return f"{check}:{_ODD.sub('-', case).strip('-')}" if case else check


def _spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the scenarios with their modules mixed, so that no bucket gets all its calls at once."""
    modules = Counter(item.path.stem for item in items)
    seen: Counter[str] = Counter()
    placed = []
    for item in items:
        module = item.path.stem
        seen[module] += 1
        share = 1.0 + LAST.index(module) if module in LAST else (seen[module] - 0.5) / modules[module]
        placed.append((share, item))
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


def _outcome(item: pytest.Item, verdict: Verdict, **told: Any) -> Outcome:
    return Outcome(decision_of(item).requirements, check_id(item), "scenarios", verdict, **told)


def _of_aside(item: pytest.Item, aside: Aside, latest: Answer | None) -> Outcome:
    curl = latest.curl if latest else ""
    return Outcome(aside.requirements, check_id(item), "scenarios", aside.verdict, aside.expected, aside.actual, curl)


def _of_problem(item: pytest.Item, answer: Answer, problem: Problem) -> Outcome:
    return Outcome(
        problem.requirements,
        check_id(item),
        "scenarios",
        problem.verdict,
        "an answer as the OpenAPI document describes it",
        f"{problem.message}\n{answer.shown}",
        answer.curl,
        f"answer:{problem.kind}",
    )


def _promise(item: pytest.Item) -> str:
    """Return a scenario's name as the sentence that it is."""
    return item.name.removeprefix("test_").partition("[")[0].replace("_", " ")


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
