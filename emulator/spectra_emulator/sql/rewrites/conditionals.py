"""Conditional expressions.

Source: "CASE conditional expression", "COALESCE", "DECODE", "GREATEST and LEAST", "NULLIF", "NVL2".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.comparisons import compared, condition
from spectra_emulator.sql.rewrites.context import Context, Function, Rule, bare, untyped
from spectra_emulator.sql.type_names import SPATIAL, VARCHAR, SqlType


def case_results(node: exp.Expr) -> list[exp.Expr]:
    default = node.args.get("default")
    results = [branch.args["true"] for branch in node.args["ifs"]]
    return results if default is None else [*results, default]


def case_type(context: Context, node: exp.Expr) -> SqlType:
    return context.common_type(case_results(node), "CASE")


def case_rule(context: Context, node: exp.Expr) -> str:
    result = context.type(node)
    branches = "".join(
        f" WHEN {branch_condition(context, node.this, test)} THEN {as_type(context, value, result)}"
        for test, value in ((branch.this, branch.args["true"]) for branch in node.args["ifs"])
    )
    default = node.args.get("default")
    otherwise = "" if default is None else f" ELSE {as_type(context, default, result)}"
    return f"CASE{branches}{otherwise} END"


def branch_condition(context: Context, subject: exp.Expr | None, test: exp.Expr) -> str:
    return condition(context, test) if subject is None else compared(context, (subject, test), "=")


def common_result(context: Context, call: Call) -> SqlType:
    return context.common_type(call.arguments, call.name.upper())


def coalesce_text(context: Context, call: Call) -> str:
    return f"coalesce({joined(context, call.arguments, common_result(context, call))})"


def joined(context: Context, nodes: Sequence[exp.Expr], result: SqlType) -> str:
    return ", ".join(as_type(context, node, result) for node in nodes)


def extreme_text(context: Context, call: Call) -> str:
    """Compare as the common type does; SUPER values would be compared by their text."""
    result = common_result(context, call)
    if result.name in SPATIAL:
        raise invalid(call.node, f"function {call.name}({result.name.lower()}) does not exist", "42883")
    if result.name == "SUPER":
        raise unsupported(call.node, f"{call.name} of SUPER values")
    return f"{call.name}({joined(context, call.arguments, result)})"


def nvl2_result(context: Context, call: Call) -> SqlType:
    return context.common_type(call.arguments[1:], "NVL2")


def nvl2_text(context: Context, call: Call) -> str:
    result = nvl2_result(context, call)
    chosen, otherwise = (as_type(context, node, result) for node in call.arguments[1:])
    return f"CASE WHEN {context.text(call.arguments[0])} IS NOT NULL THEN {chosen} ELSE {otherwise} END"


def nullif_result(context: Context, call: Call) -> SqlType:
    return VARCHAR if untyped(call.arguments[0]) else context.type(call.arguments[0])


def nullif_text(context: Context, call: Call) -> str:
    first, second = call.arguments
    equal = compared(context, (first, second), "=")
    return f"CASE WHEN {equal} THEN NULL ELSE {as_type(context, first, nullif_result(context, call))} END"


def decode_pairs(call: Call) -> tuple[list[tuple[exp.Expr, exp.Expr]], exp.Expr | None]:
    rest = call.arguments[1:]
    pairs = list(zip(rest[::2], rest[1::2], strict=False))
    return pairs, rest[-1] if len(rest) % 2 else None


def decode_result(context: Context, call: Call) -> SqlType:
    pairs, default = decode_pairs(call)
    return context.common_type([result for _, result in pairs] + ([default] if default is not None else []), "DECODE")


def decode_text(context: Context, call: Call) -> str:
    """Compare as `=` does, except that NULL matches NULL."""
    pairs, default = decode_pairs(call)
    subject, result = call.arguments[0], decode_result(context, call)
    branches = "".join(
        f" WHEN {decode_match(context, subject, search)} THEN {as_type(context, value, result)}"
        for search, value in pairs
    )
    otherwise = "" if default is None else f" ELSE {as_type(context, default, result)}"
    return f"CASE{branches}{otherwise} END"


def decode_match(context: Context, subject: exp.Expr, search: exp.Expr) -> str:
    null = f"{context.text(subject)} IS NULL"
    if isinstance(bare(search), exp.Null):
        return null
    equal = compared(context, (subject, search), "=")
    return (
        equal if isinstance(bare(search), exp.Literal) else f"({equal} OR ({null} AND {context.text(search)} IS NULL))"
    )


COMMON = Function(common_result, coalesce_text, 1, None)
FUNCTIONS: Mapping[str, Function] = {
    "coalesce": COMMON,
    "nvl": Function(common_result, coalesce_text, 2, None),
    "nvl2": Function(nvl2_result, nvl2_text, 3, 3),
    "nullif": Function(nullif_result, nullif_text, 2, 2),
    "decode": Function(decode_result, decode_text, 3, None),
    "greatest": Function(common_result, extreme_text, 1, None),
    "least": Function(common_result, extreme_text, 1, None),
}
RULES: Mapping[type[exp.Expr], Rule] = {exp.Case: Rule(case_type, case_rule, frozenset({"this", "ifs", "default"}))}
