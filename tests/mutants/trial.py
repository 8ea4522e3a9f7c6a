"""Which layers of the kit find something wrong with a deployment: run as a process of its own."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from spectra_conformance import wire
from spectra_conformance.deciders import layers
from spectra_conformance.journal import Journal
from spectra_conformance.pacing import Pacer
from spectra_conformance.requirements import requirements
from spectra_conformance.session import Session
from spectra_conformance.suite.pytest_plugin import played
from spectra_conformance.target import Target
from spectra_conformance.target_sources import gathered
from spectra_conformance.target_sources import target as described
from spectra_conformance.verdicts import Outcome, Verdict, graded

EMULATOR = Path(__file__).parents[2] / "conformance" / "targets" / "emulator.toml"
CAUGHT = frozenset({Verdict.FAIL, Verdict.WARN})
PROFILES = {"diff": "full", "contract": "standard"}
LOOKS_BACK = ("afterwards.", "lists.")
"""Scenarios that look at what a whole run left: they are played again with all others."""
LEVELS = {id_: each.level for id_, each in requirements().items()}


class CaughtError(Exception):
    """A layer found something: the rest of it need not run."""


def catches(outcome: Outcome) -> bool:
    """Say whether an outcome would show in a report as a failure or a warning."""
    return any(graded(outcome, LEVELS[id_]) in CAUGHT for id_ in outcome.requirements)


FAMILIES: dict[str, tuple[str, ...]] = {
    "cap": ("row_cap.*",),
    "query": ("queries.*", "row_cap.*", "values.*", "bodies.*", "jobs.*"),
    "sql": ("sql_rules.*", "hidden_changes.*", "query_errors.*", "complexity.*", "bulk_sql.*"),
    "key": ("idempotency.*", "afterwards.*"),
    "error": ("queries.*", "bodies.*", "identities.*", "routes.*"),
    "job": ("jobs.*", "states.*", "bulk_jobs.*"),
    "state": ("bulk_jobs.*", "states.*", "running.*"),
    "count": ("bulk_jobs.*", "exports.*", "imports.*", "import_files.*"),
    "create": ("bulk_requests.*", "bulk_jobs.*"),
    "list": ("lists.*", "afterwards.*"),
    "link": ("exports.*", "export_rows.*", "imports.*", "import_files.*", "states.*", "afterwards.*"),
    "tenant": ("tenants.*", "identities.*", "tokens.*", "states.*", "lists.*"),
    "permission": ("permissions.*", "identities.*", "states.*"),
    "rate": ("rate_limits.*",),
}
PLACES: dict[str, tuple[str, ...]] = {
    "rate_limits": ("rate_limits.*",),
    "quer": ("queries.*", "row_cap.*", "values.*", "idempotency.*", "query_errors.*"),
    "sql": ("sql_rules.*", "row_cap.*", "query_errors.*", "complexity.*", "bulk_sql.*"),
    "bulk": ("bulk_jobs.*", "bulk_requests.*", "exports.*", "imports.*", "states.*", "import_files.*"),
    "link": ("exports.*", "imports.*"),
    "paging": ("lists.*",),
    "idempot": ("idempotency.*",),
    "gate": ("identities.*", "routes.*", "bodies.*", "tokens.*"),
    "principal": ("identities.*",),
    "tenan": ("identities.*",),
    "job": ("jobs.*", "states.*"),
}
"""Where to look first for a mechanical mutant, by what the name of its module holds."""
"""Where to look first for what a family of mutants breaks; what these do not catch meets all scenarios."""


def tried(url: str, names: list[str], suspicions: tuple[str, ...], *, limited: bool) -> dict[str, str]:
    """Return the check that caught the deployment, by layer as far as the first that did; empty where none did.

    Scenarios run by suspicion first, and all of them where these find nothing. Where limits are kept to, a whole run
    would take its quarter of an hour: there the suspicions are all.
    """
    flags = {"url": url, "profile": "full", "no_pacing": not limited, "rate_limits": limited, "settle_seconds": 15}
    target = described(gathered({}, {}, EMULATOR) | flags)
    caught: dict[str, str] = {}
    for name in names:
        first = suspicions if name == "scenarios" else ()
        caught[name] = _caught_by(name, target, first) if first else ""
        if not caught[name] and not limited:
            caught[name] = _caught_by(name, target, (), but=first)
        if caught[name]:
            break
    return caught


def suspicions(name: str, requirement: str) -> tuple[str, ...]:
    """Return what to run first for a mutant: what decides its promise, and the scenarios of its family."""
    family = name.partition(":")[0]
    placed = next((scenarios for place, scenarios in PLACES.items() if place in family), ())
    return tuple(filter(None, (requirement, *FAMILIES.get(family, placed))))


def _caught_by(layer: str, target: Target, only: tuple[str, ...], but: tuple[str, ...] = ()) -> str:
    """Return the check of a layer that catches the deployment; `but` are scenarios that are known not to."""
    found: list[Outcome] = []

    def heard(outcome: Outcome) -> None:
        if catches(outcome):
            found.append(outcome)
            if layer != "scenarios":
                raise CaughtError

    with tempfile.TemporaryDirectory() as folder:
        pacer = Pacer(target.limits, enabled=target.pacing)
        opened = wire.opened(target, pacer, Journal(Path(folder) / "journal.jsonl"))
        with closing(opened.http):
            session = Session(target, opened, Path(folder), heard, only)
            try:
                if layer == "scenarios":
                    tried_already = replace(session, only=but or ("",))

                    def wanted(check: str, requirements: tuple[str, ...]) -> bool:
                        new = check.startswith(LOOKS_BACK) or not tried_already.wants(check, requirements)
                        return session.wants(check, requirements) and new

                    played(opened, heard, wanted, catches)
                else:
                    layers()[layer].run(replace(session, target=replace(target, profile=PROFILES[layer])))
            except CaughtError:
                pass
    return found[0].check if found else ""


if __name__ == "__main__":
    url, names, limited, *first = sys.argv[1:]
    print(json.dumps(tried(url, names.split(","), tuple(first), limited=limited == "limited")))  # noqa: T201 -- its answer
