"""What both ways to Redshift keep: over the wire, and by the Data API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from spectra_emulator.domain.catalogue import Column

RESULT_BYTES = 64 * 1024**2
"""The largest result that is held: what arrives, and `VALUE_BYTES` for each value."""
VALUE_BYTES = 50
"""What a value takes in this process beside what it holds."""


@dataclass(frozen=True)
class Login:
    """Who a tenant is to the database: `db_user` decides what it sees there."""

    tenant_id: str
    db_user: str


@dataclass(frozen=True)
class Result:
    """What a query gave: `rows` has shape (row count, len(columns)).

    A value is None, or a Python object of the column's type, or the text that Redshift prints for one; `values` renders
    all alike. `query_id` is Redshift's own, empty where it tells none.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[object]]
    query_id: str = ""


class Fate(StrEnum):
    RUNNING = "running"
    COMMITTED = "committed"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True)
class Found:
    """What became of a transaction; `affected` as `transaction` returns it, empty where that is not told."""

    fate: Fate
    affected: tuple[int, ...] = ()


class Warehouse(Protocol):
    """Runs statements as a tenant's own database user.

    `name` is our id of the query or job. It is carried to the warehouse, so that `found` and `cancel` find a
    transaction from another server than the one that sent it.
    """

    def query(self, login: Login, sql: str, *, name: str, timeout: timedelta, begun: Callable[[], None]) -> Result:
        """Run one SELECT that may write nothing, and return all its rows: the caller bounds them.

        `begun` is called once `cancel` finds it; what it raises ends the query and comes out.

        Raises: InvalidSql, PayloadTooLarge, InternalError, StatementTimeoutError, StatementCancelledError.
        """
        ...

    def transaction(
        self, login: Login, statements: Sequence[str], *, name: str, token: str, timeout: timedelta
    ) -> tuple[int, ...]:
        """Run the statements as one transaction; return how many rows each affected, -1 where that is not told.

        `token` makes sending the same again harmless, where the way to the warehouse knows of such.

        Raises: InvalidSql, InternalError, StatementTimeoutError, StatementCancelledError.
        """
        ...

    def found(self, login: Login, name: str) -> Found | None:
        """Return what became of the transaction of that name, or None where that cannot be told.

        Raises: InternalError.
        """
        ...

    def cancel(self, login: Login, name: str) -> bool:
        """Stop what runs under that name; another server's query may be left alone. False where nothing is stopped.

        Raises: InternalError.
        """
        ...

    def close(self) -> None:
        """End everything that runs."""
        ...
