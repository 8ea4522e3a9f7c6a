"""Names inside a worker that tenants do not see; the server imports them without loading DuckDB."""

from __future__ import annotations

from spectra_emulator.sql.internal_names import INTERNAL_SCHEMA

__all__ = ["INTERNAL_SCHEMA", "TENANT_DATABASE", "USE_TENANT"]

TENANT_DATABASE = "tenant"
USE_TENANT = f"USE {TENANT_DATABASE}"
