"""Where in the client's text it is what Redshift finds wrong in the text that it was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.parsing import position_of

SENT = "sent_position"
_WORD = re.compile(r'"(?:[^"]|"")*"|\w+')


def located_by(error: InvalidSql, sent: str, tree: exp.Expr) -> InvalidSql:
    """Return the error with its position in the client's text, or with none where that cannot be told.

    A word is looked for by its name and its place among those of that name.
    """
    place = error.details.get(SENT)
    details = {name: value for name, value in error.details.items() if name != SENT}
    position = _position(sent, place, tree) if isinstance(place, int) else None
    return InvalidSql(error.message, **details, **({} if position is None else {"position": position}))


def _position(sent: str, place: int, tree: exp.Expr) -> int | None:
    name = next((_bare(word[0]) for word in _WORD.finditer(sent) if word.start() == place - 1), None)
    if name is None:
        return None
    before = sum(_bare(word[0]) == name for word in _WORD.finditer(sent, 0, place - 1))
    found = sorted(_positions(tree, name))
    return found[before] if before < len(found) else None


def _positions(tree: exp.Expr, name: str) -> Iterator[int]:
    """Yield where identifiers and calls of that name begin."""
    for node in tree.walk():
        if isinstance(node, exp.Identifier | exp.Func) and node.name.lower() == name:
            position = position_of(node)
            if position is not None:
                yield position


def _bare(word: str) -> str:
    return word.strip('"').lower()
