"""Calls of a tenant's own functions: the body, with the arguments in their declared types in place of $1, $2, ….

Source: "CREATE FUNCTION", "Creating a scalar SQL UDF".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, ScalarFunction
from spectra_emulator.sql.calls import Call, call_of
from spectra_emulator.sql.names import resolved
from spectra_emulator.sql.parsing import parse_one
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, untyped
from spectra_emulator.sql.type_names import FLOATS, INTEGERS, SqlType, parsed_type

_ARGUMENT = re.compile(r"('(?:[^'\\]|\\.|'')*')|\$(\d+)", re.DOTALL)
_PLACE = re.compile(r'"own"\."\$(\d+)"')
_CLAUSES = frozenset({"kind", "expressions"})
_WIDER: Mapping[str, frozenset[str]] = {
    "INTEGER": frozenset({"SMALLINT"}),
    "BIGINT": frozenset({"SMALLINT", "INTEGER"}),
    "DECIMAL": frozenset(INTEGERS),
    **dict.fromkeys(FLOATS, frozenset({*INTEGERS, *FLOATS, "DECIMAL"})),
    "CHAR": frozenset({"VARCHAR"}),
    "VARCHAR": frozenset({"CHAR"}),
    "TIMESTAMP": frozenset({"DATE"}),
    "TIMESTAMPTZ": frozenset({"DATE", "TIMESTAMP"}),
}


def own_functions(functions: Mapping[str, ScalarFunction]) -> Mapping[str, Function]:
    """Return the tenant's functions as lines of the table of functions."""
    return {name: line(function) for name, function in functions.items()}


def line(function: ScalarFunction) -> Function:
    count = len(function.argument_types)
    return Function(partial(own_type, function), partial(own_text, function), count, count)


def own_type(function: ScalarFunction, context: Context, call: Call) -> SqlType:
    for node, declared in zip(call.arguments, function.argument_types, strict=True):
        if not untyped(node) and not fits(context.type(node), parsed_type(declared)):
            given = ", ".join("unknown" if untyped(one) else context.type(one).text.lower() for one in call.arguments)
            raise invalid(call.node, f"function {function.name}({given}) does not exist", "42883")
    return parsed_type(function.type)


def own_text(function: ScalarFunction, context: Context, call: Call) -> str:
    """Write the body of a function of the tenant's own in place of its call."""
    own_type(function, context, call)
    if any(one.find(exp.Rand) for one in call.arguments):
        raise unsupported(call.node, f"RANDOM() as an argument of {function.name}")
    texts = [
        as_type(context, node, parsed_type(declared))
        for node, declared in zip(call.arguments, function.argument_types, strict=True)
    ]
    return f"({expanded(context, function, texts)})"


def fits(given: SqlType, declared: SqlType) -> bool:
    """Tell whether Redshift converts an argument by itself."""
    return given.name == declared.name or given.name in _WIDER.get(declared.name, ())


def expanded(context: Context, function: ScalarFunction, texts: Sequence[str]) -> str:
    """Return DuckDB's text of a function's body with those of its arguments in it.

    Raises: InvalidSql where the body is none that Redshift takes.
    """
    query = body(function)
    names = replace(resolved(query, Catalogue()), functions=context.names.functions)
    inner = Context(names, context.rules, context.functions)
    value, kind = query.expressions[0].unalias(), parsed_type(function.type)
    check_scalar(inner, value)
    if not untyped(value) and not fits(inner.type(value), kind):
        message = f"return type mismatch in function {function.name}: {inner.type(value).text} is not {kind.text}"
        raise invalid(value, message, "42P13")
    text = as_type(inner, value, kind)
    return _PLACE.sub(lambda found: f"({texts[int(found[1]) - 1]})", text)


def body(function: ScalarFunction) -> exp.Select:
    """Return a function's body as a query of one row that holds its arguments."""
    written = _ARGUMENT.sub(lambda found: found[1] or f'"own"."${found[2]}"', function.body)
    query = parse_one(written)
    clauses = {name for name, value in query.args.items() if value}
    if not isinstance(query, exp.Select) or len(query.expressions) != 1 or clauses - _CLAUSES:
        raise invalid(query, "the body of a function in SQL is SELECT and one expression, without clauses", "42P13")
    if any(one is not query for one in query.find_all(exp.Query)):
        raise invalid(query, "the body of a function in SQL holds no subquery", "42P13")
    if function.argument_types:
        columns = ", ".join(f'CAST(NULL AS {one}) AS "${n}"' for n, one in enumerate(function.argument_types, 1))
        query.set("from_", parse_one(f'SELECT 1 FROM (SELECT {columns}) AS "own"').args["from_"])  # noqa: S608 - types we spelt
    return query


def check_scalar(context: Context, value: exp.Expr) -> None:
    """Pass an expression without aggregate and window functions.

    Raises: InvalidSql.
    """
    for node in value.walk():
        call = None if type(node) in context.rules else call_of(node)
        if isinstance(node, exp.Window) or (call is not None and context.function(call).family != "scalar"):
            raise invalid(node, "the body of a function in SQL holds no aggregate or window function", "42P13")
