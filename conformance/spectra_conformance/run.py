"""A whole run: find the target, tell the plan, play the layers, clean up, judge."""

from __future__ import annotations

import importlib.metadata
import shutil
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Protocol, cast

from spectra_conformance import __version__, clean_up, contract, discovery, openapi, wire
from spectra_conformance.capabilities import Capability, capabilities, without
from spectra_conformance.deciders import by_requirement, layers
from spectra_conformance.journal import Journal
from spectra_conformance.masking import masked_text
from spectra_conformance.pacing import Pacer, PacingError
from spectra_conformance.read_only import WriteRefusedError
from spectra_conformance.requirements import requirements
from spectra_conformance.results import Circumstances, Results, complaints, judged
from spectra_conformance.session import Plan, Session
from spectra_conformance.target import Target
from spectra_conformance.verdicts import Layer, Outcome, Verdict
from spectra_conformance.waivers import Waiver


class Watcher(Protocol):
    """Who is told how a run goes."""

    def planned(self, plan: Plan, minutes: float) -> None: ...

    def began(self, layer: str) -> None: ...

    def found(self, outcome: Outcome) -> None: ...


@dataclass(frozen=True)
class Options:
    only: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    strict: bool = False
    waivers: tuple[Waiver, ...] = ()
    reference: str | None = None


@dataclass
class Run:
    """One run as it goes."""

    session: Session
    options: Options
    watcher: Watcher
    started_at: datetime
    began: float
    outcomes: list[Outcome] = field(default_factory=list)
    capabilities: tuple[Capability, ...] = ()
    left_open: tuple[str, ...] = ()
    interrupted: bool = False
    stopped_by: str = ""

    def note(self, outcome: Outcome) -> None:
        """Keep an outcome, without anything secret in it."""
        masked = replace(
            outcome,
            expected=masked_text(outcome.expected),
            actual=masked_text(outcome.actual),
            curl=masked_text(outcome.curl),
            note=masked_text(outcome.note),
        )
        self.outcomes.append(masked)
        self.watcher.found(masked)


def run(target: Target, options: Options, watcher: Watcher, journal: Path) -> Results:
    """Test a target and return all that was found.

    Raises: UnusableTargetError where it cannot be tested at all.
    """
    folder = Path(tempfile.mkdtemp(prefix="spectra-conformance-"))
    try:
        pacer = Pacer(target.limits, enabled=target.pacing, kept_in=folder / "pacing.json")
        opened = wire.opened(target, pacer, Journal(journal))
        with closing(opened.http):
            session = Session(target, opened, folder, lambda _: None, options.only, options.reference)
            going = Run(session, options, watcher, datetime.now(UTC), time.monotonic())
            session.found = going.note
            return _played(going)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plans_of(session: Session, chosen: Iterable[str]) -> list[Plan]:
    """Return what each chosen layer means to do, in order."""
    return [layer.plan(session) for name, layer in layers().items() if name in chosen]


def together(plans: Iterable[Plan]) -> Plan:
    """Return what several layers mean to do, as one plan."""
    plans = list(plans)
    calls, peer_calls = Counter[str](), Counter[str]()
    for plan in plans:
        calls.update(plan.calls)
        peer_calls.update(plan.peer_calls)
    return Plan(sum(plan.checks for plan in plans), calls, peer_calls)


def minutes(plans: Iterable[Plan], pacer: Pacer) -> float:
    """Return how long layers take, one after another, where each is held up by its fullest bucket.

    The calls of the first minute wait for nobody.
    """
    if not pacer.enabled:
        return 0.0
    windows = [
        max((calls / pacer.allowed(bucket) for bucket, calls in plan.of_the_busiest.items()), default=0)
        for plan in plans
    ]
    return max(0.0, sum(windows) - 1)


def _played(going: Run) -> Results:
    discovery.diagnose(going.session)
    discovery.check_clock_by_records(going.session)
    with _interruptible():
        try:
            _discover(going)
            _play_layers(going)
            _judge_answers(going)
        except KeyboardInterrupt:
            going.interrupted = True
        except (PacingError, WriteRefusedError, discovery.UnusableTargetError) as error:
            going.stopped_by = str(error)
    with _uninterruptible():
        going.left_open = tuple(clean_up.close_all(going.session))
    return _results(going)


def _discover(going: Run) -> None:
    found = list(capabilities(going.session))
    going.capabilities = tuple(capability for capability, _ in found)
    for _, outcome in found:
        if outcome is not None:
            going.note(outcome)
    absent = frozenset(one.name for one in going.capabilities if one.declared and one.found is False)
    going.session = without(going.session, absent)


def _play_layers(going: Run) -> None:
    chosen = chosen_layers(going.options)
    plans = plans_of(going.session, chosen)
    going.watcher.planned(together(plans), minutes(plans, going.session.wire.pacer))
    for name in chosen:
        going.watcher.began(name)
        _play(going, name)


def _play(going: Run, name: str) -> None:
    """Play one layer; a fault of its own costs its outcomes and no other layer's."""
    try:
        layers()[name].run(going.session)
    except (PacingError, WriteRefusedError):
        raise
    except Exception as error:  # noqa: BLE001 -- the edge of a layer: its fault is reported as the kit's
        told = "".join(traceback.format_exception(error)[-3:])
        going.note(Outcome((), f"{name}:layer", cast("Layer", name), Verdict.ERROR, actual=told))


def chosen_layers(options: Options) -> tuple[str, ...]:
    """Return the layers that run, in order."""
    return tuple(name for name in layers() if not options.layers or name in options.layers)


def _judge_answers(going: Run) -> None:
    """Pass what every answer of the scenarios was held to and none failed."""
    wire_ = going.session.wire
    answers = wire_.checked.total()
    for kind, named in contract.KINDS.items():
        check, taken = f"answer:{kind}", contract.TAKES.get(kind)
        possible = answers and (taken is None or taken in wire_.shown)
        if possible and kind not in wire_.failed_kinds and going.session.wants(check, named):
            going.note(Outcome(named, check, "scenarios", Verdict.PASS, note=f"held on {answers} answers"))


def _results(going: Run) -> Results:
    wire_, target = going.session.wire, going.session.target
    results = judged(going.outcomes, requirements(), by_requirement(), going.options.waivers)
    return Results(
        circumstances=Circumstances(
            kit_version=__version__,
            contract_sha256=openapi.sha256(),
            schemathesis_version=importlib.metadata.version("schemathesis"),
            url=masked_text(target.url),
            profile=target.profile,
            seed=target.seed,
            read_only=target.read_only,
            strict=going.options.strict,
            pacing=target.pacing,
            started_at=going.started_at,
            seconds=time.monotonic() - going.began,
            capabilities=going.capabilities,
            calls=wire_.pacer.busiest(),
            checked_answers=wire_.checked.total(),
            waited_seconds=wire_.pacer.waited_seconds,
            unexpected_429=wire_.pacer.unexpected_refusals,
            deviations=dict(wire_.deviations),
            flakes=tuple(masked_text(flake) for flake in wire_.flakes),
            left_open=going.left_open,
            interrupted=going.interrupted,
            stopped_by=masked_text(going.stopped_by),
        ),
        results=results,
        waiver_complaints=complaints(results, going.options.waivers, going.started_at.date()),
        faults=tuple(f"{one.check}: {one.actual}" for one in going.outcomes if not one.requirements),
    )


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _uninterruptible() -> Iterator[None]:
    """Let a second Ctrl-C not keep the kit from closing what it opened."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
