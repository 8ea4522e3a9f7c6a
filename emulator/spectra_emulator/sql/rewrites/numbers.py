"""Mathematical functions.

Source: "Math functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites import super_arithmetic
from spectra_emulator.sql.rewrites.arithmetic import Operation, computation, result_type
from spectra_emulator.sql.rewrites.casts import as_type, narrowed
from spectra_emulator.sql.rewrites.context import Context, Function, failing, integer_literal, is_text_literal
from spectra_emulator.sql.rewrites.float_texts import FLOAT_OVERFLOW
from spectra_emulator.sql.rewrites.sums import in_64_bits
from spectra_emulator.sql.type_names import DATE, DOUBLE, MAX_PRECISION, SUPER, SqlType


def argument_type(context: Context, call: Call) -> SqlType:
    """Return the first argument's type; a bare string is read as a number.

    Raises: InvalidSql where it is no number.
    """
    if is_text_literal(call.arguments[0]):
        return DOUBLE
    found = context.type(call.arguments[0])
    if not found.is_number:
        raise invalid(call.node, f"function {call.name}({found.name.lower()}) does not exist", "42883")
    return found


def double_type(_context: Context, _call: Call) -> SqlType:
    return DOUBLE


def double(context: Context, call: Call, place: int = 0) -> str:
    return as_type(context, call.arguments[place], DOUBLE)


def on_double(duckdb_name: str) -> Callable[[Context, Call], str]:
    def text(context: Context, call: Call) -> str:
        argument_type(context, call)
        return f"{duckdb_name}({double(context, call)})"

    return text


def finite(function: str, *arguments: str) -> str:
    """Return a call that raises where its result is no finite number, though every argument is."""
    text = f"{function}({', '.join(arguments)})"
    condition = " AND ".join((f"NOT isfinite({text})", *(f"isfinite({one})" for one in arguments)))
    return failing(condition, FLOAT_OVERFLOW, text)


def exp_text(context: Context, call: Call) -> str:
    return finite("exp", double(context, call))


def power_text(context: Context, call: Call) -> str:
    return finite("power", double(context, call), double(context, call, 1))


def log_text(context: Context, call: Call) -> str:
    """Take the common logarithm, or that of the base which comes first."""
    if len(call.arguments) == 1:
        return f"log10({double(context, call)})"
    base = double(context, call)
    checked = failing(f"{base} <= 0 OR {base} = 1", "the base of a logarithm is positive and not 1", base)
    return f"(log10({double(context, call, 1)}) / log10({checked}))"


def abs_text(context: Context, call: Call) -> str:
    return f"abs({as_type(context, call.arguments[0], argument_type(context, call))})"


def sign_text(context: Context, call: Call) -> str:
    result = sign_type(context, call)
    return f"CAST(sign({as_type(context, call.arguments[0], argument_type(context, call))}) AS {result.duckdb})"


def sign_type(context: Context, call: Call) -> SqlType:
    found = argument_type(context, call)
    return SqlType("DECIMAL", 1) if found.name == "DECIMAL" else found


def whole_type(context: Context, call: Call) -> SqlType:
    found = argument_type(context, call)
    return SqlType("DECIMAL", found.size) if found.name == "DECIMAL" else found


def whole_text(duckdb_name: str) -> Callable[[Context, Call], str]:
    """Return the rewrite of CEIL and FLOOR, which keep the argument's type."""

    def text(context: Context, call: Call) -> str:
        found = argument_type(context, call)
        argument = as_type(context, call.arguments[0], found)
        if found.is_integer:
            return argument
        return f"CAST({duckdb_name}({argument}) AS {whole_type(context, call).duckdb})"

    return text


def places(call: Call) -> int | None:
    """Return how many decimal places ROUND or TRUNC keeps, None where it is no literal."""
    return integer_literal(call.arguments[1]) if len(call.arguments) > 1 else 0


def kept_type(context: Context, call: Call) -> SqlType:
    if call.name == "trunc" and context.type(call.arguments[0]).name in {"DATE", "TIMESTAMP", "TIMESTAMPTZ"}:
        return DATE
    found = argument_type(context, call)
    kept = places(call)
    if found.name != "DECIMAL" or kept is None:
        return found
    scale = min(max(kept, 0), found.scale)
    whole = (found.size or MAX_PRECISION) - found.scale + (1 if call.name == "round" else 0)
    return SqlType("DECIMAL", min(max(whole + scale, 1), MAX_PRECISION), scale)


def kept_text(context: Context, call: Call) -> str:
    """Round or cut to decimal places, tens where negative, as a DECIMAL of those places."""
    result = kept_type(context, call)
    if result == DATE:
        return f"CAST({context.text(call.arguments[0])} AS DATE)"
    found, kept = argument_type(context, call), places(call)
    argument = as_type(context, call.arguments[0], found)
    if found.is_integer and kept is not None and kept >= 0:
        return argument
    if kept is None or (found.is_float and kept != 0) or kept < 0:
        return shifted_text(context, call, argument, kept)
    plain = kept_places(call, argument, kept, result)
    narrow = in_64_bits(context, call.arguments[0])
    if narrow is None or kept > found.scale:
        return plain
    if context.shortcut("product"):
        return kept_places(call, narrow, kept, narrowed(result))
    return f"coalesce({kept_places(call, narrow, kept, result)}, {plain})"


def kept_places(call: Call, argument: str, kept: int, result: SqlType) -> str:
    places_text = f", {kept}" if kept else ""
    return f"CAST({call.name}({argument}{places_text}) AS {result.duckdb})"


def shifted_text(context: Context, call: Call, argument: str, kept: int | None) -> str:
    if kept is None:
        raise unsupported(call.node, f"{call.name.upper()} to a number of places that is no literal")
    found, result = argument_type(context, call), kept_type(context, call)
    if found.is_float:
        return f"CAST({call.name}({argument}, {kept}) AS {result.duckdb})"
    unit = f"CAST({10**-kept} AS DECIMAL(38,0))"
    cut = f"trunc(CAST({argument} AS DECIMAL(38,{found.scale})))"
    half = f"CASE WHEN {argument} < 0 THEN -{unit} // 2 ELSE {unit} // 2 END"
    whole = f"CAST({cut} AS HUGEINT)" if call.name == "trunc" else f"(CAST({cut} AS HUGEINT) + CAST({half} AS HUGEINT))"
    return f"CAST({whole} // CAST({10**-kept} AS HUGEINT) * CAST({10**-kept} AS HUGEINT) AS {result.duckdb})"


def remainder(context: Context, call: Call) -> Operation:
    argument_type(context, call)
    dividend, divisor = call.arguments
    return Operation("%", dividend, divisor, call.node)


def mod_type(context: Context, call: Call) -> SqlType:
    found = result_type(context, remainder(context, call))
    if found.is_float:
        raise invalid(call.node, "function mod(double precision, double precision) does not exist", "42883")
    return found


def mod_text(context: Context, call: Call) -> str:
    mod_type(context, call)
    return computation(context, remainder(context, call))


def tangent_text(context: Context, call: Call) -> str:
    return f"atan2({double(context, call)}, {double(context, call, 1)})"


def cube_root(value: str) -> str:
    """Return a cube root, a step of Newton's nearer than DuckDB's, which misses whole ones."""
    root = f"cbrt({value})"
    step = f"(power({root}, 3) - {value}) / (3 * power({root}, 2))"
    return f"CASE WHEN {value} = 0 THEN {value} ELSE {root} - {step} END"


def cube_root_text(context: Context, call: Call) -> str:
    argument_type(context, call)
    return cube_root(double(context, call))


def random_text(_context: Context, _call: Call) -> str:
    return "random()"


def pi_text(_context: Context, _call: Call) -> str:
    return "pi()"


def takes_super(context: Context, call: Call) -> bool:
    return len(call.arguments) == 1 and context.type(call.arguments[0]) == SUPER


def of_super(plain: Function, rewrite: Callable[[str], str]) -> Function:
    """Return the function that takes a SUPER too, and gives a SUPER then."""
    return Function(
        lambda context, call: SUPER if takes_super(context, call) else plain.type(context, call),
        lambda context, call: (
            rewrite(context.text(call.arguments[0])) if takes_super(context, call) else plain.text(context, call)
        ),
        plain.least,
        plain.most,
    )


CEILING = of_super(Function(whole_type, whole_text("ceil")), partial(super_arithmetic.rounded, "ceil"))
FUNCTIONS: Mapping[str, Function] = {
    "abs": of_super(Function(argument_type, abs_text), super_arithmetic.absolute),
    "ceil": CEILING,
    "ceiling": CEILING,
    "floor": of_super(Function(whole_type, whole_text("floor")), partial(super_arithmetic.rounded, "floor")),
    "round": of_super(Function(kept_type, kept_text, 1, 2), partial(super_arithmetic.rounded, "round")),
    "trunc": Function(kept_type, kept_text, 1, 2),
    "sign": Function(sign_type, sign_text),
    "sqrt": Function(double_type, on_double("sqrt")),
    "cbrt": Function(double_type, cube_root_text),
    "exp": Function(double_type, exp_text),
    "ln": Function(double_type, on_double("ln")),
    "dlog1": Function(double_type, on_double("ln")),
    "log": Function(double_type, log_text, 1, 2),
    "dlog10": Function(double_type, log_text),
    "power": Function(double_type, power_text, 2, 2),
    "pow": Function(double_type, power_text, 2, 2),
    "mod": Function(mod_type, mod_text, 2, 2),
    "atan2": Function(double_type, tangent_text, 2, 2),
    "cot": Function(double_type, on_double("cot")),
    "dexp": Function(double_type, exp_text),
    "random": Function(double_type, random_text, 0, 0),
    "pi": Function(double_type, pi_text, 0, 0),
    **{
        name: Function(double_type, on_double(name))
        for name in ("sin", "cos", "tan", "asin", "acos", "atan", "degrees", "radians")
    },
}
