"""A server's end between two steps: nothing after that call happens, as if the process were gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from spectra_emulator.adapters.redshift.credentials import Credentials
from spectra_emulator.adapters.redshift.data_api_calls import Calls
from spectra_emulator.adapters.redshift.warehouse import Login


class Killed(BaseException):
    """The process is gone."""


@dataclass(frozen=True)
class Moment:
    """The call of an operation whose batch, the last that was sent, matches: before it or `after` it."""

    operation: str
    pattern: str
    after: bool = False


@dataclass
class _Life:
    last_batch: str = ""
    ended: bool = False
    calls: list[str] = field(default_factory=list)


class MortalCalls(Calls):
    """Ends at the moment; whatever a `finally` may try thereafter does not get out."""

    def __init__(self, credentials: Credentials, pause: Callable[[float], None], moment: Moment) -> None:
        super().__init__(credentials, pause)
        self._moment = moment
        self._life = _Life()

    def answer(self, login: Login, operation: str, **arguments: object) -> Any:
        life, moment = self._life, self._moment
        if operation == "batch_execute_statement":
            life.last_batch = "\n".join(map(str, arguments["Sqls"]))  # type: ignore[call-overload] # a list
        due = operation == moment.operation and re.search(moment.pattern, life.last_batch) is not None
        life.ended = life.ended or (due and not moment.after)
        if life.ended:
            raise Killed
        answer = super().answer(login, operation, **arguments)
        life.ended = due
        if life.ended:
            raise Killed
        return answer
