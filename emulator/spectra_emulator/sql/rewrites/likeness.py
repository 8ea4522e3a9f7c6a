"""Whether two expressions of one query are the same one."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from sqlglot import exp

from spectra_emulator.sql.rewrites.context import bare
from spectra_emulator.sql.scopes import Names, Reference


@dataclass(frozen=True)
class Likenesses:
    """Numbers, one for all expressions that compute the same from the same columns.

    An alias may stand for two of another, and so on: each expression is looked at once.
    """

    names: Names
    numbers: dict[Hashable, int] = field(default_factory=dict)
    known: dict[int, int] = field(default_factory=dict)

    def of(self, node: exp.Expr | Reference) -> int:
        if isinstance(node, Reference):
            return self.number(tuple((alias, id(column)) for alias, column in node.bounds))
        node = bare(node)
        found = self.known.get(id(node))
        if found is None:
            found = self.known[id(node)] = self.found(node)
        return found

    def number(self, shape: Hashable) -> int:
        return self.numbers.setdefault(shape, len(self.numbers))

    def found(self, node: exp.Expr) -> int:
        meant = self.names.columns.get(id(node))
        if meant is None:
            return self.number((type(node), tuple(self.parts(node))))
        path = self.names.paths.get(id(node))
        return self.of(meant) if path is None else self.number((self.of(meant), path))

    def parts(self, node: exp.Expr) -> list[Hashable]:
        return [(name, self.part(node.args[name])) for name in sorted(node.args) if node.args[name]]

    def part(self, value: object) -> Hashable:
        if isinstance(value, list):
            return tuple(self.part(one) for one in value)
        return self.of(value) if isinstance(value, exp.Expr) else str(value)
