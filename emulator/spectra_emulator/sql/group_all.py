"""GROUP BY ALL as the places of what a select list computes without aggregates.

Source: "GROUP BY clause".
"""

from __future__ import annotations

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.calls import call_of
from spectra_emulator.sql.functions import KNOWN

_OF_SKETCHES = frozenset({"hll", "hll_combine", "hll_create_sketch"})
"""The aggregates among the functions of sketches."""
BESIDE_STAR = "GROUP BY ALL beside a star in the select list is not supported by the emulator, though Redshift has it"


def expand(tree: exp.Expr) -> None:
    """Name the keys of every GROUP BY ALL by their places.

    Raises: InvalidSql where the select list has a star.
    """
    for select in tree.find_all(exp.Select):
        clause = select.args.get("group")
        if clause is not None and clause.args.get("all") and not clause.expressions:
            select.set("group", keys(select))


def keys(select: exp.Select) -> exp.Group | None:
    if select.is_star:
        raise InvalidSql(BESIDE_STAR, sql_state="0A000")
    aggregated: frozenset[str] = frozenset()
    places: list[exp.Expr] = []
    for place, item in enumerate(select.expressions, 1):
        if is_aggregated(item, aggregated):
            aggregated |= {item.alias.lower()} - {""}
        else:
            places.append(exp.Literal.number(place))
    return exp.Group(expressions=places) if places else None


def is_aggregated(item: exp.Expr, aliases: frozenset[str] = frozenset()) -> bool:
    """Tell whether an item computes on a group or a window, by itself or by such an alias, not on a subquery's row."""
    nodes = item.walk(prune=lambda node: isinstance(node, exp.Query))
    return any(isinstance(node, exp.Window) or is_aggregate(node) or refers(node, aliases) for node in nodes)


def refers(node: exp.Expr, aliases: frozenset[str]) -> bool:
    return isinstance(node, exp.Column) and not node.table and node.name.lower() in aliases


def is_aggregate(node: exp.Expr) -> bool:
    call = None if isinstance(node, exp.Column | exp.Star) else call_of(node)
    known = None if call is None else KNOWN.get(call.name)
    return known is not None and (known.family == "aggregate" or known.name in _OF_SKETCHES)
