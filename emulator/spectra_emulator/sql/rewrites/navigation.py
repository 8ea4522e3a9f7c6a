"""Navigation into SUPER values, and unnesting them.

A path that leads nowhere, or to JSON's null, gives NULL. What is no array unnests as itself.

Source: "Querying semistructured data": "Navigation", "Unnesting queries", "Object unpivoting", "Lax and strict modes".
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Rule, integer_literal, quoted, quoted_name
from spectra_emulator.sql.rewrites.super_casts import as_null, json_kind
from spectra_emulator.sql.scopes import Unnesting
from spectra_emulator.sql.type_names import BIGINT, SUPER, SqlType

ROOT = quoted("$")
VALUE = quoted_name(":value")


def attribute_step(name: str) -> str:
    """Return DuckDB's spelling of a step to an attribute."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return quoted(f'."{escaped}"')


def index_step(context: Context, node: exp.Expr) -> str:
    """Return DuckDB's spelling of a step to an element; a place before the first leads nowhere.

    Raises: InvalidSql.
    """
    known = integer_literal(node)
    if known is not None and known >= 0:
        return quoted(f"[{known}]")
    kind = context.type(node)
    if not (kind.is_integer or kind == SUPER):
        raise unsupported(node, f"a place of type {kind.text} in an array")
    place = f"nullif(greatest({as_type(context, node, BIGINT)}, -1), -1)"
    return f"'[' || {place} || ']'"


def path_of(context: Context, node: exp.Expr) -> tuple[exp.Expr, list[str]]:
    """Return the value that a path begins with, and the path's steps."""
    steps: list[str] = []
    while isinstance(node, exp.Dot | exp.Bracket):
        steps.append(step_of(context, node))
        node = node.this
    return node, steps[::-1]


def step_of(context: Context, node: exp.Expr) -> str:
    if isinstance(node, exp.Bracket):
        if len(node.expressions) != 1:
            raise unsupported(node, "more than one place in an array at once")
        return index_step(context, node.expressions[0])
    if not isinstance(node.expression, exp.Identifier):
        raise unsupported(node, "this form of navigation into a SUPER value")
    return attribute_step(node.expression.name.lower())


def navigation_type(context: Context, node: exp.Expr) -> SqlType:
    base, _ = path_of(context, node)
    if context.type(base) != SUPER:
        kind = context.type(base).text.lower()
        raise invalid(node, f"navigation into a value of type {kind}, which is no SUPER", "42809")
    return SUPER


def navigation_rule(context: Context, node: exp.Expr) -> str:
    navigation_type(context, node)
    base, steps = path_of(context, node)
    return at_path(context.text(base), steps)


def at_path(text: str, steps: list[str]) -> str:
    """Return what stands at a path below a SUPER."""
    return as_null(f"json_extract({text}, {' || '.join([ROOT, *steps])})")


def attribute_path(text: str, names: tuple[str, ...]) -> str:
    return at_path(text, [attribute_step(name) for name in names])


def unnest_text(context: Context, unnesting: Unnesting) -> str:
    """Return the relation of a SUPER's elements, last first: DuckDB's join with a row's own elements turns them round.

    Raises: InvalidSql where the value is no SUPER.
    """
    if context.type(unnesting.value) != SUPER:
        raise invalid(unnesting.value, "only a SUPER can be unnested", "42809")
    made = unpivoted if unnesting.unpivot else unnested
    columns = made(context.text(unnesting.value), quoted_name(unnesting.at or ":at"))
    alias = quoted_name(unnesting.alias)
    place = f", {quoted_name(unnesting.at)}" if unnesting.at else ""
    chosen = f"SELECT {as_null(VALUE)} AS {alias}{place} FROM (SELECT {columns})"  # noqa: S608 - its names are quoted
    return f"LATERAL ({chosen}) AS {alias}"


def unnested(text: str, at: str) -> str:
    elements = (
        f"CASE WHEN {json_kind(text)} = 'ARRAY' THEN json_extract({text}, '$[*]')"
        f" WHEN {text} IS NOT NULL THEN [{text}] END"
    )
    return f"unnest(list_reverse({elements})) AS {VALUE}, len({elements}) - generate_subscripts({elements}, 1) AS {at}"


def unpivoted(text: str, at: str) -> str:
    is_object = f"CASE WHEN {json_kind(text)} = 'OBJECT' THEN"
    return (
        f"unnest({is_object} list_reverse(json_extract({text}, '$.*')) END) AS {VALUE},"
        f" unnest({is_object} list_reverse(json_keys({text})) END) AS {at}"
    )


RULES: Mapping[type[exp.Expr], Rule] = {
    exp.Dot: Rule(navigation_type, navigation_rule),
    exp.Bracket: Rule(navigation_type, navigation_rule, frozenset({"this", "expressions", "offset"})),
}
