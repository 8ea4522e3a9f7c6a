"""Comparisons and conditions: insignificant trailing blanks, implicit conversions, patterns.

Source: "Comparison conditions", "Character types", "LIKE", "Range conditions", "IN condition".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites import dynamic
from spectra_emulator.sql.rewrites.blanks import MIRRORED, among, trimmed, with_literal
from spectra_emulator.sql.rewrites.casts import as_type, implicit
from spectra_emulator.sql.rewrites.context import Context, Rule, bare, is_text_literal, quoted, quoted_name, untyped
from spectra_emulator.sql.rewrites.similarity import similar_match
from spectra_emulator.sql.type_names import BOOLEAN, VARCHAR, SqlType
from spectra_emulator.sql.types import unified

SIGNS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
COMPARABLE = frozenset({"BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ", "INTERVAL", "VARBYTE"})


def boolean_type(_context: Context, _node: exp.Expr) -> SqlType:
    return BOOLEAN


def compared_type(context: Context, nodes: Sequence[exp.Expr]) -> SqlType:
    """Return the type that values are compared in.

    Raises: InvalidSql where Redshift has no comparison, or the emulator not its implicit conversion.
    """
    typed = [context.type(node) for node in nodes if not untyped(node)]
    if not typed:
        return VARCHAR
    common = unified(typed)
    if common is None:
        spelt = " and ".join(dict.fromkeys(one.text for one in typed))
        raise unsupported(nodes[0], f"the comparison of {spelt} without a CAST")
    if not (common.is_number or common.is_string or common.name in COMPARABLE):
        raise unsupported(nodes[0], f"the comparison of {common.name} values")
    return widest(common, typed)


def widest(common: SqlType, typed: Sequence[SqlType]) -> SqlType:
    """Return a DECIMAL that holds every side, where the common one might overflow."""
    if common.name != "DECIMAL":
        return common
    exact = [one.as_decimal for one in typed]
    scale = max(one.scale for one in exact)
    whole = max((one.size or 38) - one.scale for one in exact)
    return SqlType("DECIMAL", min(whole + scale, 38), scale)


def side(context: Context, node: exp.Expr, common: SqlType) -> str:
    """Return one side of a comparison; numbers of different types are left to DuckDB, which compares them exactly."""
    if common.is_string and not (common.name == "CHAR" and not untyped(node)):
        return blank_insensitive(context, node)
    return as_type(context, node, common)


def blank_insensitive(context: Context, node: exp.Expr) -> str:
    if is_text_literal(node):
        return quoted(bare(node).name.rstrip(" "))
    return (
        trimmed(as_type(context, node, VARCHAR))
        if may_end_in_blanks(context, node)
        else as_type(context, node, VARCHAR)
    )


def may_end_in_blanks(context: Context, node: exp.Expr) -> bool:
    """Tell whether a node's strings may have trailing blanks; a CHAR is kept without them."""
    return not untyped(node) and context.type(node).name != "CHAR"


def plain_literal(node: exp.Expr) -> str | None:
    """Return a literal without its trailing blanks, or None where there is none or it has control characters."""
    value = bare(node).name.rstrip(" ") if is_text_literal(node) else None
    return value if value is not None and min(value, default=" ") >= " " else None


def comparison_rule(context: Context, node: exp.Expr) -> str:
    sides = (node.this, node.expression)
    return compared(context, sides, SIGNS[type(node)])


def compared(context: Context, sides: tuple[exp.Expr, exp.Expr], sign: str) -> str:
    for one in sides:
        if isinstance(one, exp.Any | exp.All | exp.Tuple):
            raise unsupported(one, f"{type(one).__name__.upper()} in a comparison")
    if any(dynamic.is_super(context, one) for one in sides):
        return dynamic.compared(context, *sides, sign)
    common = compared_type(context, sides)
    if common.is_string:
        return compared_strings(context, sides, sign)
    left, right = (side(context, one, common) for one in sides)
    return f"({left} {sign} {right})"


def compared_strings(context: Context, sides: tuple[exp.Expr, exp.Expr], sign: str) -> str:
    """Compare strings, with a literal in the form that leaves most of them as they are."""
    for one, other, spelt in ((*sides, sign), (*sides[::-1], MIRRORED[sign])):
        literal = plain_literal(other)
        if literal is not None and may_end_in_blanks(context, one):
            return with_literal(as_type(context, one, VARCHAR), spelt, literal)
    left, right = (blank_insensitive(context, one) for one in sides)
    return f"({left} {sign} {right})"


def connective(word: str) -> Rule:
    def text(context: Context, node: exp.Expr) -> str:
        return "(" + f" {word} ".join(condition(context, one) for one in node.flatten(unnest=False)) + ")"

    return Rule(boolean_type, text)


def condition(context: Context, node: exp.Expr) -> str:
    """Return a node that must be true or false.

    Raises: InvalidSql.
    """
    if not untyped(node) and context.type(node).name != "BOOLEAN":
        raise invalid(node, f"argument must be type boolean, not type {context.type(node).text.lower()}", "42804")
    return as_type(context, node, BOOLEAN)


def not_rule(context: Context, node: exp.Expr) -> str:
    return f"(NOT {condition(context, node.this)})"


def is_rule(context: Context, node: exp.Expr) -> str:
    if isinstance(node.expression, exp.Null):
        return f"({context.text(node.this)} IS NULL)"
    if isinstance(node.expression, exp.Boolean):
        return f"({condition(context, node.this)} IS {'TRUE' if node.expression.this else 'FALSE'})"
    raise unsupported(node, "this form of IS")


def between_rule(context: Context, node: exp.Expr) -> str:
    low, high = node.args["low"], node.args["high"]
    if any(dynamic.is_super(context, one) for one in (node.this, low, high)):
        return f"({compared(context, (node.this, low), '>=')} AND {compared(context, (node.this, high), '<=')})"
    common = compared_type(context, (node.this, low, high))
    bounds = plain_literal(low), plain_literal(high)
    if common.is_string and None not in bounds and may_end_in_blanks(context, node.this):
        text = as_type(context, node.this, VARCHAR)
        return f"({with_literal(text, '>=', bounds[0] or '')} AND {with_literal(text, '<=', bounds[1] or '')})"
    texts = [side(context, one, common) for one in (node.this, low, high)]
    return f"({texts[0]} BETWEEN {texts[1]} AND {texts[2]})"


def in_rule(context: Context, node: exp.Expr) -> str:
    if node.args.get("query") is not None:
        return in_query(context, node)
    members = node.expressions
    if any(isinstance(one, exp.Tuple) for one in (node.this, *members)):
        raise unsupported(node, "IN over rows of values")
    if any(dynamic.is_super(context, one) for one in (node.this, *members)):
        return "(" + " OR ".join(compared(context, (node.this, one), "=") for one in members) + ")"
    common = compared_type(context, (node.this, *members))
    literals = [plain_literal(one) for one in members]
    if common.is_string and None not in literals and may_end_in_blanks(context, node.this):
        return among(as_type(context, node.this, VARCHAR), [one or "" for one in literals])
    texts = ", ".join(side(context, one, common) for one in members)
    return f"({side(context, node.this, common)} IN ({texts}))"


def in_query(context: Context, node: exp.Expr) -> str:
    query = node.args["query"]
    fields = context.names.outputs[id(query)]
    if len(fields) != 1 or isinstance(node.this, exp.Tuple):
        raise unsupported(node, "IN with a subquery of more than one column")
    common = unified((context.type(node.this), context.field_type(fields[0])))
    if common is None:
        raise unsupported(node, "the comparison of these types without a CAST")
    text = context.text(query)
    if not common.is_string:
        return f"({as_type(context, node.this, common)} IN {text})"
    member = trimmed(f'"members".{quoted_name(fields[0].key)}')
    inner = f'{member} FROM {text} AS "members"'
    return f"({blank_insensitive(context, node.this)} IN (SELECT {inner}))"


def exists_rule(context: Context, node: exp.Expr) -> str:
    return f"(EXISTS {parenthesised(context.text(node.this))})"


def parenthesised(text: str) -> str:
    return text if text.startswith("(") else f"({text})"


def like_rule(context: Context, node: exp.Expr) -> str:
    return pattern_match(context, node, "\\")


def escape_rule(context: Context, node: exp.Expr) -> str:
    if isinstance(node.this, exp.SimilarTo) and is_text_literal(node.expression):
        return similar_match(context, node.this, bare(node.expression).name)
    if not isinstance(node.this, exp.Like | exp.ILike) or not is_text_literal(node.expression):
        raise unsupported(node, "this form of ESCAPE")
    context.refuse_unknown_arguments(node.this, PATTERN)
    return pattern_match(context, node.this, bare(node.expression).name)


def pattern_match(context: Context, node: exp.Expr, escape: str) -> str:
    """Match with Redshift's escape character, a backslash where none is named."""
    word = "ILIKE" if isinstance(node, exp.ILike) else "LIKE"
    if word == "ILIKE" and not (is_text_literal(node.expression) and bare(node.expression).name.isascii()):
        raise unsupported(node, "ILIKE with a pattern that is no literal of ASCII characters")
    if isinstance(node.expression, exp.Any | exp.All | exp.Tuple):
        raise unsupported(node, f"{word} ANY")
    if is_text_literal(node.expression) and ends_in_escape(bare(node.expression).name, escape):
        raise invalid(node, f"{word} pattern must not end with its escape character", "22025")
    texts = [implicit(context, one, VARCHAR) for one in (node.this, node.expression)]
    negation = "NOT " if node.args.get("negate") else ""
    return f"({texts[0]} {negation}{word} {texts[1]}{escape_text(node.expression, escape)})"


def escape_text(pattern: exp.Expr, escape: str) -> str:
    """Return the ESCAPE of a match, but for a pattern without any: the engine matches its beginning alone faster."""
    return "" if is_text_literal(pattern) and escape not in bare(pattern).name else f" ESCAPE {quoted(escape)}"


def ends_in_escape(pattern: str, escape: str) -> bool:
    """Tell whether the last character of a pattern escapes one that is not there."""
    if not escape:
        return False
    ending = pattern[len(pattern.rstrip(escape)) :]
    return len(ending) % 2 == 1


def boolean_rule(_: Context, node: exp.Expr) -> str:
    return "TRUE" if node.this else "FALSE"


def null_type(_context: Context, _node: exp.Expr) -> SqlType:
    return VARCHAR


def null_rule(_context: Context, _node: exp.Expr) -> str:
    return "NULL"


PATTERN = frozenset({"this", "expression", "negate"})
RULES: Mapping[type[exp.Expr], Rule] = {
    **{sign: Rule(boolean_type, comparison_rule) for sign in SIGNS},
    exp.And: connective("AND"),
    exp.Or: connective("OR"),
    exp.Not: Rule(boolean_type, not_rule),
    exp.Is: Rule(boolean_type, is_rule),
    exp.Between: Rule(boolean_type, between_rule, frozenset({"this", "low", "high"})),
    exp.In: Rule(boolean_type, in_rule, frozenset({"this", "expressions", "query"})),
    exp.Exists: Rule(boolean_type, exists_rule),
    exp.Like: Rule(boolean_type, like_rule, PATTERN),
    exp.ILike: Rule(boolean_type, like_rule, PATTERN),
    exp.Escape: Rule(boolean_type, escape_rule),
    exp.Boolean: Rule(boolean_type, boolean_rule),
    exp.Null: Rule(null_type, null_rule),
}
