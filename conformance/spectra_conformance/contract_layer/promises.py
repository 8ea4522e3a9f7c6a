"""The checks of the layer, and the requirements that each decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from spectra_conformance import contract
from spectra_conformance.client import Client
from spectra_conformance.contract_layer import (
    promises_of_jobs,
    promises_of_limits,
    promises_of_links,
    promises_of_queries,
    promises_of_requests,
)
from spectra_conformance.contract_layer.exchange import Exchange
from spectra_conformance.verdicts import Verdict

FAMILIES = (promises_of_queries, promises_of_jobs, promises_of_limits, promises_of_requests)
ANY_OPERATION = "*"
BROKEN = re.compile(r"\[(?P<warning>warn )?(?P<requirements>[A-Z]+-\d+(?: [A-Z]+-\d+)*)\] ")
Decider = Callable[[Exchange, Client], str | None]


@dataclass(frozen=True)
class Promise:
    """`code` is that of schemathesis, None for a check of the kit's own."""

    name: str
    by_operation: Mapping[str, tuple[str, ...]]
    on_success: bool = False
    code: str | None = None

    def requirements(self, operation_id: str) -> tuple[str, ...]:
        return self.by_operation.get(operation_id, self.by_operation.get(ANY_OPERATION, ()))

    def looks_at(self, exchange: Exchange) -> bool:
        wanted = exchange.operation_id in self.by_operation or ANY_OPERATION in self.by_operation
        return wanted and (exchange.succeeded or not self.on_success)


@cache
def promises() -> Mapping[str, Promise]:
    """Return every check of the layer by its name."""
    listed = yaml.safe_load((files(__package__) / "promises.yaml").read_text(encoding="utf-8"))
    own = {name: _promise(name, one) for name, one in listed["checks"].items()}
    return own | {name: _promise(name, one) for name, one in listed["codes"].items()}


def _promise(name: str, listed: Mapping[str, Any]) -> Promise:
    by_operation = {operation_id: tuple(ids) for operation_id, ids in listed["promises"].items()}
    return Promise(name, by_operation, listed.get("answers") == "success", listed.get("code"))


def deciders() -> Mapping[str, Decider]:
    """Return the function of each check of our own."""
    pure = {name: _alone(one) for family in FAMILIES for name, one in _public(family).items()}
    return {**pure, **_public(promises_of_links), "the_answer_is_as_described": the_answer_is_as_described}


def the_answer_is_as_described(exchange: Exchange, _client: Client) -> str | None:
    """Hold an answer against its description, as scenarios do."""
    limited = exchange.target.can("rate_limits")
    found = contract.problems(exchange.answer, exchange.path, rate_limited=limited)
    worst = [problem for problem in found if problem.verdict is Verdict.FAIL]
    told, mark = worst or found, "" if worst else "warn "
    ids = sorted({id_ for problem in told for id_ in problem.requirements})
    return f"[{mark}{' '.join(ids)}] {'; '.join(problem.message for problem in told)}" if told else None


def _public(family: object) -> dict[str, Any]:
    return {name: getattr(family, name) for name in promises() if hasattr(family, name)}


def _alone(decide: Callable[[Exchange], str | None]) -> Decider:
    return lambda exchange, _client: decide(exchange)
