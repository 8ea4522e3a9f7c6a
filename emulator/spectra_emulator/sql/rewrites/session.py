"""What a session says of itself, where every client of a tenant has the same one.

Source: "CURRENT_DATABASE", "CURRENT_SCHEMA", "VERSION".
"""

from __future__ import annotations

from collections.abc import Mapping

from spectra_emulator import __version__
from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.rewrites.context import Context, Function, quoted
from spectra_emulator.sql.type_names import VARCHAR, SqlType

DATABASE = "dev"
"""The name of a cluster's first database."""

SCHEMA = "public"


def text_type(_context: Context, _call: Call) -> SqlType:
    return VARCHAR


def database_text(_context: Context, _call: Call) -> str:
    return quoted(DATABASE)


def schema_text(_context: Context, _call: Call) -> str:
    return quoted(SCHEMA)


def version_text(_context: Context, _call: Call) -> str:
    """Name what Redshift descends from, as clients look for it, and say what really answers."""
    return quoted(f"PostgreSQL 8.0.2, Redshift 1.0 (spectra-emulator {__version__})")


FUNCTIONS: Mapping[str, Function] = {
    "current_database": Function(text_type, database_text, 0, 0),
    "current_schema": Function(text_type, schema_text, 0, 0),
    "version": Function(text_type, version_text, 0, 0),
}
