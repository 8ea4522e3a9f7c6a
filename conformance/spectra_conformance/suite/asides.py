"""What a scenario has to say beside whether it holds: lesser deviations and tolerated choices."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from spectra_conformance.answer import Answer
from spectra_conformance.verdicts import Verdict


@dataclass(frozen=True)
class Aside:
    """A smaller promise, found broken on the way to a larger one; `answer` is the latest before that."""

    requirements: tuple[str, ...]
    verdict: Verdict
    expected: str
    actual: str
    answer: Answer | None = None


@dataclass
class Notebook:
    """`latest` returns the answer that came last."""

    latest: Callable[[], Answer | None]
    asides: list[Aside] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


_NOTEBOOK: ContextVar[Notebook] = ContextVar("notebook")


def open_notebook(latest: Callable[[], Answer | None]) -> Notebook:
    """Begin a notebook for the scenario that starts now."""
    notebook = Notebook(latest)
    _NOTEBOOK.set(notebook)
    return notebook


def note(text: str) -> None:
    """Record that the deployment chose something that is tolerated."""
    _NOTEBOOK.get().notes.append(text)


def hold(requirement: str, actual: object, expected: object, what: str) -> None:
    """Hold the deployment to a promise without ending the scenario; its level says what a breach means."""
    _compare(requirement, actual, expected, what, Verdict.FAIL)


def warn_unless(requirement: str, actual: object, expected: object, what: str) -> None:
    """Warn, whatever the promise's level, where the deployment uses an alternative that is accepted but reported."""
    _compare(requirement, actual, expected, what, Verdict.WARN)


def _compare(requirement: str, actual: object, expected: object, what: str, verdict: Verdict) -> None:
    if actual != expected:
        notebook = _NOTEBOOK.get()
        told = f"{what}: {expected!r}", f"{what}: {actual!r}"
        notebook.asides.append(Aside((requirement,), verdict, *told, notebook.latest()))
