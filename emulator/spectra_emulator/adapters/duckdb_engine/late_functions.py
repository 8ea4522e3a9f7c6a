"""Functions that an instance takes in once a statement fails for want of them: most workers never need any."""

from __future__ import annotations

from importlib import import_module

import duckdb


def provided(connection: duckdb.DuckDBPyConnection, error: duckdb.CatalogException) -> bool:
    """Give the connection's instance what an error says it lacks; False where it lacks something else."""
    spatial_functions = import_module(f"{__package__}.spatial_functions")
    if not spatial_functions.missing(error):
        return False
    spatial_functions.provide(connection)
    return True
