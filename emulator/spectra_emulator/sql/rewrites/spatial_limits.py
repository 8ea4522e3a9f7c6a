"""Where GEOMETRY and GEOGRAPHY values may not stand: they have no order, and are not told apart.

Source: "Limitations when using spatial data with Amazon Redshift".
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.context import Context
from spectra_emulator.sql.rewrites.groupings import meant_by
from spectra_emulator.sql.scopes import Reference, grouping_items
from spectra_emulator.sql.type_names import SPATIAL, SqlType


def check_keys(context: Context, node: exp.Expr) -> None:
    """Pass a SELECT that neither groups, sorts nor tells rows apart by spatial values.

    Raises: InvalidSql.
    """
    for clause, kind in keyed_types(context, node):
        if kind.name in SPATIAL:
            raise invalid(node, f"{kind.name} values cannot be used in {clause}", "42883")


def keyed_types(context: Context, node: exp.Expr) -> Iterator[tuple[str, SqlType]]:
    if node.args.get("distinct") is not None:
        yield from (("DISTINCT", context.field_type(one)) for one in context.names.outputs[id(node)])
    for name, clause in (("group", "GROUP BY"), ("order", "ORDER BY")):
        found = node.args.get(name)
        for item in grouping_items(found.expressions) if found is not None else ():
            meant = meant_by(context, item.this if isinstance(item, exp.Ordered) else item)
            if meant is not None and not isinstance(meant, exp.Tuple):
                yield clause, context.reference_type(meant) if isinstance(meant, Reference) else context.type(meant)
