"""Which functions a query may call, and with what lengths."""

from __future__ import annotations

from collections.abc import Container

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql, SqlBlocked
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.sql.blocking import blocked
from spectra_emulator.sql.dialect import function_name
from spectra_emulator.sql.functions import FORBIDDEN, KNOWN
from spectra_emulator.sql.nearest import nearest
from spectra_emulator.sql.objects import is_system_name
from spectra_emulator.sql.refusals import located

MAX_VARCHAR = 65_535

_PADDED = frozenset(("lpad", "repeat", "replicate", "rpad"))
_LIKENESS = 0.75


def check(node: exp.Expr, rules: SqlRules, own_functions: Container[str] = ()) -> None:
    """Refuse a call of a function that is forbidden, unknown to Redshift or not admitted at the level.

    Raises: InvalidSql, SqlBlocked.
    """
    name = function_name(node)
    if name is None:
        return
    if name in FORBIDDEN:
        raise _forbidden(name, FORBIDDEN[name])
    if is_system_name(name) and rules.security_level != SecurityLevel.PERMISSIVE:
        raise _forbidden(name, "System functions are not allowed; sql_security_level=permissive allows them")
    own = name not in KNOWN or _has_schema(node)
    if own and name not in own_functions:
        raise unknown_function(node, name)
    if rules.security_level == SecurityLevel.STRICT and (own or not KNOWN[name].strict):
        raise blocked(
            name, f"The function {name} is not allowed; sql_security_level=standard allows it", "FUNCTION_NOT_ALLOWED"
        )
    if name in _PADDED:
        _check_length(node, name)


def unknown_function(node: exp.Expr, name: str) -> InvalidSql:
    """Return the error for a function that Redshift does not have."""
    details: dict[str, object] = {"sql_state": "42883", **located(node)}
    if (meant := nearest(name, KNOWN, cutoff=_LIKENESS)) is not None:
        details["hint"] = f"Did you mean {meant}?"
    return InvalidSql(f"function {name} does not exist in Redshift", **details)


def _forbidden(name: str, reason: str) -> SqlBlocked:
    return blocked(name, reason, "FORBIDDEN_FUNCTION")


def _has_schema(node: exp.Expr) -> bool:
    """Tell whether a call names a schema: the function is a user's, whatever its name."""
    return isinstance(node.parent, exp.Dot) and node.parent.expression is node


def _check_length(node: exp.Expr, name: str) -> None:
    length = node.expressions[1] if len(node.expressions) > 1 else None
    digits = length.name.lstrip("0") if isinstance(length, exp.Literal) else ""
    if digits.isdecimal() and (len(digits) > len(str(MAX_VARCHAR)) or int(digits) > MAX_VARCHAR):
        raise InvalidSql(
            f"{name} gives at most {MAX_VARCHAR} bytes, the longest VARCHAR of Redshift",
            limit=MAX_VARCHAR,
            sql_state="22001",
        )
