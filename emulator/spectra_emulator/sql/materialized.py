"""Materialized views: tables whose comment keeps the query that fills them again.

None is refreshed by itself: Redshift says not when it does so.

Source: "CREATE MATERIALIZED VIEW", "REFRESH MATERIALIZED VIEW".
"""

from __future__ import annotations

import re

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.sql.filled_tables import FILLED_BY, is_materialized
from spectra_emulator.sql.parsing import parse_one
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.relations import TablePlan, create_table_as, named_relation, typed_query
from spectra_emulator.sql.rewrites.context import quoted
from spectra_emulator.sql.script_steps import ScriptStep, existing_table, place_of, spelt
from spectra_emulator.sql.views import made_of_text, refuse_system

_REFRESHED = re.compile(r"MATERIALIZED\s+VIEW\s+(?P<name>.+?)(\s+(CASCADE|RESTRICT))?", re.IGNORECASE | re.DOTALL)


def create_materialized_view(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    node, names = named_relation(statement)
    schema, name = place_of(node, catalogue)
    if catalogue.table(name, schema) is not None:
        raise invalid(node, f'Relation "{name}" already exists', "42P07")
    query = typed_query(statement.expression, names, catalogue)
    refuse_system(node, query)
    step = create_table_as(TablePlan(schema, name, ()), query)
    comment = f"{made_of_text(query)}{FILLED_BY}{step.statements[-1]}"
    kept = f"COMMENT ON TABLE {spelt(schema, name)} IS {quoted(comment)}"
    return ScriptStep((*step.statements, kept), changes_catalogue=True, touched=step.touched)


def refresh_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    """Fill a materialized view again.

    Raises: InvalidSql.
    """
    found = _REFRESHED.fullmatch(str(statement.args["expression"]).strip())
    if found is None:
        raise invalid(statement, "REFRESH takes MATERIALIZED VIEW and a name", "42601")
    node = parse_one(f"TABLE {found['name']}").args["from_"].this
    view = existing_table(node, catalogue)
    if not is_materialized(view):
        raise invalid(node, f'"{view.name}" is not a materialized view', "42809")
    place = spelt(view.schema, view.name)
    _, _, filling = view.comment.partition(FILLED_BY)
    return ScriptStep((f"DELETE FROM {place}", filling), touched=frozenset({f"{view.schema}.{view.name}"}))  # noqa: S608 - our own text
