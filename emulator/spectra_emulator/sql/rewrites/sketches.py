"""HyperLogLog: cardinalities that are exact, and sketches that hold every value's hash.

What Redshift estimates is counted here, so every answer is one that an estimate could give. A sketch's own text
depends on Redshift's hash and is refused.
Source: "HyperLogLog functions", "COUNT function" (APPROXIMATE).
"""

from __future__ import annotations

from collections.abc import Mapping

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid
from spectra_emulator.sql.rewrites.context import Context, Function
from spectra_emulator.sql.rewrites.keys import key_text
from spectra_emulator.sql.type_names import BIGINT, SqlType

HLLSKETCH = SqlType("HLLSKETCH")


def cardinality_type(_context: Context, _call: Call) -> SqlType:
    return BIGINT


def sketch_type(_context: Context, _call: Call) -> SqlType:
    return HLLSKETCH


def counted_text(context: Context, call: Call) -> str:
    return f"count(DISTINCT {key_text(context, call.arguments[0])}){call.over}"


def created_text(context: Context, call: Call) -> str:
    """Keep the hash of every value; NULLs are not counted."""
    value = key_text(context, call.arguments[0])
    return f"coalesce(list(DISTINCT hash({value})) FILTER (WHERE {value} IS NOT NULL){call.over}, [])"


def sketch(context: Context, call: Call, place: int = 0) -> str:
    """Return an argument that must be a sketch.

    Raises: InvalidSql where it is none.
    """
    found = context.type(call.arguments[place])
    if found != HLLSKETCH:
        raise invalid(call.node, f"function {call.name}({found.name.lower()}) does not exist", "42883")
    return context.text(call.arguments[place])


def cardinality_text(context: Context, call: Call) -> str:
    return f"len({sketch(context, call)})"


def combined_text(context: Context, call: Call) -> str:
    return f"list_distinct(flatten(list({sketch(context, call)}){call.over}))"


def united_text(context: Context, call: Call) -> str:
    return f"list_distinct(list_concat({sketch(context, call)}, {sketch(context, call, 1)}))"


FUNCTIONS: Mapping[str, Function] = {
    "hll": Function(cardinality_type, counted_text, family="aggregate"),
    "approximate": Function(cardinality_type, counted_text, family="aggregate"),
    "hll_create_sketch": Function(sketch_type, created_text, family="aggregate"),
    "hll_cardinality": Function(cardinality_type, cardinality_text),
    "hll_combine": Function(sketch_type, combined_text, family="aggregate"),
    "hll_combine_sketches": Function(sketch_type, united_text, 2, 2),
}
