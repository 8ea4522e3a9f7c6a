"""SELECT, set operations and CTEs, clause by clause.

Source: "SELECT", "Set operators", "WITH clause".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.blanks import trimmed
from spectra_emulator.sql.rewrites.casts import as_type, converted
from spectra_emulator.sql.rewrites.comparisons import condition
from spectra_emulator.sql.rewrites.context import (
    Context,
    Rule,
    quoted_name,
    reference_text,
    untyped,
)
from spectra_emulator.sql.rewrites.grouped import check_select
from spectra_emulator.sql.rewrites.groupings import group_text
from spectra_emulator.sql.rewrites.hierarchies import connected
from spectra_emulator.sql.rewrites.keys import combined, distinct_text, of_groups, of_rows
from spectra_emulator.sql.rewrites.limits import limit_text, offset_text
from spectra_emulator.sql.rewrites.navigation import unnest_text
from spectra_emulator.sql.rewrites.orderings import order_text
from spectra_emulator.sql.rewrites.spatial_limits import check_keys
from spectra_emulator.sql.scopes import Field, MarkedJoins, Reference
from spectra_emulator.sql.type_names import SqlType
from spectra_emulator.sql.types import unified

SELECT = frozenset(
    {
        "with_",
        "distinct",
        "expressions",
        "from_",
        "joins",
        "where",
        "group",
        "having",
        "qualify",
        "connect",
        "exclude",
        "order",
        "limit",
        "offset",
    }
)
SET_OPERATION = frozenset({"with_", "this", "expression", "distinct", "order", "limit", "offset"})
SUBQUERY = frozenset({"this", "alias", "with_", "order", "limit", "offset"})
SET_WORDS: Mapping[type[exp.Expr], str] = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}
TABLE = frozenset({"this", "db", "alias"})
JOIN = frozenset({"this", "side", "kind", "method", "on", "using"})
WITHOUT_WINDOWS = frozenset({"WHERE", "HAVING"})
JOIN_KINDS = frozenset({"", "INNER", "OUTER", "CROSS"})


def query_type(context: Context, node: exp.Expr) -> SqlType:
    """Return the type of a scalar subquery."""
    fields = context.names.outputs[id(node)]
    if len(fields) != 1:
        raise invalid(node, "subquery must return only one column", "42601")
    return context.field_type(fields[0])


def query_rule(context: Context, node: exp.Expr) -> str:
    return query_text(context, node, types_of(context, node))


def types_of(context: Context, node: exp.Expr) -> tuple[SqlType, ...]:
    return tuple(context.field_type(column) for column in context.names.outputs[id(node)])


def query_text(context: Context, node: exp.Expr, targets: Sequence[SqlType]) -> str:
    """Return the text of a query whose columns have the types `targets`."""
    if isinstance(node, exp.Subquery):
        context.refuse_unknown_arguments(node, SUBQUERY)
        inner = f"({query_text(context, node.this, targets)})"
        tail = tail_text(context, node)
        return spaced(with_text(context, node), spaced("SELECT * FROM", inner) if tail else inner, tail)
    if isinstance(node, exp.SetOperation):
        context.refuse_unknown_arguments(node, SET_OPERATION)
        return set_operation_text(context, node, targets)
    context.refuse_unknown_arguments(node, SELECT)
    return select_text(context, node, targets)


def spaced(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def set_operation_text(context: Context, node: exp.SetOperation, targets: Sequence[SqlType]) -> str:
    word = SET_WORDS[type(node)]
    if not node.args.get("distinct") and word != "UNION":
        raise invalid(node, f"{word} ALL is not supported by Redshift", "0A000")
    sides = (operand_text(context, side, targets) for side in (node.this, node.expression))
    if node.args.get("distinct") and any(one.name == "VARCHAR" for one in targets):
        columns = zip((one.key for one in context.names.outputs[id(node)]), targets, strict=True)
        return spaced(with_text(context, node), combined(word, sides, columns), tail_text(context, node))
    joint = word if node.args.get("distinct") else f"{word} ALL"
    rows = ordered_rows(context, node, f" {joint} ".join(sides))
    return spaced(with_text(context, node), rows, tail_text(context, node))


def ordered_rows(context: Context, node: exp.SetOperation, rows: str) -> str:
    """Return the rows so that an ORDER BY of several keys may compute with the columns, which strings need."""
    order = node.args.get("order")
    if order is None or len(order.expressions) == 1:
        return rows
    names = ", ".join(quoted_name(one.key) for one in context.names.outputs[id(node)])
    return f'FROM ({rows}) AS "rows"({names}) SELECT *'


def operand_text(context: Context, node: exp.Expr, targets: Sequence[SqlType]) -> str:
    text = query_text(context, node, targets)
    return text if isinstance(node, exp.Subquery) and text.startswith("(") else f"({text})"


def with_text(context: Context, node: exp.Expr) -> str:
    clause = node.args.get("with_")
    if clause is None:
        return ""
    context.refuse_unknown_arguments(clause, frozenset({"expressions", "recursive"}))
    recursive = "RECURSIVE " if clause.args.get("recursive") else ""
    return f"WITH {recursive}" + ", ".join(cte_text(context, cte) for cte in clause.expressions)


def cte_text(context: Context, cte: exp.Expr) -> str:
    context.refuse_unknown_arguments(cte, frozenset({"this", "alias"}))
    columns = column_list(cte.args["alias"])
    return f"{quoted_name(cte.args['alias'].name.lower())}{columns} AS ({query_rule(context, cte.this)})"


def column_list(alias: exp.Expr | None) -> str:
    columns = alias.args.get("columns") if alias is not None else None
    return "(" + ", ".join(quoted_name(one.name.lower()) for one in columns) + ")" if columns else ""


def select_text(context: Context, node: exp.Expr, targets: Sequence[SqlType]) -> str:
    check_select(context, node)
    check_keys(context, node)
    context = of_rows(context)
    fields = context.names.outputs[id(node)]
    shown = of_groups(context, node)
    items = ", ".join(
        f"{item_text(shown, one, target)} AS {quoted_name(one.key)}"
        for one, target in zip(fields, targets, strict=True)
    )
    return spaced(
        with_text(context, node),
        f"SELECT {distinctness(shown, node)}{items}",
        from_text(context, node),
        filter_text(context, node),
        group_text(shown, node.args.get("group")),
        where_text(shown, node.args.get("having"), "HAVING"),
        where_text(shown, node.args.get("qualify"), "QUALIFY"),
        tail_text(shown, node),
    )


def distinctness(context: Context, node: exp.Expr) -> str:
    distinct = node.args.get("distinct")
    if distinct is None:
        return ""
    if distinct.args.get("on"):
        raise invalid(distinct, "syntax error: Redshift has no DISTINCT ON", "42601")
    return distinct_text(context, context.names.outputs[id(node)])


def item_text(context: Context, column: Field, target: SqlType) -> str:
    origin = column.origins[0]
    if isinstance(origin, Reference):
        return reference_as(context, origin, target)
    if not isinstance(origin, exp.Expr):
        raise TypeError(origin)
    if target.is_string and not untyped(origin):
        return context.text(origin)
    return as_type(context, origin, target)


def reference_as(context: Context, reference: Reference, target: SqlType) -> str:
    text = context.shown(reference) or reference_text(reference)
    source = context.reference_type(reference)
    return text if target.is_string else converted(exp.null(), text, source, target)


def from_text(context: Context, node: exp.Expr) -> str:
    clause = node.args.get("from_")
    if clause is None:
        return ""
    joins = node.args.get("joins") or ()
    marks = context.names.marks.get(id(node))
    if marks is not None:
        items = marked_text(context, marks, [clause.this, *(join.this for join in joins)])
    else:
        items = source_text(context, clause.this) + "".join(join_text(context, join) for join in joins)
    return f"FROM {connected(context, node, items)}"


def marked_text(context: Context, marks: MarkedJoins, nodes: Sequence[exp.Expr]) -> str:
    """Return the relations of a FROM clause, those that WHERE marks with (+) joined to the others."""
    base = ", ".join(source_text(context, nodes[place]) for place in marks.base)
    return base + "".join(
        f" LEFT JOIN {source_text(context, nodes[place])} ON {' AND '.join(condition(context, one) for one in on)}"
        for place, on in marks.outer
    )


def filter_text(context: Context, node: exp.Expr) -> str:
    """Return WHERE without what the joins with (+) have taken."""
    marks = context.names.marks.get(id(node))
    if marks is None:
        return where_text(context, node.args.get("where"), "WHERE")
    kept = " AND ".join(condition(context, one) for one in marks.rest)
    return f"WHERE {kept}" if kept else ""


def source_text(context: Context, node: exp.Expr) -> str:
    node = context.names.replaced.get(id(node), node)
    unnesting = context.names.unnestings.get(id(node))
    if unnesting is not None:
        return unnest_text(context, unnesting)
    if isinstance(node, exp.Subquery):
        context.refuse_unknown_arguments(node, frozenset({"this", "alias"}))
        alias = quoted_name(context.names.tables[id(node)][1])
        return f"({query_rule(context, node.this)}) AS {alias}{column_list(node.args.get('alias'))}"
    context.refuse_unknown_arguments(node, TABLE)
    schema, name = context.names.tables[id(node)]
    spelt = quoted_name(name) if schema is None else f"{quoted_name(schema)}.{quoted_name(name)}"
    spelt = f"({context.names.system[id(node)]})" if id(node) in context.names.system else spelt
    return f"{spelt} AS {quoted_name((node.alias or node.name).lower())}{column_list(node.args.get('alias'))}"


def join_text(context: Context, join: exp.Expr) -> str:
    context.refuse_unknown_arguments(join, JOIN)
    kind = str(join.args.get("kind") or "")
    if kind not in JOIN_KINDS:
        raise unsupported(join, f"{kind} JOIN")
    pairs = context.names.pairs[id(join)]
    conditions = [pair_text(context, pair) for pair in pairs]
    if join.args.get("on") is not None:
        if holds_window(join.args["on"]):
            raise invalid(join, "window functions are not allowed in JOIN", "42P20")
        conditions.append(condition(context, join.args["on"]))
    source = source_text(context, join.this)
    if not conditions:
        return no_condition(join, kind, source)
    return f" {spaced(str(join.args.get('side') or ''), 'JOIN')} {source} ON {' AND '.join(conditions)}"


def no_condition(join: exp.Expr, kind: str, source: str) -> str:
    if join.args.get("side") or kind == "INNER":
        raise invalid(join, "syntax error: JOIN needs ON or USING", "42601")
    explicit = kind == "CROSS" or join.args.get("method")
    return f" CROSS JOIN {source}" if explicit else f", {source}"


def pair_text(context: Context, pair: tuple[Reference, Reference]) -> str:
    kinds = [context.reference_type(one) for one in pair]
    if unified(kinds) is None:
        raise unsupported(exp.null(), f"a join of {kinds[0].text} and {kinds[1].text} without a CAST")
    texts = [reference_text(one) for one in pair]
    return " = ".join(
        trimmed(text) if kind.name == "VARCHAR" else text for text, kind in zip(texts, kinds, strict=True)
    )


def where_text(context: Context, clause: exp.Expr | None, word: str) -> str:
    if clause is None:
        return ""
    if word in WITHOUT_WINDOWS and holds_window(clause):
        raise invalid(clause, f"window functions are not allowed in {word}", "42P20")
    return f"{word} {condition(context, clause.this)}"


def holds_window(clause: exp.Expr) -> bool:
    """Tell whether a clause computes over a window itself, and not within a subquery."""
    nodes = clause.walk(prune=lambda node: isinstance(node, exp.Query))
    return any(isinstance(node, exp.Window) for node in nodes)


def tail_text(context: Context, node: exp.Expr) -> str:
    return spaced(
        order_text(context, node.args.get("order")),
        limit_text(node.args.get("limit")),
        offset_text(node.args.get("offset")),
    )


RULES: Mapping[type[exp.Expr], Rule] = {
    exp.Select: Rule(query_type, query_rule, SELECT),
    exp.Subquery: Rule(query_type, query_rule, SUBQUERY),
    **{word: Rule(query_type, query_rule, SET_OPERATION) for word in SET_WORDS},
}
