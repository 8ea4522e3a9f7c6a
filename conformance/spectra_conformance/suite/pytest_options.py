"""The scenarios as tests of somebody's own pytest: `pytest -p spectra_conformance.suite.pytest_options …`."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from spectra_conformance import clean_up, wire
from spectra_conformance.journal import Journal
from spectra_conformance.pacing import Pacer
from spectra_conformance.requirements import levels
from spectra_conformance.session import Session
from spectra_conformance.suite.asides import open_notebook
from spectra_conformance.suite.pytest_plugin import WIRE, reason_against
from spectra_conformance.suite.registry import MARK, decision_of
from spectra_conformance.target import PROFILES
from spectra_conformance.target_sources import TargetError, gathered, target
from spectra_conformance.verdicts import Verdict


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("spectra", "conformance of a Redshift Spectra API")
    group.addoption("--spectra-target", type=Path, metavar="FILE", help="target.toml, which describes the deployment")
    group.addoption("--spectra-url", metavar="URL", help="base URL of the deployment")
    group.addoption("--spectra-profile", choices=PROFILES, help="how much to test (default: standard)")
    group.addoption("--spectra-no-pacing", action="store_true", help="do not keep to the documented limits")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}(decision): the promises that a scenario decides")
    flags = {
        "url": config.getoption("--spectra-url"),
        "profile": config.getoption("--spectra-profile"),
        "no_pacing": config.getoption("--spectra-no-pacing"),
    }
    try:
        described = target(gathered(flags, os.environ, config.getoption("--spectra-target")))
    except TargetError as error:
        raise pytest.UsageError(str(error)) from error
    clean_up.JOURNALS.mkdir(exist_ok=True)
    journal = Journal(clean_up.JOURNALS.resolve() / f"pytest-{os.getpid()}.jsonl")
    config.stash[WIRE] = wire.opened(described, Pacer(described.limits, enabled=described.pacing), journal)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the scenarios that the target does not allow."""
    for item in items:
        if item.get_closest_marker(MARK):
            reason = reason_against(decision_of(item), config.stash[WIRE].target)
            item.add_marker(pytest.mark.skipif(reason is not None, reason=str(reason)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a scenario also for a MUST that it found broken on the way."""
    if item.get_closest_marker(MARK) is None:
        return (yield)
    sent = item.config.stash[WIRE]
    notebook = open_notebook(lambda: sent.latest)
    sent.drained()
    ran = yield
    broken = [f"{problem.message}\n{answer.curl}" for answer, problem in sent.drained() if _must(problem.requirements)]
    broken += [
        f"expected {aside.expected}\ncame {aside.actual}"
        for aside in notebook.asides
        if aside.verdict is Verdict.FAIL and _must(aside.requirements)
    ]
    if broken:
        pytest.fail("\n".join(broken), pytrace=False)
    return ran


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close what the scenarios left open."""
    sent = config.stash.get(WIRE, None)
    if sent is not None:
        clean_up.close_all(Session(sent.target, sent, sent.journal.path.parent, lambda _: None))
        sent.http.close()


def _must(requirements: tuple[str, ...]) -> bool:
    return any(levels()[id_] == "MUST" for id_ in requirements)
