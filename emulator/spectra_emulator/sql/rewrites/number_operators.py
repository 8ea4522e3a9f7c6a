"""Powers, roots and operations on bits, written as operators.

Source: "Mathematical operator symbols".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from sqlglot import exp

from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Rule
from spectra_emulator.sql.rewrites.numbers import cube_root, finite
from spectra_emulator.sql.type_names import DOUBLE, SqlType
from spectra_emulator.sql.types import wider_integer

SHIFTS = (exp.BitwiseLeftShift, exp.BitwiseRightShift)


def cube_root_rule(context: Context, node: exp.Expr) -> str:
    return cube_root(as_type(context, node.this, DOUBLE))


def power_type(_context: Context, _node: exp.Expr) -> SqlType:
    return DOUBLE


def power_rule(context: Context, node: exp.Expr) -> str:
    sides = (as_type(context, one, DOUBLE) for one in (node.this, node.expression))
    return finite("power", *sides)


def square_root_rule(context: Context, node: exp.Expr) -> str:
    return f"sqrt({as_type(context, node.this, DOUBLE)})"


def bits_type(context: Context, node: exp.Expr) -> SqlType:
    """Return the wider integer of an operation on bits.

    Raises: InvalidSql where an operand is no integer.
    """
    operands = [one for one in (node.this, node.args.get("expression")) if one is not None]
    kinds = [context.type(one) for one in operands]
    if not all(kind.is_integer for kind in kinds):
        raise invalid(node, "operations on bits take integers", "42883")
    return kinds[0] if isinstance(node, SHIFTS) else reduce(wider_integer, kinds)


def bits_rule(sign: str) -> Callable[[Context, exp.Expr], str]:
    def text(context: Context, node: exp.Expr) -> str:
        result = bits_type(context, node)
        left, right = (as_type(context, one, result) for one in (node.this, node.expression))
        return f"({left} {sign} {right})"

    return text


def exclusive_rule(context: Context, node: exp.Expr) -> str:
    result = bits_type(context, node)
    return f"xor({', '.join(as_type(context, one, result) for one in (node.this, node.expression))})"


def inverted_rule(context: Context, node: exp.Expr) -> str:
    return f"(~{as_type(context, node.this, bits_type(context, node))})"


BITS: Mapping[type[exp.Expr], str] = {
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseLeftShift: "<<",
    exp.BitwiseRightShift: ">>",
}
RULES: Mapping[type[exp.Expr], Rule] = {
    **{kind: Rule(bits_type, bits_rule(sign)) for kind, sign in BITS.items()},
    exp.BitwiseXor: Rule(bits_type, exclusive_rule),
    exp.BitwiseNot: Rule(bits_type, inverted_rule),
    exp.Pow: Rule(power_type, power_rule),
    exp.Sqrt: Rule(power_type, square_root_rule),
    exp.Cbrt: Rule(power_type, cube_root_rule),
}
