"""One bulk job's dealings with the warehouse, which may be stopped between any two of them and in each."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from spectra_emulator.adapters.redshift.warehouse import Fate, Found, Login, Result, Warehouse
from spectra_emulator.domain.bulk_jobs import TIME_LIMIT
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.ports import Applied, StatementCancelledError, StatementTimeoutError
from spectra_emulator.sql.warehouse_places import JobPlaces, applied_query

LOAD = "load"
PAGE_ROWS = 20_000
"""How many rows of what a job has noted are held at a time."""
_LOOK_SECONDS = 0.5
_QUERY_TIMEOUT = timedelta(minutes=5)
Answer = TypeVar("Answer")


@dataclass
class Errand:
    """`job_id` is the name of the statement that matters: the UNLOAD, or the transaction that changes the table."""

    warehouse: Warehouse
    login: Login
    job_id: str
    places: JobPlaces
    pause: Callable[[float], None] = time.sleep
    page_rows: int = PAGE_ROWS
    cancelled: bool = False
    _names: set[str] = field(default_factory=set)

    def transact(self, statements: Sequence[str], step: str = "") -> tuple[int, ...]:
        """Run the statements as one transaction.

        Raises: InvalidSql, InternalError, StatementCancelledError.
        """
        token = hashlib.sha256("\n".join([self.job_id, step, *statements]).encode()).hexdigest()
        name = f"{self.job_id}.{step}" if step else self.job_id
        return self._run(
            name,
            lambda: self.warehouse.transaction(self.login, statements, name=name, token=token, timeout=TIME_LIMIT),
        )

    def ask(self, sql: str) -> Result:
        """Run a query.

        Raises: InvalidSql, InternalError, StatementCancelledError.
        """
        name = f"{self.job_id}.{uuid.uuid4()}"
        return self._run(
            name,
            lambda: self.warehouse.query(
                self.login, sql, name=name, timeout=_QUERY_TIMEOUT, begun=self.require_not_cancelled
            ),
        )

    def pages(self, query: Callable[[int, int], str]) -> Iterator[Sequence[object]]:
        """Yield the rows of a query by the number in its first column, which is told the last one and how many.

        Raises: InvalidSql, InternalError, StatementCancelledError.
        """
        after, full = -1, True
        while full:
            rows = self.ask(query(after, self.page_rows)).rows
            yield from rows
            full = len(rows) == self.page_rows
            after = int(str(rows[-1][0])) if full else after

    def applied(self) -> Applied | None:
        """Return what the job did, where it was applied.

        Raises: InvalidSql, InternalError, StatementCancelledError.
        """
        rows = self.ask(applied_query(self.places)).rows
        return Applied(int(str(rows[0][0])), int(str(rows[0][1]))) if rows else None

    def settled(self, patience_seconds: float | None = None) -> Found | None:
        """Wait until the job's statement of another server, or of an earlier life of this one, has ended.

        One that takes longer than the patience is stopped.

        Raises: InternalError, StatementCancelledError.
        """
        began = time.monotonic()
        while (found := self.warehouse.found(self.login, self.job_id)) is not None and found.fate is Fate.RUNNING:
            self.require_not_cancelled()
            if patience_seconds is not None and time.monotonic() - began > patience_seconds:
                self.warehouse.cancel(self.login, self.job_id)
            self.pause(_LOOK_SECONDS)
        return found

    def cancel(self) -> bool:
        """Stop what runs, and let nothing follow."""
        self.cancelled = True
        return sum(self.warehouse.cancel(self.login, name) for name in tuple(self._names)) > 0

    def require_not_cancelled(self) -> None:
        """Go no further where somebody has cancelled.

        Raises: StatementCancelledError.
        """
        if self.cancelled:
            raise StatementCancelledError

    def _run(self, name: str, run: Callable[[], Answer]) -> Answer:
        self._names.add(name)
        try:
            self.require_not_cancelled()
            return run()
        except StatementTimeoutError as error:
            raise InternalError("The warehouse did not finish in time") from error
        finally:
            self._names.discard(name)
