"""Queries in Redshift, whichever way they get there."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from sqlglot import exp

from spectra_emulator.adapters.redshift.catalogue import Catalogues
from spectra_emulator.adapters.redshift.positions import located_by
from spectra_emulator.adapters.redshift.users import Users
from spectra_emulator.adapters.redshift.values import base_type, rows_json
from spectra_emulator.adapters.redshift.warehouse import Login, Result, Warehouse
from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.errors import Forbidden, InternalError, InvalidSql
from spectra_emulator.domain.queries import Rows
from spectra_emulator.ports import ScriptOutcome, StatementTimeoutError
from spectra_emulator.sql.limit import Capped
from spectra_emulator.sql.redshift import redshift_text

_SOON = timedelta(seconds=30)


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class RedshiftQuery:
    """A guarded query as Redshift gets it; `count_sql` is asked only where the cap has cut."""

    engine: RedshiftEngine
    login: Login
    sql: str
    count_sql: str | None
    tree: exp.Query = field(repr=False)

    def run(self, query_id: str, cap: int, timeout: timedelta, begun: Callable[[], None]) -> Rows:
        return self.engine.run(self, query_id, cap, timeout, begun)


class RedshiftEngine:
    """Tenants are database users; what each may see, grants and row-level security in Redshift decide."""

    def __init__(self, warehouse: Warehouse, users: Users) -> None:
        self.warehouse = warehouse
        self.users = users
        self.catalogues = Catalogues(warehouse, _new_id)
        self._running: dict[str, Login] = {}
        self._ends: list[Callable[[], None]] = []

    def warm_up(self) -> None:
        """Hold nothing ready: connections are made for those who ask."""

    def build(self, tenant_ids: Iterable[str]) -> None:
        """See that the warehouse answers the first tenant that has a user whoever asks.

        Raises: InternalError.
        """
        for login in islice(self._known_logins(tenant_ids), 1):
            try:
                self.warehouse.query(login, "SELECT 1", name=_new_id(), timeout=_SOON, begun=lambda: None)
            except StatementTimeoutError as error:
                raise InternalError("The warehouse does not answer in time") from error

    def _known_logins(self, tenant_ids: Iterable[str]) -> Iterator[Login]:
        for tenant_id in sorted(tenant_ids):
            with suppress(Forbidden):
                yield self.users.login(tenant_id)

    def catalogue(self, tenant_id: str, db_user: str = "") -> Catalogue:
        return self.catalogues.of(self.users.login(tenant_id, db_user))

    def prepare(self, tenant_id: str, capped: Capped, db_user: str = "") -> RedshiftQuery:
        count = None if capped.count_query is None else redshift_text(capped.count_query)
        login = self.users.login(tenant_id, db_user)
        return RedshiftQuery(self, login, redshift_text(capped.query), count, capped.query)

    def run(self, query: RedshiftQuery, query_id: str, cap: int, timeout: timedelta, begun: Callable[[], None]) -> Rows:
        """Run what `prepare` returned."""
        deadline = time.monotonic() + timeout.total_seconds()
        self._running[query_id] = query.login
        try:
            result = self._asked(query, query.sql, query_id, timeout, begun)
            total = len(result.rows)
            if total > cap and query.count_sql is not None:
                left = timedelta(seconds=deadline - time.monotonic())
                total = self._counted(query, query_id, left)
        finally:
            del self._running[query_id]
        return _rows(result, cap, total)

    def cancel(self, tenant_id: str, query_id: str) -> bool:  # noqa: ARG002 - the port's shape
        """Stop a query that this server runs; another's is that one's to stop, once the state says that it is over."""
        login = self._running.get(query_id)
        return login is not None and self.warehouse.cancel(login, query_id)

    def run_script(self, tenant_id: str, statements: Sequence[exp.Expr]) -> ScriptOutcome:  # noqa: ARG002 - the port's shape
        raise _only_embedded("run scripts in")

    def reset(self, tenant_id: str) -> None:  # noqa: ARG002 - the port's shape
        raise _only_embedded("reset")

    def remove(self, tenant_id: str) -> None:  # noqa: ARG002 - the port's shape
        raise _only_embedded("remove")

    def fresh(self) -> str:
        raise _only_embedded("make")

    def tenant_ids(self) -> tuple[str, ...]:
        """Name none: which tenants a warehouse has, nobody but its administrator knows."""
        return ()

    def at_end(self, end: Callable[[], None]) -> None:
        """Call `end` too when the engine is closed."""
        self._ends.append(end)

    def close(self) -> None:
        self.warehouse.close()
        for end in self._ends:
            end()

    def _asked(
        self, query: RedshiftQuery, sql: str, query_id: str, timeout: timedelta, begun: Callable[[], None]
    ) -> Result:
        try:
            return self.warehouse.query(query.login, sql, name=query_id, timeout=timeout, begun=begun)
        except InvalidSql as error:
            raise located_by(error, sql, query.tree) from error

    def _counted(self, query: RedshiftQuery, query_id: str, left: timedelta) -> int:
        if left <= timedelta(0):
            raise StatementTimeoutError
        result = self._asked(query, query.count_sql or "", query_id, left, lambda: None)
        return int(str(result.rows[0][0]))


def _rows(result: Result, cap: int, total: int) -> Rows:
    kept = result.rows[:cap]
    names = tuple(column.name for column in result.columns)
    types = tuple(map(base_type, result.columns))
    return Rows(rows_json(result.columns, kept), names, types, len(kept), total, result.query_id)


def _only_embedded(what: str) -> Forbidden:
    return Forbidden(f"The server fronts a warehouse and does not {what} its tenants; with --backend duckdb it does")
