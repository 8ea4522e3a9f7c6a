"""Names inside a worker that tenants do not see; the server imports them without loading DuckDB."""

from __future__ import annotations

INTERNAL_SCHEMA = "spectra_internal"
TENANT_DATABASE = "tenant"
USE_TENANT = f"USE {TENANT_DATABASE}"
