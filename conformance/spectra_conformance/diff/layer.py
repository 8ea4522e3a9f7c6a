"""The diff layer of a run: the workload, compared with a reference on what the contract promises."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from spectra_conformance.bulk_ids import NOT_FOUND, BulkIds
from spectra_conformance.diff import workload
from spectra_conformance.diff.comparison import Difference, differences, tolerances
from spectra_conformance.diff.control import controlled
from spectra_conformance.diff.facts import FACTS
from spectra_conformance.diff.player import Player
from spectra_conformance.diff.trace import Trace, read
from spectra_conformance.diff.workload import Life, Step
from spectra_conformance.pacing import bucket_of
from spectra_conformance.session import Plan, Session
from spectra_conformance.target_sources import gathered
from spectra_conformance.target_sources import target as described
from spectra_conformance.verdicts import Outcome, Verdict

GOLDEN = "golden.json"
READS_A_LIFE, JOB_READS_A_LIFE = 7, 2.3
READS_OF_FACTS, JOB_READS_OF_FACTS = 35, 15


def golden() -> Path:
    """Return the trace that comes with the kit."""
    return Path(str(files(__package__) / GOLDEN))


@cache
def deciders() -> Mapping[str, tuple[str, ...]]:
    """Return every check of the layer with the requirements it decides."""
    found: dict[str, set[str]] = {}
    for family, ids in _families():
        found.setdefault(f"diff:{family}", set()).update(ids)
    return {check: tuple(sorted(ids)) for check, ids in found.items()}


def plan(session: Session) -> Plan:
    """Return how many steps and calls the layer will make."""
    target = session.target
    if target.profile == "smoke":
        return Plan()
    lives = list(workload.lives(target))
    calls = {
        "queries": 2 * len(FACTS),
        "job_reads": JOB_READS_OF_FACTS,
        "bulk_reads": READS_OF_FACTS,
        "bulk_creations": len(lives),
    }
    anybodys = dict.fromkeys(calls, 0)
    for step in (*workload.steps_without_jobs(target), *workload.steps_at_the_end(target)):
        if bucket := bucket_of(step.method, step.path):
            (anybodys if step.who == workload.EITHER else calls)[bucket] += 1
    for bucket, count in anybodys.items():
        both = calls[bucket] + count
        calls[bucket] = max(calls[bucket], math.ceil(both / 2)) if target.peer else both
    calls["bulk_reads"] += READS_A_LIFE * len(lives)
    calls["job_reads"] += round(JOB_READS_A_LIFE * len(lives))
    return Plan(len(deciders()), calls)


def run(session: Session) -> None:
    """Play the workload, compare it, and tell of each family of steps."""
    if session.target.profile == "smoke":
        return
    reference = referred(session)
    played = Player(session, lambda step: session.wants(check_of(step.name), ())).play()
    for outcome in outcomes(reference, played, session.target.seed, session.wire.bulk_ids):
        session.found(outcome)


def referred(session: Session) -> Trace:
    """Return the reference: the trace that comes with the kit, another, or a deployment that is played twice.

    Raises: TraceError.
    """
    where = session.reference
    if where and where.startswith(("http://", "https://")):
        return controlled(replace(session.target, url=where.rstrip("/")))[0]
    if where and where.endswith(".toml"):
        return controlled(described(gathered({}, os.environ, Path(where))))[0]
    return read(Path(where) if where else golden())


def outcomes(reference: Trace, played: Trace, seed: int, bulk_ids: BulkIds) -> Iterator[Outcome]:
    """Yield each difference as a failure, and what held as passes; what is not found at /jobs, as `bulk_ids` says."""
    broken: dict[str, set[str]] = {}
    for difference in differences(reference, played, promised=True):
        check = check_of(difference.step.name)
        missed = _of_a_bulk_job_at_jobs(difference) and difference.actual == NOT_FOUND
        unseen = tolerances()["members"][difference.step.kind].values() if missed and bulk_ids.apart else ()
        broken.setdefault(check, set()).update(difference.requirements, unseen)
        if _of_a_bulk_job_at_jobs(difference) and difference.expected == NOT_FOUND:
            continue  # a reference may keep bulk jobs apart: that is nothing to be as
        failure = _failure(check, difference, seed)
        yield from bulk_ids.judged([failure]) if missed else [failure]
    for check, ids in deciders().items():
        steps = [name for name in played.steps if check_of(name) == check and name in reference.records]
        held = tuple(id_ for id_ in ids if id_ not in broken.get(check, ()))
        if steps and held:
            yield Outcome(held, check, "diff", Verdict.PASS, note=f"{len(steps)} answers as recorded", seed=seed)


def check_of(step_name: str) -> str:
    """Return the check that a step is part of: its family of queries, its life, or its kind of request."""
    return f"diff:{next(family for family in _by_length() if step_name.startswith(family))}"


def _of_a_bulk_job_at_jobs(difference: Difference) -> bool:
    """Say whether what differs is the status that an owner is answered to a bulk job at /jobs."""
    step = difference.step
    return difference.place == "status" and step.who == "owner" and step.path.startswith("/jobs/{job}")


def _failure(check: str, difference: Difference, seed: int) -> Outcome:
    return Outcome(
        difference.requirements,
        check,
        "diff",
        Verdict.FAIL,
        expected=f"{difference.place}: {difference.expected!r}",
        actual=f"{difference.place}: {difference.actual!r}",
        curl=difference.curl,
        note=f"step {difference.step.name}",
        seed=seed,
    )


@cache
def _by_length() -> tuple[str, ...]:
    return tuple(sorted({family for family, _ in _families()}, key=len, reverse=True))


def _families() -> Iterator[tuple[str, set[str]]]:
    """Yield every family of steps with what its steps decide."""
    members = tolerances()["members"]
    rows = set(members["query"].values())
    for family, one in workload.written()["queries"].items():
        yield f"query-{family}", {one["promise"], *one.get("more", ()), *rows}
    for start, key in (("body", "bodies"), ("route", "routes"), ("stranger", "strangers"), ("create", "creations")):
        yield start, {one["promise"] for one in workload.written()[key].values()}
    yield "fact", {fact.promise for fact in FACTS}
    for _, _, life in workload.every_life():
        yield life.name, set(_decided_by(life))


def _decided_by(life: Life) -> Iterator[str]:
    members = tolerances()["members"]
    yield from {"BLK-12", *members["created"].values()}
    state = "Open"
    for act in life.acts:
        for step in _steps_of(life, act, state):
            yield from {step.promise or "BLK-12", *step.more, *members.get(step.kind, {}).values()}
        state = workload.state_after(life, act, state)
    if "meddle" in life.acts or "look" in life.acts:
        yield from ("TEN-02", "AUTH-03")


def _steps_of(life: Life, act: str, state: str) -> Iterator[Step]:
    if act in workload.MOVES:
        yield workload.move(life, act, state)
    if act in ("look", "write", "meddle"):
        yield from workload.reads(life, state)
    if act == "write":
        yield from workload.writes(life, state)
    if act == "upload":
        yield Step("upload", "PUT", "<link>", "link-answer", "URL-01")
    if act == "rows":
        yield Step("rows", "POST", "/queries", "query", "SQL-01", workload.OF_IMPORTED_ROWS)
    if act == "file":
        yield Step("file", "GET", "<link>", "file", "URL-02", (*workload.OF_A_FILE, "URL-13", "URL-14"))
