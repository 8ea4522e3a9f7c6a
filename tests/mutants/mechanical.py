"""Mutants that nobody chose: small changes at places drawn by a seed."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest

from tests.mutants.equivalent import BEYOND
from tests.mutants.mutant import PACKAGE

SEED = 20_261_122
FOLDERS = ("api", "services", "domain")
FILES = ("sql/guard.py", "sql/limit.py")
_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
Change = Callable[[ast.AST], bool]


@dataclass(frozen=True)
class WholeFile:
    """A mechanical mutant's place; the file's text is printed anew from its tree."""

    name: str
    requirement: str
    file: str
    text: str

    def source(self) -> str:
        return self.text

    @property
    def change(self) -> tuple[str, str]:
        """Return the line that was changed, as it was and as it is: they outlive edits elsewhere in the file."""
        before = ast.unparse(ast.parse((PACKAGE / self.file).read_text())).splitlines()
        pairs = zip_longest(before, self.text.splitlines(), fillvalue="")
        return next(((old.strip(), new.strip()) for old, new in pairs if old != new), ("", ""))


def _flip_comparison(node: ast.AST) -> bool:
    if not isinstance(node, ast.Compare) or type(node.ops[0]) not in _FLIPPED:
        return False
    node.ops[0] = _FLIPPED[type(node.ops[0])]()
    return True


def _swap_and_or(node: ast.AST) -> bool:
    if not isinstance(node, ast.BoolOp):
        return False
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return True


def _shift_number(node: ast.AST) -> bool:
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
        return False
    node.value += 1
    return True


def _change_text(node: ast.AST) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or not node.value.strip():
        return False
    node.value = f"{node.value}_x"
    return True


def _turn_constant(node: ast.AST) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, bool):
        return False
    node.value = not node.value
    return True


def _negate_condition(node: ast.AST) -> bool:
    if not isinstance(node, ast.If | ast.IfExp | ast.While):
        return False
    node.test = ast.UnaryOp(ast.Not(), node.test)
    return True


def _never(node: ast.AST) -> bool:
    if not isinstance(node, ast.If):
        return False
    node.test = ast.Constant(value=False)
    return True


def _swap_sum(node: ast.AST) -> bool:
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub):
        return False
    node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    return True


def _drop_call(node: ast.AST) -> bool:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    node.value = ast.Constant(value=None)
    return True


CHANGES: dict[str, Change] = {
    "flip-comparison": _flip_comparison,
    "swap-and-or": _swap_and_or,
    "shift-number": _shift_number,
    "change-text": _change_text,
    "turn-constant": _turn_constant,
    "negate-condition": _negate_condition,
    "never": _never,
    "swap-sum": _swap_sum,
    "drop-call": _drop_call,
}


def mechanical(count: int, seed: int) -> list[WholeFile]:
    """Return `count` mutants of files that calls of the API show, the same ones for each seed."""
    places = list(_places())
    random.Random(seed).shuffle(places)
    shown = (place for place in places if place[0] not in BEYOND)
    return [_mutant(*place) for place in islice(shown, count)]


def _places() -> Iterator[tuple[str, int, str]]:
    """Give every file, number of a node in it, and change that applies there."""
    files = [f"{folder}/{path.name}" for folder in FOLDERS for path in sorted((PACKAGE / folder).glob("*.py"))]
    for file in (*files, *FILES):
        tree = ast.parse((PACKAGE / file).read_text())
        hidden = _descriptions(tree)
        for number, node in enumerate(ast.walk(tree)):
            for name, change in CHANGES.items():
                if id(node) not in hidden and change(_copied(node)):
                    yield file, number, name


def _copied(node: ast.AST) -> ast.AST:
    """Copy a node as far as a change reaches: its own fields and the lists in them."""
    copied = copy.copy(node)
    for name, value in ast.iter_fields(node):
        setattr(copied, name, list(value) if isinstance(value, list) else value)
    return copied


def _descriptions(tree: ast.AST) -> set[int]:
    """Return the nodes that no caller can see: docstrings, annotations, names of types, log lines, words of errors."""
    hidden: set[int] = set()
    for node in ast.walk(tree):
        for part in _unseen(node):
            hidden |= {id(inner) for inner in ast.walk(part)}
    return hidden


def _unseen(node: ast.AST) -> Iterator[ast.AST]:
    yield from filter(None, (getattr(node, name, None) for name in ("annotation", "returns")))
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        yield node
    if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("TypeVar("):
        yield node
    if isinstance(node, ast.Expr) and ast.unparse(node.value).startswith("_log."):
        yield node
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
        yield node.exc.args[0]


def _mutant(file: str, number: int, change: str) -> WholeFile:
    tree = ast.parse((PACKAGE / file).read_text())
    node = next(each for place, each in enumerate(ast.walk(tree)) if place == number)
    line = getattr(node, "lineno", 0)
    CHANGES[change](node)
    name = f"{file.removesuffix('.py').replace('/', '.')}:{line}:{number}:{change}"
    return WholeFile(name, "", file, ast.unparse(ast.fix_missing_locations(tree)))
