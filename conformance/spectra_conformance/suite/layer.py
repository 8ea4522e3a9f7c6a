"""The scenario layer of a run."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from spectra_conformance.session import Plan, Session
from spectra_conformance.suite.pytest_plugin import FOLDER, played, reason_against
from spectra_conformance.suite.registry import Decision, decisions_of

SHARED_CREATIONS = {
    "finished_export": 1,
    "finished_import": 1,
    "failed_export": 1,
    "aborted_export": 1,
    "aborted_import": 1,
    "open_export": 1,
    "open_import": 1,
    "running_export": 1,
    "theirs": 1,
    "made": 4,
    "three": 1,
    "sandbox": 1,
}
"""Bulk jobs that fixtures make once a run, or take back at its end."""
READS_A_CREATION, READS_A_LOOK = 3.3, 0.78
JOB_READS_A_QUERY = 0.4
OWNERS_SHARE = 0.3
"""What falls to the owner at least of the jobs that both may make, since its own work leaves it free at times."""


@dataclass(frozen=True)
class _Scenario:
    """`cases` are those of one profile; `fixtures` are the names of its arguments."""

    decision: Decision
    cases: int
    fixtures: frozenset[str]


def deciders() -> Mapping[str, tuple[str, ...]]:
    """Return every scenario with the requirements it decides."""
    return {
        f"{module.__name__.rpartition('.test_')[2]}.{name.removeprefix('test_')}": decision.requirements
        for module in _modules()
        for name, decision in decisions_of(module).items()
    }


def profiles() -> Mapping[str, str]:
    """Return the smallest profile that plays each scenario."""
    return {
        f"{module.__name__.rpartition('.test_')[2]}.{name.removeprefix('test_')}": decision.profile
        for module in _modules()
        for name, decision in decisions_of(module).items()
    }


def plan(session: Session) -> Plan:
    """Return how many scenarios will be played and how many calls they send at most."""
    scenarios = list(_scenarios(session))
    # Without pacing no tenant is ever readier than the other, so that one may get all the calls.
    two_tenants = session.target.peer is not None and session.target.pacing
    shared = frozenset().union(*(scenario.fixtures for scenario in scenarios)) & SHARED_CREATIONS.keys()
    made_once = sum(SHARED_CREATIONS[name] for name in shared)
    queries = _queries(scenarios, two_tenants=two_tenants)
    creations = _creations(scenarios, made_once, two_tenants=two_tenants)
    owners, peers = (
        _calls(queries[place], creations[place], _looks(scenarios, name))
        for place, name in enumerate(("owner", "peer"))
    )
    return Plan(sum(scenario.cases for scenario in scenarios), owners, peers if two_tenants else {})


def _calls(queries: int, creations: int, looks: int) -> dict[str, int]:
    return {
        "queries": queries,
        "job_reads": round(queries * JOB_READS_A_QUERY),
        "bulk_creations": creations,
        "bulk_reads": round(creations * READS_A_CREATION + looks * READS_A_LOOK),
    }


def _looks(scenarios: Iterable[_Scenario], name: str) -> int:
    """Return the cases in which a tenant looks at what is there already."""
    return sum(one.cases for one in scenarios if name in one.fixtures and not one.decision.queries)


def run(session: Session) -> None:
    """Play the scenarios and tell of each."""
    played(session.wire, session.found, session.wants)


def _scenarios(session: Session) -> Iterator[_Scenario]:
    for module in _modules():
        family = module.__name__.rpartition(".test_")[2]
        for name, decision in decisions_of(module).items():
            wanted = session.wants(f"{family}.{name.removeprefix('test_')}", decision.requirements)
            if wanted and reason_against(decision, session.target) is None:
                yield _scenario(getattr(module, name), decision)


def _scenario(function: Any, decision: Decision) -> _Scenario:
    marks = [mark for mark in function.pytestmark if mark.name == "parametrize"]
    cases = math.prod(len(list(mark.args[1])) for mark in marks)
    return _Scenario(decision, cases, frozenset(inspect.signature(function).parameters) | _asked_by_name(marks))


def _asked_by_name(marks: Iterable[Any]) -> frozenset[str]:
    """Return the shared jobs that a scenario's cases ask for by their names."""
    rows = (getattr(row, "values", row) for mark in marks for row in mark.args[1])
    cells = (cell for row in rows for cell in (row if isinstance(row, (tuple, list)) else (row,)))
    return frozenset(cell for cell in cells if isinstance(cell, str)) & SHARED_CREATIONS.keys()


def _queries(scenarios: Iterable[_Scenario], *, two_tenants: bool) -> tuple[int, int]:
    """Return the queries of both tenants: what any may ask is asked by the one that has calls left."""
    anybodys = sum(one.decision.queries * one.cases for one in scenarios if "asker" in one.fixtures)
    owners = sum(one.decision.queries * one.cases for one in scenarios if "asker" not in one.fixtures)
    return _shared_out(owners, anybodys, owners, two_tenants=two_tenants)


def _creations(scenarios: Iterable[_Scenario], shared: int, *, two_tenants: bool) -> tuple[int, int]:
    """Return the creations of both tenants: what either may make is made by the one that has calls left."""
    either = sum(_own_creations(scenario) for scenario in scenarios if "either" in scenario.fixtures)
    owners = shared + sum(_own_creations(scenario) for scenario in scenarios if "either" not in scenario.fixtures)
    return _shared_out(owners, either, owners + round(either * OWNERS_SHARE), two_tenants=two_tenants)


def _shared_out(owners: int, anybodys: int, least: int, *, two_tenants: bool) -> tuple[int, int]:
    """Return what the owner, `least` at least, and the second tenant do of the owner's own and of what both may do."""
    done = max(least, math.ceil((owners + anybodys) / 2)) if two_tenants else owners + anybodys
    return done, owners + anybodys - done


def _own_creations(scenario: _Scenario) -> int:
    shared = sum(SHARED_CREATIONS[name] for name in scenario.fixtures & SHARED_CREATIONS.keys() - {"sandbox"})
    return max(0, scenario.decision.bulk_creations - shared) * scenario.cases


def _modules() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("test_*.py")):
        yield importlib.import_module(f"{__package__}.{path.stem}")
