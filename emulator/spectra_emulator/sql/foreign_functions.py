"""Functions that only the database behind the server knows: its users' own, called by name or by schema and name."""

from __future__ import annotations

import re

from sqlglot import exp

_CALLED = re.compile(r"([A-Za-z_][\w$]*\.)?[A-Za-z_][\w$]*", re.ASCII)
"""No other letters: a database may fold them into the name of a function that is blocked."""


class ForeignFunctions:
    """Holds every name that a function may have; what the guard blocks, it has blocked before."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _CALLED.fullmatch(name) is not None


FOREIGN = ForeignFunctions()


def called_name(node: exp.Expr) -> str | None:
    """Return what a plain call names, with its schema where it has one, in lower case; None for all else."""
    if isinstance(node, exp.Anonymous):
        return node.name.lower()
    if (
        isinstance(node, exp.Dot)
        and isinstance(node.this, exp.Identifier)
        and isinstance(node.expression, exp.Anonymous)
    ):
        return f"{node.this.name}.{node.expression.name}".lower()
    return None
