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


def interleaved(tasks: Mapping[str, Task], rounds: int) -> Times:
    """Return each task's milliseconds, one figure a round.

    A round calls every task once, in an order of its own, with the rubbish collected before: no task finds the
    processor warmed by itself, the floors no more than what is held against them.
    """
    times: Times = {name: [] for name in tasks}
    for task in (*tasks.values(), *tasks.values()):
        task()
    for _ in range(rounds):
        for name in random.sample(list(tasks), len(tasks)):
            gc.collect()
            times[name].append(milliseconds(tasks[name]))
    return times


def prepared_and_timed(tasks: Mapping[str, Callable[[], Task]], rounds: int) -> Times:
    """Return the same for tasks that must be made ready each time, which is not timed; the first round is not told."""
    times: Times = {name: [] for name in tasks}
    for _ in range(rounds + 1):
        for name in random.sample(list(tasks), len(tasks)):
            task = tasks[name]()
            gc.collect()
            times[name].append(milliseconds(task))
    return {name: figures[1:] for name, figures in times.items()}


def back_to_back(tasks: Mapping[str, Task], rounds: int, calls: int) -> Times:
    """Return the same for tasks called so often in a row that each finds the processor warm; a figure is one call's."""

    def repeated(task: Task) -> Task:
        return lambda: [task() for _ in range(calls)]

    times = interleaved({name: repeated(task) for name, task in tasks.items()}, rounds)
    return {name: [elapsed / calls for elapsed in figures] for name, figures in times.items()}


def milliseconds(task: Task) -> float:
    """Return how long one call of the task takes."""
    started = time.perf_counter()
    task()
    return (time.perf_counter() - started) * 1000
