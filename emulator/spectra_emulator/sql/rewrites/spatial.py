"""Spatial functions, which the engine calls by names of its own, and the types GEOMETRY and GEOGRAPHY.

Source: "Spatial functions", "Querying spatial data in Amazon Redshift", "Limitations when using spatial data".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, untyped
from spectra_emulator.sql.rewrites.orderings import ordered_texts
from spectra_emulator.sql.spatial_signatures import COLLECT, FORMS, TYPES, Form, form
from spectra_emulator.sql.type_names import SPATIAL, SqlType

COLLECTED = form("st_collect", COLLECT)


def fits(context: Context, node: exp.Expr, letter: str) -> bool:
    """Tell whether an argument can stand for a form's letter: spatial values are never taken for others."""
    wanted, found = TYPES[letter], context.type(node)
    if untyped(node):
        return isinstance(node, exp.Null) or wanted.is_string or wanted.name in SPATIAL
    if wanted.is_number:
        return found.is_number
    return found.is_string if wanted.is_string else found == wanted


def chosen(context: Context, call: Call) -> Form:
    """Return the form that a call's arguments fit.

    Raises: InvalidSql where they fit none.
    """
    for one in FORMS[call.name]:
        pairs = zip(call.arguments, one.letters, strict=False)
        if len(one.letters) == len(call.arguments) and all(fits(context, node, letter) for node, letter in pairs):
            return one
    spelt = ", ".join(context.type(node).name.lower() for node in call.arguments)
    raise invalid(call.node, f"function {call.name}({spelt}) does not exist", "42883")


def result_type(context: Context, call: Call) -> SqlType:
    return chosen(context, call).result


def argument(context: Context, node: exp.Expr, letter: str) -> str:
    wanted = TYPES[letter]
    return as_type(context, node, wanted) if untyped(node) or wanted.is_number else context.text(node)


def called(context: Context, call: Call) -> str:
    found = chosen(context, call)
    values = [argument(context, node, letter) for node, letter in zip(call.arguments, found.letters, strict=True)]
    return engine_call(found, values)


def engine_call(found: Form, values: Sequence[str]) -> str:
    return f"{found.engine_name}({', '.join(values)})"


def collect_type(_context: Context, _call: Call) -> SqlType:
    return COLLECTED.result


def collect_text(context: Context, call: Call) -> str:
    """Collect the geometries of a group, or two: where one of them is NULL, the other stays as it is."""
    if len(call.arguments) == 1:
        return aggregated_text(context, call)
    if call.over or call.distinct or call.order is not None:
        raise invalid(call.node, "st_collect of two geometries is no aggregate", "42809")
    found = chosen(context, call)
    first, second = (argument(context, node, "g") for node in call.arguments)
    both = engine_call(found, (first, second))
    return f"CASE WHEN {first} IS NULL THEN {second} WHEN {second} IS NULL THEN {first} ELSE {both} END"


def aggregated_text(context: Context, call: Call) -> str:
    node = call.arguments[0]
    if context.type(node).name != "GEOMETRY" and not untyped(node):
        raise invalid(call.node, f"function st_collect({context.type(node).name.lower()}) does not exist", "42883")
    if call.distinct:
        raise unsupported(call.node, "ST_COLLECT with DISTINCT")
    value = argument(context, node, "g")
    order = f" ORDER BY {', '.join(ordered_texts(context, call.order.expressions))}" if call.order else ""
    return engine_call(COLLECTED, [f"list({value}{order}) FILTER (WHERE {value} IS NOT NULL){call.over}"])


def lengths(forms: Sequence[Form]) -> tuple[int, int]:
    counts = [len(one.letters) for one in forms]
    return min(counts), max(counts)


FUNCTIONS: Mapping[str, Function] = {
    **{name: Function(result_type, called, *lengths(forms)) for name, forms in FORMS.items() if name != "st_collect"},
    "st_collect": Function(collect_type, collect_text, 1, 2, "aggregate"),
}
