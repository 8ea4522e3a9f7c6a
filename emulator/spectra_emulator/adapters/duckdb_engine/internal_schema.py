"""The name of what tenants do not see; the server imports it without loading DuckDB."""

from __future__ import annotations

INTERNAL_SCHEMA = "spectra_internal"
