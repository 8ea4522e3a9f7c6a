"""Redshift's spatial functions as functions of one DuckDB instance, in vectors; worker side.

What they need is loaded with this module, when a statement first wants one of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from typing import Any

import arro3.core
import duckdb
from duckdb.func import ARROW, SPECIAL

from spectra_emulator.adapters.duckdb_engine.lent_arrow import Table, lend
from spectra_emulator.adapters.spatial.columns import FUNCTIONS
from spectra_emulator.sql.spatial_signatures import PREFIX, TYPES, Form, engine_forms

_SEVERAL = "a"
_RESULTS = {
    "BLOB": arro3.core.DataType.binary(),
    "DOUBLE": arro3.core.DataType.float64(),
    "INTEGER": arro3.core.DataType.int32(),
    "BIGINT": arro3.core.DataType.int64(),
    "VARCHAR": arro3.core.DataType.utf8(),
    "BOOLEAN": arro3.core.DataType.bool(),
}
_lock = threading.Lock()
_kept: list[Callable[..., Any]] = []
"""The functions that instances call: DuckDB keeps no hold of them once the connection that gave them is closed."""


def missing(error: duckdb.CatalogException) -> bool:
    """Tell whether a statement failed because the instance has no spatial functions yet."""
    return PREFIX in str(error)


def provide(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection's instance all spatial functions, unless another connection did."""
    with _lock:
        lend()
        if _has_any(connection):
            return
        for form in engine_forms():
            _create(connection, form, _implementation(form))


def _has_any(connection: duckdb.DuckDBPyConnection) -> bool:
    with connection.cursor() as cursor:
        found = cursor.execute("FROM duckdb_functions() WHERE starts_with(function_name, ?) LIMIT 1", [PREFIX])
        return bool(found.fetchall())


def _create(connection: duckdb.DuckDBPyConnection, form: Form, function: Callable[..., Any]) -> None:
    result = form.result.duckdb
    _kept.append(_over_vectors(function, form.letters, _RESULTS[result]))
    connection.create_function(
        form.engine_name,
        _kept[-1],
        [_engine_type(letter) for letter in form.letters],
        result,
        type=ARROW,
        null_handling=SPECIAL,
    )


def _engine_type(letter: str) -> str:
    return "BLOB[]" if letter == _SEVERAL else TYPES[letter].duckdb


def _implementation(form: Form) -> Callable[..., Any]:
    """Return the function of that form; what treats both types alike is written for GEOMETRY."""
    own = FUNCTIONS.get(f"{form.name}_{form.letters}")
    return own or FUNCTIONS[f"{form.name}_{form.letters.replace('o', 'g')}"]


def _over_vectors(
    function: Callable[..., Sequence[Any]], letters: str, kind: arro3.core.DataType
) -> Callable[..., Table]:
    """Return the function over Arrow arrays; a row with a NULL is NULL and never reaches it."""

    def called(*arrays: arro3.core.Array) -> Table:
        columns: list[Sequence[Any]] = [array.to_pylist() for array in arrays]  # type: ignore[misc]  # arro3 says array
        return Table.of(arro3.core.Array(_filled(function, columns), type=kind))

    called.__signature__ = _signature(len(letters))  # type: ignore[attr-defined]  # what DuckDB counts parameters by
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
