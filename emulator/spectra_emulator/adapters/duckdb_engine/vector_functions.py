"""Functions in Python that a DuckDB instance calls with whole vectors; worker side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from inspect import Parameter, Signature
from typing import Any

import arro3.core
import duckdb
from duckdb.func import ARROW, SPECIAL

from spectra_emulator.adapters.duckdb_engine.internal_schema import USE_TENANT
from spectra_emulator.adapters.duckdb_engine.lent_arrow import Table

_RESULTS = {
    "BLOB": arro3.core.DataType.binary(),
    "DOUBLE": arro3.core.DataType.float64(),
    "INTEGER": arro3.core.DataType.int32(),
    "BIGINT": arro3.core.DataType.int64(),
    "VARCHAR": arro3.core.DataType.utf8(),
    "BOOLEAN": arro3.core.DataType.bool(),
}
_kept: list[Callable[..., Any]] = []
"""The functions that instances call: DuckDB keeps no hold of them once the connection that gave them is closed."""


def has_any(connection: duckdb.DuckDBPyConnection, prefix: str) -> bool:
    """Tell whether an instance has functions whose names begin so."""
    with connection.cursor() as cursor:
        # A new cursor begins in the database that a worker has detached.
        with suppress(duckdb.CatalogException):
            cursor.execute(USE_TENANT)
        found = cursor.execute("FROM duckdb_functions() WHERE starts_with(function_name, ?) LIMIT 1", [prefix])
        return bool(found.fetchall())


def create(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    function: Callable[..., Sequence[Any]],
    parameters: Sequence[str],
    result: str,
) -> None:
    """Give the instance a function; `parameters` and `result` are DuckDB's types."""
    _kept.append(_over_vectors(function, len(parameters), _RESULTS[result]))
    connection.create_function(name, _kept[-1], list(parameters), result, type=ARROW, null_handling=SPECIAL)


def _over_vectors(
    function: Callable[..., Sequence[Any]], count: int, kind: arro3.core.DataType
) -> Callable[..., Table]:
    """Return the function over Arrow arrays; a row with a NULL is NULL and never reaches it."""

    def called(*arrays: arro3.core.Array) -> Table:
        columns: list[Sequence[Any]] = [array.to_pylist() for array in arrays]  # type: ignore[misc]  # arro3 says array
        return Table.of(arro3.core.Array(_filled(function, columns), type=kind))

    called.__signature__ = _signature(count)  # type: ignore[attr-defined]  # what DuckDB counts parameters by
    return called


def _signature(count: int) -> Signature:
    return Signature([Parameter(f"c{number}", Parameter.POSITIONAL_ONLY) for number in range(count)])


def _filled(function: Callable[..., Sequence[Any]], columns: Sequence[Sequence[Any]]) -> Sequence[Any]:
    if not any(None in column for column in columns):
        return function(*columns)
    rows = zip(*columns, strict=True)
    places = [place for place, row in enumerate(rows) if None not in row]
    result: list[Any] = [None] * len(columns[0])
    if places:
        found = function(*([column[place] for place in places] for column in columns))
        for place, value in zip(places, found, strict=True):
            result[place] = value
    return result
