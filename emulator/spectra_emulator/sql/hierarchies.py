"""What the names of a query with CONNECT BY stand for: LEVEL, and PRIOR's columns.

Source: "CONNECT BY clause".
"""

from __future__ import annotations

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.scopes import Field, Names, Reference, Scope, Source
from spectra_emulator.sql.type_names import INTEGER

HIERARCHY = ":hierarchy"
LEVEL = Field("level", ":level", (INTEGER,))
LEVELS = Source(HIERARCHY, (LEVEL,))


def prior_alias(alias: str) -> str:
    """Return what the parent's row of a relation is called."""
    return f"prior:{alias}"


def level_reference() -> Reference:
    return Reference(((HIERARCHY, LEVEL),))


def check(connect: exp.Expr) -> None:
    """Pass a CONNECT BY as Redshift has it.

    Raises: InvalidSql.
    """
    if connect.args.get("nocycle"):
        raise invalid(connect, "syntax error: Redshift has no CONNECT BY NOCYCLE", "42601")
    start = connect.args.get("start")
    if start is not None and start.find(exp.Prior) is not None:
        raise invalid(start, "START WITH takes no PRIOR: the first rows have no parent", "42601")
    if connect.args["connect"].find(exp.Prior) is None:
        raise invalid(connect, "CONNECT BY needs a condition with PRIOR", "42601")


def is_level(name: str, table: str | None, scope: Scope) -> bool:
    """Tell whether a name that no relation has is LEVEL."""
    return scope.hierarchical and table is None and name == LEVEL.name


def take_parents(prior: exp.Expr, names: Names, *, hierarchical: bool) -> None:
    """Let the columns below PRIOR stand for those of the parent's row.

    Raises: InvalidSql for what has no value there.
    """
    if not hierarchical:
        raise invalid(prior, "PRIOR needs CONNECT BY in its own query", "42601")
    if prior.find(exp.Query, exp.AggFunc) is not None:
        raise invalid(prior, "PRIOR takes an expression over columns", "42601")
    for column in prior.find_all(exp.Column):
        found = names.columns[id(column)]
        if not isinstance(found, Reference) or found.bounds[0][0] == HIERARCHY:
            raise invalid(column, "PRIOR takes columns of FROM", "42601")
        names.columns[id(column)] = Reference(tuple((prior_alias(alias), one) for alias, one in found.bounds))
