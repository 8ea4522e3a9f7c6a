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
    """`calls` are those of the busiest tenant, by bucket; `by_peer` says that it is the second one."""

    checks: int = 0
    calls: Mapping[str, int] = field(default_factory=dict)
    by_peer: bool = False


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
