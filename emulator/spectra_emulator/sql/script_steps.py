"""What one statement of a script comes to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, Table
from spectra_emulator.sql.nearest import nearest
from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites.context import quoted_name
from spectra_emulator.sql.scopes import folded, unknown


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
    return folded(node.args.get("db")) or catalogue.default_schema, folded(node.this)


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
