"""What one statement of a script comes to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, Table
from spectra_emulator.sql.nearest import nearest
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.context import quoted_name
from spectra_emulator.sql.scopes import folded, unknown

ENGINE_SCHEMA = "main"
"""Every database of the engine has it; a tenant's tables are never there."""
_RESERVED = re.compile(r"(pg|svv|stl|stv|svl|svcs)_.*|information_schema", re.DOTALL)


@dataclass(frozen=True)
class ScriptStep:
    """`statements` are DuckDB's, in order; `touched` are the tables written, as `schema.table`.

    `temporary` are the tables, as (schema, name), that end with the script.
    A statement without effect here has none of them.
    """

    statements: tuple[str, ...] = ()
    changes_catalogue: bool = False
    touched: frozenset[str] = frozenset()
    temporary: frozenset[tuple[str, str]] = frozenset()


def place_of(node: exp.Expr, catalogue: Catalogue) -> tuple[str, str]:
    """Return the schema and the name that a table's node spells."""
    if node.args.get("catalog"):
        raise unsupported(node, "a name with a database")
    schema = folded(node.args.get("db")) or catalogue.default_schema
    if schema == ENGINE_SCHEMA:
        raise unsupported(node, f"a relation or schema of the name {ENGINE_SCHEMA}")
    return schema, folded(node.this)


def refuse_reserved(node: exp.Expr, *names: str) -> None:
    """Refuse a new relation or schema whose name belongs to the system's.

    Raises: InvalidSql.
    """
    if ENGINE_SCHEMA in names:
        raise unsupported(node, f"a relation or schema of the name {ENGINE_SCHEMA}")
    taken = next((one for one in names if _RESERVED.fullmatch(one)), None)
    if taken is not None:
        raise invalid(node, f'the name "{taken}" is reserved for the system: no relation or schema takes it', "42939")


def spelt(schema: str, name: str) -> str:
    return f"{quoted_name(schema)}.{quoted_name(name)}"


def key_comment(primary_key: Sequence[str]) -> str:
    """Return the comment that keeps a table's primary key."""
    return f"PRIMARY KEY ({', '.join(quoted_name(name) for name in primary_key)})"


def key_in_comment(comment: str | None) -> tuple[str, ...]:
    """Return the primary key that a table's comment keeps, empty where it keeps none."""
    if comment is None or not comment.startswith("PRIMARY KEY ("):
        return ()
    return tuple(name.replace('""', '"') for name in re.findall(r'"((?:[^"]|"")*)"', comment))


def existing_table(node: exp.Expr, catalogue: Catalogue) -> Table:
    """Return the table that a node names.

    Raises: InvalidSql where there is none.
    """
    schema, name = place_of(node, catalogue)
    table = catalogue.table(name, schema)
    if table is None:
        raise unknown("relation", name, "42P01", node.this, nearest(name, (one for _, one in catalogue.tables)))
    return table
