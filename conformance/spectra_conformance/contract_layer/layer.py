"""The contract layer of a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from spectra_conformance import journal, openapi
from spectra_conformance.contract_layer import findings
from spectra_conformance.contract_layer.assignment import VARIABLE, Assignment
from spectra_conformance.contract_layer.configuration import accounts, configuration, toml
from spectra_conformance.contract_layer.description import described_for
from spectra_conformance.contract_layer.effort import READ_ONLY_PHASES, Effort, effort_for
from spectra_conformance.contract_layer.priming import Fixtures, primed
from spectra_conformance.contract_layer.promises import ANY_OPERATION, promises
from spectra_conformance.session import Plan, Session
from spectra_conformance.target import Target
from spectra_conformance.verdicts import Outcome, Verdict

LONGEST_SECONDS = 3600.0
CREATIONS_OF_EACH = 1.18
"""Fuzzing goes a little beyond what is left to generated cases."""


class GeneratorError(Exception):
    """Schemathesis could not do its work: the kit's own fault, or its installation's."""


def deciders() -> Mapping[str, tuple[str, ...]]:
    """Return every check of the layer with the requirements it decides."""
    return {
        findings.check_id(promise, operation_id): promise.requirements(operation_id)
        for promise in promises().values()
        for operation_id in _operations(promise.by_operation)
    }


def plan(session: Session) -> Plan:
    """Return how many checks and calls the layer will make at most."""
    if not _wanted(session):
        return Plan()
    effort = effort_for(session.target)
    per_operation = 12 + 40 // effort.coverage_share + effort.fuzzing_examples + effort.stateful_examples
    creations = 0 if session.target.read_only else round(effort.bulk_creations * CREATIONS_OF_EACH)
    calls = {
        "queries": 12 + round(0.4 * per_operation),
        "job_reads": 4 + round(0.9 * per_operation),
        "bulk_reads": round(2.7 * per_operation + 5.4 * creations),
        "bulk_creations": creations,
    }
    by_peer = session.target.can("second_tenant")
    return Plan(len(_wanted(session)), {} if by_peer else calls, calls if by_peer else {})


def run(session: Session) -> None:
    """Generate requests, judge the answers, and tell of each check.

    The second tenant makes the calls where there is one: the other layers need those of the first.
    """
    if not _wanted(session):
        return
    session = replace(session, target=_seen_by_the_peer(session.target))
    effort = effort_for(session.target)
    fixtures = _fixtures(session, effort)
    folder = session.folder / "contract"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = findings.Findings()
    try:
        found = findings.read(_generate(session, effort, fixtures, folder))
    except GeneratorError as error:
        found.troubles.append(str(error))
    finally:
        _take_back(session, found)
    for outcome in (*findings.outcomes(found, session.target.seed), *_troubles(found)):
        if session.wants(outcome.check, outcome.requirements):
            session.found(outcome)


def _operations(by_operation: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    named = [operation_id for operation_id in by_operation if operation_id != ANY_OPERATION]
    every = [operation.operation_id for operation in openapi.operations()] + [findings.UNDECLARED]
    yield from every if ANY_OPERATION in by_operation else named


def _seen_by_the_peer(target: Target) -> Target:
    if target.peer is None or not target.can("second_tenant"):
        return target
    return replace(target, owner=target.peer, peer=target.owner)


def _wanted(session: Session) -> list[str]:
    return [check for check, requirements in deciders().items() if session.wants(check, requirements)]


def _fixtures(session: Session, effort: Effort) -> Fixtures:
    owner = session.client(session.target.owner)
    return primed(owner, 0 if session.target.read_only else effort.bulk_creations)


def _generate(session: Session, effort: Effort, fixtures: Fixtures, folder: Path) -> Path:
    """Run schemathesis and return the file of its events.

    Raises: GeneratorError, KeyboardInterrupt.
    """
    pacer = session.wire.pacer
    pacer.kept_in = pacer.kept_in or folder / "windows.json"
    pacer.keep()
    spent = len(fixtures.states) + len(fixtures.open_jobs)
    left = replace(effort, bulk_creations=max(0, effort.bulk_creations - spent))
    told = Assignment(session.target, fixtures, left, session.wire.journal.path, pacer.kept_in)
    told.write(folder / "assignment")
    _write_inputs(session, left, fixtures, folder)
    events = folder / "events.ndjson"
    log = folder / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter, with our own arguments
            _command(session, left, events),
            cwd=folder,
            env={**_environment(session.target.seed), VARIABLE: str(folder / "assignment")},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        code = _ended(process)
    if code not in (0, 1) or not events.exists():
        raise GeneratorError(f"schemathesis ended with {code}: {log.read_text(errors='replace')[-2000:]}")
    return events


def _ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(LONGEST_SECONDS)
    except BaseException:
        process.terminate()
        process.wait()
        raise


def _write_inputs(session: Session, effort: Effort, fixtures: Fixtures, folder: Path) -> None:
    target = session.target
    people = [one for one in (target.owner, target.peer) if one]
    proof = {one.name: one.sign("GET", target.url, {}, b"") for one in people}
    accounts_file = folder / "accounts.json"
    accounts_file.touch(mode=0o600)
    accounts_file.write_text(json.dumps(accounts(target, proof)))
    (folder / "description.json").write_text(json.dumps(described_for(target)))
    settings = configuration(target, effort, session.wire.pacer, fixtures.dictionaries(), accounts_file)
    (folder / "schemathesis.toml").write_text(toml(settings))


def _command(session: Session, effort: Effort, events: Path) -> list[str]:
    phases = [one for one in effort.phases if not session.target.read_only or one in READ_ONLY_PHASES]
    return [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", "schemathesis.toml", "run", "description.json"),
        *("--url", session.target.url, "--seed", str(session.target.seed), "--phases", ",".join(phases)),
        *("--report", "ndjson", "--report-ndjson-path", str(events)),
        *("--output-sanitize", "false", "--output-truncate", "false", "--no-shrink"),
    ]


def _environment(seed: int) -> dict[str, str]:
    """Return our environment without what would configure schemathesis behind our back, and with sets in one order."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SCHEMATHESIS_", "HYPOTHESIS_"))}
    return kept | {"SCHEMATHESIS_HOOKS": f"{__package__}.hooks", "NO_COLOR": "1", "PYTHONHASHSEED": str(seed % 2**32)}


def _take_back(session: Session, found: findings.Findings) -> None:
    """Go on with the windows, the journal and the deviations as the other process left them."""
    for status, times in found.from_gateway.items():
        session.wire.deviations[f"{status} worded by API Gateway"] += times
    session.wire.pacer.restore()
    kept = session.wire.journal
    if kept.path.exists():
        kept.opened.update(journal.read(kept.path).opened)


def _troubles(found: findings.Findings) -> Iterator[Outcome]:
    if not found.cases and not found.troubles:
        found.troubles.append("schemathesis judged no answer at all")
    for trouble in dict.fromkeys(found.troubles):
        yield Outcome((), "contract:generator", "contract", Verdict.ERROR, actual=trouble)
