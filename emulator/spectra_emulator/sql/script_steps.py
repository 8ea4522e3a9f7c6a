"""What one statement of a script comes to."""

from __future__ import annotations

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

    A statement without effect here has none of them.
    """

    statements: tuple[str, ...] = ()
    changes_catalogue: bool = False
    touched: frozenset[str] = frozenset()
    setting: tuple[str, str] | None = None


def place_of(node: exp.Expr, catalogue: Catalogue) -> tuple[str, str]:
    """Return the schema and the name that a table's node spells."""
    if node.args.get("catalog"):
        raise unsupported(node, "a name with a database")
    return folded(node.args.get("db")) or catalogue.default_schema, folded(node.this)


def spelt(schema: str, name: str) -> str:
    return f"{quoted_name(schema)}.{quoted_name(name)}"


def existing_table(node: exp.Expr, catalogue: Catalogue) -> Table:
    """Return the table that a node names.

    Raises: InvalidSql where there is none.
    """
    schema, name = place_of(node, catalogue)
    table = catalogue.table(name, schema)
    if table is None:
        raise unknown("relation", name, "42P01", node.this, nearest(name, (one for _, one in catalogue.tables)))
    return table
