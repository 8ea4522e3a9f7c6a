"""CONNECT BY as a recursive query, which holds the row of each relation as one value, and its parent's beside it.

Source: "CONNECT BY clause".
"""

from __future__ import annotations

from sqlglot import exp

from spectra_emulator.sql.hierarchies import HIERARCHY, LEVEL, prior_alias
from spectra_emulator.sql.rewrites.comparisons import condition
from spectra_emulator.sql.rewrites.context import Context, quoted, quoted_name
from spectra_emulator.sql.scopes import Source

CONNECTED = quoted_name(":connected")
ROWS = quoted_name(HIERARCHY)
DEPTH = quoted_name(LEVEL.key)


def connected(context: Context, node: exp.Expr, items: str) -> str:
    """Return the items of a FROM clause, connected to a hierarchy where the SELECT asks for it."""
    clause = node.args.get("connect")
    if clause is None:
        return items
    sources = [one for one in context.names.sources[id(node)] if one.alias != HIERARCHY]
    start, connect = clause.args.get("start"), condition(context, clause.args["connect"])
    first = "" if start is None else f" WHERE {condition(context, start)}"
    own = ", ".join(f"{row(one)} AS {quoted_name(one.alias)}" for one in sources)
    none = ", ".join(f"CASE WHEN FALSE THEN {row(one)} END AS {parent(one)}" for one in sources)
    parents = ", ".join(f"{ROWS}.{parent(one)}" for one in sources)
    taken = ", ".join(f"{quoted_name(one.alias)} AS {parent(one)}" for one in sources)
    roots = f"SELECT {own}, {none}, {ROWS}.{DEPTH} FROM (SELECT 1 AS {DEPTH}) AS {ROWS}, {items}{first}"  # noqa: S608 - our own text
    above = f"(SELECT {taken}, {DEPTH} + 1 AS {DEPTH} FROM {CONNECTED}) AS {ROWS}"  # noqa: S608 - our own text
    children = f"SELECT {own}, {parents}, {ROWS}.{DEPTH} FROM {above}, {items} WHERE {connect}"  # noqa: S608 - our own text
    return f"(WITH RECURSIVE {CONNECTED} AS ({roots} UNION ALL {children}) FROM {CONNECTED}) AS {ROWS}"


def row(source: Source) -> str:
    """Return the row of a relation as one value, whose parts its columns' names reach as before."""
    alias = quoted_name(source.alias)
    return "{" + ", ".join(f"{quoted(one.key)}: {alias}.{quoted_name(one.key)}" for one in source.fields) + "}"


def parent(source: Source) -> str:
    return quoted_name(prior_alias(source.alias))
