"""Functions that an instance takes in once a statement fails for want of them: most workers never need any."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib import import_module

import duckdb

from spectra_emulator.sql import digests, spatial_signatures

_MODULES: Mapping[str, str] = {
    spatial_signatures.PREFIX: f"{__package__}.spatial_functions",
    digests.PREFIX: f"{__package__}.digest_functions",
}
"""What provides the functions whose names in the engine begin so."""
_lock = threading.Lock()


def provided(connection: duckdb.DuckDBPyConnection, error: duckdb.CatalogException) -> bool:
    """Give the connection's instance what an error says it lacks; False where it lacks something else."""
    prefix = next((one for one in _MODULES if one in str(error)), None)
    if prefix is None:
        return False
    vector_functions = import_module(f"{__package__}.vector_functions")
    lent_arrow = import_module(f"{__package__}.lent_arrow")
    with _lock:
        lent_arrow.lend()
        if not vector_functions.has_any(connection, prefix):
            import_module(_MODULES[prefix]).provide(connection)
    return True
