"""Long arguments that a function's text repeats: computed once, or nested calls would double at every level."""

from __future__ import annotations

from collections.abc import Sequence

from spectra_emulator.sql.rewrites.named_values import named, with_values

LONGEST_REPEATED = 150
"""In characters; a shorter argument is cheaper to compute twice than to name."""
MACROS = ("array_to_string(", "list_reverse(")
"""Functions of the engine that copy their own arguments."""


def shared(text: str, arguments: Sequence[str]) -> str:
    """Return a call's text with names for its arguments where a long one would be computed more than once."""
    if not any(is_repeated(text, one) for one in arguments):
        return text
    computed = sorted({one for one in arguments if is_computed(one)}, key=len, reverse=True)
    fields = {one: f"value{place}" for place, one in enumerate(computed)}
    body = text
    for argument, name in fields.items():
        body = body.replace(argument, named(name))
    if "SELECT " in body or "COLLATE" in text:
        return text
    return with_values({name: argument for argument, name in fields.items()}, body)


def is_repeated(text: str, argument: str) -> bool:
    copied = text.count(argument) > 1 or any(macro in text for macro in MACROS)
    return len(argument) > LONGEST_REPEATED and copied


def is_computed(argument: str) -> bool:
    """Tell whether an argument is more than a name or a literal."""
    return "(" in argument and not argument.startswith("'")
