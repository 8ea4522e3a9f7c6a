"""Which checks decide which requirements, as the layers say it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Protocol, cast

from spectra_conformance import contract
from spectra_conformance.capabilities import DECIDED_BY_A_CAPABILITY
from spectra_conformance.contract_layer import layer as contract_layer
from spectra_conformance.diff import layer as diff_layer
from spectra_conformance.session import Plan, Session
from spectra_conformance.suite import layer as suite_layer
from spectra_conformance.target import PROFILES


class Layer(Protocol):
    """A module as `session` describes it."""

    def plan(self, session: Session) -> Plan: ...

    def run(self, session: Session) -> None: ...

    def deciders(self) -> Mapping[str, tuple[str, ...]]: ...


@cache
def layers() -> Mapping[str, Layer]:
    """Return the layers in the order of a run."""
    # Scenarios come last: they end with using up a limit, and nothing then waits for its next window.
    modules = {"contract": contract_layer, "diff": diff_layer, "scenarios": suite_layer}
    return MappingProxyType({name: cast("Layer", module) for name, module in modules.items()})


@cache
def checks() -> Mapping[str, tuple[str, ...]]:
    """Return every check that a run could make, with the requirements that it decides."""
    found = {f"answer:{kind}": named for kind, named in contract.KINDS.items()}
    found |= {f"capability:{name}": named for name, named in DECIDED_BY_A_CAPABILITY.items()}
    for layer in layers().values():
        found |= layer.deciders()
    return found


@cache
def by_requirement() -> Mapping[str, tuple[str, ...]]:
    """Return the checks of each requirement that has any."""
    found: dict[str, list[str]] = {}
    for check, named in checks().items():
        for id_ in named:
            found.setdefault(id_, []).append(check)
    return {id_: tuple(names) for id_, names in found.items()}


def profile_of(requirement: str) -> str:
    """Return the smallest profile in which a check decides a requirement; other layers' checks run in all of them."""
    scenarios = suite_layer.profiles()
    named = {scenarios.get(check, PROFILES[0]) for check in by_requirement()[requirement]}
    return min(named, key=PROFILES.index)
