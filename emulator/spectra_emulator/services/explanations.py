"""What the SQL of a tenant means: its tables, a query's translation, the functions that a query may call."""

from __future__ import annotations

from dataclasses import dataclass

from spectra_emulator.domain.catalogue import Table
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.domain.tenancy import database_user
from spectra_emulator.ports import QueryEngine
from spectra_emulator.sql.duckdb_functions import TRANSLATED
from spectra_emulator.sql.explanation import Explanation, explained
from spectra_emulator.sql.functions import FORBIDDEN, KNOWN, Function


@dataclass(frozen=True)
class Explanations:
    engine: QueryEngine
    rules: SqlRules

    def tables(self, tenant_id: str) -> list[Table]:
        """Return the tenant's tables and views by schema and name."""
        found = self.engine.catalogue(tenant_id).tables
        return [found[place] for place in sorted(found)]

    def explained(self, tenant_id: str, sql: str) -> Explanation:
        """Translate a query of the tenant's tables without running it.

        Raises: InvalidSql, SqlBlocked, as the API does.
        """
        return explained(sql, self.engine.catalogue(tenant_id), self.rules, database_user(tenant_id))

    def functions(self) -> list[Function]:
        """Return the functions that the translation covers."""
        return [each for name, each in KNOWN.items() if name in TRANSLATED and name not in FORBIDDEN]
