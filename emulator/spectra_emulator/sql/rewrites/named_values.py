"""Values that a text needs more than once: the engine computes an aggregate over a window anew wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping

VALUES = '":values"'
"""A name that no table has."""


def named(name: str) -> str:
    """Return what stands for a value; HAVING takes no other form of it."""
    return f"{VALUES}['{name}']"


def with_values(values: Mapping[str, str], body: str) -> str:
    """Return a text in which `named` of each key stands for its value, computed once."""
    fields = ", ".join(f"'{name}': {text}" for name, text in values.items())
    return f"list_transform([{{{fields}}}], lambda {VALUES}: {body})[1]"
