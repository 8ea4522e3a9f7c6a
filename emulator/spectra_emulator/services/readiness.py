"""What must have happened before the server is ready, check by check."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from spectra_emulator.domain.errors import SpectraError

_log = logging.getLogger(__name__)


class CheckState(StrEnum):
    WAITING = "waiting"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """`reason` tells why a check failed."""

    name: str
    state: CheckState = CheckState.WAITING
    reason: str | None = None


class Readiness:
    """Each check is a call that raises where it fails; looking begins what has not passed, but not `once` again."""

    def __init__(self, checks: Mapping[str, Callable[[], object]], once: frozenset[str] = frozenset()) -> None:
        self._checks = checks
        self._once = once
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._found = {name: Check(name) for name in checks}

    def looked_at(self) -> tuple[Check, ...]:
        """Return how every check stands, and begin those that may pass by the next look."""
        with self._lock:
            found = tuple(self._found.values())
        for check in found:
            if check.state is CheckState.WAITING or (check.state is CheckState.FAILED and check.name not in self._once):
                self.begin(check.name)
        return found

    def begin(self, name: str, ended: Callable[[Check], object] = lambda _: None) -> None:
        """Run the check in a thread of its own, unless it runs, and tell how it ended."""
        with self._lock:
            if name in self._running:
                return
            self._running.add(name)
        threading.Thread(target=lambda: ended(self._ran(name, self._checks[name])), daemon=True).start()

    def noted(self, name: str, act: Callable[[], object]) -> Check:
        """Do now what the check stands for, and return how it ended."""
        with self._lock:
            self._running.add(name)
            self._found[name] = Check(name)
        return self._ran(name, act)

    def _ran(self, name: str, act: Callable[[], object]) -> Check:
        check = _outcome(name, act)
        with self._lock:
            self._found[name] = check
            self._running.discard(name)
        return check


def _outcome(name: str, act: Callable[[], object]) -> Check:
    try:
        act()
    except SpectraError as error:
        return _failed(name, str(error))
    except Exception as error:  # noqa: BLE001 - whatever a check meets is its answer
        return _failed(name, str(error) or type(error).__name__)
    return Check(name, CheckState.PASSED)


def _failed(name: str, reason: str) -> Check:
    _log.error("not ready: %s: %s", name, reason)
    return Check(name, CheckState.FAILED, reason)
