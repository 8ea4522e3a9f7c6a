"""Redshift's spatial functions as functions of one DuckDB instance, in vectors; worker side.

What they need is loaded with this module, when a statement first wants one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb

from spectra_emulator.adapters.duckdb_engine.vector_functions import create
from spectra_emulator.adapters.spatial.columns import FUNCTIONS
from spectra_emulator.sql.spatial_signatures import TYPES, Form, engine_forms

_SEVERAL = "a"


def provide(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection's instance all spatial functions."""
    for form in engine_forms():
        parameters = [_engine_type(letter) for letter in form.letters]
        create(connection, form.engine_name, _implementation(form), parameters, form.result.duckdb)


def _engine_type(letter: str) -> str:
    return "BLOB[]" if letter == _SEVERAL else TYPES[letter].duckdb


def _implementation(form: Form) -> Callable[..., Any]:
    """Return the function of that form; what treats both types alike is written for GEOMETRY."""
    own = FUNCTIONS.get(f"{form.name}_{form.letters}")
    return own or FUNCTIONS[f"{form.name}_{form.letters.replace('o', 'g')}"]
