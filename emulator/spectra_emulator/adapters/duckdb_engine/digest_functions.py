"""The digests of SHA-2 that DuckDB lacks, as functions of one DuckDB instance; worker side."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import duckdb

from spectra_emulator.adapters.duckdb_engine.vector_functions import create
from spectra_emulator.sql.digests import PROVIDED_BITS, engine_name


def provide(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection's instance the digests, of bytes, as hexadecimal digits."""
    for bits in PROVIDED_BITS:
        create(connection, engine_name(bits), _digests(bits), ["BLOB"], "VARCHAR")


def _digests(bits: int) -> Callable[[Sequence[bytes]], list[str]]:
    digest = getattr(hashlib, f"sha{bits}")
    return lambda values: [digest(value).hexdigest() for value in values]
