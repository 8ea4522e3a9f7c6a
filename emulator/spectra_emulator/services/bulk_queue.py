"""Run bulk work off the request: a few jobs at a time, every tenant in turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class BulkTask:
    """`alone` names what no two tasks may work on at once, such as imports; None where nothing stands against it."""

    tenant_id: str
    job_id: str
    run: Callable[[], None]
    alone: str | None = None
    again: bool = False


RunLater = Callable[[BulkTask], None]


class BulkQueue:
    """At most `at_once` tasks run, each in a thread of its own, and at most `at_once_per_tenant` of one tenant."""

    def __init__(self, at_once: int = 8, at_once_per_tenant: int = 4) -> None:
        self._at_once = at_once
        self._at_once_per_tenant = at_once_per_tenant
        self._changed = threading.Condition()
        self._waiting: list[BulkTask] = []
        self._running: dict[str, BulkTask] = {}
        self._closed = False

    def run_later(self, task: BulkTask) -> None:
        """Queue the task, unless its job is queued; where its job is running it follows."""
        with self._changed:
            if not self._closed and task.job_id not in {each.job_id for each in self._waiting}:
                self._waiting.append(task)
                self._start()

    def close(self) -> None:
        """Begin no more tasks."""
        with self._changed:
            self._closed = True
            self._waiting.clear()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing runs or waits; False where something still does after `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running and not self._waiting, seconds)

    def _start(self) -> None:
        while len(self._running) < self._at_once and (task := self._following()) is not None:
            self._waiting.remove(task)
            self._running[task.job_id] = task
            threading.Thread(target=self._run, args=(task,), name=task.job_id, daemon=True).start()

    def _following(self) -> BulkTask | None:
        """Return the first task of the tenant that has the fewest running."""
        running = [task.tenant_id for task in self._running.values()]
        taken = {(task.tenant_id, task.alone) for task in self._running.values() if task.alone is not None}
        fit = [
            task
            for task in self._waiting
            if running.count(task.tenant_id) < self._at_once_per_tenant
            and task.job_id not in self._running
            and (task.tenant_id, task.alone) not in taken
        ]
        return min(fit, key=lambda task: running.count(task.tenant_id), default=None)

    def _run(self, task: BulkTask) -> None:
        try:
            task.run()
        finally:
            with self._changed:
                del self._running[task.job_id]
                self._start()
                self._changed.notify_all()
