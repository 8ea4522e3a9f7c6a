"""CREATE, by what is created.

Source: "CREATE TABLE", "CREATE VIEW", "CREATE SCHEMA".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.sql.materialized import create_materialized_view
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.relations import create_schema, create_table
from spectra_emulator.sql.scalar_functions import create_function
from spectra_emulator.sql.script_dialect import EncodeProperty
from spectra_emulator.sql.script_steps import ScriptStep, place_of, refuse_reserved
from spectra_emulator.sql.views import create_view

WITHOUT_EFFECT = (
    exp.DistStyleProperty,
    exp.DistKeyProperty,
    exp.SortKeyProperty,
    exp.BackupProperty,
    EncodeProperty,
)
PROPERTIES: Mapping[str, tuple[type[exp.Expr], ...]] = {
    "TABLE": (*WITHOUT_EFFECT, exp.TemporaryProperty),
    "MATERIALIZED VIEW": (*WITHOUT_EFFECT, exp.MaterializedProperty, exp.AutoRefreshProperty),
    "FUNCTION": (exp.ReturnsProperty, exp.StabilityProperty, exp.LanguageProperty),
}
CREATORS: Mapping[str, Callable[[exp.Expr, Catalogue], ScriptStep]] = {
    "TABLE": create_table,
    "VIEW": create_view,
    "MATERIALIZED VIEW": create_materialized_view,
    "SCHEMA": create_schema,
    "FUNCTION": create_function,
}


def create_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    kind = str(statement.args.get("kind")).upper()
    if any(isinstance(one, exp.MaterializedProperty) for one in properties(statement)):
        kind = "MATERIALIZED VIEW"
    create = CREATORS.get(kind)
    if create is None:
        raise unsupported(statement, f"CREATE {kind}")
    refuse_properties(statement, kind)
    if kind not in {"SCHEMA", "FUNCTION"}:
        named = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
        refuse_reserved(named, *place_of(named, catalogue))
    step = create(statement, catalogue)
    return temporary(statement, catalogue, step) if is_temporary(statement) else step


def properties(statement: exp.Expr) -> list[exp.Expr]:
    clause = statement.args.get("properties")
    return clause.expressions if clause is not None else []


def is_temporary(statement: exp.Expr) -> bool:
    named = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    is_marked = isinstance(named, exp.Table) and named.name.startswith("#")
    return is_marked or any(isinstance(one, exp.TemporaryProperty) for one in properties(statement))


def refuse_properties(statement: exp.Expr, kind: str) -> None:
    for one in properties(statement):
        if not isinstance(one, PROPERTIES.get(kind, ())):
            named = type(one).__name__.removesuffix("Property").upper()
            raise unsupported(statement, f"CREATE {kind} with {named}")


def temporary(statement: exp.Expr, catalogue: Catalogue, step: ScriptStep) -> ScriptStep:
    """Mark a table as one that ends with its script, whose session it is.

    Raises: InvalidSql.
    """
    named = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    if named.args.get("db"):
        raise invalid(statement, "cannot create temporary relation in non-temporary schema", "42P16")
    return replace(step, temporary=frozenset({place_of(named, catalogue)}) if step.statements else frozenset())


def select_into(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    """Create the table that SELECT INTO fills."""
    query = statement.copy()
    into = query.args["into"]
    query.set("into", None)
    marked = exp.Properties(expressions=[exp.TemporaryProperty()]) if into.args.get("temporary") else None
    return create_step(exp.Create(this=into.this, kind="TABLE", expression=query, properties=marked), catalogue)
