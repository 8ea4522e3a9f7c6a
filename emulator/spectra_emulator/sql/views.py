"""CREATE VIEW, and which views a table is under.

A view's comment in DuckDB names the relations that it is made of; one WITH NO SCHEMA BINDING has none.

Source: "CREATE VIEW", "DROP TABLE" (CASCADE, RESTRICT).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, Table
from spectra_emulator.sql.objects import is_system_name
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.relations import TypedQuery, named_relation, type_comments, typed_query
from spectra_emulator.sql.rewrites.context import quoted, quoted_name
from spectra_emulator.sql.rewrites.queries import spaced
from spectra_emulator.sql.script_steps import ScriptStep, place_of, spelt

MADE_OF = "MADE OF "
_PLACE = re.compile(r'"((?:[^"]|"")*)"\."((?:[^"]|"")*)"')

Place = tuple[str, str]


def create_view(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    node, names = named_relation(statement)
    schema, name = place_of(node, catalogue)
    query = typed_query(statement.expression, names, catalogue)
    refuse_system(node, query)
    late = bool(statement.args.get("no_schema_binding"))
    if late:
        refuse_unqualified(statement.expression, query)
    replaced = catalogue.table(name, schema)
    replace = "OR REPLACE " if replaced is not None and statement.args.get("replace") else ""
    if replaced is not None:
        check_replaced(node, replaced, query, replace=bool(replace))
    place = spelt(schema, name)
    made_of = "" if late else made_of_text(query)
    return ScriptStep(
        (
            f"CREATE {replace}VIEW {place} AS {renamed(query)}",
            *type_comments(schema, name, query.columns),
            f"COMMENT ON VIEW {place} IS {quoted(made_of)}",
        ),
        changes_catalogue=True,
    )


def made_of_text(query: TypedQuery) -> str:
    """Return the comment that keeps what a view is bound to."""
    return MADE_OF + ", ".join(spelt(*one) for one in sorted(query.tables))


def renamed(query: TypedQuery) -> str:
    """Return a query with its columns named as the view's: DuckDB finds no others to comment on."""
    pairs = zip(query.keys, query.columns, strict=True)
    items = ", ".join(f'"made".{quoted_name(key)} AS {quoted_name(column.name)}' for key, column in pairs)
    return spaced("SELECT", items, "FROM", f'({query.sql}) AS "made"')


def refuse_system(node: exp.Expr, query: TypedQuery) -> None:
    """Refuse a view whose rows would stay those of the day it was made.

    Raises: InvalidSql.
    """
    if any(is_system_name(name) for place in query.tables for name in place):
        raise unsupported(node, "a view of catalogue views")


def refuse_unqualified(query: exp.Expr, typed: TypedQuery) -> None:
    """Refuse a table without its schema in a view that is bound late.

    Raises: InvalidSql.
    """
    names = {name for _, name in typed.tables}
    for table in query.find_all(exp.Table):
        if table.name.lower() in names and not table.args.get("db"):
            message = "All the relation names inside should be qualified when creating views with no schema binding"
            raise invalid(table, message, "42P01")


def check_replaced(node: exp.Expr, replaced: Table, query: TypedQuery, *, replace: bool) -> None:
    """Pass a view that is replaced by one of the same columns.

    Raises: InvalidSql.
    """
    if not replace:
        raise invalid(node, f'Relation "{replaced.name}" already exists', "42P07")
    if not replaced.is_view:
        raise invalid(node, f'"{replaced.name}" is not a view', "42809")
    before = [(column.name, column.type) for column in replaced.columns]
    if before != [(column.name, column.type.declared) for column in query.columns]:
        message = f'cannot change the columns of view "{replaced.name}": drop it first, or keep their names and types'
        raise invalid(node, message, "42P16")


def made_of(view: Table) -> frozenset[Place]:
    """Return the relations that a view is bound to."""
    if not view.comment.startswith(MADE_OF):
        return frozenset()
    return frozenset(
        (a.replace('""', '"'), b.replace('""', '"')) for a, b in _PLACE.findall(view.comment.partition("\n")[0])
    )


def dependents(place: Place, catalogue: Catalogue) -> Iterator[Place]:
    """Yield the views over a relation, materialized ones too, each after those over itself."""
    for view in catalogue.tables.values():
        if place in made_of(view):
            yield from dependents((view.schema, view.name), catalogue)
            yield view.schema, view.name


def refuse_under_view(node: exp.Expr, place: Place, catalogue: Catalogue) -> None:
    """Refuse a change that Redshift carries on into the views over a table.

    Raises: InvalidSql.
    """
    for _, view in dependents(place, catalogue):
        raise unsupported(node, f'this ALTER TABLE under the view "{view}"')
