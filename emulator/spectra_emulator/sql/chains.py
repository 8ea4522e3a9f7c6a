"""Long chains of AND or OR as trees of little depth, so that whoever descends into them comes back."""

from __future__ import annotations

from sqlglot import exp

SHORT = 32


def balance(tree: exp.Expr) -> None:
    """Rebuild the long chains of AND and of OR in `tree`: both are associative, and the order of operands stays."""
    tops = [node for node in tree.find_all(exp.And, exp.Or) if type(node.parent) is not type(node)]
    for top in tops:
        operands = _operands(top)
        if len(operands) > SHORT:
            top.replace(_balanced(type(top), operands))


def _operands(top: exp.Expr) -> list[exp.Expr]:
    operands = []
    node = top
    while type(node) is type(top):
        operands.append(node.args["expression"])
        node = node.this
    return [node, *reversed(operands)]


def _balanced(kind: type[exp.Expr], operands: list[exp.Expr]) -> exp.Expr:
    if len(operands) == 1:
        return operands[0]
    middle = len(operands) // 2
    return kind(this=_balanced(kind, operands[:middle]), expression=_balanced(kind, operands[middle:]))
