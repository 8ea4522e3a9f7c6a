"""What the user of a query may do with the tenant's database, schemas and tables: whatever an owner may.

Source: "HAS_DATABASE_PRIVILEGE", "HAS_SCHEMA_PRIVILEGE", "HAS_TABLE_PRIVILEGE".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.calls import Call, written_name
from spectra_emulator.sql.objects import is_system_name
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.context import Context, Function, bare, is_text_literal
from spectra_emulator.sql.rewrites.session import DATABASE, user_of
from spectra_emulator.sql.scopes import unknown
from spectra_emulator.sql.type_names import BOOLEAN, SqlType

USERS = frozenset({"current_user", "session_user"})
PRIVILEGES: Mapping[str, frozenset[str]] = {
    "has_database_privilege": frozenset({"create", "temporary", "temp", "usage"}),
    "has_schema_privilege": frozenset({"create", "usage"}),
    "has_table_privilege": frozenset({"select", "insert", "update", "delete", "drop", "references"}),
}


def boolean_type(_context: Context, _call: Call) -> SqlType:
    return BOOLEAN


def privilege_text(check: Callable[[Context, Call, str], None]) -> Callable[[Context, Call], str]:
    """Return the rewrite of a function that takes a user, or means the one who asks, an object and a privilege."""

    def text(context: Context, call: Call) -> str:
        *users, named, wanted = call.arguments
        check_user(context, call, users)
        privilege = literal(call, wanted).lower()
        if privilege not in PRIVILEGES[call.name]:
            raise invalid(wanted, f'unrecognized privilege type: "{privilege}"', "22023")
        check(context, call, literal(call, named).lower())
        return "TRUE"

    return text


def literal(call: Call, node: exp.Expr) -> str:
    if not is_text_literal(node):
        raise unsupported(node, f"{call.name} with an argument that is no literal")
    return str(bare(node).name)


def check_user(context: Context, call: Call, users: list[exp.Expr]) -> None:
    """Pass the user who asks.

    Raises: InvalidSql for another, whom a tenant knows nothing of.
    """
    asking = user_of(context, call)
    for user in users:
        if written_name(user) not in USERS and literal(call, user) != asking:
            raise unsupported(user, f"{call.name} of another user than {asking}")


def check_database(_context: Context, call: Call, name: str) -> None:
    if name != DATABASE:
        raise unknown("database", name, "3D000", call.node, DATABASE)


def check_schema(context: Context, call: Call, name: str) -> None:
    catalogue = context.names.catalogue
    if name != catalogue.default_schema and all(schema != name for schema, _ in catalogue.tables):
        raise unsupported(call.node, f'{call.name} of "{name}", a schema without tables,')


def check_table(context: Context, call: Call, name: str) -> None:
    schema, _, table = name.rpartition(".")
    if is_system_name(schema) or is_system_name(table):
        raise unsupported(call.node, f"{call.name} of a system relation")
    if context.names.catalogue.table(table, schema or None) is None:
        raise unknown("relation", name, "42P01", call.node, None)


CHECKS: Mapping[str, Callable[[Context, Call, str], None]] = {
    "has_database_privilege": check_database,
    "has_schema_privilege": check_schema,
    "has_table_privilege": check_table,
}
FUNCTIONS: Mapping[str, Function] = {
    name: Function(boolean_type, privilege_text(check), 2, 3) for name, check in CHECKS.items()
}
