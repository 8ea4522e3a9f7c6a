"""The literal X'…', and the operators that VARBYTE shares with numbers.

Source: "VARBYTE type", "VARBYTE operators".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spectra_emulator.sql.rewrites import arithmetic, number_operators, varbyte
from spectra_emulator.sql.rewrites.context import Context, Rule
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


def literal_type(_context: Context, _node: exp.Expr) -> SqlType:
    return VARBYTE


def literal_rule(_context: Context, node: exp.Expr) -> str:
    return varbyte.literal_octets(node)


RULES: Mapping[type[exp.Expr], Rule] = {
    exp.BitwiseAnd: shared(number_operators.RULES[exp.BitwiseAnd], combined("&")),
    exp.BitwiseOr: shared(number_operators.RULES[exp.BitwiseOr], combined("|")),
    exp.BitwiseNot: shared(number_operators.RULES[exp.BitwiseNot], varbyte.inverted_text),
    exp.Add: shared(arithmetic.RULES[exp.Add], joined),
    exp.HexString: Rule(literal_type, literal_rule),
}
