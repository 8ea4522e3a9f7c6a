"""The literal X'…', and the operators that VARBYTE and strings share with numbers.

Source: "VARBYTE type", "VARBYTE operators", "ST_MemSize".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.rewrites import arithmetic, number_operators, strings, varbyte
from spectra_emulator.sql.rewrites.context import Context, Rule, is_text_literal, untyped
from spectra_emulator.sql.type_names import VARBYTE, SqlType


def has_varbyte(context: Context, node: exp.Expr) -> bool:
    sides = [one for one in (node.this, node.args.get("expression")) if one is not None]
    return any(varbyte.is_varbyte(context, side) for side in sides)


def shared(numbers: Rule, octets: Callable[[Context, exp.Expr], str]) -> Rule:
    """Return the rule of an operator that is `octets` where an operand is VARBYTE, and else of numbers."""
    return Rule(
        lambda context, node: VARBYTE if has_varbyte(context, node) else numbers.type(context, node),
        lambda context, node: octets(context, node) if has_varbyte(context, node) else numbers.text(context, node),
        numbers.known,
    )


def combined(sign: str) -> Callable[[Context, exp.Expr], str]:
    return lambda context, node: varbyte.bits_text(context, node, sign)


def joined(context: Context, node: exp.Expr) -> str:
    return varbyte.joined(context, (node.this, node.expression))


def joins_strings(context: Context, node: exp.Expr) -> bool:
    """Tell whether + stands between a string and a string, which may be a bare one."""
    sides = (node.this, node.expression)
    typed = [context.type(side) for side in sides if not untyped(side)]
    return bool(typed) and all(
        is_text_literal(side) if untyped(side) else context.type(side).is_string for side in sides
    )


def added(numbers: Rule) -> Rule:
    """Return the rule of + that is || between strings."""
    pipe = strings.RULES[exp.DPipe]
    return Rule(
        lambda context, node: (pipe if joins_strings(context, node) else numbers).type(context, node),
        lambda context, node: (pipe if joins_strings(context, node) else numbers).text(context, node),
        numbers.known,
    )


def literal_type(_context: Context, _node: exp.Expr) -> SqlType:
    return VARBYTE


def literal_rule(_context: Context, node: exp.Expr) -> str:
    return varbyte.literal_octets(node)


RULES: Mapping[type[exp.Expr], Rule] = {
    exp.BitwiseAnd: shared(number_operators.RULES[exp.BitwiseAnd], combined("&")),
    exp.BitwiseOr: shared(number_operators.RULES[exp.BitwiseOr], combined("|")),
    exp.BitwiseNot: shared(number_operators.RULES[exp.BitwiseNot], varbyte.inverted_text),
    exp.Add: added(shared(arithmetic.RULES[exp.Add], joined)),
    exp.HexString: Rule(literal_type, literal_rule),
}
