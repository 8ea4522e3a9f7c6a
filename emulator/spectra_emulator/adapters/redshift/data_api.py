"""Redshift by the Data API: no network path and no connections of ours; statements are asked about until they end."""

from __future__ import annotations

import hashlib
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from spectra_emulator.adapters.redshift import data_api_results as results
from spectra_emulator.adapters.redshift.data_api_calls import LONGEST_WAIT_SECONDS, Calls, RefusedCallError
from spectra_emulator.adapters.redshift.data_api_identity import Identities
from spectra_emulator.adapters.redshift.warehouse import RESULT_BYTES, Fate, Found, Login, Result
from spectra_emulator.domain.backend_location import BackendLocation
from spectra_emulator.domain.errors import InternalError, InvalidSql, OperatorError, PayloadTooLarge
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError

MAX_STATEMENT_BYTES = 100 * 1024

_ENDED = frozenset({"FINISHED", "FAILED", "ABORTED"})
_FATES = {"FINISHED": Fate.COMMITTED, "FAILED": Fate.ROLLED_BACK, "ABORTED": Fate.ROLLED_BACK}
_POLL_SECONDS = 0.25
_CANCEL_ATTEMPTS = 20
_TOO_MANY_WAIT = "ActiveWaitingRequestsExceededException"
_GONE = "ResourceNotFoundException"
_log = logging.getLogger(__name__)


@dataclass
class _Running:
    login: Login
    deadline: float
    timeout: timedelta
    statement_id: str = ""
    cancelled: bool = False

    def left_seconds(self) -> float:
        return self.deadline - time.monotonic()


class DataApi:
    """A `Warehouse` by boto3's `redshift-data`; `secret_name` tells each user's secret, where there are secrets."""

    def __init__(
        self,
        location: BackendLocation,
        calls: Calls,
        secret_name: Callable[[Login], str],
        result_bytes: int = RESULT_BYTES,
    ) -> None:
        self._location = location
        self._calls = calls
        self._secret_name = secret_name
        self._result_bytes = result_bytes
        self._identities = Identities(self._submitted_result)
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}

    def query(self, login: Login, sql: str, *, name: str, timeout: timedelta, begun: Callable[[], None]) -> Result:
        """Run a SELECT and return the pages of its result together."""
        self._identities.require(login)
        with self._noted(login, name, timeout) as running:
            self._submit(running, [sql], name, f"{name}\n{sql}")
            self._begin(running, begun)
            described = self._ended(running)
            return self._result(login, results.substatements(described)[-1])

    def transaction(
        self, login: Login, statements: Sequence[str], *, name: str, token: str, timeout: timedelta
    ) -> tuple[int, ...]:
        """Run the statements as one batch.

        While a batch of that name and token runs, sending it again does not run it twice.
        """
        self._identities.require(login)
        with self._noted(login, name, timeout) as running:
            last_ended = next((one["Id"] for one in self._named(login, name) if one["Status"] in _ENDED), "")
            self._submit(running, statements, name, f"{token}\n{last_ended}")
            return _affected(self._ended(running))

    def found(self, login: Login, name: str) -> Found | None:
        """Return what became of the newest transaction of that name; the API remembers a day."""
        newest = next(iter(self._named(login, name)), None)
        if newest is None:
            return None
        fate = _FATES.get(newest["Status"], Fate.RUNNING)
        if fate is not Fate.COMMITTED:
            return Found(fate)
        return Found(fate, _affected(self._answer(login, "describe_statement", Id=newest["Id"])))

    def cancel(self, login: Login, name: str) -> bool:
        """Stop it, whichever server sent it."""
        running = self._running.get(name)
        if running is not None:
            running.cancelled = True
            return not running.statement_id or self._stopped(login, running.statement_id)
        under_way = [one["Id"] for one in self._named(login, name) if one["Status"] not in _ENDED]
        return sum(self._stopped(login, statement_id) for statement_id in under_way) > 0

    def close(self) -> None:
        """End what runs."""
        for name, running in tuple(self._running.items()):
            with suppress(InternalError):
                self.cancel(running.login, name)

    @contextmanager
    def _noted(self, login: Login, name: str, timeout: timedelta) -> Iterator[_Running]:
        running = _Running(login, time.monotonic() + timeout.total_seconds(), timeout)
        with self._lock:
            self._running[name] = running
        try:
            yield running
        finally:
            with self._lock:
                del self._running[name]

    def _submit(self, running: _Running, statements: Sequence[str], name: str, token: str) -> None:
        """Send the batch; one that a cancel has overtaken is stopped at once."""
        _check_sizes(statements)
        milliseconds = max(1, round(running.timeout.total_seconds() * 1000))
        sent = self._answer(
            running.login,
            "batch_execute_statement",
            Sqls=[f"SET statement_timeout TO {milliseconds}", *statements],
            StatementName=name,
            ClientToken=hashlib.sha256(token.encode()).hexdigest(),
            **self._place(),
            **self._authority(running.login),
        )
        running.statement_id = sent["Id"]
        if running.cancelled:
            self._stopped(running.login, running.statement_id)

    def _begin(self, running: _Running, begun: Callable[[], None]) -> None:
        try:
            begun()
        except BaseException:
            self._stopped(running.login, running.statement_id)
            raise

    def _ended(self, running: _Running) -> Any:
        """Wait for the statement's end and return its description.

        Raises: InvalidSql, InternalError, StatementTimeoutError, StatementCancelledError.
        """
        described = self._waited(running)
        if described["Status"] == "FINISHED":
            return described
        message = results.reason(described)
        if described["Status"] == "ABORTED" or results.is_stop(message):
            in_time = running.cancelled or running.left_seconds() > 0
            raise StatementCancelledError if in_time else StatementTimeoutError
        _log.info("the warehouse failed statement %s: %s", running.statement_id, message)
        raise results.failure(message)

    def _waited(self, running: _Running) -> Any:
        while True:
            described = self._described(running)
            if described["Status"] in _ENDED:
                return described
            if running.left_seconds() <= 0:
                self._stopped(running.login, running.statement_id)
                raise StatementTimeoutError

    def _described(self, running: _Running) -> Any:
        """Ask about the statement by a long poll, or now and then where that cannot be."""
        wait = min(LONGEST_WAIT_SECONDS, math.ceil(running.left_seconds()))
        if wait > 0 and self._calls.takes(running.login, "DescribeStatement", "WaitTimeSeconds"):
            try:
                return self._called(running.login, "describe_statement", Id=running.statement_id, WaitTimeSeconds=wait)
            except RefusedCallError as error:
                if error.code != _TOO_MANY_WAIT:
                    raise _meaning(error) from error
        self._calls.pause(max(0.0, min(_POLL_SECONDS, running.left_seconds())))
        return self._answer(running.login, "describe_statement", Id=running.statement_id)

    def _result(self, login: Login, part: results.Described) -> Result:
        """Return all pages together."""
        rows: list[list[object]] = []
        held_bytes = 0
        for answer in self._pages(login, part["Id"]):
            columns = results.columns(answer["ColumnMetadata"])
            page = [results.values(record) for record in answer["Records"]]
            held_bytes += sum(map(results.held_bytes, page))
            if held_bytes > self._result_bytes:
                raise PayloadTooLarge(
                    "The result is larger than the server holds; use the Bulk API", max_result_bytes=self._result_bytes
                )
            rows += page
        query_id = part.get("RedshiftQueryId", 0)
        return Result(columns, rows, str(query_id) if query_id > 0 else "")

    def _pages(self, login: Login, statement_id: str) -> Iterator[Any]:
        """Yield one answer after another; each says where the next begins."""
        answer = self._answer(login, "get_statement_result", Id=statement_id)
        yield answer
        while answer.get("NextToken"):
            answer = self._answer(login, "get_statement_result", Id=statement_id, NextToken=answer["NextToken"])
            yield answer

    def _submitted_result(self, login: Login, sql: str, timeout: timedelta) -> Result:
        """Run a statement that nobody cancels."""
        running = _Running(login, time.monotonic() + timeout.total_seconds(), timeout)
        self._submit(running, [sql], "", f"{sql}\n{time.time_ns()}")
        return self._result(login, results.substatements(self._ended(running))[-1])

    def _named(self, login: Login, name: str) -> list[Any]:
        """Return the statements of that very name, the newest first."""
        place = {key: value for key, value in self._place().items() if key != "Database"}
        found: list[Any] = []
        more: dict[str, str] = {}
        while True:
            page = self._answer(
                login,
                "list_statements",
                StatementName=name,
                Status="ALL",
                MaxResults=100,
                **place,
                **self._database(),
                **more,
            )
            found += [one for one in page["Statements"] if one.get("StatementName") == name]
            if not page.get("NextToken"):
                return sorted(found, key=lambda one: one["CreatedAt"], reverse=True)
            more = {"NextToken": page["NextToken"]}

    def _stopped(self, login: Login, statement_id: str) -> bool:
        """Cancel until it has ended: one that is only queued cannot be cancelled yet."""
        for _ in range(_CANCEL_ATTEMPTS):
            try:
                if self._called(login, "cancel_statement", Id=statement_id).get("Status"):
                    return True
            except RefusedCallError as error:
                _log.info("the Data API does not cancel statement %s: %s", statement_id, error)
            if self._answer(login, "describe_statement", Id=statement_id)["Status"] in _ENDED:
                return False
            self._calls.pause(_POLL_SECONDS)
        return False

    def _answer(self, login: Login, operation: str, **arguments: object) -> Any:
        """Call the API.

        Raises: InternalError.
        """
        try:
            return self._called(login, operation, **arguments)
        except RefusedCallError as error:
            raise _meaning(error) from error

    def _called(self, login: Login, operation: str, **arguments: object) -> Any:
        return self._calls.answer(login, operation, **arguments)

    def _place(self) -> dict[str, str]:
        location = self._location
        where = {"ClusterIdentifier": location.cluster} if location.cluster else {"WorkgroupName": location.workgroup}
        return {**where, **self._database()}

    def _database(self) -> dict[str, str]:
        return {"Database": self._location.database}

    def _authority(self, login: Login) -> dict[str, str]:
        """Name the user's secret, or the user where a cluster gives its credentials; a workgroup goes by the role."""
        secret = self._secret_name(login)
        if secret:
            return {"SecretArn": secret}
        return {"DbUser": login.db_user} if self._location.cluster else {}


def _check_sizes(statements: Sequence[str]) -> None:
    """Refuse what the API would.

    Raises: InvalidSql.
    """
    longest = max(len(statement.encode()) for statement in statements)
    if longest > MAX_STATEMENT_BYTES:
        raise InvalidSql(
            f"The statement has {longest} bytes; the Data API takes {MAX_STATEMENT_BYTES}", sql_state="54000"
        )


def _affected(described: results.Described) -> tuple[int, ...]:
    """Return what each statement but the first, which sets the timeout, affected."""
    parts = results.substatements(described)[1:]
    return tuple(int(part.get("ResultRows", -1)) for part in parts)


def _meaning(error: RefusedCallError) -> InternalError:
    if error.code == _GONE:
        return InternalError("The Redshift Data API no longer keeps the statement: it does so for a day")
    return OperatorError(f"The Redshift Data API refuses the call: {error}")
