"""The rules of what goes wrong, in order: the first that fires wins."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from spectra_emulator.domain.faults import Action, Call, Rule
from spectra_emulator.ports import Clock


@dataclass
class RuleInForce:
    """A rule, how many calls it matched and how often it fired."""

    rule: Rule
    matched: int = 0
    fired: int = 0
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.rule.seed)  # noqa: S311 - a repeatable sequence is what is wanted

    def fires(self) -> bool:
        """Count a matching call and tell whether the rule acts on it."""
        self.matched += 1
        spent = self.rule.times is not None and self.fired >= self.rule.times
        if self.matched <= self.rule.after or spent or self.random.random() >= self.rule.probability:
            return False
        self.fired += 1
        return True


@dataclass(frozen=True)
class Fault:
    """What befalls one call; `delay_seconds` is drawn."""

    rule_id: str
    action: Action
    delay_seconds: float = 0.0


class Faults:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rules: list[RuleInForce] = []

    @property
    def active(self) -> bool:
        """Tell whether there is any rule, so that calls without faults cost nothing."""
        return bool(self._rules)

    @property
    def reads_sql(self) -> bool:
        return any(each.rule.match.sql is not None for each in self._rules)

    def in_force(self) -> tuple[RuleInForce, ...]:
        """Return the rules in order, without those whose time is over."""
        with self._lock:
            self._drop_expired()
            return tuple(self._rules)

    def add(self, rules: Sequence[Rule]) -> None:
        """Put rules behind those that are there; one with a known id takes its place."""
        with self._lock:
            for rule in rules:
                known = [place for place, each in enumerate(self._rules) if each.rule.id == rule.id]
                if known:
                    self._rules[known[0]] = RuleInForce(rule)
                else:
                    self._rules.append(RuleInForce(rule))

    def replace(self, rules: Sequence[Rule]) -> None:
        with self._lock:
            self._rules = [RuleInForce(rule) for rule in rules]

    def remove(self, rule_id: str) -> bool:
        """Remove a rule; False where there is none of that id."""
        with self._lock:
            kept = [each for each in self._rules if each.rule.id != rule_id]
            removed = len(kept) < len(self._rules)
            self._rules = kept
            return removed

    def met(self, call: Call) -> Fault | None:
        """Return what befalls the call."""
        if not self._rules:
            return None
        with self._lock:
            self._drop_expired()
            for each in self._rules:
                if each.rule.fits(call) and each.fires():
                    latency = each.rule.action.latency
                    delay = 0.0 if latency is None else latency.seconds(each.random)
                    return Fault(each.rule.id, each.rule.action, delay)
        return None

    def _drop_expired(self) -> None:
        now = self._clock()
        self._rules = [each for each in self._rules if each.rule.expires_at is None or now < each.rule.expires_at]
