"""What a session says of itself: its user, its search path, the process that answers, the software.

Source: "CURRENT_DATABASE", "CURRENT_SCHEMA", "CURRENT_SCHEMAS", "CURRENT_USER", "SESSION_USER", "USER",
"PG_BACKEND_PID", "VERSION".
"""

from __future__ import annotations

from collections.abc import Mapping

from spectra_emulator import __version__
from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, quoted
from spectra_emulator.sql.type_names import BOOLEAN, INTEGER, VARCHAR, SqlType

DATABASE = "dev"
"""The name of a cluster's first database."""

SCHEMA = "public"


def text_type(_context: Context, _call: Call) -> SqlType:
    return VARCHAR


def database_text(_context: Context, _call: Call) -> str:
    return quoted(DATABASE)


def schema_text(_context: Context, _call: Call) -> str:
    return quoted(SCHEMA)


def schemas_text(context: Context, call: Call) -> str:
    """Name the schemas of the search path, with that of the system or without it."""
    with_system = as_type(context, call.arguments[0], BOOLEAN)
    return f"CASE {with_system} WHEN TRUE THEN '{{pg_catalog,{SCHEMA}}}' WHEN FALSE THEN '{{{SCHEMA}}}' END"


def user_of(context: Context, call: Call) -> str:
    """Return the database user who asks.

    Raises: InvalidSql where the statement is kept for whoever asks later.
    """
    if not context.user:
        raise unsupported(call.node, f"{call.name} elsewhere than in a query")
    return context.user


def user_text(context: Context, call: Call) -> str:
    return quoted(user_of(context, call))


def process_type(_context: Context, _call: Call) -> SqlType:
    return INTEGER


def process_text(_context: Context, _call: Call) -> str:
    """Name the process that runs the statement."""
    return "CAST(getvariable('spectra_process') AS INTEGER)"


def version_text(_context: Context, _call: Call) -> str:
    """Name what Redshift descends from, as clients look for it, and say what really answers."""
    return quoted(f"PostgreSQL 8.0.2, Redshift 1.0 (spectra-emulator {__version__})")


FUNCTIONS: Mapping[str, Function] = {
    "current_database": Function(text_type, database_text, 0, 0),
    "current_schema": Function(text_type, schema_text, 0, 0),
    "current_schemas": Function(text_type, schemas_text),
    **{name: Function(text_type, user_text, 0, 0) for name in ("current_user", "session_user")},
    "pg_backend_pid": Function(process_type, process_text, 0, 0),
    "version": Function(text_type, version_text, 0, 0),
}
