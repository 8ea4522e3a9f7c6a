"""What every layer of a run gets, and what it gives.

A layer is a package with a module `layer` of three functions:

- `plan(session) -> Plan`: how many checks it will make and how many calls it will send, by bucket;
- `run(session) -> None`: makes them and tells `session.found(outcome)` of each as it ends;
- `deciders() -> Mapping[str, tuple[str, ...]]`: every check that it could ever make, with the requirements it decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from spectra_conformance.client import Client
from spectra_conformance.identities import nobody
from spectra_conformance.target import Identity, Target
from spectra_conformance.verdicts import Outcome
from spectra_conformance.wire import Wire


@dataclass(frozen=True)
class Plan:
    """`calls` are those of the tenant that owns the target, by bucket; `peer_calls` those of the second one."""

    checks: int = 0
    calls: Mapping[str, int] = field(default_factory=dict)
    peer_calls: Mapping[str, int] = field(default_factory=dict)

    @property
    def of_the_busiest(self) -> Mapping[str, int]:
        """Return how many calls of each bucket the tenant makes that makes more of them."""
        buckets = dict.fromkeys((*self.calls, *self.peer_calls))
        return {bucket: max(self.calls.get(bucket, 0), self.peer_calls.get(bucket, 0)) for bucket in buckets}


@dataclass
class Session:
    """`folder` is for files of this run and is gone after it; `only` holds ids of checks or requirements, or globs."""

    target: Target
    wire: Wire
    folder: Path
    found: Callable[[Outcome], None]
    only: tuple[str, ...] = ()
    reference: str | None = None

    def client(self, identity: Identity | None) -> Client:
        """Return the API as an identity calls it; None is one that proves nothing."""
        return Client(self.wire, identity or nobody(self.target.owner.tenant))

    def wants(self, check: str, requirements: tuple[str, ...] = ()) -> bool:
        """Say whether `--only` lets a check run."""
        names = (check, *requirements)
        return not self.only or any(fnmatchcase(name, pattern) for pattern in self.only for name in names)
