"""Queries made ready for the engine, kept for the next time that somebody sends the same text."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from spectra_emulator.domain.principal import Principal
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.ports import PreparedQuery, QueryEngine
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.limit import capped

_Place = tuple[str, str, str, int]
_MOST_KEPT = 512
_LONGEST_KEPT = 20_000
"""Longer texts are prepared anew each time, so that the kept ones stay few megabytes."""


@dataclass(frozen=True)
class _Kept:
    query: PreparedQuery
    catalogue_version: int


class PreparedQueries:
    def __init__(self, engine: QueryEngine, rules: SqlRules) -> None:
        self._engine = engine
        self._rules = rules
        self._kept: OrderedDict[_Place, _Kept] = OrderedDict()
        self._lock = Lock()

    def of(self, principal: Principal, sql: str, limit: int) -> PreparedQuery:
        """Return the query of a text: the kept one while the caller's catalogue stays as it was, or else a new one.

        Raises: InvalidSql, SqlBlocked.
        """
        tenant_id, db_user = principal.tenant_id, principal.db_user
        catalogue = self._engine.catalogue(tenant_id, db_user)
        version = catalogue.version
        place = (tenant_id, db_user, sql, limit)
        with self._lock:
            kept = self._kept.get(place)
            if kept is not None and kept.catalogue_version == version:
                self._kept.move_to_end(place)
                return kept.query
        query = parse_read_only(sql, self._rules, catalogue.functions)
        prepared = self._engine.prepare(tenant_id, capped(query, limit), db_user)
        if len(sql) <= _LONGEST_KEPT:
            self._keep(place, _Kept(prepared, version))
        return prepared

    def _keep(self, place: _Place, kept: _Kept) -> None:
        with self._lock:
            self._kept[place] = kept
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
