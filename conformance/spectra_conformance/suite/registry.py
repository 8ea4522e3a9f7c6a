"""Which promises a scenario decides, and what it takes to run it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

MARK = "decides"
Scenario = TypeVar("Scenario", bound=Callable[..., None])


@dataclass(frozen=True)
class Decision:
    """`profile` is the smallest that runs the scenario; `needs` are capabilities that the target must declare.

    `bulk_creations` and `queries` are what one run of the scenario sends at most. `writes` is True for everything but
    GET, HEAD and a SELECT sent as a query.
    """

    requirements: tuple[str, ...]
    profile: str = "standard"
    needs: frozenset[str] = frozenset()
    bulk_creations: int = 0
    queries: int = 1
    writes: bool = False


def decides(
    *requirements: str,
    profile: str = "standard",
    needs: tuple[str, ...] = (),
    bulk_creations: int = 0,
    queries: int = 1,
    writes: bool = False,
) -> Callable[[Scenario], Scenario]:
    """Mark a scenario with the promises that it decides."""
    decision = Decision(requirements, profile, frozenset(needs), bulk_creations, queries, writes or bulk_creations > 0)
    return pytest.mark.decides.with_args(decision)


def decision_of(item: pytest.Item) -> Decision:
    """Return what a collected scenario says of itself.

    Raises: LookupError where it says nothing.
    """
    mark = item.get_closest_marker(MARK)
    if mark is None:
        raise LookupError(f"{item.nodeid} does not say what it decides: mark it with @decides")
    decision: Decision = mark.args[0]
    return decision


def decisions_of(module: Any) -> dict[str, Decision]:
    """Return the decisions of a module's scenarios, by the name of each."""
    found: dict[str, Decision] = {}
    for name, member in vars(module).items():
        for mark in getattr(member, "pytestmark", ()):
            if name.startswith("test_") and mark.name == MARK:
                found[name] = mark.args[0]
    return found
