"""Times taken side by side, and what they say."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Task = Callable[[], object]
Times = dict[str, list[float]]


class CannotRunError(Exception):
    """A benchmark lacks something that it needs; the message says what."""


@dataclass(frozen=True)
class Finding:
    """`ratios` has one figure a round; without a floor the goal is held against the value itself."""

    name: str
    value: float
    unit: str = "ms"
    floor: float | None = None
    ratios: tuple[float, ...] = ()
    goal: float | None = None

    @property
    def ratio(self) -> float | None:
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "ok" if (self.ratio or self.value) <= self.goal else "over"


def compared(name: str, value: Sequence[float], floor: Sequence[float], goal: float | None = None) -> Finding:
    """Return the finding of milliseconds that were taken in the same rounds."""
    ratios = tuple(ours / theirs for ours, theirs in zip(value, floor, strict=True))
    return Finding(name, statistics.median(value), "ms", statistics.median(floor), ratios, goal)


def interleaved(tasks: Mapping[str, Task], rounds: int, calls: int = 1) -> Times:
    """Return each task's milliseconds a call, one median a round; every round shuffles the tasks."""
    times: Times = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(rounds):
        for name in random.sample(list(tasks), len(tasks)):
            gc.collect()
            times[name].append(statistics.median(milliseconds(tasks[name]) for _ in range(calls)))
    return times


def milliseconds(task: Task) -> float:
    """Return how long one call of the task takes."""
    started = time.perf_counter()
    task()
    return (time.perf_counter() - started) * 1000
