"""Names in a tenant's database that no SQL of the tenant may spell; engine workers import this without a parser."""

from __future__ import annotations

INTERNAL_SCHEMA = "spectra_internal"
