"""DROP and ALTER.

Source: "DROP TABLE", "DROP VIEW", "DROP SCHEMA", "ALTER TABLE".
"""

from __future__ import annotations

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, Table
from spectra_emulator.sql.filled_tables import is_materialized
from spectra_emulator.sql.identities import sequences
from spectra_emulator.sql.rebuilds import REBUILDS
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.context import quoted_name
from spectra_emulator.sql.scalar_functions import drop_function
from spectra_emulator.sql.scopes import folded
from spectra_emulator.sql.script_steps import ScriptStep, existing_table, place_of, refuse_reserved, spelt
from spectra_emulator.sql.views import dependents, refuse_under_view


def drop_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    kind = str(statement.args.get("kind")).upper()
    kind = "MATERIALIZED VIEW" if statement.args.get("materialized") else kind
    if kind == "FUNCTION":
        return drop_function(statement, catalogue)
    if kind not in {"TABLE", "VIEW", "MATERIALIZED VIEW", "SCHEMA"}:
        raise unsupported(statement, f"DROP {kind}")
    nodes = statement.args.get("tables") or [statement.this]
    if kind == "SCHEMA":
        return ScriptStep(tuple(schema_text(statement, node) for node in nodes), changes_catalogue=True)
    cascade = bool(statement.args.get("cascade"))
    texts = [
        text
        for node in nodes
        if not statement.args.get("exists") or catalogue.table(*reversed(place_of(node, catalogue))) is not None
        for text in dropped_texts(kind, node, catalogue, cascade=cascade)
    ]
    return ScriptStep(tuple(dict.fromkeys(texts)), changes_catalogue=True)


def schema_text(statement: exp.Expr, node: exp.Expr) -> str:
    condition = "IF EXISTS " if statement.args.get("exists") else ""
    cascade = " CASCADE" if statement.args.get("cascade") else ""
    name = folded(node.args.get("db") or node.this)
    refuse_reserved(statement, name)
    return f"DROP SCHEMA {condition}{quoted_name(name)}{cascade}"


def kind_of(table: Table) -> str:
    if is_materialized(table):
        return "MATERIALIZED VIEW"
    return "VIEW" if table.is_view else "TABLE"


def dropping(table: Table) -> str:
    return f"DROP {'VIEW' if table.is_view else 'TABLE'} IF EXISTS {spelt(table.schema, table.name)}"


def dropped_texts(kind: str, node: exp.Expr, catalogue: Catalogue, *, cascade: bool) -> list[str]:
    """Return what drops a table or a view, after the views over it where it takes them along.

    Raises: InvalidSql.
    """
    table = existing_table(node, catalogue)
    if kind_of(table) != kind:
        raise invalid(node, f'"{table.name}" is not a {kind.lower()}', "42809")
    above = list(dependents((table.schema, table.name), catalogue))
    if above and not cascade:
        message = f"cannot drop {kind.lower()} {table.name} because other objects depend on it: {above[-1][1]}"
        raise invalid(node, message, "2BP01")
    return [
        *(dropping(catalogue.tables[view]) for view in above),
        dropping(table),
        *(f"DROP SEQUENCE IF EXISTS {one}" for one in sequences(table)),
    ]


def alter_step(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    table = existing_table(statement.this, catalogue)
    if kind_of(table) != "TABLE":
        raise unsupported(statement, "ALTER TABLE of a view")
    actions = statement.args.get("actions") or []
    action = actions[0] if len(actions) == 1 else None
    if statement.args.get("options"):
        action = renaming(statement)
    touched = frozenset({f"{table.schema}.{table.name}"})
    if isinstance(action, WITHOUT_EFFECT):
        return ScriptStep(touched=touched)
    place = (table.schema, table.name)
    if isinstance(action, exp.AlterRename):
        refuse_under_view(statement, place, catalogue)
        return ScriptStep((renamed_table(table, action, catalogue),), changes_catalogue=True, touched=touched)
    rebuild = None if action is None else REBUILDS.get(type(action))
    if action is None or rebuild is None:
        raise unsupported(statement, "this form of ALTER TABLE")
    if isinstance(action, CARRIED_ON):
        refuse_under_view(statement, place, catalogue)
    return ScriptStep(rebuild(table, action), changes_catalogue=True, touched=touched)


def renaming(statement: exp.Expr) -> exp.RenameColumn | None:
    """Return RENAME a TO b, which sqlglot takes for a table's, as a column's."""
    actions, options = statement.args["actions"], statement.args["options"]
    if len(actions) != 1 or not isinstance(actions[0], exp.AlterRename) or len(options) != 1:
        return None
    return exp.RenameColumn(this=exp.Column(this=actions[0].this.this), to=exp.Column(this=options[0].this.this))


def renamed_table(table: Table, action: exp.Expr, catalogue: Catalogue) -> str:
    if action.this.args.get("db"):
        raise invalid(action, "RENAME TO takes a name without a schema", "42601")
    name = folded(action.this.this)
    refuse_reserved(action, name)
    if catalogue.table(name, table.schema) is not None:
        raise invalid(action, f'Relation "{name}" already exists', "42P07")
    return f"ALTER TABLE {spelt(table.schema, table.name)} RENAME TO {quoted_name(name)}"


WITHOUT_EFFECT = (exp.AlterDistStyle, exp.AlterSortKey)
CARRIED_ON = (exp.Drop, exp.RenameColumn)
"""Changes that reach the views over a table."""
