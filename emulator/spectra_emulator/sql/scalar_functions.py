"""CREATE FUNCTION … LANGUAGE sql, and DROP FUNCTION.

Source: "CREATE FUNCTION", "Creating a scalar SQL UDF", "DROP FUNCTION".
"""

from __future__ import annotations

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, ScalarFunction
from spectra_emulator.sql.duckdb import context_of
from spectra_emulator.sql.function_comments import function_comment
from spectra_emulator.sql.functions import FORBIDDEN, KNOWN
from spectra_emulator.sql.internal_names import INTERNAL_SCHEMA
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import named_type
from spectra_emulator.sql.rewrites.context import quoted
from spectra_emulator.sql.rewrites.own_functions import expanded
from spectra_emulator.sql.scopes import Names, folded, unknown
from spectra_emulator.sql.script_steps import ScriptStep, place_of, spelt

MAX_ARGUMENTS = 32


def create_function(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    """Keep a function in SQL; in other languages there are none here.

    Raises: InvalidSql.
    """
    parts = {type(one): one for one in statement.args["properties"].expressions}
    language = parts.get(exp.LanguageProperty)
    if language is None or language.this.name.lower() != "sql":
        raise unsupported(statement, f"CREATE FUNCTION in the language {language.this.name if language else 'unnamed'}")
    if exp.ReturnsProperty not in parts or exp.StabilityProperty not in parts:
        raise invalid(statement, "CREATE FUNCTION takes RETURNS and one of VOLATILE, STABLE, IMMUTABLE", "42601")
    function = ScalarFunction(
        function_name(statement.this.this, catalogue),
        tuple(argument_type(one) for one in statement.this.expressions),
        named_type(parts[exp.ReturnsProperty].this).text,
        str(statement.expression.this).strip().rstrip(";"),
    )
    check_new(statement, function, catalogue)
    kept = spelt(INTERNAL_SCHEMA, function.name)
    return ScriptStep(
        (
            f'CREATE SCHEMA IF NOT EXISTS "{INTERNAL_SCHEMA}"',
            f"CREATE OR REPLACE VIEW {kept} AS SELECT 1 AS kept",
            f"COMMENT ON VIEW {kept} IS {quoted(function_comment(function))}",
        ),
        changes_catalogue=True,
    )


def function_name(node: exp.Expr, catalogue: Catalogue) -> str:
    schema, name = place_of(node, catalogue)
    if schema != catalogue.default_schema:
        raise unsupported(node, f"a function in another schema than {catalogue.default_schema}")
    if name in KNOWN or name in FORBIDDEN:
        raise unsupported(node, f"a function by the name of a built-in one, {name},")
    return name


def argument_type(node: exp.Expr) -> str:
    if not isinstance(node, exp.DataType):
        raise invalid(node, "an argument of a function in SQL is a type without a name: the body calls it $1", "42601")
    return named_type(node).text


def check_new(statement: exp.Expr, function: ScalarFunction, catalogue: Catalogue) -> None:
    """Pass a function that is new or replaces its like, and whose body Redshift would take.

    Raises: InvalidSql.
    """
    known = catalogue.functions.get(function.name)
    if len(function.argument_types) > MAX_ARGUMENTS:
        raise invalid(statement, f"a function has at most {MAX_ARGUMENTS} arguments", "54023")
    if known is not None and known.argument_types != function.argument_types:
        raise unsupported(statement, f"a second function {function.name}, of other arguments,")
    if known is not None and not statement.args.get("replace"):
        raise invalid(statement, f'function "{function.name}" already exists with same argument types', "42723")
    context = context_of(Names(functions=catalogue.functions))
    expanded(context, function, [f"CAST(NULL AS {one})" for one in function.argument_types])


def drop_function(statement: exp.Expr, catalogue: Catalogue) -> ScriptStep:
    node = statement.args["tables"][0]
    name = folded(node.this)
    known = catalogue.functions.get(name)
    types = tuple(named_type(one).text for one in statement.expressions)
    if known is None or known.argument_types != types:
        if statement.args.get("exists"):
            return ScriptStep()
        raise unknown("function", f"{name}({', '.join(types)})", "42883", node, None)
    return ScriptStep((f"DROP VIEW {spelt(INTERNAL_SCHEMA, name)}",), changes_catalogue=True)
