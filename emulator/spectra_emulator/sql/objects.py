"""Which tables and schemas a query may name."""

from __future__ import annotations

import re

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.sql.blocking import blocked
from spectra_emulator.sql.refusals import located
from spectra_emulator.sql.source import SYNTAX_ERROR

MAX_IDENTIFIER_BYTES = 127

_SYSTEM = re.compile(r"(information_schema|(pg|stl|stv|svl|svv|sys)_.*)", re.IGNORECASE | re.DOTALL)
_FILE = re.compile(
    r".*[/\*?].*|.*\.(arrow|csv|db|duckdb|gz|json|ndjson|parquet|tsv|txt|xlsx|zst)", re.IGNORECASE | re.DOTALL
)


def is_system_name(name: str) -> bool:
    """Tell whether a schema, table or function of this name belongs to the system catalogues."""
    return _SYSTEM.fullmatch(name) is not None


def check(node: exp.Expr, rules: SqlRules) -> None:
    """Refuse names that are too long, of another database, of the system or of files.

    Raises: InvalidSql, SqlBlocked.
    """
    if isinstance(node, exp.Identifier):
        _check_identifier(node)
    elif isinstance(node, exp.Table):
        _check_table(node, rules)
    elif isinstance(node, exp.Column | exp.Dot):
        _check_qualifiers(node, rules)


def _check_identifier(node: exp.Identifier) -> None:
    size = len(node.name.encode())
    if not 0 < size <= MAX_IDENTIFIER_BYTES:
        raise InvalidSql(
            f"An identifier has 1 to {MAX_IDENTIFIER_BYTES} bytes, not {size}",
            limit=MAX_IDENTIFIER_BYTES,
            actual=size,
            rule="IDENTIFIER_TOO_LONG",
            **located(node),
        )


def _check_table(node: exp.Table, rules: SqlRules) -> None:
    if not isinstance(node.this, exp.Identifier):
        raise _no_table(node)
    if node.catalog and not _begins_with_relation(node, around=not rules.foreign_functions):
        raise blocked(
            ".".join(part.name for part in node.parts), "Names of other databases are not allowed", "FORBIDDEN_OBJECT"
        )
    for part in node.parts:
        _check_system(part.name, rules)
    if _FILE.fullmatch(node.name):
        raise blocked(node.name, "Files are not allowed as tables", "FORBIDDEN_OBJECT")


def _begins_with_relation(node: exp.Table, *, around: bool) -> bool:
    """Tell whether the first of three names is a relation whose SUPER column is unnested here.

    It stands before the table in the same FROM, or in the FROM of a query around one that is an expression of it:
    not in front of a warehouse, which might take the name for that of another database.
    """
    query = node.find_ancestor(exp.Select)
    seen = [] if query is None else _relations(query, node)
    while query is not None and node.catalog.lower() not in seen:
        query = _around(query) if around else None
        seen = [] if query is None else _relations(query)
    return query is not None


def _relations(query: exp.Select, last: exp.Table | None = None) -> list[str]:
    """Return the names of a FROM, those before `last` where it is one of them."""
    clauses = [one for one in (query.args.get("from_"), *(query.args.get("joins") or ())) if one is not None]
    items = [one.this for one in clauses]
    before = next((place for place, one in enumerate(items) if one is last), len(items))
    return [one.alias_or_name.lower() for one in items[:before]]


def _around(query: exp.Select) -> exp.Select | None:
    """Return the query whose relations a subquery sees: none where it is itself a relation."""
    holder = query.parent
    while isinstance(holder, exp.Subquery | exp.SetOperation | exp.Paren):
        holder = holder.parent
    if holder is None or isinstance(holder, exp.From | exp.Join | exp.Lateral | exp.CTE):
        return None
    return holder if isinstance(holder, exp.Select) else holder.find_ancestor(exp.Select)


def _no_table(node: exp.Table) -> InvalidSql:
    return InvalidSql(
        SYNTAX_ERROR,
        hint="Name a table or a subquery in FROM: table functions are not supported",
        **located(node),
    )


def _check_qualifiers(node: exp.Column | exp.Dot, rules: SqlRules) -> None:
    names = [part.name for part in node.parts][:-1]
    if isinstance(node.this, exp.Identifier) and isinstance(node, exp.Dot):
        names.append(node.this.name)  # the schema of a call, which is none of its parts
    for name in names:
        _check_system(name, rules)


def _check_system(name: str, rules: SqlRules) -> None:
    if is_system_name(name) and rules.security_level != SecurityLevel.PERMISSIVE:
        raise blocked(
            name, "System objects are not allowed; sql_security_level=permissive allows them", "FORBIDDEN_OBJECT"
        )
