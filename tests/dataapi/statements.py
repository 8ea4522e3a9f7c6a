"""Statements of the Data API: what was sent, how far it is, and what came of it."""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError

from tests.dataapi.acted import ActedRedshift, Outcome

ENDED = frozenset({"FINISHED", "FAILED", "ABORTED"})


@dataclass
class Gate:
    """Holds statements that match, before they run or after they have committed, until it is opened."""

    pattern: re.Pattern[str]
    after: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)


@dataclass
class Statement:
    """`request` is the call as it came."""

    db_user: str
    request: Mapping[str, Any]
    batch: bool
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "SUBMITTED"
    error: str = ""
    created_at: float = field(default_factory=time.time)
    outcomes: list[Outcome] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def sqls(self) -> list[str]:
        return list(self.request["Sqls"]) if self.batch else [self.request["Sql"]]

    @property
    def name(self) -> str:
        return str(self.request.get("StatementName", ""))

    def move(self, status: str, error: str = "") -> None:
        with self.changed:
            self.status, self.error = status, error
            self.changed.notify_all()

    def wait(self, seconds: float) -> None:
        with self.changed:
            self.changed.wait_for(lambda: self.status in ENDED, seconds)


def run(statement: Statement, redshift: ActedRedshift, gates: list[Gate]) -> None:
    """Run the statement to its end."""
    try:
        _held(statement, gates, after=False)
        statement.move("STARTED")
        statement.outcomes = redshift.ran(statement.db_user, statement.id, statement.sqls)
        _held(statement, gates, after=True)
    except StatementCancelledError:
        statement.move("ABORTED")
    except StatementTimeoutError:
        statement.move("FAILED", "ERROR: Query (1) canceled due to statement timeout")
    except SpectraError as error:
        statement.move("FAILED", _message(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, who waits for the statement must be told
        statement.move("FAILED", f"ERROR: internal error: {error!r}")
    else:
        statement.move("FINISHED")


def _held(statement: Statement, gates: list[Gate], *, after: bool) -> None:
    for gate in [one for one in gates if one.after == after and any(map(one.pattern.search, statement.sqls))]:
        statement.move("STARTED")
        gate.reached.set()
        while not gate.opened.wait(0.02) and (after or not statement.cancelled.is_set()):
            continue
        if statement.cancelled.is_set() and not after:
            raise StatementCancelledError


def _message(error: SpectraError) -> str:
    position = error.details.get("position")
    return f"ERROR: {error.message}" + ("" if position is None else f"\n  Position: {position}")
